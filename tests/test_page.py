"""The report as a page: whole, escaped, in two languages that say the same, with the numbers of what it was made of."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from pydantic_core import to_json

from runtime.page import page
from runtime.page.bubbles import drawn
from runtime.page.charts.calendar import calendar
from runtime.page.charts.caps import fills
from runtime.page.charts.clicks import clicks
from runtime.page.charts.funnel import bars, loss
from runtime.page.charts.intervals import plot
from runtime.page.charts.week import week
from runtime.page.numbers import change, count, level, money, odds, percent, points
from runtime.page.visible import visible
from runtime.page.words import table
from runtime.results.model import CapUse, Report
from tests import pages

LANGS = ["en", "zh"]
MADE = {"rich": pages.rich, "empty": pages.empty, "hostile": pages.hostile}
SECTIONS = ["figures", "campaigns", "experiments", "calendar", "caps", "hours", "clicks", "messages"]
VOID = {"meta", "br", "img", "link", "hr", "input"}
# Attributes that load or run something.
LOADS = {"src", "srcset", "data", "poster", "action", "formaction", "background", "xlink:href", "style"}
HERE = Path(page.__code__.co_filename).parent


@dataclass
class Read(HTMLParser):
    """What stands in a page: elements with their attributes, in order, and the text of each."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes what is not open"

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.text.append(data)

    @property
    def said(self) -> str:
        return " ".join("".join(self.text).split())


def read(written: str) -> Read:
    found = Read()
    found.feed(written)
    found.close()
    assert found.open == []
    return found


@pytest.fixture(scope="module", params=[(name, lang) for name in MADE for lang in LANGS], ids="-".join)
def shown(request: pytest.FixtureRequest) -> Read:
    name, lang = request.param
    return read(page(MADE[name](), lang))


def test_nothing_is_loaded_and_nothing_runs_but_the_script(shown: Read) -> None:
    for tag, given in shown.elements:
        assert not LOADS & set(given) and not [name for name in given if name.startswith("on")], (tag, given)
        assert given.get("href", "#").startswith("#") and tag not in {
            "img",
            "link",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
        }
        urls = [value for value in given.values() if "url(" in value]
        assert not urls or tag in {"rect"} and urls == ["url(#hatch)"], (tag, given)
    assert [tag for tag, _ in shown.elements].count("script") == 1
    assert (
        "url(" not in (HERE / "templates" / "style.css").read_text()
        and "@import" not in (HERE / "templates" / "style.css").read_text()
    )


def test_the_policy_lets_in_one_style_and_one_script() -> None:
    written = page(pages.rich())
    policy = next(given["content"] for _, given in read(written).elements if "http-equiv" in given)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for element in ("style", "script"):
        (inline,) = re.findall(rf"<{element}>(.*?)</{element}>", written, re.DOTALL)
        assert rules[f"{element}-src"] == f"'sha256-{b64encode(sha256(inline.encode()).digest()).decode()}'"
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert written.index("Content-Security-Policy") < written.index("<style>")


def test_links_inside_the_page_lead_somewhere(shown: Read) -> None:
    ids = [given["id"] for _, given in shown.elements if "id" in given]
    assert len(ids) == len(set(ids))
    asked = {
        given[name].lstrip("#") for _, given in shown.elements for name in ("href", "aria-labelledby") if name in given
    }
    assert asked <= set(ids)


def test_every_part_is_there_and_says_so_where_it_is_empty(shown: Read) -> None:
    assert [given["id"] for tag, given in shown.elements if tag == "section"] == SECTIONS
    heads = [tag for tag, _ in shown.elements if re.fullmatch(r"h\d", tag)]
    assert heads.count("h1") == 1 and heads.count("h2") == len(SECTIONS)


@pytest.mark.parametrize("lang", LANGS)
def test_an_empty_report_says_what_is_not_there(lang: str) -> None:
    said = read(page(pages.empty(), lang)).said
    keys = ("campaign", "experiment", "calendar", "cap", "hour", "click", "message")
    assert [key for key in keys if table(lang)[f"{key}.none"] not in said] == []


def test_charts_have_a_name(shown: Read) -> None:
    charts = [given for tag, given in shown.elements if tag == "svg" and given.get("aria-hidden") != "true"]
    assert all(given.get("role") == "img" and given.get("aria-label") for given in charts)


