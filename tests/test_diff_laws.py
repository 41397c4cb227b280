"""What a comparison says of random programs is what counting the decisions one by one says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from dsl.program.ir import CampaignSpec, Program
from dsl.program.leave import leave_out
from dsl.terms import Hours, Once, Window
from runtime.difference.compare import compare
from runtime.difference.model import Change, Difference, Sides
from runtime.difference.plans import planned
from runtime.outcomes import KEY
from tests.agree.compare import Case, make

Rows = dict[tuple[str, ...], dict[str, Any]]
# Each program is loosened first, so that it sends; then some of its campaigns are changed.
_ALWAYS = {"begins": date(2020, 1, 1), "ends": date(2030, 12, 31)}
_LOOSE: dict[str, Any] = {"audience": (), "holdout": Decimal(0), "exits": (), "expire": None, **_ALWAYS}
_STARTED: dict[str, Any] = {"start": Once(), "again": None}
_CHANGES: tuple[Callable[[CampaignSpec], dict[str, Any]], ...] = (
    lambda one: {"window": Window("every", (), Hours(600, 1200))},
    lambda one: {"caps": (), "budget": None, "pace": None},
    lambda one: {"messages": tuple(said.model_copy(update={"template": said.template + "!"}) for said in one.messages)},
    lambda one: {"holdout": Decimal("0.3")},
    lambda one: {"priority": 9 - one.priority},
)


def loosened(program: Program) -> Program:
    policies = tuple(one.model_copy(update={"consents": (), "blocks": ()}) for one in program.policies)
    first, *rest = program.campaigns
    campaigns = (first.model_copy(update=_LOOSE | _STARTED), *(one.model_copy(update=_LOOSE) for one in rest))
    return program.model_copy(update={"campaigns": campaigns, "policies": policies})


def made(seed: int) -> Case:
    case = make(seed, customers=60)
    return replace(case, program=loosened(case.program))


def changed(program: Program, r: Random) -> Program:
    """Its campaigns in another way, and maybe one fewer."""
    campaigns = tuple(
        one.model_copy(
            update={key: value for change in _CHANGES if r.random() < 0.4 for key, value in change(one).items()}
        )
        for one in program.campaigns
    )
    other = program.model_copy(update={"campaigns": campaigns, "hash": "other"})
    return leave_out(other, (campaigns[0].name,)) if len(campaigns) > 1 and r.random() < 0.4 else other


def compared(case: Case, new: Program, folder: Path) -> Difference:
    data = folder / "data"
    case.world.write(case.program, data)
    sides = [
        planned(program, data, case.at, case.horizon, folder / name, lambda stage: None)[0]
        for name, program in (("old", case.program), ("new", new))
    ]
    return compare(sides[0], sides[1], samples=2)


def decided(folder: Path) -> Rows:
    """Every decision that was written, a send with its texts."""
    rows = [row for name in ("outcomes", "sends") for row in pq.read_table(folder / f"{name}.parquet").to_pylist()]
    return {tuple(row[name] for name in KEY): row for row in rows}


def sides(before: set[Any], after: set[Any]) -> Sides:
    return Sides(len(before), len(after), len(after - before), len(before - after))


def counted(name: str | None, old: Rows, new: Rows) -> dict[str, Any]:
    """The same numbers, counted one by one; of all campaigns where none is named."""
    before, after = (
        {key: row for key, row in rows.items() if row["outcome"] == "send" and name in (None, key[0])}
        for rows in (old, new)
    )
    both = before.keys() & after.keys()
    said = ("channel", "text", "rich", "confirm_text")
    lost = Counter(
        (new.get(key, {}).get("outcome"), new.get(key, {}).get("reason")) for key in before.keys() - after.keys()
    )
    return {
        "sends": sides({*before}, {*after}),
        "people": sides({key[2] for key in before}, {key[2] for key in after}),
        "moved": sum(before[key]["at"] != after[key]["at"] for key in both),
        "rewritten": sum(any(before[key][one] != after[key][one] for one in said) for key in both),
        "cost": tuple(
            sum((row["cost"] or Decimal(0) for row in rows.values()), Decimal(0)) for rows in (before, after)
        ),
        "lost_to": lost if name else Counter(),
    }


def numbers(change: Change) -> dict[str, Any]:
    lost = Counter({(outcome, reason): count for outcome, reason, count in change.lost_to})
    found = {name: getattr(change, name) for name in ("sends", "people", "moved", "rewritten", "cost")}
    return found | {"lost_to": lost}


def test_a_comparison_counts_what_is_there(tmp_path: Path) -> None:
    seen = Counter[str]()
    for seed in range(20):  # until every kind of change has been met, which three or four programs do
        case, folder = made(seed), tmp_path / str(seed)
        new = changed(case.program, Random(seed))
        found = compared(case, new, folder)
        rows = decided(folder / "old"), decided(folder / "new")
        for change in found.changes:
            assert numbers(change) == counted(change.campaign, *rows), (seed, change.campaign)
            assert sum(count for _, _, count in change.lost_to) == change.sends.lost and len(change.samples) <= 2
        assert numbers(found.total) == counted(None, *rows), seed
        for one in (*found.changes, found.total):
            for ends in (one.sends, one.people):
                assert ends.before + ends.gained - ends.lost == ends.after
        names = [{campaign.name for campaign in program.campaigns} for program in (case.program, new)]
        assert {one.campaign for one in found.changes if one.status == "removed"} == names[0] - names[1]
        total = found.total
        seen += Counter(gained=total.sends.gained, lost=total.sends.lost, moved=total.moved, rewritten=total.rewritten)
        seen += Counter(several=total.sends.before - total.people.before, stayed=total.sends.after - total.sends.gained)
        if len(+seen) == 6:
            break
    assert len(+seen) == 6, seen


@pytest.mark.parametrize("seed", [100])
def test_a_program_against_itself_changes_nothing(seed: int, tmp_path: Path) -> None:
    case = made(seed)
    found = compared(case, case.program, tmp_path)
    assert found.empty and found.total.sends.gained == found.total.sends.lost == found.total.moved == 0
    assert all(not one.samples and not one.lost_to for one in found.changes)
    assert found.total.sends.after == sum(one.sends.after for one in found.changes)
