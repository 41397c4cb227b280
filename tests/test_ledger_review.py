"""What a reader of the code found: each would have sent something twice, to somebody who refused, or lost it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runtime.ledger.dataset import MANIFEST
from tests.banks import csv
from tests.ledgers import BANK, happened, make, messages, plan, release, rows, sends, twice, write
from tests.plans import camp, held, table

MORNING, NOON = "2026-03-04T10:30+08:00", "2026-03-04T12:30+08:00"


def lawful(bank: Path, ledger: str = "l.duckdb") -> None:
    done = camp("ledger", "check", "--ledger", bank / ledger)
    assert done.exit_code == 0, done.output


def ingest(bank: Path, event: str, file: Path) -> None:
    named = ["--data", bank / "data", "--ledger", bank / "l.duckdb", "-q"]
    camp("ingest", bank / "program.json", event, file, *named)


def test_two_messages_on_one_line_are_one_send_each(tmp_path: Path) -> None:
    two = 'message sms when wechat { text "one {{ link }}" }; message sms { text "offer {{ link }}" }'
    bank = make(tmp_path, BANK.replace('message sms { text "offer {{ link }}" }', two))
    plan(bank, 4)
    told = messages(release(bank, MORNING))
    assert len(told) == 13 and not twice(told)


@pytest.mark.parametrize("edit", ["added", "renamed"])
def test_what_an_older_program_decided_goes_after_campaigns_come_or_are_renamed(tmp_path: Path, edit: str) -> None:
    bank = make(tmp_path)
    plan(bank, 4)
    start, end = BANK.index("campaign seen"), len(BANK)
    extra = BANK[start:end].replace("campaign seen", "campaign extra")
    write(
        bank, BANK + extra if edit == "added" else BANK.replace('campaign seen "S"', 'campaign other "S" formerly seen')
    )
    if edit == "added":
        csv(bank / "data/events/view.csv", "customer,at,page", *(f"k5,2026-03-0{day} 08:30,x" for day in (2, 3)))
    assert plan(bank, at="2026-03-04T09:30+08:00").exit_code == 0
    done = release(bank, MORNING)
    assert done.exit_code == 0, done.stderr
    assert {one["campaign"] for one in messages(done)} >= {"offer", "seen"}


def test_a_step_under_a_new_name_is_asked_since_its_entry(tmp_path: Path) -> None:
    bank = make(tmp_path, BANK.replace("after 2 hours unless", "after 26 hours unless"))
    plan(bank, 4, "--for", "1d")
    release(bank, MORNING)
    write(
        bank,
        BANK.replace("after 2 hours unless", "after 26 hours unless").replace(
            'campaign offer "O"', 'campaign deal "O" formerly offer'
        ),
    )
    plan(bank, 5)
    happened(bank, "clicked", *(f"k{at},2026-03-04T11:00+08:00" for at in range(8)))
    done = release(bank, "2026-03-05T12:30+08:00")
    assert "7 cancelled" in done.stderr and "left" in done.stderr, done.stderr


def test_a_pause_holds_whatever_the_campaign_is_called(tmp_path: Path) -> None:
    bank = make(tmp_path)
    plan(bank, 4)
    camp("pause", "offer", "--ledger", bank / "l.duckdb")
    write(bank, BANK.replace('campaign offer "O"', 'campaign deal "O" formerly offer'))
    done = plan(bank, 5)
    assert "paused, and left out: deal" in done.output, done.output
    assert {one["campaign"] for one in messages(release(bank, "2026-03-05T10:30+08:00"))} <= {"seen"}


def test_a_confirmation_that_is_tried_again_is_asked_again(tmp_path: Path) -> None:
    bank = make(tmp_path)
    plan(bank, 4)
    # The command takes the messages, and fails at the confirmations.
    taken = bank / "taken.jsonl"
    release(bank, MORNING, "--command", f"grep -v confirmation > {taken}")
    assert rows(bank, "SELECT count(*) FROM releases WHERE state = 'sending'") == [(4,)]
    happened(bank, "opted_out", "k1,2026-03-04T10:31+08:00")
    camp("suppress", "add", "13800000003", "--ledger", bank / "l.duckdb")
    told = messages(release(bank, "2026-03-04T10:40+08:00"))
    assert {one["customer"] for one in told} == {"k5", "k7"} and {one["role"] for one in told} == {"confirmation"}
    assert rows(bank, "SELECT count(*) FROM releases WHERE state = 'sending'") == [(0,)]
    assert messages(release(bank, "2026-03-04T10:50+08:00")) == []


@pytest.mark.parametrize("ledger", ["l.duckdb", "l"])
def test_what_the_folder_held_is_taken_over_once_and_can_be_taken_back(tmp_path: Path, ledger: str) -> None:
    bank = make(tmp_path)
    header = "campaign,step,customer,occurrence,outcome,started_at,at,decided_at"
    old = [
        "offer,entry,k3,1,deferred,2026-03-01T01:00:00,2026-03-04T02:00:00,2026-03-03T01:00:00",
        "offer,entry,k2,1,send,2026-03-01T01:00:00,2026-03-01T02:00:00,2026-03-01T01:00:00",
    ]
    csv(bank / "data/ledger.csv", header, *old)
    first = plan(bank, 4, ledger=ledger)
    assert first.exit_code == 0, first.output
    lawful(bank, ledger)
    out = held(bank / "out")["sends.parquet"]
    assert camp("ledger", "rollback", "--yes", "--ledger", bank / ledger).exit_code == 0
    again = plan(bank, 4, ledger=ledger)
    assert again.exit_code == 0, again.output
    lawful(bank, ledger)
    assert held(bank / "out")["sends.parquet"] == out
    shown = camp("ledger", "show", "--ledger", bank / ledger).output
    assert shown.splitlines()[1].split()[0] == "16", shown


def test_a_dataset_without_its_manifest_is_refused_and_nothing_of_it_removed(tmp_path: Path) -> None:
    bank = make(tmp_path)
    plan(bank, 4, ledger="l")
    (bank / "l" / MANIFEST).unlink()
    files = {name for name in held(bank / "l") if name != "lock"}
    done = plan(bank, 5, ledger="l")
    assert done.exit_code == 2 and "is not whole" in done.output
    mine = bank / "mine"
    mine.mkdir()
    shutil.copy(bank / "out/sends.parquet", mine / "sends.parquet")
    before = held(mine)
    assert camp("ledger", "show", "--ledger", mine).exit_code == 2 and held(mine) == before
    (bank / "empty").mkdir()
    done = camp("ledger", "show", "--ledger", bank / "empty")
    assert done.exit_code == 2 and "There is no ledger" in done.output and held(bank / "empty") == {}
    assert {name for name in held(bank / "l") if name != "lock"} == files


def test_a_refusal_that_nobody_could_read_is_not_forgotten_by_tomorrows_file(tmp_path: Path) -> None:
    bank = make(tmp_path, BANK.replace("policy p { ", 'policy p { opt_out words "TD"; '))
    plan(bank, 4)
    for night, lines in (("one", ["k2,yesterday"]), ("two", ["k5,2026-03-04T09:30+08:00"])):
        ingest(bank, "opted_out", csv(bank / night / "opted_out.csv", "customer,at", *lines))
    assert "1 refusals could not be ingested" in release(bank, MORNING).stderr
    ingest(bank, "opted_out", csv(bank / "one/opted_out.csv", "customer,at", "k2,2026-03-04T09:30+08:00"))
    assert "k2" not in {one["customer"] for one in messages(release(bank, MORNING))}


def test_a_refusal_by_reply_binds_the_phone_and_whoever_cannot_be_told_stops_everything(tmp_path: Path) -> None:
    bank = make(tmp_path, BANK.replace("policy p { ", 'policy p { opt_out words "TD"; '))
    plan(bank, 4)
    ingest(
        bank,
        "replied",
        csv(bank / "r.csv", "phone,at,text", "13800000002,2026-03-04T09:30+08:00,td", "13900000001,soon,TD"),
    )
    listed = camp("suppress", "list", "--ledger", bank / "l.duckdb").output
    assert "+8613800000002" in listed and "+8613900000001" in listed
    assert "k2" not in {one["customer"] for one in messages(release(bank, MORNING))}
    ingest(bank, "replied", csv(bank / "s.csv", "customer,at,text", ",2026-03-04T09:30+08:00,TD"))
    assert "1 refusals could not be ingested" in release(bank, NOON).stderr
    assert len(sends(bank)) == 16


def test_a_forgotten_customer_leaves_no_refused_row(tmp_path: Path) -> None:
    bank = make(tmp_path)
    plan(bank, 4)
    ingest(bank, "applied", csv(bank / "a.csv", "customer,at", "k3,garbage"))
    camp("ledger", "forget", "--customer", "k3", "--yes", "--ledger", bank / "l.duckdb")
    assert rows(bank, "SELECT count(*) FROM unheard WHERE key = 'k3'") == [(0,)]
    assert len(table(bank, "sends")) == 15
