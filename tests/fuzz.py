"""Noise in good files: whatever stands in one, it is told with places or not at all, never with a traceback, in linear time.

    python -m tests.fuzz --seconds N | --inputs N [--seed S] [--from I]

Each input is one of the good files (tests/cases, campaigns, docs/language.md) or a few declarations of it, and one to six
changes: of bytes, of tokens, of blocks, with another file. It is checked as a project with tests/preamble.camp, and laid out
by `camp fmt` where it parses: the layout says the same, and its own layout is itself. Input I of seed S is always the same.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import grammar
from dsl import compiler
from dsl.diagnostics import Diagnostic, render
from dsl.format import formatted
from dsl.parser.cut import cut
from dsl.parser.parse import parse
from dsl.resolve.project import resolve
from dsl.rules import all as rules
from dsl.source import Source
from dsl.syntax.tree import File
from tests.completing import HERE, completed

LONGEST = 2_000  # characters of most inputs; the runs of one thing make some longer
HANGS = 20  # seconds after which an input counts as never answered
SLOWEST = (1.0, 0.002)  # seconds of processor time for any input, and for each character: far above what any needs
_PATH = "case.camp"


@dataclass(frozen=True)
class Seed:
    """A good text, and the rest of its project, read already."""

    text: str
    rest: tuple[File, ...]
    sources: tuple[Source, ...]


@dataclass
class Outcome:
    """`finds`: the first input with each exception, by what was raised where; `slowest`: seconds per kB, and that input."""

    inputs: int = 0
    parsed: int = 0
    laid_out: int = 0
    seconds: float = 0.0
    slowest: tuple[float, str] = (0.0, "")
    finds: dict[str, tuple[Seed, str]] = field(default_factory=dict)


class TooSlow(Exception):
    """An input took longer than its length allows."""


@cache
def seeds() -> tuple[Seed, ...]:
    """Every good file, and every declaration of each."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(HERE.glob("cases/*/good/*.camp"))]
    texts += [path.read_text(encoding="utf-8") for path in sorted((HERE.parent / "campaigns").rglob("*.camp"))]
    page = (HERE.parent / "docs" / "language.md").read_text(encoding="utf-8")
    texts += re.findall(r"^```camp\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    found = []
    for text in texts:
        pieces = [piece.text.strip("\r\n") for piece in cut(Source(_PATH, text))[0].pieces]
        for one in dict.fromkeys([text, *pieces]):
            if 0 < len(one) <= LONGEST:
                rest = tuple(completed(one)[1:])
                found.append(Seed(one, tuple(parse(source)[0] for source in rest), rest))
    return tuple(found)


# --- changes ---

_LETTERS = "aZ0_9 \n\t;,.:#\"'`\\{}()[]<>=!?%+-*/|&@$^~，；：（）“”＝％０　元万亿期客￥é🙂𝟘Ⅳ"
_LETTERS += "\r\0\x01\x7f\u00a0\u200b\u202e\ufeff\u0301"
_PIECES = (
    '"""',
    "{{",
    "}}",
    "{%",
    "%}",
    "..",
    "!=",
    ">=",
    "#",
    "\r\n",
    "24:00",
    "9" * 40,
    "-",
    "2026-02-30",
    "00:00-24:00",
)
_TOKEN = re.compile(r'"[^"\n]*"|\w+|\s+|[^\w\s]')


def _spot(text: str, chance: random.Random) -> tuple[int, int]:
    """A short range."""
    start = chance.randint(0, len(text))
    return start, min(len(text), start + int(chance.expovariate(0.15)) + 1)


def _flip(text: str, chance: random.Random) -> str:
    data = bytearray(text.encode("utf-8", "replace"))
    for _ in range(chance.randint(1, 3)):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data.decode("utf-8", "replace" if chance.random() < 0.5 else "ignore")


