"""`camp verify` keeps quiet over what the runtime writes, and finds each promise that somebody breaks in the files."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.banks import csv, parquet
from tests.plans import camp, make, plan

Rows = list[dict[str, Any]]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    bank = make(tmp_path)
    path = bank / "bank" / "all.camp"
    more = "cap 1 per day; cap 2 of benefit per 3 days"
    text = path.read_text(encoding="utf-8").replace("cap 1 per day", more)
    text = text.replace("  window 10:00-11:00", "  window 10:00-11:00; cap 1 per month")
    text = text.replace(
        "quiet 22:00-08:00",
        "quiet 22:00-08:00; quiet sat 12:00-09:00; quiet holidays until 2026-02-22; quiet sun from 2026-03-08",
    )
    text = text.replace('phones "CN"', 'phones "CN"; holidays "CN"').replace("runs 2026-03-01", "runs 2026-02-22")
    path.write_text(text, encoding="utf-8")
    assert camp("compile", bank / "bank", "-o", bank / "program.json").exit_code == 0
    past = {
        "campaign": ["rich", "seen"],
        "customer": ["k9", "k9"],
        "step": ["entry", "entry"],
        "occurrence": ["7", "8"],
        "recipient": ["+8613800000009"] * 2,
        "kind": ["benefit", "triggered"],
        "at": [datetime(2026, 2, 20, 2), datetime(2026, 2, 21, 2)],
        "local_date": [date(2026, 2, 20), date(2026, 2, 21)],
        "channel": ["sms", "sms"],
        "outcome": ["send", "send"],
    }
    parquet(bank / "data" / "ledger.parquet", past)
    assert plan(bank).exit_code == 0
    return bank


def verified(bank: Path, *more: str) -> Any:
    return camp("verify", bank / "out", bank / "program.json", "--data", bank / "data", *more)


def broken(bank: Path) -> list[str]:
    found = json.loads(verified(bank, "--format", "json").output)
    return [one["promise"].split(": ")[-1] for one in found["checks"] if one["broken"]]


def tampered(bank: Path, change: Callable[[Rows], None], name: str = "sends") -> None:
    path = bank / "out" / f"{name}.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def one(rows: Rows, campaign: str = "rich") -> dict[str, Any]:
    return next(row for row in rows if row["campaign"] == campaign)


def put(**values: Any) -> Callable[[Rows], None]:
    return lambda rows: one(rows).update(values)


def twice(rows: Rows) -> None:
    rows.append(dict(one(rows)))


def more(days: int, **values: Any) -> Callable[[Rows], None]:
    """Another send to the recipient of the first, so many days later."""

    def add(rows: Rows) -> None:
        first = one(rows)
        later = {"at": first["at"] + timedelta(days=days), "local_date": first["local_date"] + timedelta(days=days)}
        rows.append(first | later | {"send_id": "x", "customer": "kx", "occurrence": "9"} | values)

    return add


def three(rows: Rows) -> None:
    for days in (1, 2):
        more(days, send_id=f"x{days}", occurrence=f"{days + 8}")(rows)


EVERY, MONTH, STRANGE = "at most 1 per day", "at most 1 per month", "a send is among the outcomes"
TAMPERED: dict[str, tuple[Callable[[Rows], None], set[str]]] = {
    "a row twice": (twice, {"a send has an id of its own", "a decision is made once", EVERY, MONTH}),
    "two at once": (more(0), {STRANGE, "consent was given", EVERY, MONTH}),
    "three in three days": (three, {STRANGE, "consent was given", "at most 2 of benefit per 3 days", MONTH}),
    "at night": (put(at=datetime(2026, 3, 4, 14, 0)), {"quiet hours are kept"}),
    "at eight": (put(at=datetime(2026, 3, 4, 0, 0)), set()),
    "before eight": (put(at=datetime(2026, 3, 3, 23, 59, 59)), {"quiet hours are kept"}),
    "on a Saturday": (put(at=datetime(2026, 3, 7, 5, 0)), {"quiet hours are kept"}),
    "on a Saturday morning": (put(at=datetime(2026, 3, 7, 3, 59)), set()),
    "in Saturday's hours, on Sunday": (put(at=datetime(2026, 3, 1, 0, 59)), {"quiet hours are kept"}),
    "after Saturday's hours": (put(at=datetime(2026, 3, 1, 1, 0)), set()),
    "on a Sunday": (put(at=datetime(2026, 3, 8, 5, 0)), {"quiet hours are kept"}),
    "on a Sunday before that day": (put(at=datetime(2026, 3, 1, 5, 0)), set()),
    "on a holiday": (put(at=datetime(2026, 2, 22, 5, 0)), {"quiet hours are kept"}),
    "on a holiday after that day": (put(at=datetime(2026, 2, 23, 5, 0)), set()),
    "to who opted out": (put(customer="k8"), {"nobody who has opted out, by now, is written to"}),
    "to who said no": (put(customer="k7"), {"consent was given"}),
    "after its days": (put(local_date=date(2026, 4, 1)), {"no send lies outside of its campaign's days"}),
    "again": (put(customer="k9", occurrence="7"), {"nothing is sent again"}),
    "unknown to the outcomes": (put(send_id="y"), {STRANGE}),
    "on the ledger's recipient, that day": (
        put(recipient="+8613800000009", local_date=date(2026, 2, 20)),
        {EVERY, MONTH, "no send lies outside of its campaign's days"},
    ),
}


def test_what_the_runtime_wrote_keeps_every_promise(bank: Path) -> None:
    done = verified(bank)
    assert done.exit_code == 0 and done.output.splitlines()[-1].endswith("promises kept, 0 broken")
    assert "quiet hours are kept: 0 of " in done.output and verified(bank, "-q").output == ""


@pytest.mark.parametrize("how", TAMPERED)
def test_a_broken_promise_is_found_and_no_other(how: str, bank: Path) -> None:
    change, expected = TAMPERED[how]
    tampered(bank, change)
    assert set(broken(bank)) == expected
    assert verified(bank).exit_code == (1 if expected else 0)


def test_a_ledger_of_csv_counts_as_well(bank: Path) -> None:
    (bank / "data" / "ledger.parquet").unlink()
    past = "rich,k9,entry,7,+8613800000009,benefit,2026-02-20 02:00,2026-02-20,sms,send"
    head = "campaign,customer,step,occurrence,recipient,kind,at,local_date,channel,outcome"
    csv(bank / "data" / "ledger.csv", head, past)
    tampered(bank, put(customer="k9", occurrence="7"))
    assert broken(bank) == ["nothing is sent again"]


def test_a_candidate_with_two_outcomes_is_found(bank: Path) -> None:
    tampered(bank, twice, "outcomes")
    assert broken(bank) == ["a candidate has one outcome"]


def test_what_cannot_be_read_is_said(bank: Path) -> None:
    (bank / "out" / "sends.parquet").write_bytes(b"PAR1")
    assert verified(bank).exit_code == 2
    wrong = camp("verify", bank / "out", bank / "none.json", "--data", bank / "data")
    assert wrong.exit_code == 2 and "cannot be read: No such file" in wrong.output
    csv(bank / "nodata" / "x.csv", "a", "1")
    assert camp("verify", bank / "out", bank / "program.json", "--data", bank / "nodata").exit_code == 2
