"""docs/errors.md: mistakes of tests/cases and what Camp says about them, by topic. `python -m tests.docs` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dsl.diagnostics import render
from dsl.source import display_width
from tests.completing import HERE, told

MOST_CASES, MOST_LINES = 4, 76  # of a topic: its best cases, as long as they fit; the first is always there
WIDE = (
    130  # the narrow come before the wide, and the short before the long; a wide one is shown only where none is narrow
)
MOST_FINDINGS = 5  # of a case: the first of each code, and further ones while there is room
CASES = HERE / "cases"

# The folders of tests/cases under a title, with a sentence.
TOPICS: tuple[tuple[str, str, str], ...] = (
    (
        "Typing",
        "text syntax spellings",
        "What cannot be read is told where reading stopped; the rest of the file is read all the same.",
    ),
    ("Names", "names", "Whatever is used is declared somewhere in the project, once; a near miss is recognised."),
    (
        "Values",
        "values",
        "Money is compared with money, dates with dates, and time is counted in what a calendar can keep.",
    ),
    (
        "Groups of customers",
        "segments stages",
        "Segments, calendars, lifecycles and funnels say exactly who is meant, and leave nobody between two stages.",
    ),
    (
        "When it starts and ends",
        "starts schedule best hours",
        "A campaign that could never send, or that would answer what is long past, is told before it is silent.",
    ),
    (
        "Steps, exits and answers",
        "steps exits replies",
        "What comes after the first message has its own time and its own test, and somebody it is for.",
    ),
    (
        "How many, how often, to whom not",
        "caps limits arms",
        "Caps, pace, budget and shares are whole and possible numbers: a cap of zero is a campaign that never speaks.",
    ),
    (
        "What a policy asks",
        "requirements notes sensitive confirm demands",
        "A policy's line is shown beside the message that breaks it, so that both owners see the same.",
    ),
    (
        "The words of a message",
        "words copy process lengths",
        "Copy is read before anyone gets it: banned words, variables that do not exist, facts that may be missing.",
    ),
    (
        "Channels",
        "channels",
        "A message goes where the customer can be reached, with the parts that the channel shows.",
    ),
    (
        "Links and what a vendor refuses",
        "links pages refusals",
        "A vendor's rules are a layer of their own: what the law allows may still not go out.",
    ),
    ("Products and proofs", "plans verify facts", "What is said of a product is true of it, to the instalment."),
    (
        "The bank's own settings",
        "settings sender edges",
        "The brand says once what every message needs: a zone, a currency, a name, a way to opt out.",
    ),
    (
        "Tests of campaigns",
        "trials",
        "A test names the customers, what happens, and what is expected; a slip in it must not pass as success.",
    ),
    (
        "Allowing a finding",
        "allowing",
        "An exception has a day and a reason, and is told when it is over or not needed.",
    ),
)

_HEAD = """# Errors

What Camp says when something is wrong, topic by topic: a file, and below it what `camp check` prints for it. Made from
[tests/cases](../tests/cases) by `python -m tests.docs`; [rules.md](rules.md) has every code with its reason, as does
`camp rules CODE`.

Each finding has a code, a sentence, the line with the place underlined, and a help that says what to write instead. Other
places that have to do with it come between the two: the line of the policy that forbids, the first of two declarations. The
examples stand in a small bank ([preamble.camp](../tests/preamble.camp)) that declares what they use.

"""


@dataclass(frozen=True)
class Case:
    title: str
    text: str
    codes: tuple[str, ...]

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def wide(self) -> bool:
        """Whether somebody would have to scroll sideways."""
        return max(map(display_width, self.text.splitlines())) > WIDE


def case(path: Path) -> Case:
    """A bad case as the page shows it."""
    written = path.read_text(encoding="utf-8")
    source = written.split("\n", 1)[1] if written.startswith("# expect:") else written
    found = told(source)
    title = path.stem.replace("_", " ").capitalize()
    first = list({one.code: one for one in reversed(found)}.values())
    kept = [*first, *(one for one in found if one not in first)][:MOST_FINDINGS]
    said = "\n\n".join("\n".join(line.rstrip() for line in render(one).splitlines()) for one in found if one in kept)
    more = len(found) - len(kept)
    said += f"\n\n… and {more} more like {'these' if more > 1 else 'it'}." if more else ""
    text = f"### {title}\n\n```camp\n{source.strip()}\n```\n\n```text\n{said}\n```\n\n"
    return Case(title, text, tuple(dict.fromkeys(one.code for one in kept)))


def cases(folders: str) -> list[Case]:
    """The best cases of a topic, as far as they fit."""
    paths = [path for folder in folders.split() for path in sorted((CASES / folder / "bad").glob("*.camp"))]
    found = sorted(map(case, paths), key=lambda one: (one.wide, len(one.text)))
    kept: list[Case] = []
    for one in found[:MOST_CASES]:
        if not kept or (not one.wide and sum(other.lines for other in kept) + one.lines <= MOST_LINES):
            kept.append(one)
    return kept


def page() -> str:
    shown = [(title, sentence, cases(folders)) for title, folders, sentence in TOPICS]
    table = "| topic | codes |\n|---|---|\n"
    for title, _, kept in shown:
        codes = sorted({code for one in kept for code in one.codes})
        links = ", ".join(f"[{code}](rules.md#{code.lower()})" for code in codes)
        table += f"| [{title}](#{_anchor(title)}) | {links} |\n"
    topics = (
        f"\n## {title}\n\n{sentence}\n\n{''.join(one.text for one in kept)}".rstrip() + "\n"
        for title, sentence, kept in shown
    )
    return _HEAD + table + "".join(topics)


def _anchor(title: str) -> str:
    return "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char == "-")
