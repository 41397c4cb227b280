"""The next release answers a reply, whether a run has seen it or not, and nobody who has refused by then: to the microsecond."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.banks import csv
from tests.ledgers import BANK, make, messages, plan, release, rows
from tests.plans import camp

ANSWERING = BANK.replace(
    'message sms { text "offer {{ link }}" }\n',
    'message sms { text "offer {{ link }}" }\n  on reply "1" { message sms { text "thanks" } }\n',
)
ANSWERING = ANSWERING.replace("cap 2 per day }", 'cap 9 per day; opt_out words "STOP", "TD" }')
SENT, TEN = "2026-03-04T10:00+08:00", "2026-03-04T11:00:00+08:00"
NEXT, LATER = "2026-03-04T11:30+08:00", "2026-03-04T12:30+08:00"
BEFORE, AFTER = "2026-03-04T10:59:59+08:00", "2026-03-04T11:00:01+08:00"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begun(tmp_path_factory.mktemp("begun"))


@pytest.fixture
def bank(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "bank"))


def begun(folder: Path) -> Path:
    """The offer went to k1 at ten, and to others."""
    bank = make(folder, ANSWERING)
    csv(bank / "data/events/replied.csv", "customer,at,text")
    assert plan(bank, 4).exit_code == 0
    assert release(bank, SENT).exit_code == 0
    return bank


def said(bank: Path, *lines: str, header: str = "customer,at,text", event: str = "replied") -> Result:
    said.files += 1  # type: ignore[attr-defined]
    file = csv(bank / f"heard{said.files}.csv", header, *lines)  # type: ignore[attr-defined]
    done = camp("ingest", bank / "program.json", event, file, "--ledger", bank / "l.duckdb", "--data", bank / "data")
    assert done.exit_code == 0, done.output
    return done


said.files = 0  # type: ignore[attr-defined]


def answers(result: Result) -> list[tuple[str, str]]:
    assert result.exit_code == 0, result.output
    return [(one["customer"], one["text"]) for one in messages(result) if one["step"] == "reply 1"]


def decided(bank: Path) -> list[tuple[Any, ...]]:
    return rows(bank, "SELECT customer, occurrence, outcome, reason FROM standing WHERE step = 'reply 1' ORDER BY ALL")


THANKS = [("k1", "thanks")]


def test_a_reply_is_answered_by_the_next_release_and_once(bank: Path) -> None:
    said(bank, f"k1,{TEN},1")
    first = release(bank, NEXT)
    assert answers(first) == THANKS and "1 replies answered that no run had seen" in first.stderr
    again = release(bank, NEXT)
    assert answers(again) == [] and "replies answered" not in again.stderr
    assert plan(bank, at="2026-03-04T11:45+08:00", out="second").exit_code == 0
    assert answers(release(bank, LATER, out="second")) == [] and len(decided(bank)) == 1


def test_run_and_release_decide_the_same_whichever_comes_first(made: Path, tmp_path: Path) -> None:
    found = []
    for name, planned in (("release", False), ("plan", True)):
        folder = Path(shutil.copytree(made, tmp_path / name))
        said(folder, f"k1,{TEN},1", f"k3,{TEN},１", f"k5,{TEN},2")
        if planned:
            assert plan(folder, at=NEXT, out="second").exit_code == 0
        told = [one for one in messages(release(folder, NEXT)) if one["step"] == "reply 1"]
        kept = rows(folder, "SELECT * EXCLUDE (run) FROM standing WHERE step = 'reply 1' ORDER BY ALL")
        found.append((told, kept))
    assert found[0] == found[1] and len(found[0][0]) == 2


def test_a_release_decides_nothing_but_answers(bank: Path) -> None:
    before = rows(bank, "SELECT * FROM standing WHERE step <> 'reply 1' ORDER BY ALL")
    csv(bank / "data/events/view.csv", "customer,at,page", *(f"k6,2026-03-04 0{hour}:30,x" for hour in (1, 2)))
    said(bank, f"k1,{TEN},1")
    assert answers(release(bank, NEXT)) == THANKS
    assert rows(bank, "SELECT * FROM standing WHERE step <> 'reply 1' ORDER BY ALL") == before
    assert camp("ledger", "check", "--ledger", bank / "l.duckdb").exit_code == 0
    held = camp("verify", bank / "l.duckdb", bank / "program.json", "--data", bank / "data")
    assert held.exit_code == 0, held.output


def test_nothing_is_committed_where_nobody_asked(bank: Path) -> None:
    said(bank, f"k1,{TEN},2")
    runs = rows(bank, "SELECT count(*) FROM runs")
    assert answers(release(bank, NEXT)) == [] and rows(bank, "SELECT count(*) FROM runs") == runs


def test_in_quiet_hours_it_waits_for_the_release_after_them(bank: Path) -> None:
    said(bank, "k1,2026-03-04T21:59+08:00,1")
    assert answers(release(bank, "2026-03-04T22:00+08:00")) == [] and decided(bank) == []
    assert answers(release(bank, "2026-03-05T08:00+08:00")) == THANKS


def test_of_a_paused_campaign_it_waits(bank: Path) -> None:
    said(bank, f"k1,{TEN},1")
    assert camp("pause", "offer", "--ledger", bank / "l.duckdb").exit_code == 0
    assert answers(release(bank, NEXT)) == [] == decided(bank)
    assert camp("resume", "offer", "--ledger", bank / "l.duckdb").exit_code == 0
    assert answers(release(bank, LATER)) == THANKS


# ---- the race. `1` at eleven, and a refusal around it, in every order in which they can come.
REFUSALS = {
    "a second before": (BEFORE, "STOP"),
    "at once": (TEN, "ＴＤ"),
    "a microsecond later": ("2026-03-04T11:00:00.000001+08:00", "stop."),
    "a second later": (AFTER, "STOP"),
    "when it is released": (NEXT, "STOP"),
    "by a clock that runs ahead": ("2026-03-04T11:30:00.000001+08:00", "STOP"),
}
PHONE = "13800000001"


@pytest.mark.parametrize("by", ["customer", "phone"])
def test_both_before_the_release(bank: Path, by: str) -> None:
    """Each of the first customers refuses at another instant, the last one never; the file has the refusals first."""
    names = [f"k{at}" if by == "customer" else f"1380000{at:04}" for at in range(1, 8)]
    refusals = [f"{who},{at},{word}" for who, (at, word) in zip(names, REFUSALS.values(), strict=False)]
    said(bank, *refusals, *(f"{who},{TEN},1" for who in names), header=f"{by},at,text")
    assert answers(release(bank, NEXT)) == [("k7", "thanks")]
    assert answers(release(bank, LATER)) == []


@pytest.mark.parametrize(
    "order", ["refusal first", "reply first", "after the plan", "as an event", "phone on the list"]
)
def test_between_ingest_plan_and_release(bank: Path, order: str) -> None:
    if order == "refusal first":
        said(bank, f"k1,{AFTER},STOP")
    said(bank, f"k1,{TEN},1")
    if order == "after the plan":
        assert plan(bank, at=AFTER, out="second").exit_code == 0
        assert [row[2] for row in decided(bank)] == ["send"]
    if order in ("reply first", "after the plan"):
        said(bank, f"k1,{AFTER},STOP")
    elif order == "as an event":
        said(bank, f"k1,{AFTER}", header="customer,at", event="opted_out")
    elif order == "phone on the list":
        assert camp("suppress", "add", PHONE, "--ledger", bank / "l.duckdb").exit_code == 0
    assert answers(release(bank, NEXT)) == [] == answers(release(bank, LATER))
    assert all(row[2:] in {("expired", "opted_out"), ("suppressed", "opted_out")} for row in decided(bank))


def test_between_two_releases_the_first_answer_stands_and_no_second_follows(bank: Path) -> None:
    said(bank, f"k1,{TEN},1")
    assert answers(release(bank, NEXT)) == THANKS
    said(bank, "k1,2026-03-04T11:40:00+08:00,1", "k1,2026-03-04T11:40:01+08:00,STOP")
    assert answers(release(bank, LATER)) == []
    assert [row[2:] for row in decided(bank)] == [("send", None)]


def test_a_reply_that_comes_late_is_answered_unless_it_was_refused_meanwhile(bank: Path) -> None:
    assert plan(bank, at=NEXT, out="second").exit_code == 0
    said(bank, f"k1,{TEN},1", f"k3,{TEN},1")
    said(bank, f"k3,{BEFORE},STOP")
    assert answers(release(bank, LATER)) == THANKS


def test_a_release_that_breaks_off_gives_the_same_answer_again(bank: Path) -> None:
    said(bank, f"k1,{TEN},1")
    broken = release(bank, NEXT, "--command", "exit 1")
    assert broken.exit_code == 3 and [row[2] for row in decided(bank)] == ["send"]
    assert answers(release(bank, NEXT)) == THANKS
    ids = rows(bank, "SELECT count(*), count(DISTINCT send_id) FROM standing WHERE step = 'reply 1'")
    assert ids == [(1, 1)]
    said(bank, "k3,2026-03-04T11:31+08:00,1")
    release(bank, "2026-03-04T11:32+08:00", "--command", "exit 1")
    said(bank, "k3,2026-03-04T11:33+08:00,STOP")  # nobody knows whether it went: it is not given again
    assert answers(release(bank, LATER)) == []
