"""Each pack has a good campaign, in which nothing is found, and a bad one, in which just this is found."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from dsl import packs
from dsl.compiler import analyse
from dsl.diagnostics import Diagnostic, render
from tests.completing import completed

HERE = Path(__file__).parent / "packs"
FILES = sorted(HERE.glob("*.camp"))


def found(path: Path) -> tuple[str, tuple[Diagnostic, ...]]:
    text = path.read_text(encoding="utf-8")
    return text, analyse(completed(text, "pack.camp")).found


def test_every_pack_has_its_campaigns() -> None:
    assert [path.stem for path in FILES] == sorted(packs.policies())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_good_campaign_is_good_and_the_bad_one_breaks_just_this(path: Path, snapshot: SnapshotAssertion) -> None:
    text, told = found(path)
    expected = re.match(r"# expect: (.*)\n", text)
    assert expected is not None and Counter(one.code for one in told) == Counter(expected[1].split())
    assert f"extends {path.stem} " in text
    bad = text.count("\n", 0, text.index("campaign bad")) + 1
    at_declarations = [one for one in told if one.source.path == "pack.camp" and one.place.line < bad]
    # A fact that a product lacks is told at the product.
    assert {one.code for one in at_declarations} <= {"CAMP517", "CAMP525"}
    assert "\n\n".join(map(render, told)) == snapshot
