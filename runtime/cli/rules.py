"""`camp rules`: everything that Camp can find, and the page of each."""

from __future__ import annotations

import textwrap

import click

from dsl import settings  # registers CAMP6xx
from dsl.rules import all as rules
from dsl.rules.registry import ENTRIES, Entry
from dsl.source import display_width
from dsl.suggest import nearest
from runtime.cli.language import language

assert rules and settings


@click.command("rules")
@click.argument("code", required=False)
def rules_(code: str | None) -> None:
    """List every rule, or show the page of CODE (as CAMP401, or its name)."""
    if code is None:
        for entry in sorted(ENTRIES.values(), key=lambda one: one.code):
            click.echo(_line(entry))
        return
    found = next((entry for entry in ENTRIES.values() if code.upper() == entry.code or code == entry.name), None)
    if found is None:
        names = [*ENTRIES, *(entry.name for entry in ENTRIES.values())]
        guess = nearest(code, names)
        raise click.UsageError(f"There is no rule called {code}." + (f" Did you mean {guess}?" if guess else ""))
    click.echo(_page(found))


def _line(entry: Entry) -> str:
    lang = language()
    if lang == "en":
        return f"{entry.code}  {entry.severity:<8} {entry.name:<26} {_first(entry)}"
    from dsl.lang import label
    from dsl.lang import rules as pages

    page = pages(lang).get(entry.code)
    name, what = (page.name, page.what.split("。")[0]) if page else (entry.name, _first(entry))
    return f"{entry.code}  {label(entry.severity, lang)}  {name}{' ' * (26 - display_width(name))} {what}"


def _page(entry: Entry) -> str:
    lang = language()
    if lang == "en":
        return f"{entry.code} {entry.name} ({entry.severity})\n\n{entry.page}"
    from dsl.lang import label
    from dsl.lang import rules as pages

    page = pages(lang).get(entry.code)
    head = f"{entry.code} {entry.name}（{label(entry.severity, lang)}）"
    if page is None:
        return f"{head}\n\n{entry.page}"
    parts = [f"{head}{page.name}\n", *(f"{label(title, lang)}：{text}" for title, text in page.said)]
    for title in ("Bad", "Good"):
        if entry.section(title):
            parts.append(f"{label(title, lang)}：\n{textwrap.indent(entry.section(title), '    ')}")
    return "\n".join([*parts, *([f"{label('Source', lang)}：{page.source}"] if page.source else [])])


def _first(entry: Entry) -> str:
    words = " ".join(entry.section("What").split())
    return words.split(". ")[0].rstrip(".")
