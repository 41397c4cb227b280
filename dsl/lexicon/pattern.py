"""A word, or a phrase that allows one, made ready to be found among letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import accumulate
from typing import NamedTuple
from unicodedata import category

from dsl.lexicon import gaps, real
from dsl.lexicon.normal import LETTERS, alphabetic, invisible
from dsl.lexicon.numbers import DIGITS, NUMBER, ONE_OR_MORE
from dsl.lexicon.reading import Reading

Span = tuple[int, int]
_COMMAS = frozenset("，,、：:")
_LISTS = frozenset("，,、﹑")
_PIECES = re.compile(r"(\{number\})")


class Atom(NamedTuple):
    """Letters that stand together in a word; none: a number. `seam` is what the word has before them."""

    letters: str
    seam: str = ""


class Pattern:
    """`atoms` and what the word has after the last of them; a word of symbols only has no atoms and is found as written."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.atoms, self.rest = _atoms(word)
        self.letters = "".join(atom.letters for atom in self.atoms)
        self._edges = _needed(self.atoms[0].seam if self.atoms else "", edge=True), _needed(self.rest, edge=True)
        self._numbers = any(not atom.letters for atom in self.atoms)

    @cached_property
    def _spans(self) -> list[Span]:
        """Of each atom, in letters from the first on."""
        ends = list(accumulate(len(atom.letters) for atom in self.atoms))
        return list(zip([0, *ends], ends, strict=False))

    @property
    def marks(self) -> str:
        """The symbols without which it is another word."""
        if not self.atoms:
            return self.word
        inner = "".join(_needed(atom.seam) for atom in self.atoms[1:])
        return self._edges[0] + inner + self._edges[1]

    @property
    def key(self) -> str:
        """The letters to look for first: those after a number that it begins with; none: it begins with a number all the same."""
        return next((atom.letters for atom in self.atoms[:2] if atom.letters), "")

    def start(self, reading: Reading, place: int) -> int:
        """Where the word may begin whose key, or a digit where it has none, is at this letter; -1: nowhere."""
        if self.atoms[0].letters:
            return place
        first, _ = reading.numbers.get(place - 1 if self.key else place, (-1, -1))
        return first if self.key or first == place else -1

    def all(self, reading: Reading) -> Iterator[Span]:
        """Spans of letters, first to last; they may overlap."""
        for place in self._places(reading):
            start = self.start(reading, place)
            if start >= 0 and (end := self.at(reading, start)):
                yield start, end

    def _places(self, reading: Reading) -> Iterator[int]:
        key = self.key if self._numbers else self.letters
        if not key:
            yield from sorted({first for first, _ in reading.numbers.values()})
            return
        place = reading.letters.find(key)
        while place >= 0:
            yield place
            place = reading.letters.find(key, place + 1)

    def at(self, reading: Reading, start: int) -> int:
        """Where the word that starts at this letter ends, if it does and what separates its letters joins them; else 0."""
        if not self._numbers:
            if not reading.letters.startswith(self.letters, start):
                return 0
            spans = [(start + first, start + last) for first, last in self._spans]
        else:
            found = self._from(reading, start, 0)
            if not found:
                return 0
            spans = found
        return spans[-1][1] if self._holds(reading, spans) else 0

    def _from(self, reading: Reading, start: int, number: int) -> list[Span] | None:
        """Of the atoms from this one on; a number is as long as what follows it allows."""
        atom = self.atoms[number]
        if atom.letters:
            if not reading.letters.startswith(atom.letters, start):
                return None
            ends: Iterable[int] = (start + len(atom.letters),)
        else:
            _, last = reading.numbers.get(start, (start, start))
            after = self.atoms[number + 1].letters[:1] if number + 1 < len(self.atoms) else "."
            shorter = after == "" or after in DIGITS
            ends = range(last, start, -1) if shorter else (last,) if last > start else ()
        for end in ends:
            if number + 1 == len(self.atoms):
                return [(start, end)]
            if rest := self._from(reading, end, number + 1):
                return [(start, end), *rest]
        return None

    def place(self, reading: Reading, start: int, end: int) -> Span:
        """Where these letters of it were written, with the marks that it has around them."""
        first, last = reading.at[start], reading.at[end - 1] + 1
        before, after = self._edges
        seen = ""
        while first and not seen.startswith(before):
            first -= 1
            seen = gaps.shown(reading.text[first]) + seen
        seen = ""
        while last < len(reading.text) and not seen.endswith(after):
            seen += gaps.shown(reading.text[last])
            last += 1
        return first, last

    def _holds(self, reading: Reading, spans: list[Span]) -> bool:
        start, end = spans[0][0], spans[-1][1]
        if not (self._edge(reading, start, self.atoms[0]) and self._edge(reading, end, self.atoms[-1])):
            return False
        if reading.at[start:end] != list(range(reading.at[start], reading.at[start] + end - start)):
            for (first, last), atom in zip(spans, self.atoms, strict=True):
                if not _together(reading, first, last, atom) or (first > start and not _sewn(reading, first, atom)):
                    return False
            if self._chance(reading, start, end):
                return False
        elif any(_needed(atom.seam) for atom in self.atoms[1:]):
            return False
        if not self._edges[0] and not self._edges[1]:
            return True
        left, right = gaps.shown(reading.gap(start)), gaps.shown(reading.gap(end))
        return left.endswith(self._edges[0]) and right.startswith(self._edges[1])

    def _chance(self, reading: Reading, start: int, end: int) -> bool:
        """Whether two halves met by chance: one gap, of a comma or a blank, and real words end and begin there (每1秒，批量)."""
        numbers = reading.numbers if self._numbers else {}
        gaps_in = [
            place
            for place in range(start + 1, end)
            if reading.at[place] > reading.at[place - 1] + 1
            and (place not in numbers or numbers[place] != numbers.get(place - 1))
        ]
        if len(gaps_in) != 1:
            return False
        [place] = gaps_in
        gap = reading.gap(place)
        digits = [letter.isdigit() for letter in reading.letters[place - 1 : place + 1]]
        if gap in _LISTS and digits[0] != digits[1]:
            return True  # 本金0，利息120元
        if self.letters.isascii() or (len(self.atoms) > 1 and gap not in _LISTS):
            return False
        ends, begins = (
            place - 1 == start and real.before(reading, start),
            place == end - 1 and real.after(reading, place),
        )
        return (gap in _COMMAS and (ends or begins)) or (gap.isspace() and ends and begins)

    def _edge(self, reading: Reading, place: int, atom: Atom) -> bool:
        """Whether a word of a script with blanks can begin or end here; a number reaches as far as it does."""
        if not atom.letters or not 0 < place < len(reading.letters):
            return True
        left, right = reading.letters[place - 1], reading.letters[place]
        if not (alphabetic(left) and alphabetic(right)) or left.isdigit() != right.isdigit():
            return True
        gap = reading.gap(place)
        return not (all(map(invisible, gap)) or (left.isdigit() and gap in (".", ",")))

    def written(self, shown: str) -> bool:
        """Whether it was written as it is, but for case, blanks and hyphens."""
        return shown == self.word or self._written.fullmatch(shown) is not None

    @cached_property
    def _written(self) -> re.Pattern[str]:
        number = rf"\s?{ONE_OR_MORE}(?:[.,][0-9]+)*\s?"
        pieces = (number if piece == NUMBER else _loosely(piece) for piece in _PIECES.split(self.word.strip()))
        return re.compile("".join(pieces), re.IGNORECASE)


