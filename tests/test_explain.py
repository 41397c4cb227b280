"""`camp explain`: every reason with its line and the least that would change it, and what was written beside what is found."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from syrupy.assertion import SnapshotAssertion

from dsl.catalog import DERIVED, REASONS
from dsl.program.load import load
from runtime.cli.compile import compiled
from runtime.engines import open_engine
from runtime.explain import shown
from runtime.explain.explain import There, look
from runtime.explain.needed import used
from runtime.explain.recorded import summary
from runtime.relational.match import Matching
from runtime.spoken import Speaker
from tests.agree.compare import make as made
from tests.banks import csv
from tests.completing import HERE
from tests.explained import PEOPLE, explain, key, make, parts
from tests.explained import text as bank_text
from tests.plans import AT, camp
from tests.test_lang import left

# Reason → who meets it, in which campaign.
CANDIDATES = {
    "left": ("left", "sent"),
    "exit": ("exit", "steps"),
    "late": ("late", "stale"),
    "no_consent": ("silent", "sent"),
    "opted_out": ("gone", "sent"),
    "no_address": ("nowhere", "sent"),
    "no_confirmation": ("confirmed", "confirmed"),
    "duplicate_address": ("twin", "sent"),
    "no_opening": ("narrow", "narrow"),
    "horizon": ("tuesday", "tuesday"),
    "blocked": ("blocked", "sent"),
    "global": ("control", "sent"),
    "holdout": ("held", "held"),
    "too_long": ("long", "long"),
    "banned_word": ("named", "named"),
    "cap": ("capped", "sent"),
    "budget": ("spender", "spent"),
    "pace": ("slow60x", "slow"),
}
# Who → campaign: nothing has started.
NOTHING = {
    "audience": "audience",
    "again": "again",
    "once": "sent",
    "future": "future",
    "past": "past",
    "stale": "stale",
    "count": "count",
    "never": "never",
    "followed": "followed",
    "monthly": "monthly",
    "born": "born",
}
DRAWN = {"control": "control", "held": "holdout"}


def who(name: str) -> str:
    return key(name, DRAWN.get(name, ""))


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("explained"))


@pytest.fixture(scope="module")
def there(bank: Path) -> Iterator[There]:
    """Everybody at once: the command's way, and loading, take their time."""
    program = load((bank / "program.json").read_text("utf-8"))
    engine = open_engine("duckdb")
    yield look(engine, program, summary(bank / "out"), bank / "out", bank / "data", [*PEOPLE])
    engine.close()


def told(there: There, name: str, *campaigns: str, lang: str = "en") -> tuple[str, list[dict[str, Any]]]:
    """As text and as JSON; without the place of the project, and without who has the same phone."""
    speaker, names = Speaker(lang), campaigns or tuple(one.name for one in there.program.campaigns)
    found = replace(there.told(who(name), names, (), speaker), sharing=())
    place = there.program.campaigns[0].at.rsplit("/", 1)[0]
    return "\n".join(shown.lines(found, speaker)).replace(f"{place}/", ""), shown.as_json(found)["parts"]


@pytest.mark.parametrize("reason", CANDIDATES)
def test_a_reason_is_told(reason: str, there: There, snapshot: SnapshotAssertion) -> None:
    name, campaign = CANDIDATES[reason]
    text, parts = told(there, name, campaign)
    assert text == snapshot
    (found,) = [one for one in parts if one["step"] == "entry"]
    assert found["reason"] == reason and found["agrees"] and found["recorded"]["reason"] == reason
    (stops,) = [one for one in found["gates"] if not one["passed"]]
    assert stops is found["gates"][-1] and stops["said"] and found["rule"] == found["recorded"]["rule"]
    assert stops["rule"] == found["rule"] and len(found["change"]) >= 1


def test_every_reason_of_the_catalogue_is_told_here() -> None:
    assert {*REASONS} - CANDIDATES.keys() == {"audience"} and "audience" in NOTHING


@pytest.mark.parametrize("name", NOTHING)
def test_why_nothing_has_started(name: str, there: There, snapshot: SnapshotAssertion) -> None:
    text, (found,) = told(there, name, NOTHING[name])
    assert text == snapshot
    assert found["outcome"] == "none" and found["recorded"] is None and found["agrees"] and found["change"]
    assert found["reason"] == ("audience" if name == "audience" else "start")


