"""dsl/identity.py as engine expressions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dsl.identity import BUCKETS, LinkKey
from runtime.engines.base import Engine
from runtime.relational.sql import call, cast, col, concat, joined, num, paren, text

Part = exp.Expr | str


def framed(parts: Iterable[Part], head: exp.Expr | None = None) -> exp.Expr:
    """Each part as its length in bytes, a colon and itself; a missing one counts as empty. head: what stands before all."""
    pieces: list[exp.Expr] = [] if head is None else [head]
    for part in parts:
        if isinstance(part, str):
            pieces.append(text(f"{len(part.encode())}:{part}"))
            continue
        shown = cast(part.copy(), "VARCHAR")
        size = exp.Coalesce(this=call("strlen", shown), expressions=[num(0)])
        pieces += [size, text(":"), shown.copy()]
    return joined(pieces)


def digest(*parts: Part, head: exp.Expr | None = None) -> exp.Expr:
    return exp.SHA2(this=framed(parts, head), length=num(256))


def bucket(salt: exp.Expr, customer: exp.Expr) -> exp.Expr:
    """salt: framed (dsl/identity.py), as a text or a column."""
    head = exp.Substring(this=digest(customer, head=salt), start=num(1), length=num(15))
    number = cast(paren(concat([text("0x"), head])), "BIGINT")
    return paren(exp.Mod(this=paren(number), expression=num(BUCKETS)))


def send_id(of: exp.Expr, *parts: Part) -> exp.Expr:
    """of: the campaign and the step, framed; parts: what follows them."""
    return exp.Substring(this=digest(*parts, head=of), start=num(1), length=num(32))


def keep_link_key(engine: Engine, key: LinkKey) -> None:
    """The table `link_key`: a secret that stands in a table stands in no query, and so in no log and no error of an engine."""
    engine.insert("link_key", {"head": "VARCHAR", "characters": "INTEGER"}, [(key.head, key.characters)])


def link_code(send: exp.Expr, attempt: Part) -> exp.Expr:
    """Of a row that is joined with `link_key`. Nine bytes are twelve characters of base64, of which ten are kept: no padding."""
    keyed = framed([attempt, send], col("head", "link_key"))
    head = exp.Substring(this=exp.SHA2(this=keyed, length=num(256)), start=num(1), length=num(18))
    code = call("to_base64", call("unhex", head))
    plain = exp.Substring(this=code, start=num(1), length=col("characters", "link_key"))
    # One character at a time: `translate` takes twice as long as both.
    return call("replace", call("replace", plain, text("+"), text("-")), text("/"), text("_"))
