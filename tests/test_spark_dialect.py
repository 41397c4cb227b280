"""Each difference between the engines, asked of both: what DuckDB answers is what is meant."""

from __future__ import annotations

import random
import sys
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
import sqlglot

from dsl.render.segments import BASIC
from runtime.engines.base import Engine
from runtime.relational.refused import ASTRAL
from runtime.relational.render import _BASIC
from tests.sparks import NEEDED, embedded, spark

pytestmark = NEEDED
__all__ = ["embedded", "spark"]

_R = random.Random(1)
TEXTS = [
    "",
    "a",
    "甲乙",
    "😀a",
    "é",
    "e\u0301",
    "a'b",
    'a"b',
    "a\\b",
    "a\nb",
    "a\n",
    "\ta",
    "$1",
    "{a}",
    "%",
    "\u200b",
    "\x01",
    "a&&b",
    "[x]",
]
BLANK = [chr(one) for one in range(1, sys.maxunicode) if unicodedata.category(chr(one)) in ("Zs", "Zl", "Zp", "Cc")]
NUMBERS = [
    *(
        "1",
        "1.005",
        "1.0049999",
        "-1.005",
        "+1.5",
        "1e3",
        "1E3",
        "1e-2",
        ".5",
        "5.",
        "-.5",
        "1_000",
        "1,000",
        "0x1F",
        "1.2.3",
    ),
    *(
        "",
        "-",
        "e3",
        "1e",
        "00012",
        "１２",
        "NaN",
        "inf",
        "Infinity",
        "1d",
        "1f",
        "9999999999999999.99",
        "9999999999999999.995",
    ),
    *(
        "1e400",
        "1e16",
        "1e-400",
        "--1",
        "1 2",
        "1_0.5",
        "1._5",
        "1__0",
        "_1",
        "1_",
        "-0",
        "5e-3",
        "4e-3",
        "1_1_1",
        "1.e2",
        "1e+2",
    ),
]
DAYS = [
    *(
        "2026-03-04",
        "2026-3-4",
        "2026/03/04",
        "2026/3/4",
        "20260304",
        "2026-03",
        "2026",
        "2026-03-04T00:00",
        "2026-03-04 10:00:00",
    ),
    *(
        "2026-03-04 10",
        "2026-03-04 abc",
        "2026-03-04Z",
        "2026-02-30",
        "2026-13-01",
        "0001-01-01",
        "9999-12-31",
        "2026.03.04",
    ),
    *(
        "2026 03 04",
        "2026-03/04",
        "2026-03-04 (BC)",
        "+2026-03-04",
        "2026-03-04T",
        "99-03-04",
        "2026-003-04",
        "2026-03-04+08:00",
    ),
    *(
        "2026-03-0４",
        "1-1-1",
        "001-01-01",
        "2026-03-04 24:00",
        "2026-03-04 25:00",
        "2026-03-04 10:00:61",
        "2024-02-29",
        "2026-0-1",
    ),
    *(
        "2026-03-04 10:0",
        "2026-03-04 10:00:00.",
        "2026-03-04  1:5:5 UTC",
        "2026/3/4T24:00:00.0",
        "2026-03-04 24:00:01",
        "EPOCH",
    ),
    *("2026-03-04 10:00:00.123456789", "2026-03-04 10:00+08", "2026-03-04 10:00Z", "today", "epoch", "2026-03-04x"),
]
CLOCKS = [
    "",
    "T10:30",
    " 1:30",
    "T10:30:05",
    " 10:30:05.1",
    " 10:30:05.1234567",
    "T10:30:05.9999999",
    " 24:00",
    " 24:00:00",
]
CLOCKS += [" 24:00:00.000", " 24:00:01", " 23:59:60", " 10:60", " 00:00:00.000000001", " 24:01"]
INSTANTS = [day + clock for day in ("2026-03-04", "2026/3/4", "2026-02-30", "1970-01-01") for clock in CLOCKS]
OFFSETS = ["Z", "+08", "-08", "+0800", "+08:00", "-03:30", "+15", "+19:00", "+99", "-1559", "+0060", "+08:60", "-00:30"]
ZONED = [
    at + offset for at in ("2026-03-04T10:30", "2026/3/4 1:30:05.1234567", "2026-03-04 24:00:00") for offset in OFFSETS
]
FLOATS = [
    1.005,
    -1.005,
    2.675,
    0.285,
    1.115,
    1e15 + 0.3,
    9.99e15,
    1e16,
    float("inf"),
    -0.0,
    0.005,
    1e-10,
    123456789012.345,
]
FLOATS += [1e-5, 0.0001, 0.00012, 1e100, 1.5e-10, 1e7, 12345678.9, 1e22, 1.0, 0.001, 1e16, 1.5e300, -1e-7, float("nan")]
FLOATS += [_R.uniform(-1e6, 1e6) for _ in range(500)] + [_R.randrange(10**9) / 1000 + 0.0005 for _ in range(500)]
WHOLE = [0, 1, -1, 7, -7, 99, 100, 999, 1000, 1234567, -1234567, 10**15]
MICROS = [0, 1, 1_500_000, 1_772_586_000_000_000, 1_772_586_000_123_456, 4_102_444_800_000_000]
AMOUNTS = [
    Decimal(one) for one in ("0", "0.50", "-0.50", "1.20", "12345.67", "-12345.67", "9999999999999999.99", "100")
]

