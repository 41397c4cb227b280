"""Writes the generated tables of dsl/lexicon/tables: `python -m tests.tables`. Needs OpenCC, pypinyin and jieba.

Nothing of these is needed to run Camp, nor installed with it: `pip install opencc pypinyin jieba` first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dsl.lexicon.normal import letters

TABLES = Path(__file__).parent.parent / "dsl" / "lexicon" / "tables"
IDEOGRAPHS = [*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32000)]


def simplified() -> str:
    """Every ideograph that OpenCC's t2s takes for another, grouped by what it takes it for."""
    import opencc  # type: ignore[import-not-found, unused-ignore]

    convert = opencc.OpenCC("t2s").convert
    groups: dict[str, str] = {}
    for point in IDEOGRAPHS:
        plain = convert(chr(point))
        if plain != chr(point) and len(plain) == 1:
            groups[plain] = groups.get(plain, "") + chr(point)
    return (
        "# Traditional characters to simplified ones, each for itself: TSCharacters of OpenCC (https://github.com/BYVoid/OpenCC),\n"
        "# Apache License 2.0, as its t2s converts them, grouped by the simplified one. Made by `python -m tests.tables`.\n"
        "# A line: the simplified character, then the traditional ones.\n"
    ) + "".join(f"{plain} {others}\n" for plain, others in groups.items())


def syllables() -> str:
    """The usual reading of every ideograph of jieba's dictionary that is not rare, without its tone, grouped by reading."""
    import pypinyin  # type: ignore[import-not-found, unused-ignore]

    often: dict[str, int] = {}
    for word, count, _ in _dictionary():
        for char in word:
            often[char] = often.get(char, 0) + count
    groups: dict[str, str] = {}
    for char in sorted(char for char, count in often.items() if count >= 20 and "一" <= char <= "鿿"):
        if _simple(char):
            [reading] = pypinyin.lazy_pinyin(char)
            groups[reading] = groups.get(reading, "") + char
    return (
        "# Readings of characters in pinyin without tones, each character's usual one: pypinyin (MIT licence,\n"
        "# https://github.com/mozillazg/python-pinyin), for the characters of common words of jieba's dictionary.\n"
        "# Made by `python -m tests.tables`. A line: the syllable, then the characters.\n"
    ) + "".join(f"{reading} {chars}\n" for reading, chars in sorted(groups.items()))


def pairs() -> str:
    """Words of two ideographs that are not rare, grouped by the first."""
    groups: dict[str, str] = {}
    for word, count, kind in _dictionary():
        if len(word) == 2 and all("一" <= char <= "鿿" for char in word) and count >= 10 and not kind.startswith("nr"):
            groups[word[0]] = groups.get(word[0], "") + word[1]
    return (
        "# Real words of two characters, names of people left out: jieba's dictionary (MIT licence, https://github.com/fxsjy/jieba),\n"
        "# those met ten times or more. Made by `python -m tests.tables`. A line: the first character, then each second one.\n"
    ) + "".join(f"{first} {''.join(sorted(set(seconds)))}\n" for first, seconds in sorted(groups.items()))


def _simple(char: str) -> bool:
    return letters(char) == char


def _dictionary() -> Iterator[tuple[str, int, str]]:
    import jieba  # type: ignore[import-not-found, import-untyped, unused-ignore]

    for line in (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines():
        word, count, kind = line.split(" ")
        yield word, int(count), kind


MADE = {"simplified.txt": simplified, "syllables.txt": syllables, "pairs.txt": pairs}


def main() -> None:
    for name, make in MADE.items():
        (TABLES / name).write_text(make(), encoding="utf-8")
        print(name, (TABLES / name).stat().st_size, "bytes")


if __name__ == "__main__":
    main()
