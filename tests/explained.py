"""A bank in which each customer meets another end, for tests of `camp explain`: each campaign wants one role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result

from dsl import identity
from tests.banks import csv
from tests.plans import AT, camp

SHARE = 1_000  # of the 10,000 buckets: the control group, and the holdout of its campaign

_BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; link "https://s.example/{{ code }}"; page "https://m.example/"
  cost sms 0.05 CNY; control 10%; rejects 50%; channel wechat when bound }
customer { id key; role text; phone phone?; name text?; assets money?; consent flag; bound flag?; born date?; opened date? }
event view { page text }
event bought
policy p { require consent consent; quiet 22:00-08:00; limit 1 segments; cap 1 of benefit per month; cap 9 per month
  ban "秒批" because "no promises"; block benefit while opened in last 30 days }
policy sure extends p { require confirm wechat }
"""
# Role → what stands in its campaign beside its audience and what it says.
_BODIES = {
    "sent": "start once; window 10:00-11:00",
    "held": "start once; holdout 10%",
    "narrow": "start when bought; window 10:00-11:00; expire after 1 day",
    "tuesday": "start once; window tue 10:00-11:00",
    "spent": "start once; budget 0.05 CNY",
    "slow": "start once; window 10:00-10:01; pace 1 per second",
    "long": f'start once; message sms {{ text "{{% if customer.role %}}{"长" * 80}{{% endif %}}" }}',
    "named": 'start once; message sms { text "{{ customer.name | default("-") }}" }',
    "again": "start once; again after 30 days",
    "future": "runs 2026-03-20..2026-03-31; start once",
    "past": "runs 2026-01-01..2026-01-31; start when bought; expire after 60 days",
    "stale": "start when bought; expire after 3 days",
    "count": "start when count(view in last 7 days) reaches 4; expire after 3 days",
    "never": "start when bought; expire after 3 days",
    "followed": "start when view followed by bought within 1 day; expire after 3 days",
    "monthly": "start every month on day 15",
    "born": "start 2 days before born",
}
_STEPS = """
campaign steps "S" { policy p; kind triggered; runs 2026-03-01..2026-04-30; audience { role = "steps" }; start once
  message sms { text "Hi" }
  step nudge after 1 hour if clicked { message sms { text "Yo" } }
  step later after 60 days { message sms { text "Yo" } }
  step soon after 2 days unless clicked { message sms { text "Yo" } }
  on reply "1" { message sms { text "Ho" } }
  exit when did bought
}
"""
_AUDIENCE = """
campaign audience "A" { policy p; kind triggered; runs 2026-03-01..2026-04-30; start once; message sms { text "Hi" }
  audience {
    role = "audience"
    any { bound and name = "x"; assets >= 1000 CNY; count(view where page = "loan" in last 7 days) >= 3 }
    none { did bought in last 90 days }
    born in 1990-01-01..1999-12-31
  } }
"""


def text() -> str:
    found = _BANK
    for role, body in _BODIES.items():
        runs = "" if "runs" in body else "runs 2026-03-01..2026-04-30; "
        said = "" if "message" in body else '; message sms { text "Hi" }'
        kind = "benefit" if role == "sent" else "triggered"
        head = f'campaign {role} "{role}" {{ policy p; kind {kind}; {runs}audience {{ role = "{role}" }}; '
        found += f"{head}{body}{said} }}\n"
    found += 'campaign confirmed "C" { policy sure; kind triggered; runs 2026-03-01..2026-04-30\n'
    found += (
        '  audience { role = "confirmed" }; start once; message sms { text "Hi" }; confirm wechat { text "Yo" } }\n'
    )
    return found + _STEPS + _AUDIENCE


def key(name: str, drawn: str = "") -> str:
    """A key that no lot meets, or only that of the control group or of the holdout."""
    for number in range(10_000):
        found = f"{name}{number}"
        control = identity.bucket(identity.CONTROL_SALT, found) < SHARE
        held = identity.bucket(identity.holdout_salt("held"), found) < SHARE
        if (control, held) == (drawn == "control", drawn == "holdout"):
            return found
    raise AssertionError(name)


