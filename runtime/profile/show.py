"""A profile as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dsl.source import display_width
from runtime.profile.report import HOW, Profile

_WORTH = 0.05  # of the whole: a step that takes less is told in JSON only
_CAMPAIGNS = 10


def lines(found: Profile, told: Callable[[str], str], word: Callable[[str], str]) -> Iterator[str]:
    """`told` and `word` say sentences and heads in the language that is spoken."""
    rows = [[word(head) for head in ("stage", "seconds", "share", "rows", "bytes", "peak memory")]]
    for one in found.stages:
        rows.append([told(one.stage), *_cells(one.seconds, one.share, one.rows, one.bytes), size(one.peak)])
        for step in one.steps:
            share = step.seconds / found.seconds if found.seconds else 0.0
            if share >= _WORTH:
                name = step.name if step.made else f"{step.name} →"
                rows.append([f"  {name}", *_cells(step.seconds, share, step.rows, step.bytes), ""])
    yield from _table(rows, 1)
    yield ""
    if any(one.candidates for one in found.campaigns):
        rows = [[word(head) for head in ("place", "campaign", "candidates", "texts", "sends", "seconds")]]
        for campaign in found.campaigns[:_CAMPAIGNS]:
            counts = (campaign.candidates, campaign.texts, campaign.sends)
            rows.append(
                [campaign.at, campaign.campaign, *(f"{count:,}" for count in counts), f"{campaign.seconds:.2f}"]
            )
        yield from _table(rows, 2)
        yield told(HOW)
        yield told(f"{found.shared:.2f} s are shared by all campaigns")
    yield told(f"{found.seconds:.2f} s in all, {size(found.peak)} of memory at most")


def size(bytes: int) -> str:
    """In powers of ten, as disks and `--memory` have it."""
    for unit, of in (("GB", 10**9), ("MB", 10**6)):
        if bytes >= of:
            return f"{bytes / of:.1f} {unit}"
    return f"{bytes / 1000:.0f} kB"


def _cells(seconds: float, share: float, rows: int | None, bytes: int | None) -> list[str]:
    return [
        f"{seconds:.2f}",
        f"{share:.0%}",
        "–" if rows is None else f"{rows:,}",
        "–" if bytes is None else size(bytes),
    ]


def _table(rows: Sequence[Sequence[str]], left: int) -> Iterator[str]:
    """Columns with as many aligned to the left as said, and the others to the right."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = []
        for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (width - display_width(cell))
            padded.append(cell + blank if at < left else blank + cell)
        yield "  ".join(padded).rstrip()