@pytest.mark.parametrize("name", ["sent", "steps"])
def test_what_is_sent_and_what_follows(name: str, there: There, snapshot: SnapshotAssertion) -> None:
    assert told(there, name, name)[0] == snapshot


def test_every_campaign_is_told_where_none_is_named(there: There) -> None:
    _, found = told(there, "never")
    assert len({one["campaign"] for one in found}) == 20 and {one["outcome"] for one in found} == {"none"}


def test_the_keys_of_json_are_always_the_same(bank: Path, there: There) -> None:
    found = [one for name in ("steps", "capped", "never", "audience") for one in told(there, name)[1]]
    keys = {
        "campaign",
        "step",
        "occurrence",
        "outcome",
        "reason",
        "rule",
        "at",
        "gates",
        "change",
        "recorded",
        "agrees",
    }
    assert all(one.keys() == keys for one in found)
    gates = [gate for one in found for gate in one["gates"]]
    assert all(gate.keys() == {"gate", "passed", "rule", "said", "tests"} for gate in gates)
    tests = [test for gate in gates for test in gate["tests"]]
    assert tests and all(test.keys() == {"test", "holds", "met", "tests"} for test in tests)
    said = json.loads(explain(bank, who("sent"), "--format", "json").output)
    assert said.keys() == {"customer", "run", "same_program", "left_out", "sharing", "parts"}
    assert (
        said["sharing"] == [who("twin")] and said["same_program"] and said["run"]["at"] == "2026-03-04T01:00:00+00:00"
    )


def test_the_command_tells_the_same_of_whom_it_has_loaded_alone(bank: Path, there: There) -> None:
    for name in ("sent", "capped", "slow60x"):
        assert parts(bank, who(name)) == json.loads(json.dumps(told(there, name)[1]))


def test_no_phone_is_shown(bank: Path) -> None:
    outputs = [
        explain(bank, who(name), *form).output for name in ("sent", "twin") for form in ((), ("--format", "json"))
    ]
    assert all("0000001" not in one for one in outputs) and all("+86****0001" in one for one in outputs)


# Chinese


@pytest.mark.parametrize("name", [*(one[0] for one in CANDIDATES.values()), *NOTHING, "sent", "steps"])
def test_it_is_told_whole_in_chinese(name: str, there: There) -> None:
    text, _ = told(there, name, lang="zh")
    users = {word for part in (bank_text(), name, *CANDIDATES) for word in re.findall("[A-Za-z]{3,}", part)}
    assert left(text) - users == set() and left(text) < users


def test_errors_are_told_in_chinese(bank: Path) -> None:
    assert (
        explain(bank, "k9", lang="zh").output == "错误：数据里没有客户 k9\n  = 帮助：请按客户文件里的写法填写编号。\n"
    )
    assert "没有叫 sentt 的活动" in explain(bank, "k9", "--campaign", "sentt", lang="zh").output


# What cannot be explained


@pytest.mark.parametrize(
    ("customer", "more", "message", "help"),
    [
        ("nobody", (), "The data have no customer nobody", "Write the key as it stands in the customers file."),
        (who("sent").upper(), (), "The data have no customer SENT", f"Did you mean {who('sent')}?"),
        ("bad", (), "The row of customer bad is refused: phone is no", "Mend it (`camp data check` shows it)"),
        ("bad", ("--campaign", "stepps"), "There is no campaign called stepps", "Did you mean steps?"),
        ("bad", ("--campaign", "cheese"), "There is no campaign called cheese", "Known: again, audience"),
    ],
)
def test_whom_or_what_there_is_not(customer: str, more: tuple[str, ...], message: str, help: str, bank: Path) -> None:
    told = explain(bank, customer, *more)
    assert told.exit_code == 2 and told.output.startswith(f"error: {message}") and f"  = help: {help}" in told.output


