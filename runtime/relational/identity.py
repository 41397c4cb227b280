"""dsl/identity.py as engine expressions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dsl.identity import BUCKETS
from runtime.relational.sql import call, cast, concat, joined, num, paren, text

Part = exp.Expr | str


def framed(parts: Iterable[Part]) -> exp.Expr:
    """Each part as its length in bytes, a colon and itself; a missing one counts as empty."""
    pieces: list[exp.Expr] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(text(f"{len(part.encode())}:{part}"))
            continue
        shown = cast(part.copy(), "VARCHAR")
        size = exp.Coalesce(this=call("strlen", shown), expressions=[num(0)])
        pieces += [size, text(":"), shown.copy()]
    return joined(pieces)


def digest(*parts: Part) -> exp.Expr:
    return exp.SHA2(this=framed(parts), length=num(256))


def bucket(salt: Part, customer: exp.Expr) -> exp.Expr:
    head = exp.Substring(this=digest(salt, customer), start=num(1), length=num(15))
    number = cast(paren(concat([text("0x"), head])), "BIGINT")
    return paren(exp.Mod(this=paren(number), expression=num(BUCKETS)))


def send_id(*parts: Part) -> exp.Expr:
    return exp.Substring(this=digest(*parts), start=num(1), length=num(32))


def link_code(send: exp.Expr) -> exp.Expr:
    """Nine bytes are twelve characters of base64, of which ten are kept: no padding is met."""
    head = exp.Substring(this=digest("link", send), start=num(1), length=num(18))
    code = call("to_base64", call("unhex", head))
    plain = exp.Substring(this=code, start=num(1), length=num(10))
    # One character at a time: `translate` takes twice as long as both.
    return call("replace", call("replace", plain, text("+"), text("-")), text("/"), text("_"))
