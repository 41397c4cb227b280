"""Phones in the data → E.164. What is plainly a mobile number of the bank's own country is read by the engine, with the
pattern that the phonenumbers library knows for it; everything else is read by that library, one distinct text at a time."""

from __future__ import annotations

import re
from functools import partial

from sqlglot import exp

from runtime.engines.base import Engine, Rows
from runtime.relational.sql import both, call, case, cast, col, concat, named, negated, table, text

_COLUMNS = {"raw": "VARCHAR", "e164": "VARCHAR", "problem": "VARCHAR"}


def prepare(engine: Engine, source: str, column: str, region: str, name: str = "phones") -> None:
    """The table `name`: every text of a column with its E.164 form, or the problem with it."""
    there = negated(exp.Is(this=col(column), expression=exp.null()))
    distinct = exp.select(named(col(column), "raw")).distinct().from_(table(source)).where(there)
    read = exp.select(col("raw"), named(plain(col("raw"), region), "e164")).from_(distinct.subquery("d"))
    engine.create(f"plain_{name}", read)
    odd(engine, exp.select("raw").from_(table(f"plain_{name}")).where("e164 IS NULL"), region, f"odd_{name}")
    known = exp.select("raw", "e164", named(cast(exp.null(), "VARCHAR"), "problem")).from_(table(f"plain_{name}"))
    rest = exp.select("*").from_(table(f"odd_{name}"))
    engine.create(name, exp.union(known.where("e164 IS NOT NULL"), rest, distinct=False))


def odd(engine: Engine, texts: exp.Select, region: str, name: str) -> int:
    """The table `name`: texts that the engine cannot read, as the library does; how many there are."""
    engine.mapped(name, _COLUMNS, texts, partial(_parsed, region))
    ((count,),) = engine.rows(exp.select("count(*)").from_(table(name)))
    return int(count)


def _parsed(region: str, texts: Rows) -> Rows:
    return ((raw, *parse(raw, region)) for (raw,) in texts)


def parse(raw: str, region: str) -> tuple[str | None, str | None]:
    """(E.164, None), or (None, why not)."""
    import phonenumbers as library

    try:
        number = library.parse(raw, region or None)
    except library.NumberParseException:
        return None, "is no phone number"
    if not library.is_valid_number(number):
        return None, "is no valid phone number"
    mobile = (library.PhoneNumberType.MOBILE, library.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if library.number_type(number) not in mobile:
        return None, "is no mobile number"
    return library.format_number(number, library.PhoneNumberFormat.E164), None


def plain(raw: exp.Expr, region: str) -> exp.Expr:
    """The E.164 form of a mobile number written with or without its country code, blanks and hyphens; else NULL."""
    import phonenumbers as library

    metadata = library.PhoneMetadata.metadata_for_region(region, None) if region else None
    if metadata is None or metadata.mobile is None or metadata.mobile.national_number_pattern is None:
        return cast(exp.null(), "VARCHAR")
    code, pattern = str(metadata.country_code), text(f"^(?:{metadata.mobile.national_number_pattern})$")
    dialled = re.match(metadata.international_prefix or "$", f"00{code}")
    prefix = r"^(\+|00)" if dialled and dialled.end() == 2 else r"^\+"
    digits = exp.RegexpReplace(this=raw, expression=text("[ -]"), replacement=text(""), modifiers=text("g"))
    national = exp.RegexpReplace(this=digits, expression=text(prefix + code), replacement=text(""))
    fits = exp.RegexpLike(this=national, expression=pattern)
    # Most are nothing but the national number, of which nothing has to be taken off.
    coded = call("prefix", raw.copy(), text(f"00{code}"))
    bare = both(exp.RegexpLike(this=raw.copy(), expression=pattern.copy()), negated(coded))
    head = text(f"+{code}")
    return case([(bare, concat([head, raw.copy()])), (fits, concat([head.copy(), national.copy()]))], exp.null())
