"""Whether the clause around a banned word denies it, forbids it or calls it a fraud; tables/negators.toml says which words do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from dsl.lexicon.normal import LETTERS, alphabetic, invisible
from dsl.lexicon.tables import HERE

# A clause goes on over quotes, brackets and hyphens; 、 parts what is forbidden alike.
_PASSES = frozenset("“”‘’\"'`「」『』《》〈〉()（）-‐·*_")
_BLANK = re.compile(r"(?<=[⺀-鿿]) +(?=[⺀-鿿])")
_COMMAS = frozenset("，,")
_QUESTION = re.compile(r"(?:[^。！？!?；;\r\n.]|\.(?!\s)){0,60}[？?](?![A-Za-z0-9])")
# Code points read around a hit: the longest negator, its reach and a list of objects.
_BEFORE, _AFTER = 60, 30


@dataclass(frozen=True)
class Negator:
    word: str
    free: bool
    reach: int
    but: tuple[str, ...]
    after: tuple[str, ...]
    then: tuple[str, ...]
    without: tuple[str, ...]


@dataclass(frozen=True)
class Denial:
    pattern: re.Pattern[str]
    but: re.Pattern[str] | None


@dataclass(frozen=True)
class Rules:
    """Of one language. `light`: all of it are light words."""

    negators: tuple[Negator, ...]
    denials: tuple[Denial, ...]
    light: re.Pattern[str]
    persuades: tuple[str, ...]


def negated(text: str, start: int, end: int) -> bool:
    """Whether the hit text[start:end] is negated within its clause."""
    before, after = _before(text, start), _after(text, end)
    hit = "".join(LETTERS[char] for char in text[start:end])
    return not _asked(text, end) and _judged(before, hit, after)


@lru_cache(maxsize=1024)
def _judged(before: str, hit: str, after: str) -> bool:
    """Kept, for a text that says a word over and over says the same around it."""
    doubted = tuple(_table()["doubts"]["after"])
    if after.lstrip().startswith(doubted):
        return False
    spoken = (("zh", _led(before, hit), _followed(after)), ("en", before, after))
    return any(
        any(_negates(rules, negator, head, hit, tail) for negator in rules.negators)
        or any(_denies(denial, tail) for denial in rules.denials)
        for rules, head, tail in ((_rules(language), head, tail) for language, head, tail in spoken)
    )


def _negates(rules: Rules, negator: Negator, before: str, hit: str, tail: str) -> bool:
    at = before.find(negator.word)
    while at >= 0:
        head, between = before[:at], before[at + len(negator.word) :]
        if _stands(negator.word, head, between) and _reaches(rules, negator, between):
            turned = (between + hit).lstrip().startswith(negator.but) or head.endswith(negator.after)
            turned = turned or tail.startswith(negator.then)
            if not turned and not any(doubt in head for doubt in _table()["doubts"]["before"]):
                return True
        at = before.find(negator.word, at + 1)
    return False


def _stands(word: str, head: str, between: str) -> bool:
    if not alphabetic(word[0]):
        return True
    return not (head[-1:] > " " and alphabetic(head[-1])) and between[:1] in ("", " ")


def _reaches(rules: Rules, negator: Negator, between: str) -> bool:
    latin = alphabetic(negator.word[0])
    if not negator.free:
        measure = len(between.split()) if latin else len(between)
        if any(word in between for word in negator.without):
            return False
        return measure <= negator.reach and rules.light.fullmatch(between if latin else between.rstrip()) is not None
    if latin:
        words = between.split()
        return len(words) <= negator.reach and not set(words) & set(rules.persuades)
    if between.endswith(" ") and not rules.light.fullmatch(between.rstrip()):
        return False  # 谨防诈骗 秒批
    near = all(len(item) <= negator.reach for item in between.rstrip().split("、"))
    return near and not any(word in between for word in rules.persuades)


def _denies(denial: Denial, after: str) -> bool:
    found = denial.pattern.search(after)
    return found is not None and not (denial.but and denial.but.search(after[: found.start()]))


def _asked(text: str, end: int) -> bool:
    """Whether the sentence goes on to a question mark; one within a web address is none."""
    return _QUESTION.match(text, end) is not None


def _before(text: str, start: int) -> str:
    """The clause up to a place as letters, blanks and 、."""
    read: list[str] = []
    for place in range(start - 1, max(start - _BEFORE, 0) - 1, -1):
        if (found := _read(text, place)) is None:
            break
        read.append(found)
    return "".join(reversed(read))


def _after(text: str, end: int) -> str:
    """The clause from a place on, and the next where a comma parts them."""
    read, commas = "", 0
    for place in range(end, min(end + _AFTER, len(text))):
        found = _read(text, place)
        if found is None:
            commas += 1
            if text[place] not in _COMMAS or commas > 1:
                break
            found = "，"
        read += found
    return read


def _read(text: str, place: int) -> str | None:
    """None: the clause ends here."""
    char = text[place]
    if found := LETTERS[char]:
        return found
    if char in ("、", "﹑"):
        return "、"
    if char in _PASSES or invisible(char):
        return ""
    if char.isspace() and char not in "\n\r":
        return " "
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return "" if char in ".,%" and len(around) == 2 and around.isdigit() else None


def _led(before: str, hit: str) -> str:
    """Chinese: a blank between two ideographs ends a clause, elsewhere it only sets off; one before the hit is judged later."""
    parts = _BLANK.split(before.rstrip())
    return parts[-1].replace(" ", "") + (" " if before.endswith(" ") and not alphabetic(hit[:1]) else "")


def _followed(after: str) -> str:
    return _BLANK.split(after.lstrip())[0].replace(" ", "")


def turning() -> list[str]:
    """What takes a denial away again, standing before the word that denies or behind the one denied."""
    doubts = _table()["doubts"]
    rules = (_rules(language) for language in ("zh", "en"))
    return [
        *doubts["before"],
        *doubts["after"],
        *(word for one in rules for each in one.negators for word in each.after),
    ]


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    import tomllib

    table: dict[str, dict[str, list[str]]] = tomllib.loads((HERE / "negators.toml").read_text(encoding="utf-8"))
    return table


@cache
def _rules(language: str) -> Rules:
    import typing

    table: dict[str, list[dict[str, typing.Any]]] = typing.cast("dict[str, list[dict[str, typing.Any]]]", _table())
    negators = tuple(
        Negator(
            word,
            one["between"] == "free",
            one["reach"],
            *(tuple(one.get(key, ())) for key in ("but", "after", "then", "without")),
        )
        for one in table["negator"]
        if one["language"] == language
        for word in one["words"]
    )
    denials = tuple(
        Denial(re.compile(one["pattern"]), re.compile(one["but"]) if "but" in one else None)
        for one in table["denial"]
        if one["language"] == language
    )
    light = sorted(_table()["light"][language], key=len, reverse=True)
    words = "|".join(map(re.escape, light))
    pattern = f"(?: ?(?:{words})(?= |$))* ?" if language == "en" else f"(?:{words}|、)*"
    return Rules(negators, denials, re.compile(pattern), tuple(_table()["persuades"][language]))
