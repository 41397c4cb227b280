"""Every word of a pack, hidden in every way that tests/disguises.py knows: how many the whole pack still finds."""

from __future__ import annotations

from benchmarks.lexicon.packs import Pack
from dsl.lexicon.numbers import NUMBER
from tests.disguises import CERTAIN, GUESSED, INVISIBLES, Disguise

KINDS = {"as written": (lambda word: iter((word,))), **CERTAIN}


def found(pack: Pack, kind: Disguise, guesses: bool = False) -> tuple[int, int, list[str]]:
    """How many disguised words the pack finds, each whole and for its own ban's reason, of how many; and those that it does not.

    Between other text. Words with digits or Latin letters in them are never guessed at: where `guesses`, they are not asked for.
    """
    seen, missed = 0, []
    for ban, word in pack.words:
        if guesses and (NUMBER in word or any(char.isascii() for char in word)):
            continue
        for hidden in kind(word.replace(NUMBER, "5")):
            text = f"您的贷款, {hidden} 点击查看" if word.isascii() else f"您的贷款了{hidden}了点击查看"
            shown = hidden.strip(INVISIBLES)
            hits = (hit for hit in pack.lexicon.find(text) if hit.ban == ban)
            if any(text[hit.start : hit.end].strip(INVISIBLES) == shown for hit in hits):
                seen += 1
            else:
                missed.append(hidden)
    return seen, seen + len(missed), missed


__all__ = ["CERTAIN", "GUESSED", "KINDS", "found"]
