"""`camp power`: people and days that an experiment needs, of any groups and of a campaign's own."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runtime.experiments.lift import people_needed
from runtime.experiments.power import Wanted, fixed, needed
from tests.plans import BANK, camp

WANTED = ("--base", "2%", "--lift", "0.5%")
PLAIN = 'campaign plain "P" { policy p; kind service; runs 2026-03-01..2026-03-31; audience { consent }; start once'
TESTED = f"""{PLAIN.replace("plain", "tested").replace("service", "benefit")}
  holdout 10%
  arms {{ price 75%; speed 25% }}
  goal view within 36 hours
  message sms {{ text "您好" }}
}}
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    text = BANK.replace("rejects 50%", "control 20%") + TESTED + f'{PLAIN}; message sms {{ text "您好" }} }}\n'
    (tmp_path / "all.camp").write_text(text, encoding="utf-8")
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    return tmp_path


def asked(*arguments: Any) -> Any:
    done = camp("power", *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_two_arms() -> None:
    """Once: 13,809 a group, as tables and calculators have it for 2 % to 2.5 %, 80 %, two-sided 5 %."""
    (one,) = asked(*WANTED, "--per-day", 1500)["experiments"]
    assert one["once"] == {"groups": {"A": 13_809, "B": 13_809}, "people": 27_618, "days": 19}
    assert one["daily"] == {"groups": {"A": 28_426, "B": 28_426}, "people": 56_852, "days": 38}
    lines = camp("power", *WANTED, "--per-day", 1500).output.splitlines()
    assert lines == [
        "arms: from 2% to 2.5%, found with 80% at an error of 5%",
        "  looked at every day: A 28,426; B 28,426; 56,852 people enter; 38 days",
        "  looked at once, at the end: A 13,809; B 13,809; 27,618 people enter; 19 days",
    ]


def test_a_holdout() -> None:
    (one,) = asked(*WANTED, "--holdout", "5%")["experiments"]
    assert one["shares"] == {"treated": "0.95", "holdout": "0.05"}
    assert one["daily"]["people"] == people_needed((0.025, 0.02), (0.95, 0.05), 0.05, 0.8)
    assert one["daily"]["groups"]["holdout"] == -(-one["daily"]["people"] // 20)


def test_a_campaigns_own_groups(bank: Path) -> None:
    """Of all that enter: first the brand's 20 %, then 10 % of the rest, then the arms; each with its pairs and its time."""
    found = asked(bank, "tested", *WANTED)
    assert found["campaign"] == "tested" and found["goal_days"] == 2
    shares = {
        one["kind"]: {name: Decimal(share) for name, share in one["shares"].items()} for one in found["experiments"]
    }
    assert shares == {
        "arms": {"price": Decimal("0.54"), "speed": Decimal("0.18")},
        "holdout": {"treated": Decimal("0.72"), "holdout": Decimal("0.08")},
        "control": {"treated": Decimal("0.72"), "control": Decimal("0.2")},
    }
    by_kind = {one["kind"]: one for one in found["experiments"]}
    both = people_needed((0.025, 0.02), (0.72, 0.08), 0.05, 0.8)
    assert both is not None and by_kind["holdout"]["daily"]["people"] == pytest.approx(both / 0.8, abs=1)
    lines = camp("power", bank, "tested", *WANTED).output.splitlines()
    assert sum(line.startswith("tested · ") for line in lines) == 3
    assert lines[-1] == "  and 2 days more, until everyone's time to reach the goal is over"


def test_a_compiled_program_says_the_same(bank: Path) -> None:
    assert camp("compile", bank, "-o", bank / "program.json").exit_code == 0
    assert asked(bank / "program.json", "tested", *WANTED) == asked(bank, "tested", *WANTED)


def test_several_arms_share_the_error_and_unequal_ones_wait_for_the_smallest() -> None:
    wanted = Wanted(base=Decimal("0.02"), lift=Decimal("0.005"), power=Decimal("0.8"), error=Decimal("0.05"))
    thirds = needed("arms", dict.fromkeys("ABC", Decimal("0.3333")), wanted)
    uneven = needed("arms", {"A": Decimal("0.5"), "B": Decimal("0.25"), "C": Decimal("0.25")}, wanted)
    assert thirds is not None and uneven is not None
    assert thirds.level == 1 - 0.05 / 3 and uneven.daily.people > thirds.daily.people
    assert uneven.once.people == pytest.approx(2 * fixed((0.025, 0.02), (0.25, 0.25), 0.05 / 3, 0.8), abs=1)


def test_either_arm_may_be_the_better_one() -> None:
    """Unequal arms: as many as the harder of both cases needs."""
    sides = [people_needed(rates, (0.9, 0.1), 0.05, 0.8) for rates in ((0.025, 0.02), (0.02, 0.025))]
    wanted = Wanted(base=Decimal("0.02"), lift=Decimal("0.005"), power=Decimal("0.8"), error=Decimal("0.05"))
    for shares in ({"A": Decimal("0.9"), "B": Decimal("0.1")}, {"B": Decimal("0.1"), "A": Decimal("0.9")}):
        found = needed("arms", shares, wanted)
        assert found is not None and sides[0] != sides[1] and found.daily.people == max(one or 0 for one in sides)


def test_more_power_needs_more_people() -> None:
    people = [asked(*WANTED, "--power", power)["experiments"][0]["daily"]["people"] for power in ("50%", "80%", "95%")]
    assert people == sorted(people) and people[0] < people[-1]
    assert asked(*WANTED, "--error", "1%")["experiments"][0]["daily"]["people"] > people[1]


REFUSED = (
    (("--base", "0%", "--lift", "1%"), "leads out of what a share can be", "Let --base"),
    (("--base", "99%", "--lift", "1%"), "leads out of what a share can be", "Let --base"),
    (("--base", "2%", "--lift", "-2%"), "leads out of what a share can be", "Let --base"),
    (("--base", "2%", "--lift", "0%"), "No number of people finds a lift of 0%", "smallest lift"),
    (("--base", "2%", "--lift", "0.0001%"), "needs more people than there are", "larger lift"),
    ((*WANTED, "--power", "100%"), "No test has a power of 100%", "Let --power"),
    ((*WANTED, "--error", "0%"), "an error of 0%", "--error between"),
    ((*WANTED, "--holdout", "100%"), "100% is no holdout", "between 0% and 100%"),
    ((*WANTED, "--holdout", "5%", "--arms", 2), "two experiments", "one after the other"),
    (("BANK", *WANTED), "No campaign is named", "Name it behind the program"),
    (("BANK", "teste", *WANTED), "There is no campaign called teste", "Did you mean tested?"),
    (("BANK", "plain", *WANTED), "neither arms nor a holdout", "Add `holdout 5%`"),
    (("BANK", "tested", *WANTED, "--arms", 2), "says its groups itself", "Leave out"),
    (("nowhere.json", "tested", *WANTED), "nowhere.json cannot be read", "Make one with"),
)


@pytest.mark.parametrize(
    ("arguments", "message", "help"), REFUSED, ids=[" ".join(map(str, one)) for one, *_ in REFUSED]
)
def test_what_cannot_be_asked(arguments: tuple[Any, ...], message: str, help: str, bank: Path) -> None:
    given = [bank if one == "BANK" else one for one in arguments]
    done, chinese = camp("power", *given), camp("--lang", "zh", "power", *given)
    assert done.exit_code == 2 and done.stdout == "" and done.stderr.startswith("error: ")
    assert message in done.stderr and help in done.stderr
    assert chinese.exit_code == 2 and message not in chinese.stderr and help not in chinese.stderr


@pytest.mark.parametrize("share", ["2", "0.02", "x", "2%%", "1e5%", "1000%"])
def test_a_share_has_its_percent_sign(share: str) -> None:
    done = camp("power", "--base", share, "--lift", "1%")
    assert done.exit_code == 2 and (f"{share} is no share" in done.output or "leads out" in done.output)
    assert camp("power", "--base", "2％", "--lift", "1%").exit_code == 0


def test_in_chinese(bank: Path) -> None:
    lines = camp("--lang", "zh", "power", bank, "tested", *WANTED, "--per-day", 100).output.splitlines()
    assert lines[0] == "tested · 分组：从 2% 到 2.5%，发现的概率 80%，误判率 5%"
    assert "  只在结束时看一次：" in lines[2] and lines[-1].endswith("等所有人达成目标的期限都过完")
    assert camp("--lang", "zh", "power", *WANTED).output.startswith("分组：")
