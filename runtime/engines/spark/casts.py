"""What stands in a column → a number, a day, an instant, a text, as DuckDB reads and writes it. Operands are Spark's SQL.

Of which type a column is, Spark knows when it plans a query: TYPEOF is a constant, and only the branch that is meant is left.
"""

from __future__ import annotations

_WHOLE = 10**18  # no field has more digits
_TIME = "([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9]([.][0-9]*)?)?|24:00(:00([.]0*)?)?"
_ZONE = "(Z|UTC|[+-][0-9]{2}(:?[0-9]{2}(:[0-9]{2})?)?)"
_DAY = r"[0-9]{1,6}([-/ ])[0-9]{1,2}\\1[0-9]{1,2}"
_OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


def _of_type(held: str, otherwise: str, **ways: str) -> str:
    """What is meant for each type; otherwise for all others."""
    whens = " ".join(f"WHEN '{type}' THEN {way}" for type, way in ways.items())
    return f"CASE TYPEOF({held}) {whens} ELSE {otherwise} END"


def decimal(held: str, type: str, places: int) -> str:
    """A text: digits of ASCII, and `_` between them. A float: its product is rounded, where Spark rounds what it would print."""
    read = f"CAST({held} AS STRING)"
    plain = f"TRY_CAST(REGEXP_REPLACE({read}, '(?<=[0-9])_(?=[0-9])', '') AS {type})"
    text = f"IF({read} RLIKE '[^\\\\x00-\\\\x7f]', NULL, {plain})"
    exact = f"(TRY_CAST({read} AS DOUBLE) * {10**places}D)"
    whole = f"RINT(ABS({exact}))"  # of two that are as near the even one; away from zero is meant
    units = f"(({whole} + IF(ABS({exact}) - {whole} = 0.5D, 1D, 0D)) * SIGN({exact}))"
    near = f"IF({whole} < {_WHOLE}D, CAST({units} AS BIGINT), NULL)"
    rounded = f"TRY_CAST(CAST({near} AS DECIMAL(20,0)) / {10**places} AS {type})"
    return _of_type(held, f"TRY_CAST({held} AS {type})", string=text, double=rounded, float=rounded)


def date(held: str) -> str:
    """A text: the parts of a day apart by `-`, `/` or blanks, with nothing behind or a time; where that is does not matter."""
    read = f"CAST({held} AS STRING)"
    parts = [f"REGEXP_EXTRACT({read}, '^([0-9]+).([0-9]+).([0-9]+)', {at})" for at in (1, 2, 3)]
    day = f"CONCAT(LPAD({parts[0]}, 4, '0'), '-', {parts[1]}, '-', {parts[2]})"
    known = f"{read} RLIKE '\\\\A{_DAY}((T| +)({_TIME})( ?{_ZONE})?)?\\\\z'"
    text = f"CASE WHEN {known} THEN TRY_CAST({day} AS DATE) WHEN LOWER({read}) = 'epoch' THEN DATE '1970-01-01' END"
    return _of_type(held, f"TRY_CAST({held} AS DATE)", string=text)


def micros(held: str) -> str:
    """Of an instant by the wall clock."""
    text = _clock(f"CAST({held} AS STRING)")
    return _of_type(held, _since(f"TRY_CAST({held} AS TIMESTAMP)"), string=text)


def micros_with_offset(held: str) -> str:
    """Of an instant with what it is apart from UTC, which may be any number of hours and minutes."""
    read = f"CAST({held} AS STRING)"
    offset = f"REGEXP_EXTRACT({read}, '{_OFFSET}\\\\z', 1)"
    hours, minutes = (
        f"CAST(COALESCE(NULLIF(SUBSTRING(REPLACE({offset}, ':', ''), {at}, 2), ''), '0') AS BIGINT)" for at in (2, 4)
    )
    size = f"({hours} * 60 + {minutes}) * 60000000"
    shift = f"CASE WHEN {offset} RLIKE '^[+]' THEN {size} WHEN {offset} RLIKE '^-' THEN -({size}) ELSE 0 END"
    clock = _clock(f"REGEXP_REPLACE({read}, '{_OFFSET}\\\\z', '')")
    text = f"IF({read} RLIKE '{_OFFSET}\\\\z', {clock} - {shift}, NULL)"
    return _of_type(held, _since(f"TRY_CAST({held} AS TIMESTAMP)"), string=text)


def _clock(read: str) -> str:
    """A day may be written with `/`; its end is an instant of it."""
    dashed = f"REPLACE({read}, '/', '-')"
    ends = f"{dashed} RLIKE '[T ]24:00(:00([.]0*)?)?\\\\z'"
    begins = f"REGEXP_REPLACE({dashed}, '([T ])24:', '$100:')"
    day = _since(f"CAST(TRY_CAST({begins} AS TIMESTAMP_NTZ) AS TIMESTAMP)")
    return f"IF({ends}, {day} + 86400000000, {_since(f'CAST(TRY_CAST({dashed} AS TIMESTAMP_NTZ) AS TIMESTAMP)')})"


def _since(instant: str) -> str:
    return f"UNIX_MICROS({instant})"


def as_it_stands(column: str) -> bool:
    """Whether a column shows what stands in a file (runtime/relational/loading.py), of whatever type that is."""
    return column.startswith(("h_", "raw_")) or column == "cost"


def text(held: str) -> str:
    """A float: shortest, fixed from 1e-4 to 1e16. An instant with a zone: with its offset, which is none."""
    read = f"CAST({held} AS STRING)"
    size = f"ABS(TRY_CAST({read} AS DOUBLE))"
    fixed = f"CAST(TRY_CAST({read} AS DECIMAL(38,21)) AS STRING)"
    short = f"REGEXP_REPLACE(REGEXP_REPLACE({fixed}, '0+$', ''), '[.]$', '.0')"
    mantissa = f"REGEXP_REPLACE(REGEXP_EXTRACT({read}, '^(.*)E', 1), '[.]0$', '')"
    sign = f"IF({read} LIKE '%E-%', '-', '+')"
    power = f"REGEXP_REPLACE(REGEXP_EXTRACT({read}, 'E-?([0-9]+)$', 1), '^([0-9])$', '0$1')"
    odd = f"LOWER(REPLACE({read}, 'Infinity', 'inf'))"
    far = f"CONCAT({mantissa}, 'e', {sign}, {power})"
    number = f"CASE WHEN {read} NOT LIKE '%E%' THEN {odd} WHEN {size} >= 1e-4D AND {size} < 1e16D THEN {short} ELSE {far} END"
    return _of_type(held, read, double=number, float=number, timestamp=f"CONCAT({read}, '+00')")