CASES: list[tuple[str, str, list[Any]]] = [
    ("strlen(x)", "VARCHAR", TEXTS),
    ("length(x)", "VARCHAR", TEXTS),
    ("suffix(x, 'b')", "VARCHAR", TEXTS),
    ("prefix(x, 'a')", "VARCHAR", TEXTS),
    ("substring(x, 1, 1)", "VARCHAR", TEXTS),
    ("right(x, 2)", "VARCHAR", TEXTS),
    ("repeat('*', length(x))", "VARCHAR", TEXTS),
    ("trim(x)", "VARCHAR", [f"{one}a{one}" for one in BLANK]),
    ("rtrim(x, '0')", "VARCHAR", ["100", "0", "1.50", "", "a"]),
    ("lower(x)", "VARCHAR", ["YES", "Y", "是", "True"]),
    ("concat('a', x, 3)", "VARCHAR", [*TEXTS, None]),
    ("concat_ws(', ', x, 'b')", "VARCHAR", [*TEXTS, None]),
    ("x || 'b'", "VARCHAR", [*TEXTS, None]),
    ("sha256(x)", "VARCHAR", TEXTS),
    ("to_base64(unhex(substring(sha256(x), 1, 18)))", "VARCHAR", TEXTS),
    ("CAST('0x' || substring(sha256(x), 1, 15) AS BIGINT) % 10000", "VARCHAR", TEXTS),
    ("x < '!'", "VARCHAR", [*TEXTS, " ", "~", "\U0001f600", "\uffee"]),
    ("regexp_matches(x, 'a$')", "VARCHAR", TEXTS),
    ("regexp_matches(x, '^a')", "VARCHAR", TEXTS),
    ("regexp_matches(x, '[&&b]')", "VARCHAR", TEXTS),
    ("regexp_matches(x, '[[x]')", "VARCHAR", TEXTS),
    (f"regexp_matches(x, '{ASTRAL}')", "VARCHAR", TEXTS),
    (f"regexp_matches(x, '{_BASIC}')", "VARCHAR", [*TEXTS, *BASIC]),
    (r"regexp_matches(x, '[\^{}\\\[~\]|€\f]')", "VARCHAR", [*TEXTS, *"^{}\\[~]|€\f"]),
    ("regexp_full_match(x, '[0-9]{1,18}')", "VARCHAR", ["1", "1\n", "", "a1", "1" * 19, "１"]),
    ("regexp_replace(x, '[ -]', '', 'g')", "VARCHAR", ["1-2 3", "", "--"]),
    (r"regexp_replace(x, '^(\+|00)86', '')", "VARCHAR", ["008612", "+86+86", "86"]),
    ("regexp_replace(x, '先生$|女士$|^客户$', '')", "VARCHAR", ["王先生", "客户", "王先生\n", "先生女士"]),
    ("replace(x, 'a', '$1')", "VARCHAR", TEXTS),
    ("replace(x, chr(10), '\\n')", "VARCHAR", TEXTS),
    ("TRY_CAST(x AS DECIMAL(18,2))", "VARCHAR", NUMBERS),
    ("TRY_CAST(x AS DECIMAL(18,6))", "VARCHAR", NUMBERS),
    ("TRY_CAST(x AS DECIMAL(18,2))", "DOUBLE", FLOATS),
    ("TRY_CAST(x AS DECIMAL(18,6))", "DOUBLE", FLOATS),
    ("TRY_CAST(x AS DECIMAL(18,2))", "BIGINT", WHOLE),
    ("CAST(x AS VARCHAR)", "BIGINT", WHOLE),
    ("CAST(x AS VARCHAR)", "DECIMAL(18,2)", AMOUNTS),
    ("CAST(h_x AS VARCHAR)", "DOUBLE", FLOATS),
    (
        "CASE WHEN TRY_CAST(x AS DATE) BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN TRY_CAST(x AS DATE) END",
        "VARCHAR",
        DAYS,
    ),
    ("epoch_us(TRY_CAST(x AS TIMESTAMP))", "VARCHAR", INSTANTS),
    ("epoch_us(TRY_CAST(x AS TIMESTAMPTZ))", "VARCHAR", ZONED),
    ("CAST(make_timestamp(x) AS VARCHAR)", "BIGINT", MICROS),
    ("CAST(make_timestamp(x) AS DATE)", "BIGINT", MICROS),
    ("strftime(make_timestamp(x), '%Y-%m-%dT%H:%M:%S')", "BIGINT", MICROS),
    ("epoch_us(make_timestamp(x))", "BIGINT", MICROS),
    ("CAST(date_diff('day', DATE '1970-01-01', CAST(make_timestamp(x) AS DATE)) AS BIGINT)", "BIGINT", MICROS),
    ("x // 3", "BIGINT", WHOLE),
    ("x % 3", "BIGINT", WHOLE),
    ("format('{:,}', abs(x))", "BIGINT", WHOLE),
    ("lpad(CAST(abs(x) AS VARCHAR), 6, '0')", "BIGINT", WHOLE),
    ("greatest(x, NULL, 5)", "BIGINT", WHOLE),
    ("x IS NOT DISTINCT FROM NULL", "BIGINT", [*WHOLE, None]),
    ("CAST(trunc(x) AS BIGINT)", "DECIMAL(18,2)", AMOUNTS),
    ("rtrim(rtrim(CAST(CAST(x AS DECIMAL(38,6)) * 100 AS VARCHAR), '0'), '.')", "DECIMAL(18,2)", AMOUNTS),
    ("CAST(CAST(x AS DECIMAL(38,4)) * 10000 AS BIGINT)", "DECIMAL(18,2)", AMOUNTS[:-2]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} of {case[1]}"[:60])
def test_both_say_the_same(case: tuple[str, str, list[Any]], spark: Engine, embedded: Engine) -> None:
    said, type, values = case
    name = "h_x" if "h_x" in said else "x"
    answers = []
    for engine in (embedded, spark):
        engine.insert("t", {"i": "BIGINT", name: type}, list(enumerate(values)))
        found = engine.rows(sqlglot.parse_one(f"SELECT i, {said} AS y FROM t ORDER BY i", read="duckdb"))
        answers.append({repr(values[i]): y for i, y in found})
    assert answers[1] == answers[0]


QUERIES = (
    "SELECT i FROM t ORDER BY x, i",
    "SELECT i FROM t ORDER BY x DESC, i",
    "SELECT i FROM t QUALIFY row_number() OVER (PARTITION BY x ORDER BY i DESC) = 1 ORDER BY i",
    "SELECT x, count(*), min(i), sum(i) FROM t GROUP BY x ORDER BY x",
    "SELECT * EXCLUDE (x) FROM t ORDER BY i",
    "SELECT count(DISTINCT (i, x)) FROM t",
    "SELECT min(x), max(x) FROM t",
    "SELECT i, lag(i, 1) OVER (ORDER BY x, i) FROM t ORDER BY i",
    "SELECT i, 1 AS n FROM t WHERE i > 2 UNION ALL SELECT i, 2 AS n FROM t WHERE x = 'a' ORDER BY i, n",
    "SELECT count(*), count(DISTINCT r) FROM (SELECT row_number() OVER () AS r FROM t)",
    "SELECT i FROM t WHERE NOT EXISTS (SELECT 1 FROM t AS o WHERE o.x = t.x AND o.i > t.i) ORDER BY i",
)


@pytest.mark.parametrize("query", QUERIES)
def test_both_order_and_group_alike(query: str, spark: Engine, embedded: Engine) -> None:
    values = [*TEXTS, None, "a", None, "\uffee", "\U0001f600"]
    answers = []
    for engine in (embedded, spark):
        engine.insert("t", {"i": "BIGINT", "x": "VARCHAR"}, list(enumerate(values)))
        answers.append(engine.rows(sqlglot.parse_one(query, read="duckdb")))
    assert answers[1] == answers[0]


def test_many_tests_of_one_table_are_one_pass(spark: Engine) -> None:
    from runtime.engines.spark.dialect import spark as said
    from runtime.engines.spark.dialect import tree

    union = " UNION ALL ".join(f"SELECT i, {n} AS n FROM t WHERE i % {n + 1} = 0" for n in range(5))
    spark.insert("t", {"i": "BIGINT"}, [(i,) for i in range(10)])
    query = sqlglot.parse_one(union, read="duckdb")
    assert said(tree(query)).count("FROM") == 1
    found = spark.rows(sqlglot.parse_one(f"SELECT * FROM ({union}) AS u ORDER BY i, n", read="duckdb"))
    spark.create("many", query)
    kept = spark.rows(sqlglot.parse_one("SELECT * FROM many ORDER BY i, n", read="duckdb"))
    assert kept == found == sorted((i, n) for i in range(10) for n in range(5) if i % (n + 1) == 0)
