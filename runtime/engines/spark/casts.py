"""What stands in a column → a number, a day, an instant, a text, as DuckDB reads and writes it. Operands are Spark's SQL.

Of which type a column is, Spark knows when it plans a query: TYPEOF is a constant, and only the branch that is meant is left.
"""

from __future__ import annotations

_WHOLE = 10**17  # beyond, twice the digits of any field
_TIME = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
_DAY = r"[0-9]{1,6}([-/ ])[0-9]{1,2}\\1[0-9]{1,2}"
_OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


def _is(held: str, *types: str) -> str:
    return f"TYPEOF({held}) IN ({', '.join(repr(one) for one in types)})"


def decimal(held: str, type: str, places: int) -> str:
    """A text: digits of ASCII, and `_` between them. A float: its product is rounded, where Spark rounds what it would print."""
    read = f"CAST({held} AS STRING)"
    plain = f"TRY_CAST(REGEXP_REPLACE({read}, '(?<=[0-9])_(?=[0-9])', '') AS {type})"
    text = f"IF({read} RLIKE '[^\\\\x00-\\\\x7f]', NULL, {plain})"
    float = f"TRY_CAST({read} AS DOUBLE)"
    units = f"RINT({float} * {10**places}D)"
    near = f"IF(ABS({units}) < {_WHOLE}0D, CAST({units} AS BIGINT), NULL)"
    rounded = f"TRY_CAST(CAST({near} AS DECIMAL(20,0)) / {10**places} AS {type})"
    return f"CASE WHEN {_is(held, 'string')} THEN {text} WHEN {_is(held, 'double', 'float')} THEN {rounded} ELSE TRY_CAST({held} AS {type}) END"


def date(held: str) -> str:
    """A text: the parts of a day apart by `-`, `/` or blanks, with nothing behind or a time."""
    read = f"CAST({held} AS STRING)"
    parts = [f"REGEXP_EXTRACT({read}, '^([0-9]+).([0-9]+).([0-9]+)', {at})" for at in (1, 2, 3)]
    day = f"CONCAT(LPAD({parts[0]}, 4, '0'), '-', {parts[1]}, '-', {parts[2]})"
    text = f"IF({read} RLIKE '\\\\A{_DAY}([T ]{_TIME})?\\\\z', TRY_CAST({day} AS DATE), NULL)"
    return f"CASE WHEN {_is(held, 'string')} THEN {text} ELSE TRY_CAST({held} AS DATE) END"


def micros(held: str) -> str:
    """Of an instant by the wall clock."""
    text = _clock(f"CAST({held} AS STRING)")
    return f"CASE WHEN {_is(held, 'string')} THEN {text} ELSE {_since(f'TRY_CAST({held} AS TIMESTAMP)')} END"


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
    return f"CASE WHEN {_is(held, 'string')} THEN {text} ELSE {_since(f'TRY_CAST({held} AS TIMESTAMP)')} END"


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
    float = f"TRY_CAST({read} AS DOUBLE)"
    fixed = f"CAST(TRY_CAST({read} AS DECIMAL(38,21)) AS STRING)"
    short = f"REGEXP_REPLACE(REGEXP_REPLACE({fixed}, '0+$', ''), '[.]$', '.0')"
    mantissa = f"REGEXP_REPLACE(REGEXP_EXTRACT({read}, '^(.*)E', 1), '[.]0$', '')"
    power = f"CAST(REGEXP_EXTRACT({read}, 'E(.*)$', 1) AS INT)"
    exponent = f"CONCAT({mantissa}, 'e', IF({power} < 0, '-', '+'), LPAD(CAST(ABS({power}) AS STRING), GREATEST(2, LENGTH(CAST(ABS({power}) AS STRING))), '0'))"
    odd = f"LOWER(REPLACE({read}, 'Infinity', 'inf'))"
    number = f"CASE WHEN {read} NOT LIKE '%E%' THEN {odd} WHEN ABS({float}) >= 1e-4D AND ABS({float}) < 1e16D THEN {short} ELSE {exponent} END"
    return f"CASE WHEN {_is(held, 'double', 'float')} THEN {number} WHEN {_is(held, 'timestamp')} THEN CONCAT({read}, '+00') ELSE {read} END"
