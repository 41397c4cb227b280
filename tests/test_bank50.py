"""A bank of fifty customers, every decision written down by hand from docs/semantics.md.

The run speaks for Wednesday 2026-03-04 09:00 in Shanghai, one day far (until Thursday 09:00). Wall clocks are the recipient's.
`once` sends on Wednesday or Friday at 16:00, `third` at once (three views within a week, within two days of the third),
`early` between 08:00 and 09:00, so not at nine sharp but on the next morning.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from dsl.compiler import analyse
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.execute import Run, execute
from runtime.relational.sql import table

BANK = """brand b "某行" { zone "Asia/Shanghai"; currency CNY; phones "CN"; rejects 20% }
customer { id key; phone phone?; name text?; assets money?; vip flag?; city text?; consent flag; zone zone? }
event view
policy p {
  quiet 22:00-08:00
  require consent consent
  limit 1 segments
  ban "免审" because "x"
  cap 1 per day
  cap 2 per week
  cap 1 of benefit per month
}
campaign once { policy p; kind benefit; runs 2026-03-01..2026-03-31; priority 1; window wed, fri 16:00-18:00; expire after 7 days
  audience { assets >= 100 CNY }
  start once
  message sms { text "{{ customer.name | default("您") }}好" }
}
campaign third { policy p; kind triggered; runs 2026-03-01..2026-03-31; priority 9; expire after 2 days
  audience { not vip }
  start when count(view in last 7 days) reaches 3
  message sms { text "您好" }
}
campaign early { policy p; kind product_reminder; runs 2026-03-01..2026-03-31; window 08:00-09:00; cap 1 per 30 days
  audience { city = "x" }
  start once
  again after 10 days
  message sms { text "早" }
}
campaign old { retired }
"""
AT, HORIZON = datetime(2026, 3, 4, 1, tzinfo=UTC), timedelta(days=1)
NY, IN, SH = "America/New_York", "Asia/Kolkata", "Asia/Shanghai"
H, D = 1, 24

# (what is said of the customer beyond a phone of their own and consent, views so many hours ago, past decisions,
#  campaign → outcome: a wall clock is a send, a word with one is a control or deferred, else outcome and reason)
PEOPLE: list[tuple[dict[str, object], tuple[float, ...], tuple[tuple[str, str, str, str], ...], dict[str, str]]] = [
    ({}, (), (), {}),  # 0: nothing is known
    ({"assets": "100.00"}, (), (), {"once": "03-04 16:00"}),
    ({"assets": "99.99"}, (), (), {}),
    ({"assets": None}, (), (), {}),  # missing: the test is false
    ({"assets": "100.00", "consent": False}, (), (), {"once": "suppressed no_consent"}),
    ({"assets": "100.00", "phone": None}, (), (), {"once": "suppressed no_address"}),  # 5
    ({"assets": "100.00", "out": 1}, (), (), {"once": "suppressed opted_out"}),
    ({"assets": "100.00", "out": -1}, (), (), {"once": "03-04 16:00"}),  # refused an hour after the run's instant
    ({"assets": "100.00", "name": "长" * 70}, (), (), {"once": "suppressed too_long"}),  # 71 characters
    ({"assets": "100.00", "name": "长" * 69}, (), (), {"once": "03-04 16:00"}),  # 70
    ({"assets": "100.00", "name": "免审"}, (), (), {"once": "suppressed banned_word"}),  # 10
    ({"assets": "100.00", "zone": NY}, (), (), {"once": "03-04 16:00"}),  # Tuesday 20:00 there
    ({"assets": "100.00", "zone": IN}, (), (), {"once": "03-04 16:00"}),
    ({"city": "x"}, (), (), {"early": "03-05 08:00"}),
    ({"city": "x", "zone": NY}, (), (), {"early": "03-04 08:00"}),
    ({"city": "x", "zone": IN}, (), (), {"early": "03-04 08:00"}),  # 15: 06:30 there, an hour and a half to wait
    ({"city": "y"}, (), (), {}),
    ({"assets": "100.00", "city": "x"}, (), (), {"once": "03-04 16:00", "early": "03-05 08:00"}),
    ({"assets": "100.00", "city": "x", "zone": NY}, (), (), {"once": "03-04 16:00", "early": "suppressed cap"}),  # one day
    ({"assets": "100.00", "city": "x", "zone": IN}, (), (), {"once": "03-04 16:00", "early": "suppressed cap"}),
    ({}, (1, 2, 3), (), {"third": "03-04 09:00"}),  # 20
    ({}, (1, 2), (), {}),
    ({}, (1, 2, 7 * D), (), {"third": "03-04 09:00"}),  # the third came an hour ago; a week before it reaches further back
    ({}, (1, 2, 7 * D + 1), (), {}),  # exactly a week before the third: out
    ({}, (2 * D - 1, 2 * D, 2 * D + 1), (), {"third": "03-04 09:00"}),  # the third 47 hours ago
    ({}, (2 * D, 2 * D + 1, 2 * D + 2), (), {}),  # 25: 48 hours ago: over
    ({}, (1, 2, 3, 4), (), {"third": "03-04 09:00"}),  # the fourth starts nothing new
    ({}, (0, 2, 3), (), {"third": "03-04 09:00"}),  # at the run's own instant
    ({}, (-1, 2, 3), (), {}),  # after it
    ({"vip": True}, (1, 2, 3), (), {}),
    ({"vip": False}, (1, 2, 3), (), {"third": "03-04 09:00"}),  # 30
    ({"zone": IN}, (1, 2, 3), (), {"third": "03-04 08:00"}),  # quiet until eight
    ({"zone": NY}, (1, 2, 3), (), {"third": "03-03 20:00"}),
    ({"assets": "100.00"}, (1, 2, 3), (), {"third": "03-04 09:00", "once": "suppressed cap"}),  # priority, one a day
    ({"assets": "100.00", "zone": NY}, (1, 2, 3), (), {"third": "03-03 20:00", "once": "03-04 16:00"}),
    ({"assets": "100.00", "city": "x", "zone": NY}, (1, 2, 3), (),
     {"third": "03-03 20:00", "once": "03-04 16:00", "early": "suppressed cap"}),
    ({"city": "x"}, (1, 2, 3), (), {"third": "03-04 09:00", "early": "03-05 08:00"}),  # 36
    ({"assets": "100.00", "city": "x"}, (), (("old", "1", "send", "03-02 10:00"),),
     {"once": "03-04 16:00", "early": "suppressed cap"}),
    ({"assets": "100.00"}, (), (("old", "1", "send", "03-02 10:00"), ("old", "2", "send", "03-03 10:00")),
     {"once": "suppressed cap"}),
    ({"assets": "100.00"}, (), (("old", "1", "send", "03-01 10:00"), ("old", "2", "send", "02-28 10:00")),
     {"once": "03-04 16:00"}),
    ({"assets": "100.00"}, (), (("old", "1", "benefit", "03-01 10:00"),), {"once": "suppressed cap"}),  # 40: a benefit in March
    ({"assets": "100.00"}, (), (("old", "1", "benefit", "02-28 10:00"),), {"once": "03-04 16:00"}),
    ({"assets": "100.00"}, (), (("once", "1", "send", "02-01 10:00"),), {}),  # once and for all
    ({"assets": "100.00"}, (), (("once", "1", "control", "02-01 10:00"),), {}),
    ({"assets": "1.00"}, (), (("once", "1", "suppressed", "03-03 10:00"),), {"once": "expired left"}),
    ({"assets": "100.00"}, (), (("once", "1", "suppressed", "02-25 09:00"),), {"once": "expired late"}),  # 45: seven days
    ({"assets": "100.00"}, (), (("once", "1", "suppressed", "02-25 09:01"),), {"once": "expired no_opening"}),  # until 09:01
    ({"city": "x"}, (), (("early", "1", "send", "02-23 08:00"),), {"early": "suppressed cap"}),  # again, but within 30 days
    ({"city": "x"}, (), (("early", "1", "send", "02-02 08:00"),), {"early": "03-05 08:00"}),  # 31 days before
    ({"city": "x"}, (), (("early", "1", "control", "02-22 09:00"),), {"early": "03-05 08:00"}),  # ten days on, and no send
]  # fmt: skip


def key(number: int) -> str:
    return f"k{number:02}"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("bank50")
    (folder / "events").mkdir()
    people = [
        {
            "phone": f"138000001{number:02}",
            "consent": True,
            "vip": None,
            "name": None,
            "city": None,
            "zone": None,
            "assets": None,
        }
        | said
        | {"id": key(number)}
        for number, (said, *_) in enumerate(PEOPLE)
    ]
    columns = ("id", "phone", "name", "assets", "vip", "city", "consent", "zone")
    pq.write_table(
        pa.table({name: [row.get(name) for row in people] for name in columns}), folder / "customers.parquet"
    )
    views = [
        (key(n), AT - timedelta(hours=ago), f"v{n}-{at}")
        for n, (_, v, *_) in enumerate(PEOPLE)
        for at, ago in enumerate(v)
    ]
    outs = [
        (row["id"], AT - timedelta(hours=float(str(row["out"]))), f"o{row['id']}") for row in people if "out" in row
    ]
    for name, rows in (("view", views), ("opted_out", outs)):
        columns_ = {"customer": 0, "at": 1, "id": 2}
        pq.write_table(
            pa.table({name_: [row[at] for row in rows] for name_, at in columns_.items()}),
            folder / f"events/{name}.parquet",
        )
    past = [(key(n), *row) for n, (_, _, rows, _) in enumerate(PEOPLE) for row in rows]
    pq.write_table(ledger(past), folder / "ledger.parquet")
    found = analyse([Source("bank.camp", BANK)])
    assert found.model is not None and not found.errors, [one.message for one in found.found]
    return execute(lower(found.model, Settings()), folder, AT, HORIZON)


def ledger(past: list[tuple[str, ...]]) -> pa.Table:
    """Started, decided and sent at the wall clock that is named; of kind benefit where that stands for the outcome."""
    at = [datetime.fromisoformat(f"2026-{row[4]}").replace(tzinfo=ZoneInfo(SH)).astimezone(UTC) for row in past]
    outcome = ["send" if row[3] == "benefit" else row[3] for row in past]
    return pa.table(
        {
            "customer": [row[0] for row in past],
            "campaign": [row[1] for row in past],
            "occurrence": [row[2] for row in past],
            "outcome": outcome,
            "kind": ["benefit" if row[3] == "benefit" else None for row in past],
            "at": [when if what in ("send", "control") else None for when, what in zip(at, outcome, strict=True)],
            "started_at": at,
            "decided_at": at,
        }
    )


def test_every_decision_is_the_one_written_down(run: Run) -> None:
    query = exp.select("customer", "campaign", "outcome", "reason", exp.column("at", quoted=True), "zone", "local_date")
    found: dict[str, dict[str, str]] = {key(number): {} for number in range(len(PEOPLE))}
    for customer, campaign, outcome, reason, at, zone, day in run.engine.rows(query.from_(table("outcomes"))):
        shown = f"{outcome} {reason}"
        if outcome == "send":
            wall = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
            assert wall.date() == day
            shown = f"{wall:%m-%d %H:%M}"
        found[customer][campaign] = shown
    assert found == {key(number): expected for number, (*_, expected) in enumerate(PEOPLE)}


def test_there_are_fifty_of_them() -> None:
    assert len(PEOPLE) == 50
