"""Phones in the data → E.164. What is plainly a mobile number of the bank's own country is read by the engine, with the
pattern that the phonenumbers library knows for it; everything else is read by that library, one distinct text at a time."""

from __future__ import annotations

import re

from sqlglot import exp

from runtime.engines.base import Engine
from runtime.relational.sql import case, cast, col, concat, named, negated, table, text

_COLUMNS = {"raw": "VARCHAR", "e164": "VARCHAR", "problem": "VARCHAR"}


def prepare(engine: Engine, source: str, column: str | None, region: str, name: str = "phones") -> None:
    """The table `name`: every text of a column with its E.164 form, or the problem with it."""
    if column is None:
        engine.insert(name, _COLUMNS, [])
        return
    distinct = (
        exp.select(named(col(column), "raw"))
        .distinct()
        .from_(table(source))
        .where(negated(exp.Is(this=col(column), expression=exp.null())))
    )
    plain = _plain(region)
    engine.create(f"plain_{name}", exp.select(col("raw"), named(plain, "e164")).from_(distinct.subquery("d")))
    odd = exp.select("raw").from_(table(f"plain_{name}")).where("e164 IS NULL")
    read = [(raw, *parse(raw, region)) for (raw,) in engine.rows(odd)]
    engine.insert(f"odd_{name}", _COLUMNS, read)
    known = exp.select("raw", "e164", named(cast(exp.null(), "VARCHAR"), "problem")).from_(table(f"plain_{name}"))
    odd = exp.select("*").from_(table(f"odd_{name}"))
    engine.create(name, exp.union(known.where("e164 IS NOT NULL"), odd, distinct=False))


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


def _plain(region: str) -> exp.Expr:
    """The E.164 form of a mobile number written with or without its country code, blanks and hyphens; else NULL."""
    import phonenumbers as library

    metadata = library.PhoneMetadata.metadata_for_region(region, None) if region else None
    if metadata is None or metadata.mobile is None or metadata.mobile.national_number_pattern is None:
        return cast(exp.null(), "VARCHAR")
    code = str(metadata.country_code)
    dialled = re.match(metadata.international_prefix or "$", f"00{code}")
    prefix = r"^(\+|00)" if dialled and dialled.end() == 2 else r"^\+"
    digits = exp.RegexpReplace(this=col("raw"), expression=text("[ -]"), replacement=text(""), modifiers=text("g"))
    national = exp.RegexpReplace(this=digits, expression=text(prefix + code), replacement=text(""))
    fits = exp.RegexpLike(this=national, expression=text(f"^(?:{metadata.mobile.national_number_pattern})$"))
    return case([(fits, concat([text(f"+{code}"), national.copy()]))], exp.null())
