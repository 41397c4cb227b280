"""What the engine says of texts and keys by itself: segments, banned words, identities. The truth is in dsl/."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dsl import identity as truth
from dsl.program.judged import judged, said
from dsl.render.segments import BASIC, EXTENDED, segments
from dsl.templates import copy
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.relational import identity
from runtime.relational.copy import Copy
from runtime.relational.render import _segments
from runtime.relational.sql import col, table, text
from runtime.relational.suspicion import suspicion
from tests.banks import program

law = settings(max_examples=40, database=None, deadline=None)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("duckdb")
    yield engine
    engine.close()


def asked(engine: Engine, shown: exp.Expr, rows: list[str]) -> list[object]:
    """An expression over the column `text` of some rows."""
    engine.insert("rows", {"n": "INTEGER", "text": "VARCHAR"}, list(enumerate(rows)))
    try:
        return [row[0] for row in engine.rows(exp.select(shown).from_(table("rows")).order_by(col("n")))]
    finally:
        engine._run('DROP TABLE "rows"')  # type: ignore[attr-defined]


GSM = "".join(char for char in BASIC if char not in "\r\n")
ALPHABETS = (GSM, BASIC, BASIC + EXTENDED, "王é€", GSM + "王", "🔥👨‍👩a王", "^€", BASIC + "ç`’“ \t\u2028\ufeff")


@st.composite
def messages(draw: st.DrawFn) -> str:
    """Texts around the lengths at which the count of segments changes."""
    edge = draw(st.sampled_from((0, 1, 35, 67, 70, 76, 80, 134, 153, 160, 201, 306, 459)))
    size = max(0, edge + draw(st.integers(-2, 2)))
    alphabet = draw(st.sampled_from(ALPHABETS))
    start = draw(st.text(alphabet, max_size=size))
    return start + draw(st.sampled_from(alphabet)) * (size - len(start)) + draw(st.text(alphabet, max_size=2))


@law
@given(st.lists(messages(), min_size=20, max_size=40))
def test_segments_are_counted_as_by_hand_or_left_to_python(engine: Engine, rows: list[str]) -> None:
    for fixed in ("", "a", "王"):  # what always stands in the text decides which alphabet is asked about
        mine = [fixed + row for row in rows]
        found = asked(engine, _segments((copy.Text(fixed), copy.Show(("customer", "surname")))), mine)
        left = {row for row, count in zip(mine, found, strict=True) if count is None}
        assert found == [None if row in left else segments(row) for row in mine]
        assert all(any(char in EXTENDED or ord(char) > 0xFFFF for char in row) for row in left)


POLICY = program(
    """