def test_folders_that_are_not_what_they_should_be(bank: Path, tmp_path: Path) -> None:
    def told(out: Path, program: Path, data: Path) -> str:
        done = camp("explain", out, program, "--data", data, "--customer", who("sent"))
        assert done.exit_code == 2 and "Traceback" not in done.output and "  = help: " in done.output
        return done.output

    out, program, data = bank / "out", bank / "program.json", bank / "data"
    assert "cannot be read: No such file" in told(tmp_path, program, data)
    (tmp_path / "summary.json").write_text("{}", encoding="utf-8")
    assert "is no summary of a run" in told(tmp_path, program, data)
    (tmp_path / "summary.json").write_bytes((out / "summary.json").read_bytes())
    assert "outcomes.parquet cannot be read" in told(tmp_path, program, data)
    assert "There is no folder" in told(out, program, tmp_path / "none")
    assert "none.json cannot be read" in told(out, tmp_path / "none.json", data)


# What the run wrote, beside what is found now


def changed(bank: Path, **columns: Any) -> None:
    """The run's row of who is sent to, with other values."""
    path = bank / "out" / "outcomes.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    for row in rows:
        if row["customer"] == who("sent"):
            row |= columns
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


@pytest.fixture
def own(bank: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(bank, tmp_path / "own"))


def test_what_was_recorded_otherwise_is_shown(own: Path) -> None:
    changed(own, outcome="suppressed", reason="no_consent", rule="all.camp:1", at=None)
    output = explain(own, who("sent"), "--campaign", "sent").output
    assert f"{who('sent')}, sent entry: send at 2026-03-04 10:00" in output
    assert output.endswith(
        "  The run recorded otherwise: suppressed (no_consent) (all.camp:1).\n  The data have changed since.\n"
    )
    (found,) = parts(own, who("sent"), "--campaign", "sent")
    assert not found["agrees"] and found["recorded"]["reason"] == "no_consent" and found["reason"] is None


def test_what_was_recorded_and_is_nothing_now_is_shown(own: Path) -> None:
    changed(own, occurrence="7")
    first, second = parts(own, who("sent"), "--campaign", "sent")
    assert (first["outcome"], first["recorded"], first["agrees"]) == ("send", None, False)
    assert (second["outcome"], second["occurrence"], second["agrees"]) == ("none", "7", False)
    output = explain(own, who("sent"), "--campaign", "sent").output
    assert "  The run recorded nothing of it.\n" in output and "recorded otherwise: send at 2026-03-04 10:00" in output


def test_data_that_have_changed_are_noticed(own: Path) -> None:
    csv(own / "data/events/opted_out.csv", "customer,at", f"{who('sent')},2026-01-01T04:00Z")
    (found,) = parts(own, who("sent"), "--campaign", "sent")
    assert (found["reason"], found["recorded"]["outcome"], found["agrees"]) == ("opted_out", "send", False)


def test_another_program_is_noticed(own: Path) -> None:
    path = own / "bank/all.camp"
    path.write_text(path.read_text("utf-8").replace("limit 1 segments", "limit 2 segments"), encoding="utf-8")
    assert camp("compile", own / "bank", "-o", own / "program.json", "-q").exit_code == 0
    output = explain(own, who("long"), "--campaign", "long").output
    assert output.startswith("This is not the program that the run was made with")
    assert "recorded otherwise: suppressed (too_long)" in output and "The program is another one, or" in output


def test_a_run_without_a_campaign_is_the_same_program(own: Path) -> None:
    arguments = ("--data", own / "data", "--at", AT, "--for", "1d", "-o", own / "out", "-q", "--without", "spent")
    assert camp("plan", own / "program.json", *arguments).exit_code == 0
    output = explain(own, who("sent")).output
    assert output.startswith("The run did without spent.\n") and "not the program" not in output
    wrong = explain(own, who("sent"), "--campaign", "spent")
    assert wrong.exit_code == 2 and "The run did without the campaign spent" in wrong.output


def test_who_is_gone_from_the_data_was_known_to_the_run(own: Path) -> None:
    path = own / "data/customers.csv"
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(f"{who('sent')},")]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = explain(own, who("sent"))
    assert told.exit_code == 2 and f"have no customer {who('sent')} any more" in told.output


# Which events are read


def test_no_event_that_matching_asks_for_is_passed_over() -> None:
    for seed in range(30):
        program = made(seed, customers=1).program
        assert Matching(program).used - DERIVED.keys() <= used(program)
    program = compiled(HERE.parent / "campaigns")
    assert Matching(program).used - DERIVED.keys() == used(program)