@pytest.mark.parametrize("lang", LANGS)
def test_names_that_mean_harm_stay_text(lang: str) -> None:
    """Each stands in every place a user's text has; none has become an element: the elements are those of harmless names."""
    written = page(pages.hostile(), lang)
    found = read(written)
    for harm in pages.HARM:
        assert found.said.count(" ".join(visible(harm).split())) > 30, harm
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", written)
    tame = pages.hostile().model_dump_json()
    for one in pages.HARM:
        tame = tame.replace(to_json(one).decode()[1:-1], "tame")
    harmless = read(page(Report.model_validate_json(tame), lang))
    assert [tag for tag, _ in found.elements] == [tag for tag, _ in harmless.elements]


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    english, chinese = (table(lang) for lang in LANGS)
    assert list(english) == list(chinese)
    assert {key: gaps(text) for key, text in english.items()} == {key: gaps(text) for key, text in chinese.items()}
    same = {key for key, text in english.items() if text == chinese[key]}
    assert same == set()


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_no_words_are_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between them, the three reports ask for all of the words; each month and weekday is one word of a kind."""
    asked: set[str] = set()

    class Asked(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            asked.add(key)
            return super().__getitem__(key)

        def get(self, key: str, default: str | None = None) -> str | None:
            asked.add(key)
            return super().get(key, default)

    known = Asked(table("en"))
    monkeypatch.setattr("runtime.page.words.table", lambda lang: known)
    for made in MADE.values():
        page(made())
    assert {key for key in known if not key.startswith(("month.", "weekday."))} - asked == set()


def test_the_figures_of_the_report_stand_on_the_page() -> None:
    report = pages.rich()
    said = read(page(report)).said
    wanted = [count(stage.reached) for one in report.campaigns for way in one.ways for stage in way.stages]
    wanted += [count(group.people) for one in report.campaigns for trial in one.experiments for group in trial.groups]
    wanted += [money(one.totals.cost) for one in report.campaigns]
    wanted += ["1 Mar 2026 to 31 Mar 2026", "40 of 48,190 sends lie in quiet hours", "17 lie outside of the page"]
    wanted += [
        "Most are lost before Clicked: 10,483 of 12,105, which is 86.6%",
        "About 3,100 more people",
        "48,211 to 1",
    ]
    wanted += [
        "311 of 690, 95% interval",
        "1.81 CNY each",
        "911 of 18,475 people (4.9%) are at the limit. It held back 1,408 messages.",
    ]
    wanted += ["Best hour: Wed 19:00, where 19.7% of 238 clicked."]
    assert [one for one in wanted if one not in said] == []


def test_the_structure_of_the_page(snapshot: object) -> None:
    """Its elements that have an id or a class, and headings: what a style or a reader of screens holds on to."""
    found = read(page(pages.rich()))
    lines = [
        f"{tag} {given.get('id', '')} {given.get('class', '')}".strip()
        for tag, given in found.elements
        if tag
        in {
            "section",
            "article",
            "nav",
            "header",
            "main",
            "footer",
            "h1",
            "h2",
            "h3",
            "h4",
            "details",
            "figure",
            "table",
        }
    ]
    assert lines == snapshot


def test_a_bar_is_as_long_as_its_share_and_the_largest_drop_is_marked() -> None:
    way = pages.way(200, 150, 30, 20)
    assert [(bar.width, bar.worst) for bar in bars(way)] == [(100, False), (75, False), (15, True), (10, False)]
    lost = loss(way)
    assert lost is not None and (lost.stage.name, lost.count, lost.of) == ("clicked", 120, 150)
    kept = way.stages[2].kept
    assert (
        kept is not None
        and (lost.low, lost.high) == (1 - kept.high, 1 - kept.low)
        and lost.low < lost.share < lost.high
    )
    assert loss(pages.way(0, 0)) is None and [bar.width for bar in bars(pages.way(0, 0))] == [0, 0]


def test_intervals_stand_on_one_scale_with_zero_in_sight() -> None:
    found = plot(pages.arms())
    assert (
        all(0 <= end <= 100 for one in found.intervals for end in (one.low, one.at, one.high)) and 0 < found.zero < 100
    )
    (better, unsure) = found.intervals
    assert found.zero < better.low < better.at < better.high and unsure.low < found.zero < unsure.high
    assert [round(tick.value, 4) for tick in found.ticks] == [-0.01, 0, 0.01, 0.02, 0.03]
    alone = plot(pages.arms().model_copy(update={"comparisons": ()}))
    assert alone.intervals == () and alone.zero == 50


def test_bounds_that_know_nothing_stay_on_the_page() -> None:
    compared = pages.arms().comparisons[0].model_copy(update={"low": float("-inf"), "high": float("inf")})
    (one,) = plot(pages.arms().model_copy(update={"comparisons": (compared,)})).intervals
    assert 0 < one.low < one.at < one.high < 100


def test_hours_of_few_sends_set_no_scale() -> None:
    sent = [[0] * 24 for _ in range(7)]
    clicked = [[0] * 24 for _ in range(7)]
    sent[0][9], clicked[0][9] = 2, 2
    sent[1][10], clicked[1][10] = 100, 10
    sent[2][11], clicked[2][11] = 100, 5
    made = pages.hours("p", "P", 0).model_copy(update={"sent": sent, "clicked": clicked})
    found = week(made)
    assert [(cell.day, cell.hour, cell.few, cell.strength) for cell in found.cells] == [
        (0, 9, True, 1.0), (1, 10, False, 1.0), (2, 11, False, 0.5),
    ]  # fmt: skip
    assert found.best is not None and (found.best.day, found.best.hour) == (1, 10)


def test_quiet_hours_are_drawn_in_a_piece_and_sends_in_them_are_counted() -> None:
    found = calendar(pages.days())
    assert found.disturbed == 40 and found.total == sum(sum(day.sends) for day in pages.days())
    assert [(quiet.x, quiet.width) for quiet in found.lines[0].quiet] == [(14.0, 24.0), (80.0, 6.0)]
    assert calendar(pages.days(disturbed=False)).disturbed == 0


def test_a_map_of_clicks_has_the_pages_own_measure() -> None:
    found = clicks(pages.touched())
    assert (found.width, found.height) == (39, 39) and found.total == sum(map(sum, pages.touched().cells))
    assert found.most is not None and (found.most.row, found.most.strength) == (12, 1.0)


def cap(most: int, *people: int) -> CapUse:
    return CapUse(policy="p", rule="r", said="s", most=most, people=people, refused=0)


def test_those_at_a_limit_stand_alone() -> None:
    assert [(one.first, one.last, one.people, one.full) for one in fills(cap(2, 5, 3, 2))] == [
        (0, 0, 5, False), (1, 1, 3, False), (2, 2, 2, True),
    ]  # fmt: skip
    many = fills(cap(60, *range(61)))
    assert len(many) == 13 and sum(one.people for one in many) == sum(range(61)) and many[-1].people == 60
    assert [one.people for one in fills(cap(3, 4))] == [4, 0]


def test_a_text_is_cut_where_its_segments_end() -> None:
    text = "中" * 67 + "国" * 10
    assert drawn(pages.bubble("sms", text, segments=2)).parts == ("中" * 67, "国" * 10)
    assert drawn(pages.bubble("sms", text, segments=3)).parts == (text,)  # masking has changed its length
    assert drawn(pages.bubble("wechat", text)).parts == (text,)


def test_a_card_is_drawn_with_addresses_as_text() -> None:
    report = pages.rich()
    found = drawn(report.bubbles[2])
    assert found.card is not None and found.card.title == "快速审批通道"
    assert [(one.label, one.address) for one in found.buttons] == [
        ("立即申请", "https://yl.example/aB3dE6gH9k"), ("稍后提醒我", ""),
    ]  # fmt: skip
    assert "Picture https://img.example/loan-card.png" in read(page(report)).said.replace(
        "Picturehttps", "Picture https"
    )


def test_numbers_as_people_read_them() -> None:
    assert (count(1234567), count(None), money(Decimal("1234.565")), money(None)) == ("1,234,567", "–", "1,234.56", "–")
    assert (percent(0.1234), percent(0.0012), percent(0), percent(None)) == ("12.3%", "0.12%", "0.0%", "–")
    assert (points(-0.0188), points(0.005), change(0.31)) == ("−1.88", "+0.50", "+31.0%")
    assert (level(0.95), level(0.975), level(1 - 0.05 / 3)) == ("95%", "97.5%", "98.33%")
    assert (odds(1.25), odds(48211.4), odds(float("inf"))) == ("1.2", "48,211", "> 1,000,000")


def test_a_message_in_another_line_direction_is_seen_as_such() -> None:
    assert visible("a\u202eb\x00\n\tc") == "a[U+202E]b[U+0000]\n\tc" and visible(7) == 7
