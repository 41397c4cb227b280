"""`camp diff`: what it says of a changed program, in every format, and what it cannot use."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from syrupy.assertion import SnapshotAssertion

from tests.plans import AT, BANK, camp, held, make, plan
from tests.test_lang import left

EXTRA = """campaign extra "E" { policy p; kind service; runs 2026-03-01..2026-03-31
  audience { assets < 30 CNY }
  start once
  message sms { text "Hi" }
}
"""
# What is changed in the bank → what a reviewer has to see of it.
CHANGED = (
    BANK.replace('campaign rich "R"', 'campaign wealthy "R" formerly rich')
    .replace("assets >= 100 CNY", "assets >= 150 CNY")
    .replace("window 10:00-11:00", "window 14:00-15:00")
    .replace("campaign nobody", EXTRA + "campaign nobody")
)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    bank = make(tmp_path)
    written(bank, CHANGED)
    return bank


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`out`: the plan of the bank; `after`, and `csv` in that format: of the changed one."""
    bank = make(tmp_path_factory.mktemp("plans"))
    written(bank, CHANGED)
    plan(bank)
    plan(bank, program="new.json", out="after")
    plan(bank, "--output-format", "csv", program="new.json", out="csv")
    return bank


def written(bank: Path, text: str, name: str = "new") -> None:
    shutil.copytree(bank / "bank", bank / name, dirs_exist_ok=True)
    (bank / name / "all.camp").write_text(text, encoding="utf-8")
    assert camp("compile", bank / name, "-o", bank / f"{name}.json").exit_code == 0


def diff(bank: Path, *more: Any, old: str = "program.json", new: str = "new.json") -> Result:
    return camp("diff", bank / old, bank / new, "--data", bank / "data", "--at", AT, *more)


def written_plans(plans: Path, *more: Any, old: str = "out", new: str = "after") -> Result:
    return camp("diff", plans / old, plans / new, *more)


def said(bank: Path, *more: Any, **names: str) -> dict[str, Any]:
    result = diff(bank, "--format", "json", *more, **names)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def of(found: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = (one for one in found["campaigns"] if one["campaign"] == name)
    return dict(one)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_what_is_said_of_a_change(form: str, plans: Path, snapshot: SnapshotAssertion) -> None:
    result = written_plans(plans, "--format", form, "--samples", 3)
    assert result.exit_code == 0
    assert re.sub(r'"program": "\w+"', '"program": "…"', result.output) == snapshot


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_what_is_said_of_a_change_in_chinese(form: str, plans: Path, snapshot: SnapshotAssertion) -> None:
    output = written_plans(plans, "--lang", "zh", "--format", form, "--samples", 3).output
    assert output == snapshot
    names = {"extra", "seen", "wealthy", "rich", "suppressed", "cap", "details", "summary", "diff", "https", "example"}
    assert left(re.sub(r"https://\S+|Hi", "", output)) <= names


def test_no_phone_and_no_text_is_shown_unless_it_is_asked_for(plans: Path) -> None:
    for form in ("text", "json", "markdown"):
        bare = written_plans(plans, "--format", form).output
        assert "rich" in bare and re.search(r"example/|1380000|\+86", bare) is None
        shown = written_plans(plans, "--format", form, "--samples", 100).output
        assert "+86****0004" in shown and "1380000" not in shown


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_program_against_itself(form: str, bank: Path) -> None:
    before = held(bank)
    mark = "**" if form == "markdown" else ""
    expected = f"{mark}Nothing changes: 5 messages to 5 people, cost 0.25 CNY{mark}\n"
    assert diff(bank, "--format", form, "--samples", 9, new="program.json").output == expected
    assert diff(bank, "--format", form, old="bank", new="bank").output == expected
    assert held(bank) == before


def test_other_words_or_another_channel_rewrite_a_message(bank: Path) -> None:
    written(bank, BANK.replace("你好", "您好"))
    found = said(bank, "--samples", 1)
    seen = of(found, "seen")
    assert (seen["sends"], seen["status"]) == (
        {"before": 1, "after": 1, "gained": 0, "lost": 0, "moved": 0, "rewritten": 1},
        "kept",
    )
    (sample,) = seen["samples"]
    before, after = sample["before"]["text"], sample["after"]["text"]
    assert (sample["what"], before[:2], after[:2], before[2:] == after[2:]) == ("rewritten", "你好", "您好", True)
    assert of(found, "rich")["samples"] == [] and found["total"]["sends"]["rewritten"] == 1


def test_a_campaign_under_another_name_is_the_same(bank: Path) -> None:
    """Its links are others, for they are made of its name; its words are not."""
    written(bank, BANK.replace('campaign rich "R"', 'campaign wealthy "R" formerly rich'))
    found = said(bank, "--samples", 9)
    wealthy = of(found, "wealthy")
    assert (wealthy["status"], wealthy["formerly"], wealthy["samples"]) == ("renamed", "rich", [])
    assert wealthy["sends"] == {"before": 4, "after": 4, "gained": 0, "lost": 0, "moved": 0, "rewritten": 0}
    assert [one["campaign"] for one in found["campaigns"]] == ["nobody", "seen", "wealthy"]
    other = BANK.replace('campaign rich "R"', 'campaign wealthy "R" formerly rich').replace(
        'default("-") }}', 'default("-") }}!'
    )
    written(bank, other)
    assert of(said(bank), "wealthy")["sends"]["rewritten"] == 4


def test_a_campaign_without_formerly_is_another_one(bank: Path) -> None:
    written(bank, BANK.replace("campaign rich", "campaign wealthy"))
    found = said(bank)
    rich, wealthy = of(found, "rich"), of(found, "wealthy")
    assert (rich["status"], rich["sends"]["lost"], wealthy["status"], wealthy["sends"]["gained"]) == (
        "removed",
        4,
        "added",
        4,
    )
    assert rich["lost_to"] == [{"outcome": None, "reason": None, "count": 4}]
    assert found["total"]["people"] == {"before": 5, "after": 5, "gained": 0, "lost": 0}


def test_a_price_alone_is_a_change(bank: Path) -> None:
    written(bank, BANK.replace("cost sms 0.05 CNY", "cost sms 0.06 CNY"))
    lines = diff(bank).output.splitlines()
    assert lines[0] == "People: 5 → 5 (+0 -0); messages: 5 → 5 (+0 -0); cost: 0.25 → 0.30 CNY"
    assert [line.split()[0] for line in lines[4:6]] == ["rich", "seen"] and lines[-1] == "1 campaign unchanged"
    written(bank, BANK.replace("CNY", "USD"))
    assert diff(bank).output.splitlines()[2].endswith("cost CNY → USD")


def test_markdown_stays_text_whatever_a_message_says(bank: Path) -> None:
    written(bank, BANK.replace('"你好 {{ link }}"', '"""```` </details> | **x** @all\n{{ link }}"""'))
    output = diff(bank, "--format", "markdown", "--samples", 1).output
    fence = "`" * 5
    assert output.count(f"\n{fence}") == 2 and output.count("\n</details>\n") == 1
    inside = output.split(f"{fence}diff\n")[1].split(f"\n{fence}")[0]
    assert "+   ```` </details> | **x** @all" in inside and "+   https://" in inside


# Folders that are written already


def test_two_plans_are_compared_as_they_are(plans: Path) -> None:
    expected = said(plans, "--samples", 5)
    for after in ("after", "csv"):
        result = written_plans(plans, "--format", "json", "--samples", 5, new=after)
        assert result.exit_code == 0 and json.loads(result.stdout) == expected
    assert written_plans(plans, old="csv").output.startswith("Nothing changes: 5 messages")


# What cannot be used


def unusable(result: Result) -> str:
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit), result.output
    assert result.stdout == "" and result.stderr.count("\n") == 2 and "\n  = help: " in result.stderr, result.output
    return result.stderr.splitlines()[0].removeprefix("error: ")


