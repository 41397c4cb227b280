"""The edges of every rule, decided by hand from docs/semantics.md, row for row: tests/edges at 2026-03-06 09:00 in Shanghai.

That is 01:00 in UTC, Thursday 20:00 in New York, Friday 14:00 in Auckland, 10:00 in Tokyo and 06:30 in Kolkata; three days end at
01:00 on Monday. Buckets: c40 has 216 of the control's 300; of the holdout's 479, c09 has 196, c10 401 and c29 479.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from runtime.cli.compile import compiled
from runtime.execute import execute
from tests.banks import picked, read, rows_of

BANK = Path(__file__).parent / "edges"
AT = datetime(2026, 3, 6, 1, tzinfo=UTC)

# campaign, customer, occurrence, outcome, reason; instant in UTC and local date.
EXPECTED = """
keen    c04 v28 send       -                 2026-03-06 01:00 2026-03-06  # again exactly 7 days after its last start
keen    c37 v03 send       -                 2026-03-06 01:00 2026-03-06
keen    c44 v06 send       -                 2026-03-06 01:00 2026-03-06  # the ledger's `sent` is no outcome: refused
keen    c46 v12 send       -                 2026-03-06 01:00 2026-03-06  # alive by a microsecond; c45 is dead by none
keen    c47 v16 send       -                 2026-03-06 01:00 2026-03-06  # v13 is 7 days before v15, and no longer counted
keen    c49 v22 send       -                 2026-03-06 02:30 2026-03-06  # Kolkata's quiet hours end
monday  c03 1   deferred   horizon           2026-03-09 14:00 2026-03-09  # New York, which has sprung forward by then
monday  c04 1   send       -                 2026-03-08 21:00 2026-03-09  # Auckland's Monday is our Sunday
monday  c22 1   suppressed cap               -                -           # two of March in the ledger, the third is spring's
monday  c25 1   deferred   horizon           2026-03-09 01:00 2026-03-09  # Tokyo's window opens when the horizon ends
monday  c50 1   deferred   horizon           2026-03-09 02:00 2026-03-09
spring  c01 1   send       -                 2026-03-06 08:00 2026-03-06  # 10,000 is enough
spring  c05 1   send       -                 2026-03-06 08:00 2026-03-06  # the loan is 30 days old; 70 characters
spring  c07 1   suppressed no_consent        -                -
spring  c08 1   suppressed opted_out         -                -
spring  c09 1   control    holdout           2026-03-06 08:00 2026-03-06
spring  c10 1   suppressed no_consent        -                -           # before the holdout
spring  c11 1   suppressed no_address        -                -
spring  c12 1   suppressed duplicate_address -                -           # c01 has the phone
spring  c13 1   send       -                 2026-03-06 08:00 2026-03-06  # will opt out a microsecond later
spring  c18 1   suppressed banned_word       -                -           # 保证
spring  c19 1   send       -                 2026-03-06 08:00 2026-03-06  # 免保证金
spring  c20 1   suppressed too_long          -                -           # 71 characters
spring  c21 1   send       -                 2026-03-06 21:00 2026-03-06  # New York
spring  c22 1   send       -                 2026-03-06 03:00 2026-03-06  # Auckland
spring  c23 1   send       -                 2026-03-06 10:30 2026-03-06  # Kolkata
spring  c24 2   send       -                 2026-03-06 08:00 2026-03-06  # again: 90 days end now
spring  c26 2   deferred   horizon           2026-03-11 08:00 2026-03-11  # again: 90 days end on Sunday; c25's after the horizon
spring  c27 1   expired    no_opening        -                -           # expires at 16:00, when the window opens
spring  c28 1   send       -                 2026-03-06 08:00 2026-03-06  # expires a microsecond later
spring  c29 1   send       -                 2026-03-06 08:00 2026-03-06  # the first bucket outside of the holdout
spring  c30 1   expired    late              -                -           # expires now
spring  c31 1   expired    left              -                -           # has moved to the city
spring  c32 1   suppressed no_consent        -                -
spring  c33 2   send       -                 2026-03-06 08:00 2026-03-06  # of two open ones the earlier
spring  c35 1   send       -                 2026-03-06 08:00 2026-03-06  # the ledger's row is of a later run
spring  c36 1   suppressed cap               -                -           # welcomed today
spring  c37 1   suppressed cap               -                -           # keen goes before
spring  c38 1   suppressed cap               -                -           # sent after midnight in Shanghai
spring  c39 1   suppressed cap               -                -           # three in March
spring  c40 1   control    global            2026-03-06 08:00 2026-03-06
spring  c41 1   send       -                 2026-03-06 08:00 2026-03-06  # two in March, one a second before
spring  c42 2   suppressed cap               -                -           # sent 29 days ago
spring  c43 2   send       -                 2026-03-06 08:00 2026-03-06  # sent 30 days ago
welcome c08 1   suppressed opted_out         -                -
welcome c12 1   suppressed duplicate_address -                -
welcome c32 1   send       -                 2026-03-06 01:00 2026-03-06  # notices ask for no consent
welcome c36 1   send       -                 2026-03-06 01:00 2026-03-06
welcome c40 1   send       -                 2026-03-06 01:00 2026-03-06  # service knows no control
welcome c48 1   send       -                 2026-03-06 01:00 2026-03-05  # by New York's date; c03's and c45's do not fit
"""
NAMES = ("campaign", "customer", "occurrence", "outcome", "reason", "at", "local_date")


def expected() -> list[tuple[str | None, ...]]:
    rows = []
    for line in EXPECTED.strip().splitlines():
        campaign, customer, occurrence, outcome, reason, *when = line.split("#")[0].split()
        at, day = (f"{when[0]} {when[1]}:00", when[2]) if len(when) == 3 else (None, None)
        rows.append((campaign, customer, occurrence, outcome, None if reason == "-" else reason, at, day))
    return rows


def test_every_candidate_is_decided_as_by_hand() -> None:
    run = execute(compiled(BANK), BANK, AT, timedelta(days=3))
    try:
        found = [tuple(value if value is None else str(value) for value in row) for row in picked(rows_of(run), *NAMES)]
    finally:
        run.engine.close()
    assert found == expected()


def test_what_the_loader_refuses() -> None:
    found = read(compiled(BANK), BANK, ("view", "loan", "opted_out"), AT)
    assert found.refused("source", "row", "key", "field", "reason") == [
        ("customers", 14, "c14", "phone", "is no valid phone number"),
        ("customers", 15, "c15", "zone", "is no time zone"),
        ("customers", 16, "c16", "id", "stands on more than one row"),
        ("customers", 17, "c16", "id", "stands on more than one row"),
        ("ledger", 29, "c44", "outcome", "is no outcome"),
    ]
