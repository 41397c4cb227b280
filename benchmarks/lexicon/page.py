"""What was measured, as a section of docs/compliance.md between two marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks import lexicon_speed
from benchmarks.lexicon import counts, hidden, messages, packs
from benchmarks.machine import machine
from dsl.lexicon import Lexicon
from tests.disguises import Disguise
from tests.lexicons import LEGITIMATE

PAGE = Path(__file__).parents[2] / "docs" / "compliance.md"
BEGIN = "<!-- Made by `python -m benchmarks.lexicon`: -->"
END = "<!-- … as far as here. -->"
MOST = 0.003


def write(section: str) -> None:
    """Puts the section where the last one stood; at the end of a page that has none."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Compliance\n"
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before.rstrip()}\n\n{BEGIN}\n{section.strip()}\n{END}\n{after.lstrip()}", encoding="utf-8")


def section() -> str:
    parts = (_head(), _labelled(), _reasons(), _ordinary(), _honest(), _hidden(), _speed())
    return "\n\n".join(parts)


def _head() -> str:
    any_, law, english = (f"{len(packs.pack(name).words)} words" for name in (*packs.CHINESE, packs.ENGLISH))
    return f"""## What the words find, measured
The bans of the packs in force on {packs.DAY}, warnings and guesses among them. `cn_words` binds any message ({any_}).
`cn_law` adds `cn_ad_words`, everyday words that only advertising may not say ({law} together). `us_words`: {english}.

The messages are real and may not be republished. [How they were labelled](../benchmarks/lexicon/GUIDE.md): by one reader, a
language model; two people would differ. Words were chosen on the tune half and with the ordinary messages in view, so the figures
of these flatter; the test half was counted only and never looked at, but near-copies of a sender may stand in both halves.
Upstream hides digits as runs of `x`; they are measured as runs of `5`, so that `x利息` for 0利息 is not found. In brackets:
messages, and the 95 % interval that so few leave."""


def _labelled() -> str:
    return "### Loan advertising: is anything found where anything is to be found?\n" + _table(
        ("words", "half", "precision", "recall"),
        (
            (how, split, count.precision, count.recall)
            for how, find in _ways()
            for split in ("test", "tune")
            for count in (counts.counted(messages.labelled(split), find)[0],)
        ),
    )


def _ways() -> Iterator[tuple[str, Callable[[str], set[str]]]]:
    for name in packs.CHINESE:
        one = packs.pack(name)
        yield f"`{name}`", one.reasons
        yield f"`{name}`, its words searched plainly", one.plainly


def _reasons() -> str:
    one = packs.pack("cn_law")
    test, tune = (counts.counted(messages.labelled(split), one.reasons)[1] for split in ("test", "tune"))
    text = """Plainly: as substrings, without `except`, `unless`, denial or disguise; `{number}` is any run of digits. A public
list of 206 words of advertising law, searched so, fires on 12.7 % of loan advertising and on 6.1 % of the ordinary messages
of 2014. It was not at hand: its figures are quoted, over whole collections, and not measured here.

By reason, `cn_law`; where fewer than ten are labelled, a rate says little:
"""
    return text + _table(
        ("reason", "precision, test", "recall, test", "precision, tune", "recall, tune"),
        ((name, a.precision, a.recall, b.precision, b.recall) for name, a, b in counts.rows(test, tune)),
    )


def _ordinary() -> str:
    rows = []
    for name, sources in (*((name, messages.CHINESE) for name in packs.CHINESE), (packs.ENGLISH, messages.ENGLISH)):
        for source in sources:
            one = counts.alarms(packs.pack(name), source)
            plain = counts.plain_alarms(packs.pack(name), source)
            read = f"{one.right} right, {one.false} false" if one.hit else "–"
            shares = (_percent(part, one.messages) for part in (one.hit, one.stopped, plain))
            rows.append((f"`{name}`", source, f"{one.messages:,}", *shares, read))
    text = f"""### Ordinary messages: on how many is there an alarm?
Wanted: at most {MOST:.1%}. Errors: what stops a campaign. Right: the message advertises, and in a bank's own advertising the
word would be objected to for its reason; its collectors call it ordinary all the same, as a bank's notice that ends in
限时特惠. Read one by one, by the one who chose the words.
"""
    table = _table(("words", "messages", "of", "alarms", "errors only", "plainly", "alarms, read"), rows)
    return text + table + "\n" + _trade()


def _trade() -> str:
    return """
唯一, 首选, 最好的, 限时, 低至 are what ordinary people say. They stand in `cn_ad_words`, which binds advertising (`cn_law`)
and no notices (`cn_notice` extends `cn_words` only): with them ordinary messages exceed what is wanted, without them a bank's
advertising could say 唯一 and 首选, which 广告法 9(3) forbids. Moved there after the alarms were seen."""


def _honest() -> str:
    one = packs.pack("cn_law")
    wrong = [text for text in LEGITIMATE if one.lexicon.find(text)]
    return f"""### Honest phrases that hold a banned word
{len(LEGITIMATE)} phrases, such as 减免审批服务费, 红包过期提醒 and 不得用于购房、炒股: {len(wrong)} alarms from `cn_law`."""


def _hidden() -> str:
    both = packs.pack("cn_law"), packs.pack(packs.ENGLISH)
    rows = [(kind, *(_found(one, way) for one in both)) for kind, way in hidden.KINDS.items()]
    rows += [(f"guess: {kind}", _found(both[0], way, guesses=True), "–") for kind, way in hidden.GUESSED.items()]
    text = """### Every word, hidden in every way
Certain ways, wanted 99 % of each; then guesses, which are warnings, of words in Chinese characters only. “Throughout”: between
all letters of a word; “once”: at each place in turn. Not found: a mark between a digit and the % that ends a word
(利率5·%), and 最划，算, for a comma may part two real words.
"""
    return text + _table(("hidden by", "`cn_law`", "`us_words`"), rows)


def _found(pack: packs.Pack, way: Disguise, guesses: bool = False) -> str:
    found, all_, _ = hidden.found(pack, way, guesses)
    return f"{found / all_:.1%} ({found:,}/{all_:,})" if all_ else "–"


def _speed() -> str:
    one = packs.pack("cn_law")
    words = [word.replace("{number}", "5") for _, word in one.words]
    made = lexicon_speed.texts(50_000, lexicon_speed.SAID, words, "，")
    size = sum(len(text.encode()) for text in made)
    exact = lexicon_speed.rate(lambda: [any(word in text for word in words) for text in made], size, 3)[0]
    fast = Lexicon(one.bans)
    fast.suspects(made[:100])
    normalised = lexicon_speed.rate(lambda: fast.suspects(made), size, 5)[0]
    few = made[:2000]
    whole = lexicon_speed.rate(lambda: [fast.find(text) for text in few], sum(len(text.encode()) for text in few), 3)[0]
    return f"""### How fast, on one core
{len(made):,} made-up texts of the length of SMS, {size / 1e6:.1f} MB of UTF-8;
one in 25 holds a word of `cn_law`, plain or disguised.

- Which texts may hold a word, all letters normalised: {normalised:.0f} MB/s.
- Which hold one exactly as written, by Python's own search, word by word: {exact:.1f} MB/s.
- A text read whole, as `camp check` does, and a run does with what it suspects: {whole:.2f} MB/s.

On {machine()}."""


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.2%} ({part})"


def _table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "\n".join(f"| {' | '.join(row)} |" for row in lines)
