"""A first project as text: the .camp files and the camp.toml for what a survey found. What only the bank knows says FILL IN."""

from __future__ import annotations

import json
import re

from dsl.catalog import EVENTS, OPT_OUT_EVENT
from runtime.inference import REGION
from runtime.survey import CONSENT, CURRENCY, Event, Survey

ZONE = "Asia/Shanghai"
CAMPAIGN = "first_campaign"


def project(found: Survey, path: str, year: int) -> dict[str, str]:
    """File name → text. `path`: of the data, from the project's folder. `year`: in which the campaign begins."""
    consent = next((one.name for one in found.customers if one.base == "flag" and CONSENT.search(one.name)), None)
    files = {
        "bank.camp": _bank(found),
        "policy.camp": _policy(consent),
        f"{CAMPAIGN}.camp": campaign(found.test[0], year),
        "tests.camp": _tests(found, consent, year),
        "camp.toml": _settings(found, path),
    }
    past = [f"campaign {name} {{ retired }}" for name in found.retired if name != CAMPAIGN]
    if past:
        files["retired.camp"] = "\n".join(["# Only the ledger knows these: their sends count for the caps.", *past, ""])
    return files


def _bank(found: Survey) -> str:
    rejects = min(int(found.bad * 100) + 1, 100)
    width = max(len(one.name) for one in found.customers)
    declared = "\n".join(f"  {one.name.ljust(width)} {one.declared}" for one in found.customers)
    events = [one for one in found.events if one.name not in EVENTS]
    return f"""# The bank: who sends, and what is known about whom. Written by `camp init`: fill in every line that says FILL IN.

brand bank "FILL IN 银行名" {{
  signature "【FILL IN】"            # FILL IN: the name that a message begins with
  opt_out   "拒收请回复R"            # FILL IN: what a recipient answers to get nothing more
  zone      "{ZONE}"        # FILL IN: where the bank's day begins
  currency  {CURRENCY}                     # FILL IN
  holidays  "{REGION}"                    # FILL IN: whose holidays `workdays` and `skip holidays` mean
  phones    "{REGION}"                    # FILL IN: the country of numbers without a country code
  rejects   {rejects}%                      # more bad rows than this, and a run stops
}}

# Inferred from the data. Add `sensitive` behind account data.
customer {{
{declared}
}}
""" + "".join(f"\n{_declared(event)}\n" for event in events)


def _declared(event: Event) -> str:
    inner = "; ".join(f"{one.name} {one.declared}" for one in event.properties)
    return f"event {event.name}" + (f" {{ {inner} }}" if inner else "")


def _policy(consent: str | None) -> str:
    asked = f"  require consent {consent}\n" if consent else "  # FILL IN: require consent FLAG\n"
    return f"""# What the compliance officer owns.

policy bank_marketing {{
  quiet   22:00-08:00                # FILL IN: in the recipient's zone
  require signature first, opt_out last
{asked}  limit   2 segments
  cap     1 per day
  cap     4 per 30 days
}}
"""


def campaign(line: str, year: int) -> str:
    return f"""# A first campaign, to be replaced.

campaign {CAMPAIGN} "FILL IN" {{
  kind   benefit
  policy bank_marketing
  runs   {year}-01-01..{year + 1}-12-31

  audience {{
    {line}
  }}

  start  once
  window 09:00-21:00

  message sms {{
    text "FILL IN 您好，欢迎了解我行服务"
  }}
}}
"""


def _tests(found: Survey, consent: str | None, year: int) -> str:
    reachable = any(one.base == "phone" for one in found.customers)
    phone = "".join(f'{one.name} "13800000001"; ' for one in found.customers if one.base == "phone")
    agreed = f"{consent} yes; " if consent else ""
    expected = f'send of {CAMPAIGN} containing "您好"' if reachable else f"no send of {CAMPAIGN} because no_address"
    return f"""# What the bank promises itself: `camp test` runs these.

test "whom the first campaign is for" {{
  at {year}-03-04T10:00
  customer {{ {phone}{agreed}{found.test[1]} }}
  expect {expected}
}}

test "who refused messages gets nothing" {{
  at {year}-03-04T10:00
  customer {{ {phone}{agreed}{found.test[1]} }}
  event {OPT_OUT_EVENT} 1 day ago
  expect no send of {CAMPAIGN}
}}
"""


def _settings(found: Survey, path: str) -> str:
    lines = ["# Where the data is, and which column is which field (only where the names differ).", "", "[data]"]
    lines += [
        f"path = {_toml(path)}",
        f"zone = {_toml(ZONE)}   # FILL IN: instants without an offset are read in this zone",
    ]
    lines.append('# missing = ["unknown"]   # words in text columns that mean: not known')
    tables = [("customers", {one.name: one.column for one in found.customers})]
    for event in found.events:
        tables.append((f"events.{event.name}", event.columns | {one.name: one.column for one in event.properties}))
    for name, columns in tables:
        mapped = {key: column for key, column in columns.items() if key != column}
        head = ".".join(_bare(part) for part in name.split("."))
        lines += ["", f"[data.{head}]", *(f"{_bare(k)} = {_toml(c)}" for k, c in mapped.items())] if mapped else []
    return "\n".join([*lines, "", "[run]", 'engine = "duckdb"', ""])


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)


def _toml(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