def test_inputs_that_do_not_go_together(plans: Path) -> None:
    bank = plans
    out, program = bank / "out", bank / "program.json"
    assert unusable(camp("diff", out, program, "--data", bank / "data", "--at", AT)).endswith("and the other is none")
    assert unusable(camp("diff", out, out, "--at", AT)) == "Both are plans that are written, and are not run again"
    assert unusable(camp("diff", program, program, "--data", bank / "data")).startswith("No instant is named")
    assert unusable(camp("diff", program, program, "--at", AT)) == "No data folder is named"
    assert unusable(diff(bank, new="none.json")).endswith("none.json cannot be read: No such file or directory")
    assert unusable(camp("diff", program, program, "--data", bank / "none", "--at", AT)).startswith(
        "There is no folder"
    )


def test_a_project_with_errors_is_nothing_to_compare(bank: Path) -> None:
    (bank / "new/all.camp").write_text(CHANGED.replace("did view", "did vew"), encoding="utf-8")
    result = diff(bank, new="new")
    assert result.exit_code == 2 and "There is no event called `vew`" in result.stderr and result.stdout == ""


WHOLE: dict[str, Any] = {"program": "a", "at": "b", "until": "c", "currency": "CNY", "campaigns": [], "formerly": {}}
SPOILT = [
    "{",
    "[]",
    "{}",
    *(json.dumps(WHOLE | more) for more in ({"campaigns": [1]}, {"campaigns": 1}, {"formerly": 1})),
]


@pytest.mark.parametrize("written", SPOILT)
def test_a_summary_that_is_none(written: str, plans: Path, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(written, encoding="utf-8")
    assert unusable(camp("diff", plans / "out", tmp_path)) == f"{tmp_path}/summary.json is no summary of a run"


def test_tables_that_are_none_or_of_another_run(plans: Path) -> None:
    bank = plans
    shutil.copytree(bank / "out", bank / "broken")
    (bank / "broken/sends.parquet").write_bytes(b"PAR1")
    assert "broken/sends.parquet cannot be read" in unusable(camp("diff", bank / "out", bank / "broken"))
    (bank / "broken/sends.parquet").unlink()
    assert "broken/sends.parquet cannot be read" in unusable(camp("diff", bank / "out", bank / "broken"))
    shutil.copy(bank / "after/sends.parquet", bank / "broken/sends.parquet")
    strange = unusable(camp("diff", bank / "out", bank / "broken"))
    assert re.fullmatch("The summary of a plan does not know its campaign (extra|wealthy)", strange)
