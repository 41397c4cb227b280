"""A bank with a ledger, for tests of runs that follow each other, of releases and of what is heard meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
from click.testing import Result

from tests.banks import csv
from tests.plans import camp

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; link "https://s.example/{{ code }}"; page "https://m.example/"
  cost sms 0.05 CNY; cost wechat 0.01 CNY; channel wechat when wechat; rejects 50% }
customer { id key; phone phone?; assets money?; consent flag; wechat flag? }
event view { page text }
event applied { }
policy p { require consent consent; quiet 22:00-08:00; limit 2 segments; cap 2 per day }
campaign offer "O" { policy p; kind benefit; runs 2026-03-01..2026-03-31; priority 5
  audience { assets >= 100 CNY }
  start once
  again after 10 days
  window 10:00-11:00
  budget 10 CNY
  message sms { text "offer {{ link }}" }
  confirm wechat { text "offer sent" }
  step more after 2 hours unless clicked { window 12:00-20:00; message sms { text "again {{ link }}" } }
  exit when did applied
}
campaign seen "S" { policy p; kind triggered; runs 2026-03-01..2026-03-31
  audience { did view in last 7 days }
  start when count(view in last 7 days) reaches 2
  expire after 3 days
  message sms { text "seen {{ link }}" }
}
"""
DAY = "2026-03-{:02}T09:00+08:00"


def make(folder: Path, bank: str = BANK) -> Path:
    (folder / "bank").mkdir(parents=True)
    (folder / "bank" / "camp.toml").write_text('[data]\npath = "../data"\n', encoding="utf-8")
    data = folder / "data"
    people = [f"k{at},1380000{at:04},{at * 100},yes,{'yes' if at % 2 else 'no'}" for at in range(8)]
    csv(data / "customers.csv", "id,phone,assets,consent,wechat", *people)
    for name, header in (("view", "customer,at,page"), ("applied", "customer,at"), ("opted_out", "customer,at")):
        csv(data / f"events/{name}.csv", header)
    csv(data / "events/clicked.csv", "customer,at")
    csv(
        data / "events/view.csv",
        "customer,at,page",
        *(f"k{at},2026-03-0{day} 08:30,x" for at in (0, 3) for day in (2, 3)),
    )
    write(folder, bank)
    return folder


def write(folder: Path, bank: str) -> None:
    (folder / "bank" / "all.camp").write_text(bank, encoding="utf-8")
    done = camp("compile", folder / "bank", "-o", folder / "program.json")
    assert done.exit_code == 0, done.output


def plan(folder: Path, day: int = 4, *more: Any, out: str = "out", at: str = "", ledger: str = "l.duckdb") -> Result:
    when = at or DAY.format(day)
    named = ["--data", folder / "data", "--ledger", folder / ledger]
    return camp("plan", folder / "program.json", "--at", when, *named, "-o", folder / out, *more)


def release(folder: Path, at: str, *more: Any, out: str = "out") -> Result:
    return camp("release", folder / out, "--at", at, *more)


def messages(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def rows(folder: Path, query: str, ledger: str = "l.duckdb") -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / ledger), read_only=True) as held:
        return held.execute(query).fetchall()


def sends(folder: Path, ledger: str = "l.duckdb") -> list[tuple[Any, ...]]:
    return rows(folder, "SELECT campaign, step, customer, outcome, reason FROM standing ORDER BY ALL", ledger)


def happened(folder: Path, name: str, *lines: str, header: str = "customer,at") -> None:
    csv(folder / f"data/events/{name}.csv", header, *lines)


def twice(every: Iterable[dict[str, Any]]) -> set[str]:
    """The send_ids that came more than once."""
    seen: set[str] = set()
    again: set[str] = set()
    for one in every:
        (again if one["send_id"] in seen else seen).add(one["send_id"])
    return again
