"""Full-width punctuation outside of texts, as Chinese keyboards write it: read as what is meant, and told.

Each character stands for one other, so that every place in the file stays where it is. In texts and comments they are left alone.
"""

from __future__ import annotations

import re

from dsl.diagnostics import Diagnostic, Place
from dsl.rules import text
from dsl.source import Source, Span

MEANT = str.maketrans(
    {
        **dict(zip("，、；：（）｛｝＝＞＜！％？．＿－＋", ",,;:(){}=><!%?._-+", strict=True)),
        **{chr(ord("０") + digit): str(digit) for digit in range(10)},
        "\u3000": " ",
        "“": '"',
        "”": '"',
        "„": '"',
        "＂": '"',
        "＃": "#",
    }
)
_WIDE = re.compile("[" + "".join(re.escape(chr(code)) for code in MEANT) + "]")
# What is left alone: texts and comments. A text that begins with a Chinese quotation mark ends with one, on the same line.
LEFT = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*')
_QUOTED = re.compile(r'[“„＂”]([^“”"＂\n]*)[”“＂"]')


def narrowed(source: Source) -> tuple[Source, list[Diagnostic]]:
    """The file with ordinary punctuation, and a finding for each run of what was written otherwise."""
    if not _WIDE.search(source.text) or not _WIDE.search(LEFT.sub("", source.text)):
        return source, []
    out: list[str] = []
    found: list[Diagnostic] = []
    at = 0
    for kept in [*LEFT.finditer(source.text), None]:
        end = kept.start() if kept else len(source.text)
        out.append(_changed(source, at, end, found))
        if kept:
            out.append(kept.group())
            at = kept.end()
    return Source(source.path, "".join(out)), found


def _changed(source: Source, start: int, end: int, found: list[Diagnostic]) -> str:
    """What stands between texts and comments, narrowed; quoted words keep the punctuation inside them."""
    part = source.text[start:end]
    out: list[str] = []
    at = 0
    for quoted in [*_QUOTED.finditer(part), None]:
        upto = quoted.start() if quoted else len(part)
        out.append(_narrow(source, part[at:upto], start + at, found))
        if quoted:
            for mark in (quoted.start(), quoted.end() - 1):
                if part[mark] != '"':
                    found.append(_told(source, start + mark, part[mark]))
            out.append(f'"{quoted[1]}"')
            at = quoted.end()
    return "".join(out)


def _narrow(source: Source, part: str, start: int, found: list[Diagnostic]) -> str:
    found += [_told(source, start + wide.start(), wide.group()) for wide in _WIDE.finditer(part)]
    return part.translate(MEANT)


def _told(source: Source, at: int, mark: str) -> Diagnostic:
    return text.full_width(Place(source, Span(at, at + 1)), mark, mark.translate(MEANT))
