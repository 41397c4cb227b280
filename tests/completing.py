"""Small examples made whole: what they do not declare themselves comes from preamble.camp."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from dsl.allowing import judged
from dsl.compiler import analyse
from dsl.diagnostics import Diagnostic
from dsl.parser.parse import parse
from dsl.source import Source
from dsl.syntax.tree import Declaration

HERE = Path(__file__).parent
PREAMBLE = Source("preamble.camp", (HERE / "preamble.camp").read_text(encoding="utf-8"))


# Comments that allow something until a day are asked on this one.
TODAY = date(2026, 3, 1)


def told(text: str, path: str = "case.camp", today: date = TODAY) -> list[Diagnostic]:
    """What stands of an example's findings, once its comments have been asked."""
    sources = completed(text, path)
    return list(judged(analyse(sources).found, sources, today).found)


def completed(text: str, path: str = "case.camp") -> list[Source]:
    """The example and the preamble without what the example declares: of brand and customer there is one each."""
    own = {_identity(declaration) for declaration in parse(Source(path, text))[0].declarations}
    kept = [one for one in parse(PREAMBLE)[0].declarations if _identity(one) not in own]
    rest = "\n".join(PREAMBLE.text[one.span.start : one.span.end] for one in kept)
    return [Source(path, text), Source(PREAMBLE.path, rest)]


def campaign(body: str = "", copy: str = 'text "Hello"') -> str:
    """A whole campaign of the preamble's bank. A statement of `body` stands instead of the one of its keyword here."""
    usual = {
        "policy": "policy rules",
        "kind": "kind benefit",
        "runs": "runs 2026-03-01..2026-03-31",
        "audience": "audience { assets > 1 CNY }",
        "start": "start once",
        "message": f"message sms {{ {copy} }}",
    }
    words = {line.split()[0] for line in body.splitlines() if line.strip()}
    rest = [statement for word, statement in usual.items() if word not in words]
    return "campaign c {\n" + "\n".join([*rest, body]) + "\n}\n"


def _identity(declaration: Declaration) -> tuple[str, str]:
    one_each = declaration.kind in ("brand", "customer") or declaration.name is None
    return declaration.kind, "" if one_each or declaration.name is None else declaration.name.text