def _insert(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    new = chance.choice(_PIECES) if chance.random() < 0.3 else chance.choice(_LETTERS)
    return text[:at] + new + text[at:]


def _delete(text: str, chance: random.Random) -> str:
    start, end = _spot(text, chance)
    return text[:start] + text[end:]


def _block(text: str, chance: random.Random) -> str:
    """A range of lines, or of characters, somewhere else or a second time."""
    if chance.random() < 0.5:
        parts: list[str] = text.splitlines(keepends=True)
    else:
        parts = _TOKEN.findall(text)
    if not parts:
        return text
    start = chance.randrange(len(parts))
    end = start + chance.randint(1, 6)
    moved, to = parts[start:end], chance.randint(0, len(parts))
    if chance.random() < 0.5:
        parts = parts[:start] + parts[end:]
    return "".join([*parts[:to], *moved, *parts[to:]])


def _splice(text: str, chance: random.Random) -> str:
    other = chance.choice(seeds()).text
    if chance.random() < 0.3:
        return text + chance.choice(["\n", "", ";"]) + other
    start, end = _spot(other, chance)
    end = min(len(other), end + chance.randint(0, 200))
    at = chance.randint(0, len(text))
    return text[:at] + other[start:end] + text[at:]


def _token(text: str, chance: random.Random) -> str:
    """A word for another one: of the language, or of the text itself."""
    found = list(_TOKEN.finditer(text))
    words = [one for one in found if not one[0].isspace()]
    if not words:
        return text
    one = chance.choice(words)
    match chance.randrange(4):
        case 0:
            new = chance.choice(_words())
        case 1:
            new = chance.choice(words)[0]
        case 2:
            new = ""
        case _:
            new = one[0] + " " + one[0]
    return text[: one.start()] + new + text[one.end() :]


def _words() -> list[str]:
    return list(grammar.words())


def _storm(text: str, chance: random.Random) -> str:
    """Many brackets or quotes, in one place or all over."""
    marks = chance.choice(["{}", "()", '"', '"#\n', "{}()", "{{}}%", '\\"', "{;}\n", "=<>!"])
    storm = [chance.choice(marks) for _ in range(chance.randint(2, 60))]
    if chance.random() < 0.5:
        at = chance.randint(0, len(text))
        return text[:at] + "".join(storm) + text[at:]
    for mark in storm[:12]:
        at = chance.randint(0, len(text))
        text = text[:at] + mark + text[at:]
    return text


def _run(text: str, chance: random.Random) -> str:
    """Very long runs of one thing."""
    parts: list[str] = _TOKEN.findall(text) or ["a"]
    unit = chance.choice(
        [chance.choice(_LETTERS), chance.choice(_PIECES), chance.choice(parts), chance.choice(_words()) + " "]
    )
    unit = chance.choice(
        [unit, unit, "not ", "a and ", "{ ", "( ", '"" ', "1,", "\n  ", "if x ", "{{ a }}", "{% if a %}"]
    )
    at = chance.randint(0, len(text))
    return text[:at] + unit * chance.choice([10, 60, 300, 300, 1500]) + text[at:]


def _number(text: str, chance: random.Random) -> str:
    """Another number for one that is written."""
    found = list(re.finditer(r"\d+", text))
    if not found:
        return text
    one = chance.choice(found)
    new = chance.choice(
        ["0", "1", "2", "00", "31", "99", "12.5", "1_0", "999999", "1000000", "0.001", "9" * 19, "-1", "3万", "２"]
    )
    return text[: one.start()] + new + text[one.end() :]


_KINDS: tuple[Callable[[str, random.Random], str], ...] = (
    *(_flip, _insert, _insert, _delete, _delete, _block, _block, _splice),
    *(_token, _token, _token, _token, _number, _number, _storm, _run),
)


def mutated(number: int, seed: int) -> tuple[Seed, str]:
    """Input `number` of a run: the good text, and what became of it."""
    chance = random.Random(seed * 1_000_003 + number)
    one = chance.choice(seeds())
    text = one.text
    for _ in range(min(6, 1 + int(chance.expovariate(0.7)))):
        kind = chance.choice(_KINDS)
        if kind is not _run or chance.random() < 0.25:
            text = kind(text, chance)
    return one, text


# --- what has to hold ---


def found_in(text: str, one: Seed) -> tuple[tuple[Diagnostic, ...], bool]:
    """As dsl.compiler.analyse, with the rest of the project read once; and whether the text itself was read whole."""
    file, found = parse(Source(_PATH, text))
    whole = not found
    model, problems = resolve([file, *one.rest], {})
    found = [*found, *problems, *(rules.run(model) if model is not None else ())]
    return tuple(dict.fromkeys(found)), whole


def check(text: str, one: Seed, through: bool = False) -> tuple[bool, bool]:
    """Whether it parsed, and whether it was laid out. `through`: by the compiler's own entrance. Raises where it should not."""
    began = time.process_time()
    if through:
        found: tuple[Diagnostic, ...] = compiler.analyse([Source(_PATH, text), *one.sources]).found
        whole = not any(problem.code < "CAMP3" for problem in found)
    else:
        found, whole = found_in(text, one)
    for problem in found[:30]:
        span = problem.span
        assert problem.message and 0 <= span.start <= span.end <= len(problem.source.text), (
            f"{problem.code} beyond the text"
        )
        assert "\n" not in problem.message and render(problem), f"{problem.code} of several lines"
        if problem.fix:
            fixed = problem.fix.span
            assert 0 <= fixed.start <= fixed.end <= len(problem.source.text), f"the fix of {problem.code}"
    laid_out = False
    if whole:
        shown, refused = formatted(Source(_PATH, text))
        if not refused:
            laid_out = True
            again, refused = formatted(Source(_PATH, shown))
            assert not refused and again == shown, "a layout whose layout is another"
    took = time.process_time() - began
    if took > SLOWEST[0] + SLOWEST[1] * len(text):
        raise TooSlow(f"{took:.1f} s for {len(text)} characters")
    return whole, laid_out


def wrong(text: str, one: Seed, through: bool = False) -> str | None:
    """What was raised, and where; None where all is well."""
    try:
        check(text, one, through)
    except Exception as error:  # noqa: BLE001  any exception is a find
        return _named(error)
    return None


def _named(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/tests/" not in frame.filename]
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "here"
    said = "" if isinstance(error, TooSlow) else str(error).split("\n")[0][:60]
    return f"{type(error).__name__} {said} ({at})" if not isinstance(error, TooSlow) else "TooSlow"


def shrunk(text: str, one: Seed, seconds: float = 20) -> str:
    """A shorter text with the same find."""
    wanted, until = wrong(text, one), time.monotonic() + seconds
    size = max(len(text) // 2, 1)
    while wanted and size:
        at = 0
        while at < len(text) and time.monotonic() < until:
            shorter = text[:at] + text[at + size :]
            if wrong(shorter, one) == wanted:
                text = shorter
            else:
                at += size
        size //= 2
    return text


def run(
    numbers: Iterator[int], seed: int, seconds: float = float("inf"), tell: Callable[[str], None] = print
) -> Outcome:
    for good in seeds()[:40]:  # what is read and imported once is no input's time
        check(good.text, good)
    before = signal.signal(signal.SIGALRM, _hangs)
    outcome, began = Outcome(), time.monotonic()
    for number in numbers:
        if time.monotonic() - began > seconds:
            break
        one, text = mutated(number, seed)
        started = time.process_time()
        signal.alarm(HANGS)
        try:
            parsed, laid_out = check(text, one, through=number % 20 == 0)
            outcome.parsed += parsed
            outcome.laid_out += laid_out
        except Exception as error:  # noqa: BLE001  any exception is a find
            what = _named(error)
            if what not in outcome.finds:
                outcome.finds[what] = one, text
                tell(f"--- input {number} of seed {seed}: {what}\n{text}\n---")
        finally:
            signal.alarm(0)
        took = time.process_time() - started
        outcome.inputs += 1
        outcome.slowest = max(
            outcome.slowest, (took / max(len(text) / 1000, 1), f"input {number}, {len(text)} characters")
        )
    outcome.seconds = time.monotonic() - began
    signal.signal(signal.SIGALRM, before)
    return outcome


def _hangs(*_: object) -> None:
    raise TooSlow(f"no answer within {HANGS} s")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=float("inf"))
    options.add_argument("--inputs", type=int)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--from", type=int, default=0, dest="first")
    asked = options.parse_args()
    if asked.inputs is None and asked.seconds == float("inf"):
        options.error("say how many --inputs, or --seconds")
    last = asked.first + asked.inputs if asked.inputs is not None else 2**62
    outcome = run(iter(range(asked.first, last)), asked.seed, asked.seconds, lambda text: print(text, flush=True))
    print(
        f"{outcome.inputs} inputs in {outcome.seconds:.0f} s; {outcome.parsed} parsed whole, {outcome.laid_out} laid out; "
        f"the slowest took {outcome.slowest[0]:.3f} s per kB ({outcome.slowest[1]}); {len(outcome.finds)} finds"
    )
    for what, (one, text) in outcome.finds.items():
        print(f"--- {what}, shrunk:\n{shrunk(text, one)!r}", flush=True)


if __name__ == "__main__":
    main()
