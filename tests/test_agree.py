"""The interpreter and the runtime agree on random programs and data, row for row and text for text.

`make agree` runs more of them (python -m tests.agree). What ever differed stays in tests/agree/kept.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agree import bugs, kept
from tests.agree.compare import differences, make, shrink

ROOT = Path(__file__).parent.parent
SEEDS = range(12)  # .ci/run runs twenty


@pytest.mark.parametrize("seed", SEEDS)
def test_the_executors_agree(seed: int) -> None:
    case = make(seed, customers=25)
    if differences(case):
        smallest = shrink(case)
        pytest.fail(
            f"seed {seed} at {case.at.isoformat()} for {case.horizon}\n{smallest.text}\n"
            f"customers {smallest.world.customers}\nevents {smallest.world.events}\nledger {smallest.world.ledger}\n"
            + "\n".join(differences(smallest)),
            pytrace=False,
        )


@pytest.mark.parametrize("path", sorted(kept.FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_they_agree_where_they_once_did_not(path: Path) -> None:
    assert differences(kept.load(path)) == []


@pytest.mark.parametrize("bug", bugs.known(), ids=lambda bug: bug.name)
def test_each_known_bug_can_still_be_seeded(bug: bugs.Bug) -> None:
    """`python -m tests.agree --bugs` seeds them and sees each found."""
    assert (ROOT / bug.file).read_text(encoding="utf-8").count(bug.good) == 1
