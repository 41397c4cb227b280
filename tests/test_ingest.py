"""What is taken in counts once, from any kind of file; what cannot be read is told row by row; refusals bind at once."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import Result

from tests.banks import csv, parquet
from tests.ledgers import BANK, make, messages, plan, release, rows, write
from tests.plans import camp, table

LATER = "2026-03-04T12:30+08:00"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return make(tmp_path, BANK.replace("policy p { ", 'policy p { opt_out words "R", "TD", "退订"; '))


def ingest(bank: Path, event: str, file: Path | str, *more: object) -> Result:
    path = bank / file if isinstance(file, str) else file
    return camp(
        "ingest", bank / "program.json", event, path, "--data", bank / "data", "--ledger", bank / "l.duckdb", *more
    )


def heard(bank: Path, event: str) -> list[tuple[object, ...]]:
    return rows(bank, f'SELECT id, customer, CAST("at" AS VARCHAR) FROM event_{event} ORDER BY ALL')


def test_every_kind_of_file_says_the_same(bank: Path) -> None:
    lines = ["e1,k1,2026-03-04T10:00+08:00,a", "e2,k2,2026-03-04T11:00+08:00,b"]
    one = csv(bank / "one.csv", "id,customer,at,page", *lines)
    two = bank / "two.jsonl"
    objects = [dict(zip(("id", "customer", "at", "page"), line.split(","), strict=True)) for line in lines]
    two.write_text("\n".join(json.dumps(each) for each in objects), encoding="utf-8")
    columns = {name: [each[name] for each in objects] for name in objects[0]}
    three = parquet(bank / "three.parquet", columns)
    first = ingest(bank, "view", one)
    assert "2 rows: 2 new events, 0 known already" in first.output
    for file in (two, three, one):
        assert "2 rows: 0 new events, 2 known already" in ingest(bank, "view", file).output, file
    assert heard(bank, "view") == [("e1", "k1", "2026-03-04 02:00:00"), ("e2", "k2", "2026-03-04 03:00:00")]
    assert rows(bank, "SELECT p_page FROM event_view ORDER BY id") == [("a",), ("b",)]


def test_what_is_ingested_is_seen_by_runs_with_what_the_folder_has(bank: Path) -> None:
    late = csv(
        bank / "late.csv", "customer,at,page", "k5,2026-03-02 08:30,x", "k5,2026-03-01 08:30,x", "k0,2026-03-02 08:30,x"
    )
    ingest(bank, "view", late)  # the last of them is in the folder too
    plan(bank, 4)
    seen = {row["customer"] for row in table(bank, "sends") if row["campaign"] == "seen"}
    assert seen == {"k0", "k3", "k5"}


def test_events_of_the_ledger_need_no_file(bank: Path) -> None:
    (bank / "data/events/view.csv").unlink()
    assert "There is no" in plan(bank, 4).output
    ingest(bank, "view", csv(bank / "a.csv", "customer,at,page", *(f"k3,2026-03-0{day} 08:30,x" for day in (2, 3))))
    plan(bank, 4)
    assert [row["customer"] for row in table(bank, "sends") if row["campaign"] == "seen"] == ["k3"]


def test_bad_rows_are_told_and_the_others_are_in(bank: Path) -> None:
    given = csv(
        bank / "given.csv",
        "id,customer,at",
        "e1,k1,2026-03-04 10:00",
        "e2,,2026-03-04",
        "e3,k3,soon",
        "e4,k4",
        "e5,k5,2026-03-04",
        "e5,k6,2026-03-04",
        ",k7,2026-03-04",
    )
    done = ingest(bank, "applied", given, "--rejects", bank / "bad.csv")
    assert done.exit_code == 1 and "1 new events" in done.output, done.output
    written = duckdb.sql(f"SELECT row, field, reason FROM '{bank / 'bad.csv'}' ORDER BY row").fetchall()
    assert [(row, field) for row, field, _ in written if field] == [
        (2, "customer"),
        (3, "at"),
        (4, "id"),  # rows are counted without the line that is none
        (5, "id"),
        (6, "id"),
    ]
    why = {(row, field): reason for row, field, reason in written}
    assert why[2, "customer"] == why[6, "id"] == "is missing" and "is no instant" in why[3, "at"]
    assert why[4, "id"] == why[5, "id"] == "stands for two different events"
    assert [(row, reason[:18]) for row, field, reason in written if field is None] == [(5, "the line is no row")]
    again = ingest(bank, "applied", csv(bank / "given.csv", "id,customer,at", "e2,k2,2026-03-04"))
    assert again.exit_code == 0 and rows(bank, "SELECT count(*) FROM unheard") == [(0,)]


def test_an_id_that_is_known_for_something_else_is_refused(bank: Path) -> None:
    ingest(bank, "applied", csv(bank / "a.csv", "id,customer,at", "e1,k1,2026-03-04"))
    done = ingest(bank, "applied", csv(bank / "b.csv", "id,customer,at", "e1,k2,2026-03-04", "e2,k2,2026-03-04"))
    assert done.exit_code == 1 and "1 refused: is the id of another event that is known" in done.output
    assert [row[:2] for row in heard(bank, "applied")] == [("e1", "k1"), ("e2", "k2")]


def test_a_receipt_names_the_message(bank: Path) -> None:
    plan(bank, 4)
    told = messages(release(bank, "2026-03-04T10:30+08:00"))
    one = next(each for each in told if each["customer"] == "k2" and each["role"] == "message")
    done = ingest(
        bank,
        "clicked",
        csv(bank / "c.csv", "send_id,at", f"{one['send_id']},2026-03-04T11:00+08:00", "none,2026-03-04"),
    )
    assert done.exit_code == 1 and "1 new events" in done.output
    assert rows(bank, "SELECT customer, send_id FROM event_clicked") == [("k2", one["send_id"])]
    assert "k2" not in {each["customer"] for each in messages(release(bank, LATER))}


def test_a_refusal_by_phone_binds_at_once_and_for_whoever_has_it(bank: Path) -> None:
    plan(bank, 4)
    release(bank, "2026-03-04T09:30+08:00")
    given = csv(bank / "r.csv", "phone,at", "138-0000-0002,2026-03-04T09:40+08:00", "+8613900000009,2026-03-04")
    done = ingest(bank, "opted_out", given)
    assert done.exit_code == 0, done.output
    assert {each["customer"] for each in messages(release(bank, "2026-03-04T10:30+08:00"))} == {
        "k1",
        "k3",
        "k4",
        "k5",
        "k6",
        "k7",
    }
    listed = camp("suppress", "list", "--ledger", bank / "l.duckdb").output
    assert "+8613800000002" in listed and "+8613900000009" in listed
    csv(
        bank / "data/customers.csv",
        "id,phone,assets,consent,wechat",
        "a1,13900000009,500,yes,no",
        "k2,13800000002,500,yes,no",
    )
    plan(bank, 5)
    assert {(row["outcome"], row["reason"]) for row in table(bank, "outcomes")} == {("suppressed", "opted_out")}


def test_an_opt_out_word_is_a_refusal_and_another_word_is_none(bank: Path) -> None:
    plan(bank, 4)
    said = [
        "k1,2026-03-04T09:10+08:00,ｒ。",
        "k2,2026-03-04T09:10+08:00,Rather not",
        "k4,2026-03-04T09:10+08:00, 退 订 ",
    ]
    done = ingest(bank, "replied", csv(bank / "r.csv", "customer,at,text", *said))
    assert done.exit_code == 0 and "2 replies are refusals" in done.output
    assert {each["customer"] for each in messages(release(bank, "2026-03-04T10:30+08:00"))} == {
        "k0",
        "k2",
        "k3",
        "k5",
        "k6",
        "k7",
    }


def test_a_suppressed_phone_gets_nothing_from_runs_and_releases(bank: Path) -> None:
    plan(bank, 4)
    camp("suppress", "add", "13800000002", "--ledger", bank / "l.duckdb")
    assert "k2" not in {each["customer"] for each in messages(release(bank, "2026-03-04T10:30+08:00"))}
    listed = bank / "phones.txt"
    listed.write_text("13800000003\n13800000004\n12\n", encoding="utf-8")
    done = camp("suppress", "add", "--file", listed, "--ledger", bank / "l.duckdb")
    assert done.exit_code == 1 and "2 phones are suppressed now" in done.output and "line 3: 12 is no" in done.output
    plan(bank, 15)
    sent = {row["customer"] for row in table(bank, "sends")}
    assert sent and not sent & {"k2", "k3", "k4"}
    camp("suppress", "remove", "13800000003", "--ledger", bank / "l.duckdb")
    plan(bank, 16)
    assert "k3" in {row["customer"] for row in table(bank, "sends")}


def test_refusals_that_cannot_be_read_stop_everything_until_they_are_settled(bank: Path) -> None:
    plan(bank, 4)
    ingest(bank, "opted_out", csv(bank / "r.csv", "customer,at", "k1,yesterday"))
    for done in (plan(bank, 5), release(bank, "2026-03-04T10:30+08:00")):
        assert done.exit_code == 2 and "1 refusals could not be ingested" in done.output, done.output
    camp("ingest", bank / "program.json", "--settle", "opted_out", "--ledger", bank / "l.duckdb")
    assert release(bank, "2026-03-04T10:30+08:00").exit_code == 0


def test_a_property_that_is_declared_later_is_missing_in_what_came_before(bank: Path) -> None:
    ingest(bank, "applied", csv(bank / "a.csv", "id,customer,at", "e1,k1,2026-03-04"))
    write(bank, BANK.replace("event applied { }", "event applied { amount money? }"))
    done = ingest(
        bank, "applied", csv(bank / "b.csv", "id,customer,at,amount", "e2,k2,2026-03-04,12.5", "e1,k1,2026-03-04,")
    )
    assert "1 new events, 1 known already" in done.output, done.output
    assert rows(bank, "SELECT id, p_amount::VARCHAR FROM event_applied ORDER BY id") == [("e1", None), ("e2", "12.50")]


@pytest.mark.parametrize(
    ("event", "header", "why"),
    [
        ("vieww", "customer,at,page", "Did you mean view?"),
        ("view", "customer,at", "has no column `page`"),
        ("view", "at,page", "Name the customer, or `send_id`, or `phone`"),
    ],
)
def test_what_is_no_such_file_changes_nothing(bank: Path, event: str, header: str, why: str) -> None:
    plan(bank, 4)
    before = rows(bank, "SELECT count(*) FROM changes")
    done = ingest(bank, event, csv(bank / "x.csv", header, "a,b,c"[: len(header)]))
    assert done.exit_code == 2 and why in done.output, done.output
    assert rows(bank, "SELECT count(*) FROM changes") == before


def test_a_broken_parquet_is_refused(bank: Path) -> None:
    good = parquet(bank / "g.parquet", {"customer": ["k1"], "at": ["2026-03-04"], "page": ["x"]})
    (bank / "cut.parquet").write_bytes(good.read_bytes()[:-9])
    done = ingest(bank, "view", "cut.parquet")
    assert done.exit_code == 2 and "cut.parquet cannot be read" in done.output


def test_bad_json_lines_are_rows_that_are_refused(bank: Path) -> None:
    file = bank / "a.jsonl"
    file.write_text('{"customer": "k1", "at": "2026-03-04"}\n[1]\nno\n\n{"customer": "k2"}\n', encoding="utf-8")
    done = ingest(bank, "applied", file)
    assert done.exit_code == 1 and "1 new events" in done.output and "2 refused: the line is no row" in done.output


def test_a_folder_holds_a_file_for_each_event(bank: Path) -> None:
    plan(bank, 4)
    told = [each for each in messages(release(bank, "2026-03-04T10:30+08:00")) if each["role"] == "message"]
    csv(bank / "heard/clicked.csv", "send_id,at", f"{told[0]['send_id']},2026-03-04T11:00+08:00")
    csv(bank / "heard/delivered.csv", "phone,at", f"{told[1]['recipient']},2026-03-04T11:00+08:00")
    csv(bank / "heard/applied.csv", "customer,at", "k1,2026-03-04T11:00+08:00")
    named = ["--data", bank / "data", "--ledger", bank / "l.duckdb", "--format", "json"]
    done = camp("ingest", bank / "program.json", bank / "heard", *named)
    assert done.exit_code == 0, done.output
    assert [(Path(one["file"]).stem, one["new"]) for one in json.loads(done.stdout)] == [
        ("applied", 1),
        ("clicked", 1),
        ("delivered", 1),
    ]
    empty = camp("ingest", bank / "program.json", bank / "bank", *named)
    assert empty.exit_code == 2 and "holds no .csv" in empty.output
