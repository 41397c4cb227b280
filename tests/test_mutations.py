"""Single mistakes in good files are told once and where they are; tests/mutations.py measures all of them."""

from __future__ import annotations

from tests.completing import completed
from tests.mutations import Mistake, judge, measure


def test_a_sample_of_single_mistakes_is_told_once_and_in_its_place() -> None:
    found = measure(every=150, seed=3)
    assert len(found) > 25
    assert sum(one.touched for one in found) / len(found) >= 0.93
    assert sum(one.errors == 1 for one in found) / len(found) >= 0.88


def test_the_measure_sees_what_misses() -> None:
    text = "event a { page text }\nevent b { page text }\n"
    far = judge(Mistake("delete", text.replace("b { page text", "b { page txt"), 0, 1), completed(text)[1:])
    near = judge(Mistake("delete", text.replace("b { page text", "b { page txt"), 37, 37), completed(text)[1:])
    assert (far.touched, near.touched, near.errors) == (False, True, 1)
