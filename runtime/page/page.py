"""The page: templates, filled in and escaped, with a style and a script whose hashes are all that its policy lets in."""

from __future__ import annotations

from base64 import b64encode
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from runtime.page import numbers
from runtime.page.bubbles import drawn
from runtime.page.charts.calendar import calendar
from runtime.page.charts.caps import fills
from runtime.page.charts.clicks import clicks
from runtime.page.charts.funnel import bars, loss
from runtime.page.charts.intervals import plot
from runtime.page.charts.week import ENOUGH, week
from runtime.page.verdicts import verdict
from runtime.page.visible import visible
from runtime.page.words import Words
from runtime.results.model import Report

HERE = Path(__file__).parent / "templates"


def page(report: Report, lang: str = "en") -> str:
    """One file that is whole: without a network, without a script, on a telephone and on paper."""
    words = Words(lang)
    style, script = _asset("style.css"), _asset("script.js")
    template = _environment().get_template("page.html")
    return template.render(
        report=report,
        lang={"en": "en", "zh": "zh-CN"}[lang],
        t=words,
        verdict=partial(verdict, words=words),
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'",
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, finalize=visible,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    for shown in (
        numbers.count,
        numbers.money,
        numbers.percent,
        numbers.points,
        numbers.change,
        numbers.level,
        numbers.odds,
    ):
        made.filters[shown.__name__] = shown
    for asked in (numbers.rate, bars, loss, plot, week, calendar, clicks, fills, drawn):
        made.globals[asked.__name__] = asked
    made.globals["enough"] = ENOUGH
    return made


def _asset(name: str) -> Markup:
    return Markup((HERE / name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    """As a content security policy names what may be inline (CSP, level 3)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
