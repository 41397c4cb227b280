"""Mistakes about text: files that cannot be read, statements that cannot be parsed, literals that do not exist."""

from __future__ import annotations

from dsl.diagnostics import Fix, Place
from dsl.rules.registry import Worded, finding


@finding("CAMP101", "not-utf8")
def not_utf8(place: Place) -> Worded:
    """
    What: The file holds bytes that are no UTF-8 text.
    Why: Chinese text in another encoding would be read as other words.
    """
    return Worded(place, "The file is not UTF-8 text from here on", "Save it as UTF-8.")


@finding("CAMP102", "file-too-long")
def file_too_long(place: Place, limit: int) -> Worded:
    """
    What: A file is longer than a person could have written.
    Why: Checking stays quick whatever a pull request brings.
    """
    message = f"The file has more than {limit:,} characters"
    return Worded(place, message, "Split it: every .camp file of a project shares one namespace.")


@finding("CAMP103", "nul-character")
def nul_character(place: Place) -> Worded:
    """
    What: The file holds a NUL character.
    Why: It is invisible, and a sign that the file is not text or was damaged.
    """
    return Worded(place, "The file holds a NUL character", "Save it again as plain UTF-8 text.")


@finding("CAMP104", "nested-too-deeply")
def nested_too_deeply(place: Place, limit: int) -> Worded:
    """
    What: Brackets, or one `not` behind another, are nested deeper than anyone could read.
    Why: Checking stays quick whatever a pull request brings.
    """
    return Worded(place, f"This is nested more than {limit} deep", "Name a part of it as a segment of its own.")


@finding("CAMP105", "full-width", "warning")
def full_width(place: Place, mark: str, meant: str) -> Worded:
    """
    What: Punctuation or digits outside of texts are full-width, as Chinese keyboards write them: ，；：（）“”＝％０.
    Why: It is read as what is meant, and written in one way it is found again by searching.
    Bad:
        segment rich = assets ＞ 30_000 CNY
    Good:
        segment rich = assets > 30_000 CNY
    """
    shown = "a blank" if meant == " " else f"`{meant}`"
    return Worded(place, f"`{mark}` is read as {shown}", f"Write {shown}.", fix=Fix(place.span, meant, safe=True))


CANNOT_BE_PARSED = "CAMP201"


@finding(CANNOT_BE_PARSED, "cannot-be-parsed")
def cannot_be_parsed(place: Place, message: str, help: str, fix: Fix | None = None) -> Worded:
    """
    What: A statement does not have one of the forms of the language. The rest of the file is still read.
    Why: Camp guesses nothing about what was meant.
    Bad:
        segment rich = assets > )
    Good:
        segment rich = assets > 30_000 CNY
    """
    return Worded(place, message, help, fix=fix)


@finding("CAMP202", "no-such-hours")
def no_such_hours(place: Place, text: str) -> Worded:
    """
    What: A range of hours that no clock shows.
    Why: 25:00 could be meant as 01:00 of the next day, or be a slip.
    Bad:
        policy late { quiet 22:00-25:00 }
    Good:
        policy late { quiet 22:00-01:00 }
    """
    return Worded(place, f"{text} is not a range of hours", "Hours run from 00:00 to 23:59; 24:00 may end them.")


@finding("CAMP203", "no-such-date")
def no_such_date(place: Place, text: str) -> Worded:
    """
    What: A date that no calendar has.
    Why: February 30 could be meant as its last day, or be a slip.
    Bad:
        segment young = birth_date in 1999-02-30..2009-12-31
    Good:
        segment young = birth_date in 1999-02-28..2009-12-31
    """
    help = "A date is year-month-day, as 2026-03-01."
    if "T" in text:
        help = "A moment is a date and an hour, as 2026-03-01T16:30."
    elif text.count("-") == 1:
        help = "A day of every year is month-day, as 02-15."
    return Worded(place, f"{text} does not exist", help)


@finding("CAMP204", "number-too-long")
def number_too_long(place: Place, limit: int) -> Worded:
    """
    What: A number has more characters than any amount, count or percentage could need.
    Why: It is a slip, and what is kept of a number has 18 digits.
    Bad:
        segment rich = assets > 1_000_000_000_000_000_000_000_000_000_000 CNY
    Good:
        segment rich = assets > 1_000_000 CNY
    """
    return Worded(place, f"A number has at most {limit} characters", "Write fewer digits; 万 and 亿 save some.")
