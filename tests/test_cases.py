"""One snapshot of every stage for each small case: syntax tree, findings; model, program and message where there are none.

pytest tests/test_cases.py --snapshot-update      after reading what changed
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from dsl.allowing import judged
from dsl.compiler import Analysis, analyse
from dsl.diagnostics import render
from dsl.model import Expectation, Happened, Trial
from dsl.program.lower import lower
from dsl.settings import Settings
from tests.completing import HERE, TODAY, completed
from tests.readable import bare, declaration, rendered

CASES = HERE / "cases"
GOOD, BAD = sorted(CASES.glob("*/good/*.camp")), sorted(CASES.glob("*/bad/*.camp"))
CUSTOMER = {"surname": "王", "gender": "F", "region": "county", "nickname": None, "preapproved": Decimal(80_000)}
CUSTOMER |= {"assets": Decimal("123456.78"), "birth_date": date(1995, 5, 1), "consent": True}


def named(path: Path) -> str:
    return str(path.relative_to(CASES).with_suffix(""))


def analysed(path: Path) -> Analysis:
    """The case in its place among the preamble's declarations, as a file called case.camp."""
    sources = completed(path.read_text(encoding="utf-8"))
    analysis = analyse(sources)
    return replace(analysis, found=judged(analysis.found, sources, TODAY).found)


def syntax(analysis: Analysis) -> str:
    return "\n".join(declaration(one) for one in analysis.files[0].declarations)


def _trial(trial: Trial) -> str:
    def placeless(one: Happened | Expectation) -> dict[str, object]:
        return {key: value for key, value in vars(one).items() if key != "place"}

    lines = [*trial.customers, *map(placeless, trial.happened), *map(placeless, trial.expected)]
    return "\n".join(
        [f"{trial.title}, {trial.at}", *(json.dumps(one, ensure_ascii=False, default=str) for one in lines)]
    )


@pytest.mark.parametrize("path", GOOD, ids=named)
def test_a_good_case_becomes_this_program(path: Path, snapshot: SnapshotAssertion) -> None:
    analysis = analysed(path)
    assert [render(one) for one in analysis.found] == [] and analysis.model is not None
    program = lower(analysis.model, Settings())
    segments = [f"{name}: {bare(one.test)}" for name, one in analysis.model.segments.items()]
    campaigns = json.dumps(program.model_dump(mode="json")["campaigns"], ensure_ascii=False, indent=1)
    messages = [
        rendered(one.messages[0].template, analysis.model.brand, analysis.model.campaigns[one.name], CUSTOMER)
        for one in program.campaigns
    ]
    policies = [
        json.dumps(one.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
        for one in program.policies
        if one.at.startswith("case.camp")
    ]
    trials = [_trial(one) for one in analysis.model.trials]
    assert "\n\n".join([syntax(analysis), *segments, campaigns, *messages, *policies, *trials]) == snapshot


@pytest.mark.parametrize("path", BAD, ids=named)
def test_a_bad_case_tells_these_mistakes(path: Path, snapshot: SnapshotAssertion) -> None:
    analysis = analysed(path)
    expected = re.match(r"# expect: ((?:CAMP\d{3} ?)+)\n", path.read_text(encoding="utf-8"))
    assert expected and Counter(one.code for one in analysis.found) == Counter(expected[1].split())
    assert {one.source.path for one in analysis.found} == {"case.camp"}
    assert "\n\n".join([syntax(analysis), *(render(one) for one in analysis.found)]) == snapshot


def test_every_topic_has_a_good_and_a_bad_case() -> None:
    assert len(GOOD) + len(BAD) >= 25
    assert {path.parent.parent for path in GOOD} == {path.parent.parent for path in BAD}
    assert len({path.parent.parent.name for path in GOOD}) >= 12
