"""Ways to hide a word from a plain search, as senders do; `python -m tests.disguises` tells how many of each are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unicodedata import normalize

from dsl.lexicon import Lexicon
from dsl.lexicon.inverse import _inverse
from dsl.lexicon.normal import LETTERS
from dsl.lexicon.sounds import _groups
from dsl.lexicon.tables import folded, lines
from dsl.terms import Ban
from tests.lexicons import CHINESE, ENGLISH

Disguise = Callable[[str], Iterator[str]]
INVISIBLE = {
    "zero width": "\u200b", "joiner": "\u200d", "soft hyphen": "\xad", "variation selector": "\ufe0f", "struck through": "\u0336",
    "Hangul filler": "\u3164", "empty Braille": "\u2800", "byte order mark": "\ufeff", "tag": "\U000e0061",
}  # fmt: skip
MARKS = {
    "full stop": ".", "middle dot": "·", "hyphen": "-", "star": "*", "slash": "/", "underscore": "_", "bar": "|", "comma": "，",
    "、": "、", "tilde": "~", "ellipsis": "…", "dash": "—", "plus": "+", "★": "★", "brackets": "【】", "parentheses": "()",
    "quote": "“", "blank": " ", "wide blank": "\u3000", "caret": "^", "colon": "：", "two dots": "..", "fire": "🔥",
    "thumb with skin": "👍🏽", "heart": "❤️", "family": "👨‍👩‍👧", "flag": "🇨🇳", "keycap": "1️⃣", "two emoji": "🔥💰", "arrow": "→",
}  # fmt: skip


def between(mark: str, everywhere: bool = True) -> Disguise:
    def disguise(word: str) -> Iterator[str]:
        places = [0] if everywhere else range(1, len(word))
        for place in places:
            if "." in mark and place and " " in word[place - 1 : place + 1]:
                continue  # a sentence ends
            if mark in "，、" and place and word[place - 1].isdigit() != word[place].isdigit():
                continue  # a figure ends: 本金0、利息120元
            hidden = word[:place] + mark + word[place:] if place else mark.join(word)
            if " " not in word or not mark.isspace():  # a phrase with all its letters spaced has no words any more
                yield hidden

    return disguise


def shifted(first: int, zero: int | None = None) -> Disguise:
    """Latin letters from a block of other ones."""

    def disguise(word: str) -> Iterator[str]:
        hidden = "".join(chr(first + ord(char) - ord("a")) if "a" <= char <= "z" else char for char in word.lower())
        if zero is not None:
            hidden = "".join(chr(zero + int(char)) if char.isascii() and char.isdigit() else char for char in hidden)
        if hidden != word:
            yield hidden

    return disguise


def one_by_one(others: Callable[[str], str]) -> Disguise:
    """Each character for each that is read as it, one at a time; then the first of each at once."""

    def disguise(word: str) -> Iterator[str]:
        for place, char in enumerate(word):
            yield from (word[:place] + other + word[place + 1 :] for other in others(char))
        every = "".join((others(char) or char)[0] for char in word)
        if every != word:
            yield every

    return disguise


def traditional(char: str) -> str:
    return "".join(other for other, plain in folded("simplified.txt").items() if plain == char)


def radical(char: str) -> str:
    found = (
        other
        for other in _inverse().get(char, "")
        if 0x2E80 <= ord(other) < 0x2FE0 or normalize("NFKC", other) != other
    )
    return "".join(other for other in found if LETTERS[other] == char)


def lookalike(char: str) -> str:
    return "".join(other for other, plain in folded("lookalikes.txt").items() if plain.casefold() == char)


def round_zeros(other: str) -> Disguise:
    """A zero as another round character: in a word of digits or of ideographs, as ZERO has it."""

    def disguise(word: str) -> Iterator[str]:
        hidden = word.replace("0", other)
        if hidden != word and (other != "○" or any(char in "123456789" for char in word)):
            yield hidden

    return disguise


CERTAIN: dict[str, Disguise] = {
    **{name: between(mark * 3) for name, mark in INVISIBLE.items()},  # as many as one likes: nobody sees them
    **{f"{name} throughout": between(mark) for name, mark in MARKS.items()},
    **{f"{name} once": between(mark, everywhere=False) for name, mark in MARKS.items() if mark.strip()},
    "full width": shifted(0xFF41, 0xFF10),
    "circled": shifted(0x24D0),
    "squared": shifted(0x1F130),
    "white on black": shifted(0x1F170),
    "mathematical": shifted(0x1D41A, 0x1D7CE),
    "traditional": one_by_one(traditional),
    "radicals": one_by_one(radical),
    "look-alikes": one_by_one(lookalike),
    "O for 0": round_zeros("O"),
    "○ for 0 beside digits": round_zeros("○"),
}


def homophones(char: str) -> str:
    return next((chars.replace(char, "")[:8] for _, _, chars in _groups() if char in chars), "")


def spelled(word: str) -> Iterator[str]:
    for place, char in enumerate(word):
        for syllable, _, chars in _groups():
            if char in chars:
                yield word[:place] + syllable + word[place + 1 :]


def halved(word: str) -> Iterator[str]:
    for char, *ways in (line.split(" ") for line in lines("splits.txt")):
        yield from (word.replace(char, way) for way in ways if char in word)


def alike(word: str) -> Iterator[str]:
    for place, char in enumerate(word):
        yield from (word[:place] + other + word[place + 1 :] for other in homophones(char))


GUESSED: dict[str, Disguise] = {"homophones": alike, "pinyin": spelled, "in two": halved}


def recall(kind: Disguise, words: list[str]) -> tuple[int, int, list[str]]:
    """How many of the disguised words are found between other text, of how many, and those that are not."""
    found, missed = 0, []
    for word in words:
        lexicon = Lexicon([Ban((word,), (), "")])
        shown = word.replace("{number}", "5")
        for hidden in kind(shown):
            text = f"您的贷款, {hidden} 点击查看" if word.isascii() else f"您的贷款了{hidden}了点击查看"
            if any(
                text[hit.start : hit.end].strip(INVISIBLES) == hidden.strip(INVISIBLES) for hit in lexicon.find(text)
            ):
                found += 1
            else:
                missed.append(hidden)
    return found, found + len(missed), missed


INVISIBLES = "".join(INVISIBLE.values())
WORDS = [word for ban in (*CHINESE, *ENGLISH) for word in ban.words]


def main() -> None:
    for name, kind in (*CERTAIN.items(), *GUESSED.items()):
        found, all_, missed = recall(
            kind, [word for word in WORDS if name not in GUESSED or "{" not in word and not word.isascii()]
        )
        print(f"{name:<28} {found:5} of {all_:5}  {found / max(all_, 1):7.1%}  {' '.join(missed[:3])}")


if __name__ == "__main__":
    main()
