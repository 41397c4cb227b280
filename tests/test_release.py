"""What is due goes once, if it is still right: each reason to cancel, pauses, lateness, and what the caps count afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.banks import csv
from tests.ledgers import BANK, happened, make, messages, plan, release, rows, sends, twice, write
from tests.plans import camp, table

MORNING, NOON = "2026-03-04T10:30+08:00", "2026-03-04T12:30+08:00"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    folder = make(tmp_path)
    assert plan(folder, 4).exit_code == 0
    return folder


def outcome(bank: Path, step: str, customer: str) -> tuple[str, str | None]:
    return next(row[3:] for row in sends(bank) if row[:3] == ("offer", step, customer))


def test_what_is_due_goes_once_and_what_is_not_waits(bank: Path) -> None:
    first, again = release(bank, MORNING), release(bank, MORNING)
    assert "9 due: 9 released, 0 cancelled" in first.stderr and "0 due" in again.stderr and messages(again) == []
    second = release(bank, NOON)
    told = messages(first) + messages(second)
    planned = {row["send_id"]: row for row in table(bank, "sends")}
    assert {one["send_id"] for one in told if one["role"] == "message"} == set(planned) and not twice(told)
    for one in told:
        if one["role"] == "message":
            row = planned[one["send_id"]]
            assert (one["text"], one["recipient"], one["channel"]) == (row["text"], row["recipient"], row["channel"])


def test_a_confirmation_goes_behind_its_message(bank: Path) -> None:
    told = messages(release(bank, MORNING))
    roles = [one["role"] for one in told]
    assert roles == ["message"] * 9 + ["confirmation"] * 4
    planned = {row["confirm_id"]: row["confirm_text"] for row in table(bank, "sends") if row["confirm_id"]}
    assert {one["send_id"]: one["text"] for one in told[9:]} == planned
    assert {one["channel"] for one in told[9:]} == {"wechat"}


REASONS = {
    "exit": ("applied", "k2,2026-03-04T11:00+08:00", ("expired", "exit")),
    "left": ("clicked", "k2,2026-03-04T11:00+08:00", ("expired", "left")),
    "opted_out": ("opted_out", "k2,2026-03-04T11:00+08:00", ("expired", "opted_out")),
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_has_happened_since_is_asked(bank: Path, reason: str) -> None:
    name, line, expected = REASONS[reason]
    release(bank, MORNING)
    happened(bank, name, line)
    done = release(bank, NOON)
    assert "1 cancelled" in done.stderr and reason in done.stderr
    assert {one["customer"] for one in messages(done)} == {"k1", "k4", "k5", "k6", "k7"}
    assert outcome(bank, "more", "k2") == expected


def test_what_has_happened_later_is_not_seen(bank: Path) -> None:
    release(bank, MORNING)
    happened(bank, "clicked", "k2,2026-03-04T12:31+08:00")
    assert "0 cancelled" in release(bank, NOON).stderr


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("k2,13800000002,200,no,no", "no_consent"),
        ("k2,13800000099,200,yes,no", "no_address"),  # another number: whose it is now, nobody knows
        ("k2,,200,yes,no", "no_address"),
        ("k2,13800000001,200,yes,no", "duplicate_address"),
        (None, "left"),  # no customer any more
    ],
)
def test_customers_are_looked_at_again(bank: Path, row: str | None, reason: str) -> None:
    lines = (bank / "data/customers.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines[1:] if not line.startswith("k2,")] + ([row] if row else [])
    csv(bank / "data/customers.csv", lines[0], *kept)
    done = release(bank, MORNING)
    assert "1 cancelled" in done.stderr and reason in done.stderr, done.stderr
    assert "k2" not in {one["customer"] for one in messages(done)}
    assert outcome(bank, "entry", "k2") == ("expired", reason)


def test_what_has_missed_its_window_is_not_sent_late(bank: Path) -> None:
    done = release(bank, "2026-03-04T11:00+08:00")  # windows are half-open: 11:00 is too late
    assert "7 cancelled" in done.stderr and "no_opening" in done.stderr
    assert {one["campaign"] for one in messages(done)} == {"seen"}


def test_a_cancelled_send_leaves_the_caps_and_the_budget(tmp_path: Path) -> None:
    more = BANK.replace("cap 2 per day", "cap 1 per 5 days").replace("again after 10 days", "again after 1 day")
    bank = make(tmp_path, more)
    plan(bank, 4)
    assert outcome(bank, "entry", "k1") == ("send", None)
    release(bank, "2026-03-04T11:30+08:00")  # all of the offers are late
    assert outcome(bank, "entry", "k1") == ("expired", "no_opening")
    plan(bank, 6)  # they would be refused by the cap until the 9th
    assert outcome(bank, "entry", "k1")[0] == "expired"
    fresh = [row for row in table(bank, "sends") if row["customer"] == "k1" and row["step"] == "entry"]
    assert [row["occurrence"] for row in fresh] == ["2"]


def test_a_pause_holds_back_and_a_resume_lets_go(bank: Path) -> None:
    camp("pause", "offer", "--ledger", bank / "l.duckdb")
    done = release(bank, MORNING)
    assert {one["campaign"] for one in messages(done)} == {"seen"}
    assert "offer is paused: 7 wait" in done.stderr
    camp("resume", "offer", "--ledger", bank / "l.duckdb")
    assert "7 due: 7 released" in release(bank, "2026-03-04T10:45+08:00").stderr


def test_what_an_older_program_decided_is_asked_as_it_said(bank: Path) -> None:
    release(bank, MORNING)
    write(bank, BANK.replace(" unless clicked", "").replace("again {{ link }}", "anew {{ link }}"))
    plan(bank, at="2026-03-04T10:40+08:00")
    happened(bank, "clicked", "k2,2026-03-04T11:00+08:00")
    done = release(bank, NOON)
    assert {one["text"].split()[0] for one in messages(done)} == {"again"}
    assert outcome(bank, "more", "k2") == ("expired", "left")


def test_plans_of_days_before_are_released_too(bank: Path) -> None:
    plan(bank, at="2026-03-04T09:30+08:00", out="later")
    assert "9 due: 9 released" in release(bank, MORNING, out="later").stderr


def test_releases_go_forwards(bank: Path) -> None:
    release(bank, MORNING)
    back = release(bank, "2026-03-04T10:29+08:00")
    assert back.exit_code == 2 and "The last release was at 2026-03-04T02:30:00Z" in back.output


def test_who_refused_has_to_be_known(bank: Path) -> None:
    happened(bank, "opted_out", "k2,yesterday")
    done = release(bank, MORNING)
    assert done.exit_code == 2 and done.stdout == "" and "it is not known who refused" in done.stderr
    assert rows(bank, "SELECT count(*) FROM releases") == [(0,)]


def test_a_folder_without_a_plan_or_without_a_ledger_is_refused(bank: Path) -> None:
    assert "holds no plan" in release(bank, MORNING, out="nowhere").stderr
    camp("plan", bank / "program.json", "--data", bank / "data", "--at", "2026-03-04T09:00+08:00", "-o", bank / "plain")
    done = release(bank, MORNING, out="plain")
    assert done.exit_code == 2 and "No ledger is named" in done.stderr


def test_a_command_takes_them_all_or_none(bank: Path) -> None:
    failed = release(bank, MORNING, "--command", "cat > /dev/null; exit 7")
    assert failed.exit_code == 3 and "the command ended with 7" in failed.stderr
    assert {state for (state,) in rows(bank, "SELECT state FROM releases")} == {"sending"}
    taken = bank / "taken.jsonl"
    done = release(bank, MORNING, "--command", f"cat >> {taken}")
    assert done.exit_code == 0 and "9 due: 9 released" in done.stderr
    told = [json.loads(line) for line in taken.read_text(encoding="utf-8").splitlines()]
    assert len(told) == 13 and not twice(told)


def test_what_was_given_before_stays_in_the_caps_when_it_is_cancelled_after(bank: Path) -> None:
    release(bank, MORNING, "--command", "exit 1")
    happened(bank, "opted_out", "k2,2026-03-04T10:31+08:00")
    done = release(bank, "2026-03-04T10:35+08:00")
    assert "1 cancelled" in done.stderr and "k2" not in {one["customer"] for one in messages(done)}
    assert outcome(bank, "entry", "k2") == ("send", None)  # it may have gone: nobody can know
    assert rows(bank, "SELECT state, reason FROM releases WHERE customer = 'k2' AND role = 'message'") == [
        ("cancelled", "opted_out")
    ]


def test_verify_looks_at_all_that_a_ledger_holds(bank: Path) -> None:
    release(bank, MORNING)
    plan(bank, 5)
    for held in ("l.duckdb", "out"):
        done = camp("verify", bank / held, bank / "program.json", "--data", bank / "data")
        assert done.exit_code == 0 and "0 broken" in done.output, done.output
    happened(bank, "opted_out", "k2,2026-03-04T09:30+08:00")  # before the release, and nobody had told it
    done = camp("verify", bank / "l.duckdb", bank / "program.json", "--data", bank / "data")
    assert done.exit_code == 1 and "FAIL nobody who has opted out" in done.output
    happened(bank, "opted_out", "k2,2026-03-04T10:31+08:00")
    with duckdb.connect(str(bank / "l.duckdb")) as edited:
        edited.execute("UPDATE standing SET local_date = '2026-03-05' WHERE customer = 'k2'")
        edited.execute(
            "INSERT INTO standing SELECT * REPLACE ('9' AS occurrence, 'x' || send_id AS send_id) FROM standing"
        )
    done = camp("verify", bank / "l.duckdb", bank / "program.json", "--data", bank / "data")
    assert done.exit_code == 1 and "at most 2 per day" in done.output and "FAIL nobody" not in done.output
