"""Holiday calendars as the `holidays` library knows them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

# The last year that surely is decreed: what lies before needs no library. It may decree more.
_DECREED = {"CN": 2026}


@lru_cache(maxsize=64)
def calendar(country: str, language: str | None = None):  # type: ignore[no-untyped-def]  # the library's dictionary
    import holidays

    return holidays.country_holidays(country, language=language)


def estimated(year: int, country: str | None) -> bool:
    """Whether a year's calendar is not published yet, so that the library only guesses it.

    Where a government decrees its calendar year by year (as China does, make-up days included), the library lists the decrees.
    """
    if country is None or year <= _DECREED.get(country, 0):
        return False
    found = calendar(country)
    decreed = getattr(found, "special_public_holidays", {})
    if country == "CN":
        return year not in decreed
    _ = date(year, 1, 1) in found  # the library fills a year when it is asked about
    return any("estimated" in name.lower() for day, name in found.items() if day.year == year)