# Who → (role, phone's end or none, name, assets, consent, bound, born, opened)
PEOPLE: dict[str, tuple[str, ...]] = {
    key("sent"): ("sent", "0001", "", "", "yes"),
    key("control", "control"): ("sent", "0002", "", "", "yes"),
    key("held", "holdout"): ("held", "0003", "", "", "yes"),
    key("blocked"): ("sent", "0004", "", "", "yes", "", "", "2026-03-01"),
    key("capped"): ("sent", "0005", "", "", "yes"),
    key("silent"): ("sent", "0006", "", "", "no"),
    key("gone"): ("sent", "0007", "", "", "yes"),
    key("nowhere"): ("sent", "", "", "", "yes"),
    key("twin"): ("sent", "0001", "", "", "yes"),
    key("confirmed"): ("confirmed", "0009", "", "", "yes", "no"),
    key("narrow"): ("narrow", "0010", "", "", "yes"),
    key("tuesday"): ("tuesday", "0011", "", "", "yes"),
    key("long"): ("long", "0012", "", "", "yes"),
    key("named"): ("named", "0013", "秒批王", "", "yes"),
    key("left"): ("other", "0014", "", "", "yes"),
    key("late"): ("stale", "0015", "", "", "yes"),
    key("exit"): ("steps", "0016", "", "", "yes"),
    key("steps"): ("steps", "0017", "", "", "yes"),
    key("again"): ("again", "0018", "", "", "yes"),
    key("once"): ("sent", "0019", "", "", "yes"),
    key("future"): ("future", "0020", "", "", "yes"),
    key("past"): ("past", "0021", "", "", "yes"),
    key("stale"): ("stale", "0022", "", "", "yes"),
    key("count"): ("count", "0023", "", "", "yes"),
    key("never"): ("never", "0024", "", "", "yes"),
    key("followed"): ("followed", "0025", "", "", "yes"),
    key("monthly"): ("monthly", "0026", "", "", "yes"),
    key("born"): ("born", "0027", "", "", "yes"),
    key("audience"): ("audience", "0028", "", "999.50", "yes", "", "1985-05-05"),
    key("spent"): ("spent", "0030", "", "", "yes"),
    key("spender"): ("spent", "0031", "", "", "yes"),
    **{key(f"slow{at}x"): ("slow", f"1{at:03}", "", "", "yes") for at in range(62)},
}
_LEDGER = (
    ("held", key("capped"), "0", "send", "2026-03-02T10:00Z", "2026-03-01T10:00Z", "benefit"),
    ("sent", key("left"), "1", "deferred", "2026-03-05T10:00Z", "2026-03-01T10:00Z", "benefit"),
    ("stale", key("late"), "e", "deferred", "2026-03-05T10:00Z", "2026-02-20T10:00Z", "triggered"),
    ("steps", key("exit"), "1", "deferred", "2026-03-05T10:00Z", "2026-03-01T10:00Z", "triggered"),
    ("steps", key("steps"), "1", "send", "2026-03-02T10:00Z", "2026-03-01T10:00Z", "triggered"),
    ("again", key("again"), "1", "send", "2026-03-01T10:00Z", "2026-03-01T10:00Z", "triggered"),
    ("sent", key("once"), "1", "send", "2026-02-01T10:00Z", "2026-02-01T10:00Z", "benefit"),
)


def phone(end: str) -> str:
    return f"1380000{end}" if end else ""


def make(folder: Path) -> Path:
    """The bank's project, program and data, and what a run over a day wrote."""
    (folder / "bank").mkdir()
    (folder / "bank" / "all.camp").write_text(text(), encoding="utf-8")
    (folder / "bank" / "camp.toml").write_text('[data]\npath = "../data"\n', encoding="utf-8")
    data = folder / "data"
    rows = [
        ",".join((who, role, phone(end), *rest, *([""] * (6 - len(rest)))))
        for who, (role, end, *rest) in PEOPLE.items()
    ]
    csv(data / "customers.csv", "id,role,phone,name,assets,consent,bound,born,opened", *rows, "bad,sent,12,,,yes,,,")
    at = {"view": [(key("count"), "2026-03-03T10:00Z", "loan"), (key("count"), "2026-03-03T11:00Z", "home")]}
    at["view"] += [(key("audience"), f"2026-03-0{day}T10:00Z", "loan") for day in (1, 2)]
    csv(data / "events/view.csv", "customer,at,page", *(",".join(one) for one in at["view"]))
    bought = [
        (key("stale"), "2026-02-28T17:00Z"),
        (key("past"), "2026-02-27T10:00Z"),
        (key("exit"), "2026-03-02T10:00Z"),
    ]
    bought += [(key("narrow"), "2026-03-03T01:30Z")]
    bought += [(key("audience"), "2026-02-02T02:03:04Z")]
    csv(data / "events/bought.csv", "customer,at", *(",".join(one) for one in bought))
    csv(data / "events/clicked.csv", "customer,at")
    csv(data / "events/replied.csv", "customer,at,text", f"{key('sent')},2026-03-03T10:00Z,1")
    csv(data / "events/opted_out.csv", "customer,at", f"{key('gone')},2026-01-01T04:00Z")
    head = "campaign,customer,step,occurrence,outcome,at,started_at,decided_at,kind,recipient"
    past = [
        f"{name},{who},entry,{which},{outcome},{at},{start},{start},{kind},"
        for name, who, which, outcome, at, start, kind in _LEDGER
    ]
    csv(data / "ledger.csv", head, *past)
    assert camp("compile", folder / "bank", "-o", folder / "program.json", "-q").exit_code == 0
    arguments = ("--data", data, "--at", AT, "--for", "1d", "-o", folder / "out", "-q")
    done = camp("plan", folder / "program.json", *arguments)
    assert done.exit_code == 0, done.output
    return folder


def explain(bank: Path, customer: str, *more: Any, lang: str = "en") -> Result:
    arguments = (bank / "out", bank / "program.json", "--data", bank / "data", "--customer", customer)
    return camp("--lang", lang, "explain", *arguments, *more)


def parts(bank: Path, customer: str, *more: Any) -> list[dict[str, Any]]:
    done = explain(bank, customer, "--format", "json", *more)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.output)["parts"]
    return found