def _loosely(piece: str) -> str:
    parts = re.split(r"[\s\-‐-―]+", piece)
    # Typesetters set Latin letters and digits off from ideographs with a blank.
    return r"[\s\-‐-―]+".join(r"\s?".join(map(re.escape, _scripts().split(part))) for part in parts)


@cache
def _scripts() -> re.Pattern[str]:
    # Compiled when first needed: sets of ideographs take milliseconds.
    return re.compile(r"(?<=[A-Za-z0-9%])(?=[⺀-鿿])|(?<=[⺀-鿿])(?=[A-Za-z0-9])")


def _atoms(word: str) -> tuple[list[Atom], str]:
    atoms: list[Atom] = []
    held, seam = "", ""
    for piece in _PIECES.split(word):
        if piece == NUMBER:
            atoms += [Atom(held, seam)] if held else []
            atoms.append(Atom("", "" if held else seam))
            held, seam = "", ""
            continue
        for char in piece:
            if found := LETTERS[char]:
                held += found
            elif not invisible(char):
                if held:
                    atoms.append(Atom(held, seam))
                    held, seam = "", ""
                seam += char
    if held:
        atoms.append(Atom(held, seam))
        seam = ""
    return atoms, seam


def _together(reading: Reading, first: int, last: int, atom: Atom) -> bool:
    between = [reading.gap(place) for place in range(first + 1, last)]
    if not atom.letters:
        return all(map(gaps.numeric, between))
    pairs = zip(reading.letters[first:last], reading.letters[first + 1 : last], strict=False)
    latin = [alphabetic(left) and alphabetic(right) for left, right in pairs]
    others = [gap for gap, both in zip(between, latin, strict=True) if not both]
    own = [gap for gap, both in zip(between, latin, strict=True) if both]
    return all(map(gaps.joins, others)) and (not own or gaps.spaced(own))


def _sewn(reading: Reading, place: int, atom: Atom) -> bool:
    """Whether the gap before an atom is what the word has there, or a trick; what the word has itself is none."""
    gap = reading.gap(place)
    both = alphabetic(reading.letters[place - 1]) and alphabetic(reading.letters[place])
    if both:
        gap = gaps.unbroken(gap)
    if gap == atom.seam:
        return True
    if any(mark not in gaps.shown(gap) for mark in _needed(atom.seam)):
        return False
    extra = gap
    for char in atom.seam:
        extra = extra.replace(char, "", 1)
    if both and not (reading.gap(place - 1) and place > 1):
        return gaps.divides(gap) and gaps.joins(extra)
    # What stands between all characters stands on either side of each that the word has here.
    return gaps.joins(extra, gaps.MOST * (len(atom.seam) + 1))


def _needed(seam: str, edge: bool = False) -> str:
    """The symbols of a word without which it is another: 100% is not 100. At its edges every mark is one."""
    seam = gaps.shown(seam)
    if edge:
        return seam.strip()
    return "".join(char for char in seam if category(char)[0] == "S" or char in "%‰@#&*/" or gaps.ends(char))
