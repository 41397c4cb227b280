"""Characters as the lexicon reads them: what is a letter, which one, and what nobody sees.

A character is read as NFKC has it (UAX #15), radicals as ideographs, traditional as simplified (OpenCC), look-alikes as Latin
(UTS #39), casefolded, without accents, a digit of any script as 0 to 9. What is left that is no letter and no digit separates.
All of this is per character, so that a letter's place in what was written is known.
"""

from __future__ import annotations

from unicodedata import category, normalize, numeric

from dsl.lexicon.tables import folded

# Shown as nothing or as a blank, though Unicode calls them letters or symbols: Hangul fillers and the empty Braille cell.
_EMPTY = frozenset("\u3164\uffa0\u115f\u1160\u2800")

# Symbols that NFKC makes letters of, though readers take them for marks beside a word.
_SYMBOLS = frozenset("™℠㊙㊗㊟")


def invisible(char: str) -> bool:
    """Format characters, marks upon the character before, and the deny-list."""
    return char in _EMPTY or category(char) in ("Cf", "Mn", "Me")


class _Letters(dict[str, str]):
    """A character to its letters: mostly one; none where it is invisible or separates; several where NFKC takes it apart (㍿)."""

    def __missing__(self, char: str) -> str:
        found = self[char] = (
            ""
            if invisible(char) or char in _SYMBOLS
            else "".join(map(_letter, normalize("NFKC", _capital(_latin(char)))))
        )
        return found


LETTERS = _Letters()


class _Points(dict[int, str]):
    """LETTERS for `str.translate`, which asks by code point."""

    def __missing__(self, point: int) -> str:
        found = self[point] = LETTERS[chr(point)]
        return found


_POINTS = _Points()


def letters(text: str) -> str:
    """The letters of a text, without what separates them."""
    return text.translate(_POINTS)


def _capital(char: str) -> str:
    """White letters on black squares and circles, which NFKC leaves, though it does black on white ones."""
    for first in ("\U0001f150", "\U0001f170"):
        if 0 <= (place := ord(char) - ord(first)) < 26:
            return chr(ord("A") + place)
    return char


def _letter(char: str) -> str:
    if char in _EMPTY:
        return ""
    char = folded("radicals.txt").get(char, char)
    char = folded("simplified.txt").get(char, char)
    return "".join(map(_plain, _latin(char).casefold()))  # again: what NFKC made of it may look like another


def _latin(char: str) -> str:
    return folded("lookalikes.txt").get(char, char)


def _plain(char: str) -> str:
    kind = category(char)
    if char == "〇":
        return "0"
    if kind == "Nd" or (kind == "No" and numeric(char, 0.5).is_integer()):
        return str(int(numeric(char)))
    # Accents; only of alphabets, for taking marks off kana or Hangul makes other letters of them.
    if char < "\u0590" or "\u1e00" <= char < "\u2000":
        char = normalize("NFD", char)[0]
    char = _latin(char)
    return char.casefold() if category(char)[0] in "LN" else ""


def alphabetic(char: str) -> bool:
    """Whether words of this letter's script stand apart by blanks; digits too, for 0 is not the end of 10."""
    return char < "\u1100" and char != ""