brand b "B" { zone "UTC"; currency CNY }
customer { id key }
policy p { ban "保证", "必过" except "保证金", "不必过度" because "x"; ban "aa" except "aab" because "y"
  ban "免审", "最快{number}小时" because "z"; ban "低息", "5%" unless "年化{number}", "apr" because "u"
  ban "free" except "so free", "3free" because "l" }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-12-31
  audience { id != "" }
  start once
  message sms { text "Hi" }
}
"""
).policies[0]
# Letters of the words, hidden ones, marks; what excuses a word, and what takes the excuse away.
LETTERS = [*"保证金a不必过度免審审b·\u200b\u200d\u20e3🔥，。 ａ1快低息%5frex吗是", "保证金", "不必过度"]
EXCUSED = ["不承诺必过", "不会免审", "难道", "要", "年化3", "apr", "so free", "3free", "free", "低息", "不", "小时"]
PIECES = st.lists(st.sampled_from([*LETTERS, *EXCUSED]), max_size=5).map("".join)


def flawed(written: str) -> bool:
    return any(said(POLICY.bans, judged(written, None)))


def suspected(engine: Engine, parts: tuple[copy.Part, ...], rows: list[list[str]], base: str = "text") -> list[object]:
    """Rows of values of `v0` and `v1`."""
    names = ("v0", "v1")
    held = {("customer", name): (col(name), base) for name in names}
    shown = suspicion(POLICY.bans, Copy(held, exp.null(), {}), [parts])
    engine.insert(
        "rows", {"n": "INTEGER", "v0": "VARCHAR", "v1": "VARCHAR"}, [(at, *row) for at, row in enumerate(rows)]
    )
    try:
        return [row[0] for row in engine.rows(exp.select(shown).from_(table("rows")).order_by(col("n")))]
    finally:
        engine._run('DROP TABLE "rows"')  # type: ignore[attr-defined]


@law
@given(
    st.lists(PIECES, min_size=2, max_size=3),
    st.lists(st.lists(PIECES, min_size=2, max_size=2), min_size=8, max_size=16),
    st.booleans(),
    st.sampled_from(["text", "text", "number"]),
)
def test_a_banned_word_that_a_value_completes_is_suspected(
    engine: Engine, fixed: list[str], values: list[list[str]], branch: bool, base: str
) -> None:
    if base == "number":
        values = [[str(len(value)) for value in pair] for pair in values]
    parts: list[copy.Part] = []
    for at, written in enumerate(fixed):
        parts += [copy.Text(written)] + ([copy.Show(("customer", f"v{at}"))] if at < len(fixed) - 1 else [])
    if branch:
        parts.append(copy.Choice(copy.Truthy(("customer", "v0")), (copy.Text("保证金"),), (copy.Text("b"),)))
    values = [*values, ["", ""]] if base == "text" else values
    rows = []
    for pair in values:
        middle = "".join(text + value for text, value in zip(fixed, [*pair[: len(fixed) - 1], ""], strict=True))
        rows.append(middle + (("保证金" if pair[0] else "b") if branch else ""))
    found = suspected(engine, tuple(parts), values, base)
    assert [row for row, suspect in zip(rows, found, strict=True) if flawed(row) and not suspect] == []


V = copy.Show(("customer", "v0"))


@pytest.mark.parametrize(
    ("parts", "values", "found"),
    [
        ((copy.Text("保证金"), V, copy.Text("不必过度")), ["王", "免", "免審", "ａ", ""], [False, True, True, True, False]),
        ((copy.Text("贷款"), V, copy.Text("欢迎")), ["王", "", "·"], [False, False, False]),
        # A word around a variable: whatever it shows, the empty text says it.
        ((copy.Text("必"), V, copy.Text("过")), ["王", ""], [True, True]),
        # What is fixed is suspect in every text: a comment has allowed it, and a run allows nothing.
        ((copy.Text("必过"), V), ["王"], [True]),
        # An excuse counts only where no value can come between.
        ((copy.Text("不"), V, copy.Text("必过度")), ["王"], [True]),
        ((copy.Text("最快"), V, copy.Text("小时")), ["王", "1"], [False, True]),
        # A denial in the same run is one, until something before it or behind the word takes it back.
        ((V, copy.Text("不承诺必过")), ["王", "难道", "難", " "], [False, True, True, True]),
        ((copy.Text("不承诺必过"), V), ["王", "吗", "a"], [False, True, True]),
        # A phrase in Latin letters ends where these end.
        ((copy.Text("低息 apr"), V), ["王", "s"], [False, True]),
        ((V, copy.Text("so free")), ["王", "x"], [False, True]),
        # Two variables of which neither has a value are as none.
        ((copy.Text("必"), V, copy.Show(("customer", "v1")), copy.Text("过")), ["王"], [True]),
        # A joiner makes one mark of two.
        ((copy.Text("必🔥"), V, copy.Text("🔥🔥过")), ["王", "\u200d"], [False, True]),
    ],
    ids=["fixed", "honest", "around", "allowed", "excuse", "number", "denied", "doubted", "apr", "edge", "two", "joiner"],
)  # fmt: skip
def test_nobody_is_suspected_without_a_reason(
    engine: Engine, parts: tuple[copy.Part, ...], values: list[str], found: list[bool]
) -> None:
    assert suspected(engine, parts, [[value, ""] for value in values]) == found


@pytest.mark.parametrize(("behind", "found"), [("小时", True), ("次", False)])
def test_numbers_are_judged_once_for_all(engine: Engine, behind: str, found: bool) -> None:
    parts = (copy.Text("最快"), V, copy.Text(behind))
    assert suspected(engine, parts, [["1", ""]], "number") == [found]


KEYS = st.text(max_size=20) | st.sampled_from(["", "客户1", "🔥", "a:b", "1:a", "é" * 100, "\0"])


@law
@given(st.lists(KEYS, min_size=20, max_size=40), st.text(max_size=5))
def test_identities_are_those_of_python(engine: Engine, keys: list[str], salt: str) -> None:
    drawn = identity.bucket(text(truth.framed(salt)), col("text"))
    assert asked(engine, drawn, keys) == [truth.bucket(salt, key) for key in keys]
    assert asked(engine, identity.digest(salt, col("text")), keys) == [truth.digest(salt, key) for key in keys]
    made = identity.send_id(text(truth.framed(salt, "entry")), col("text"), col("text"), "sms", "message")
    assert asked(engine, made, keys) == [truth.send_id(salt, "entry", key, key, "sms") for key in keys]


def test_buckets_are_evenly_filled(engine: Engine) -> None:
    found = asked(
        engine, identity.bucket(text(truth.framed("control")), col("text")), [f"C{at:05}" for at in range(20_000)]
    )
    tenths = [sum(1 for bucket in found if bucket // 1_000 == tenth) for tenth in range(10)]  # type: ignore[operator]
    assert sum(tenths) == 20_000 and min(tenths) > 1_850 and max(tenths) < 2_150
