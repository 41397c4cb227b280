"""What tests of the interpreter that are made by hand share: a bank with every channel, one customer, and short answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from runtime.reference import Data, Event, plan
from tests.test_reference import DAY, NINE, brief, compiled, event, past, person, wall

BANK = """
brand b "银行" { zone "Asia/Shanghai"; currency CNY; holidays "CN"; link "https://x.example/{{ code }}"; page "https://m.example/"
  cost sms 0.05 CNY; cost rcs 0.12 CNY; cost wechat 0.01 CNY; channel wechat when bound; channel rcs when rich }
customer { id key; phone phone?; name text?; bound flag?; rich flag?; ok flag; vip flag?; born date?; assets money? sensitive
  place zone? }
event tick { page text? }
event bought { sum money? }
event asked { amount money?; months number? }
"""
SENT = past("2026-03-02 09:00")  # an entry of campaign c, two days before NINE
ENTRY = "entry"


def campaign(after: str = "", body: str = "start once", name: str = "c", **said: str) -> str:
    """A campaign that says Hi to whoever is `ok`, with what follows its entry."""
    runs = "" if "runs" in body else "runs 2026-03-01..2026-04-30; "
    message = said.get("message", 'message sms { text "Hi" }')
    head = f"campaign {name} {{ policy rules; kind {said.get('kind', 'benefit')}; {runs}{body}\n"
    return f"{head}  audience {{ {said.get('audience', 'ok')} }}\n  {message}\n  {after}\n}}\n"


def step(head: str = "after 1 day", body: str = "", name: str = "s") -> str:
    return f'step {name} {head} {{ {body}; message sms {{ text "Yo" }} }}'.replace("{ ;", "{")


def decide(
    campaigns: str = "",
    rules: str = "",
    at: datetime | str = NINE,
    horizon: timedelta = DAY,
    ledger: Iterable[dict[str, Any]] = (),
    people: list[dict[str, Any]] | None = None,
    bank: str = BANK,
    **events: list[Event],
) -> list[dict[str, Any]]:
    """A run about customer 1, whose the events are. `rules`: what the policy states."""
    policy = rules if rules.startswith("policy") else f"policy rules {{ {rules} }}\n"
    program = compiled(bank + policy + (campaigns or campaign()))
    known = {name: {"1": found} for name, found in events.items()}
    data = Data([person()] if people is None else people, known, list(ledger))
    return plan(program, data, wall(at) if isinstance(at, str) else at, horizon)


def told(rows: Iterable[dict[str, Any]], step: str = "s") -> list[str]:
    """Each row of a step as `send 2026-03-04 09:00:00` or `expired left`: what became of it, and when it goes."""
    mine = [row for row in rows if row["step"] == step]
    return [" ".join(filter(None, part)) for part in brief(mine, "outcome", "reason", "at")]


def clicks(*walls: str) -> list[Event]:
    return [event(f"k{place}", text) for place, text in enumerate(walls)]


def replies(*said: tuple[str, str]) -> list[Event]:
    """(text, wall) of each; their ids are r0, r1, …"""
    return [event(f"r{place}", at, text=text) for place, (text, at) in enumerate(said)]
