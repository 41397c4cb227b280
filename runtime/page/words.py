"""The page's own words, by language: lang/en.toml and lang/zh.toml have the same keys, and the same gaps in each sentence."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from runtime.page.visible import visible

HERE = Path(__file__).parent / "lang"


@cache
def table(lang: str) -> dict[str, str]:
    """`section.key` → the words."""
    read = tomllib.loads((HERE / f"{lang}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, keys in read.items() for key, text in keys.items()}


class Words:
    """Called, it gives a sentence for an element: texts in its gaps are escaped, and keep their direction to themselves."""

    def __init__(self, lang: str) -> None:
        self._table = table(lang)

    def __call__(self, key: str, **gaps: Any) -> Markup:
        return Markup(self._table[key]).format(**{name: _apart(value) for name, value in gaps.items()})

    def plain(self, key: str, **gaps: Any) -> str:
        """The sentence for an attribute or a title, where no element can stand. It is escaped where it is put."""
        return self._table[key].format(**gaps)

    def known(self, section: str, name: str, title: str = "") -> str:
        """The word for one of Camp's own names, as `sms`; of the user's the title, or the name itself."""
        return self._table.get(f"{section}.{name}") or title or name

    def day(self, day: date, form: str = "day") -> str:
        month = self._table[f"month.{day.month}"]
        return self.plain(f"date.{form}", year=day.year, month=month, day=day.day, weekday=self.weekday(day.weekday()))

    def weekday(self, number: int) -> str:
        return self._table[f"weekday.{number}"]

    def first(self, instant: datetime) -> str:
        """The beginning of a period: the day, with its hour where it is not midnight."""
        return self.day(instant) if _midnight(instant) else self._moment(instant)

    def last(self, instant: datetime) -> str:
        """The end of a half-open period: the last day that belongs to it whole, or the instant."""
        return self.day(instant - timedelta(days=1)) if _midnight(instant) else self._moment(instant)

    def _moment(self, instant: datetime) -> str:
        return f"{self.day(instant)} {instant:%H:%M}"


def _apart(value: Any) -> Any:
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return Markup("<bdi>{}</bdi>").format(visible(value))


def _midnight(instant: datetime) -> bool:
    return (instant.hour, instant.minute, instant.second, instant.microsecond) == (0, 0, 0, 0)
