"""Single mistakes made in good files, and whether what is told points at them.

    python -m tests.mutations [--every N]

A mistake deletes a token, swaps it with its neighbour, or misspells a word by one letter; one that leaves the file without an
error (a deleted optional word, a swap of equals) is no mistake. Of the others: does a finding's range touch the place of the
mistake, and is there one error alone?
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dsl.compiler import analyse
from dsl.parser.tokens import tokens
from dsl.source import Source
from tests.completing import HERE, completed

CAMPAIGNS = HERE.parent / "campaigns"


@dataclass(frozen=True)
class Mistake:
    """`start` to `end`: where it is in the changed text."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Judged:
    mistake: Mistake
    errors: int
    touched: bool


def mistakes(text: str, r: random.Random) -> Iterator[Mistake]:
    """One of each kind for each token, where it can be made."""
    found = list(tokens(Source("t.camp", text)))
    for at, token in enumerate(found):
        start, end = token.span.start, token.span.end
        yield Mistake("delete", text[:start] + text[end:], start, start)
        if at + 1 < len(found) and found[at + 1].text != token.text:
            other = found[at + 1]
            between = text[end : other.span.start]
            if "\n" not in between and "#" not in between:
                swapped = text[:start] + other.text + between + token.text + text[other.span.end :]
                yield Mistake("swap", swapped, start, other.span.end)
        word = token.text
        if len(word) >= 4 and (word.isalpha() or "_" in word) and word.isascii():
            place = r.randrange(1, len(word))
            wrong = word[:place] + word[place + 1 :] if r.random() < 0.5 else word[:place] + "q" + word[place:]
            yield Mistake("misspell", text[:start] + wrong + text[end:], start, start + len(wrong))


def judge(mistake: Mistake, others: list[Source]) -> Judged:
    """`others`: the rest of the project."""
    sources = [Source("case.camp", mistake.text), *others]
    errors = [one for one in analyse(sources).found if one.severity == "error"]
    near = _around(mistake)
    touched = any(
        place.source.path == "case.camp" and place.span.start <= near[1] and near[0] <= place.span.end
        for one in errors
        for place in (one.place, *(other.place for other in one.related))
    )
    return Judged(mistake, len(errors), touched)


def _around(mistake: Mistake) -> tuple[int, int]:
    """The mistake's place with the token on each side: what is gone can only be seen by its neighbours."""
    text = mistake.text
    left = len(text[: mistake.start].rstrip())
    while left > 0 and not text[left - 1].isspace():
        left -= 1
    right = mistake.end + len(text[mistake.end :]) - len(text[mistake.end :].lstrip())
    while right < len(text) and not text[right].isspace():
        right += 1
    return left, right


def files() -> list[tuple[str, list[Source]]]:
    """Good files, each with the rest of its project."""
    cases = [path.read_text(encoding="utf-8") for path in sorted(HERE.glob("cases/*/good/*.camp"))]
    found = [(text, completed(text)[1:]) for text in cases]
    bank = {
        path: path.read_text(encoding="utf-8") for path in sorted(CAMPAIGNS.rglob("*.camp")) if "zh" not in path.parts
    }
    for path, text in bank.items():
        if "campaign " in text and "test " not in text:
            found.append((text, [Source(str(other), words) for other, words in bank.items() if other != path]))
    return found


def measure(every: int, seed: int = 1) -> list[Judged]:
    """One in `every` of all mistakes of all files."""
    r = random.Random(seed)
    found = []
    for text, others in files():
        for mistake in mistakes(text, r):
            if r.randrange(every) == 0:
                judged = judge(mistake, others)
                if judged.errors:
                    found.append(judged)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--every", type=int, default=20)
    options.add_argument("--show", type=int, default=0, help="print so many that miss")
    asked = options.parse_args()
    found = measure(asked.every)
    for kind in ("delete", "swap", "misspell", ""):
        mine = [one for one in found if kind in ("", one.mistake.kind)]
        touched, alone = sum(one.touched for one in mine), sum(one.errors == 1 for one in mine)
        print(
            f"{kind or 'all':<9}{len(mine):>6}  touched {touched / len(mine):6.1%}  one error {alone / len(mine):6.1%}"
        )
    print(Counter(one.errors for one in found).most_common(8))
    missed = [one for one in found if not one.touched or one.errors > 1]
    for one in random.Random(2).sample(missed, min(asked.show, len(missed))):
        m = one.mistake
        line = m.text.rfind("\n", 0, m.start) + 1
        print("----", m.kind, one.errors, one.touched, "|", m.text[line : m.text.find("\n", m.end)])
        for problem in analyse([Source("case.camp", m.text)]).found[:4]:
            if problem.code.startswith("CAMP2"):
                print("     ", problem.place, problem.message, problem.help[:80])


if __name__ == "__main__":
    main()
