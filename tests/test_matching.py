"""Audiences over bitmaps and intervals find what the plain relational form finds."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dsl import behaviour as b
from runtime.engines import open_engine
from runtime.execute import execute
from runtime.relational import bitmaps as module
from runtime.relational import intervals, match
from runtime.relational.bitmaps import Bitmaps
from runtime.relational.conditions import condition
from runtime.relational.intervals import Intervals, Ranges, indexed
from runtime.relational.match import Matching
from runtime.relational.sql import FALSE, TYPES, bit, col, every, named, negated, num, paren, some, table
from tests.agree.compare import make

NUMBERS = st.integers(-3, 6).map(lambda n: b.Constant("money", str(Decimal(n) / 2)))
DATES = st.integers(0, 9).map(lambda n: b.Constant("date", str(date(2026, 1, 1) + timedelta(n))))
TEXTS = st.sampled_from(("", "a", "B", "é", "中", "𠮷")).map(lambda text: b.Constant("text", text))
OPERATORS = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))


def asked_of(name: str, constants: st.SearchStrategy[b.Constant]) -> st.SearchStrategy[list[b.Condition]]:
    compared = st.builds(b.Compare, OPERATORS, st.just(b.Field(name)), constants)
    between = st.builds(b.Between, st.just(b.Field(name)), constants, constants)
    return st.lists(st.one_of(compared, between), min_size=3, max_size=8)


@pytest.mark.parametrize("seed", range(12))
def test_bitmaps_and_intervals_find_what_a_query_for_each_campaign_finds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intervals, "WORTH", 1)
    monkeypatch.setattr(match, "_TOGETHER", 7)  # customers: several rounds, and a last one that is not full
    case = make(3_000 + seed, customers=25)
    with tempfile.TemporaryDirectory() as folder:
        case.world.write(case.program, Path(folder))
        run = execute(case.program, Path(folder), case.at, case.horizon)
    engine, matching = run.engine, Matching(case.program)
    tests = matching.audiences()
    engine.create("asked", matching._bits())
    for n, test in enumerate(tests):
        met = exp.select("id").from_(table("matched")).where(f"n = {n}").order_by("id")
        plain = exp.select("id").from_(table("asked")).where(test.copy()).order_by("id")
        assert engine.rows(met) == engine.rows(plain), case.program.campaigns[n].name
    engine.close()


@settings(deadline=None, max_examples=60)
@given(asked_of("x", NUMBERS), asked_of("d", DATES), asked_of("t", TEXTS), st.data())
def test_a_class_tells_what_the_engine_tells(
    numbers: list[b.Condition], dates: list[b.Condition], texts: list[b.Condition], data: st.DataObject
) -> None:
    tests = list(dict.fromkeys([*numbers, *dates, *texts]))
    among = [Intervals(name) for name in ("x", "d", "t")]
    for test in tests:
        asked = test.left if isinstance(test, b.Compare) else test.value
        assert isinstance(asked, b.Field)
        next(one for one in among if one.name == asked.name).tests.append(test)
    rows = [
        (at, *(data.draw(st.one_of(st.none(), kind.map(lambda one: one.value))) for kind in (NUMBERS, DATES, TEXTS)))
        for at in range(12)
    ]
    engine = open_engine("duckdb")
    columns = {"id": "BIGINT", "f_x": TYPES["money"], "f_d": "DATE", "f_t": "VARCHAR"}
    engine.insert("people", columns, rows)
    shown = [named(one.column(), f"k_{one.name}") for one in among]
    plain = [named(condition(test, lambda _: FALSE.copy(), num(0)), f"h{at}") for at, test in enumerate(tests)]
    found = engine.arrays(exp.select(*shown, *plain).from_(table("people")).order_by("id"))
    for at, test in enumerate(tests):
        one = next(one for one in among if test in one.tests)
        assert one.holds(test)[found[f"k_{one.name}"]].tolist() == found[f"h{at}"].tolist(), test
    engine.close()


def test_few_tests_on_a_field_are_left_to_the_engine() -> None:
    five = b.Constant("number", "5")
    tests: list[b.Condition] = [b.Compare(">", b.Field("x"), five), b.Compare("<", b.Field("x"), five)]
    assert indexed(tests) == []
    tests += [b.Between(b.Field("x"), five, five), b.Missing(b.Field("x")), b.Holds(b.Field("consent"))]
    tests += [b.Compare("=", b.Field("consent"), b.Constant("flag", "yes"))] * 3
    (found,) = indexed(tests)
    assert found.name == "x" and found.tests == tests[:3]


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**62 - 1), max_size=200), st.integers(0, 61), st.integers(0, 61))
def test_rows_of_bits_are_the_words_turned(words: list[int], one: int, other: int) -> None:
    bitmaps = Bitmaps({"w0": np.array(words, np.int64)}, len(words))
    first, second = (bit(col("w0"), 1 << at) for at in (one, other))
    both = exp.EQ(
        this=paren(exp.BitwiseAnd(this=col("w0"), expression=num(1 << one | 1 << other))), expression=num(1 << one)
    )
    asked = {
        "set": (first, lambda word: word >> one & 1),
        "not": (negated(first.copy()), lambda word: not word >> one & 1),
        "every": (
            paren(every([first.copy(), negated(second)])),
            lambda word: word >> one & 1 and not word >> other & 1,
        ),
        "some": (some([first.copy(), negated(second.copy())]), lambda word: word >> one & 1 or not word >> other & 1),
        "masked": (both, lambda word: word & (1 << one | 1 << other) == 1 << one),
        "all": (exp.true(), lambda word: True),
        "none": (exp.false(), lambda word: False),
    }

    ids = np.arange(len(words), dtype=np.int32) * 3 + 5  # a number may be missing between two

    def told(row: module.Row) -> list[int]:
        found = np.empty(int(np.bitwise_count(row).sum()), np.int32)
        module.decode(row, ids, found)
        return found.tolist()

    for name, (test, holds) in asked.items():
        wanted = [int(ids[at]) for at, word in enumerate(words) if holds(word)]
        assert told(bitmaps.matching(test)) == wanted, name
        if find_spec("numba"):  # compiled, as for many customers, whose words lie beside others
            beside = np.stack([np.full(len(words), -1), words, np.full(len(words), -1)], axis=1).astype(np.int64)
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(module, "MANY", 0)
                assert told(Bitmaps({"w0": beside[:, 1]}, len(words)).matching(test)) == wanted, name


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**62 - 1), max_size=200), st.lists(st.integers(0, 61), max_size=6))
def test_those_who_meet_several_tests_are_told_in_pieces_of_any_size(words: list[int], bits: list[int]) -> None:
    ids = np.arange(len(words), dtype=np.int32) * 2
    tests = [bit(col("w0"), 1 << at) for at in bits]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_PIECE", 5)
        pieces, sizes = module.matched(tests, ids, {"w0": np.array(words, np.int64)}, {})
    met = [[2 * who for who, word in enumerate(words) if word >> at & 1] for at in bits]
    assert sizes == [len(one) for one in met]
    assert [int(who) for piece in pieces for who in piece] == [who for one in met for who in one]


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), max_size=200), st.lists(st.booleans(), min_size=7, max_size=7))
def test_who_lies_in_classes_is_a_row_of_bits(classes: list[int], holds: list[bool]) -> None:
    row = Ranges(np.array(classes, np.int16)).row(np.array(holds))
    assert len(row) == -(-len(classes) // 64)
    told = np.unpackbits(row.view(np.uint8), bitorder="little")
    assert told[: len(classes)].tolist() == [holds[one] for one in classes]
    assert not told[len(classes) :].any()


@pytest.mark.parametrize("ids", [[], [0], [3, 4, 5], [3, 5, 6], [3, 5, 4, 6], [6, 5, 4]])
def test_rows_are_read_by_their_numbers_whether_some_are_missing_or_not(ids: list[int]) -> None:
    words = np.arange(10) * 10
    assert words[match._places(np.array(ids, np.int32))].tolist() == [one * 10 for one in ids]
