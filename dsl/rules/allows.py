"""Mistakes of comments that allow a finding: `# camp: allow CODE until DATE because "…"`."""

from __future__ import annotations

from dsl.diagnostics import Fix, Place
from dsl.rules.registry import Worded, finding

LONGEST = 366  # days


@finding("CAMP701", "allow-not-readable")
def allow_not_readable(place: Place, why: str, help: str, fix: Fix | None = None) -> Worded:
    """
    What: A `# camp:` comment is not of the form `# camp: allow CODE until DATE because "…"`, or names a rule that there is not.
    Why: Whoever wrote it believes that a finding is allowed. Without a date nobody looks again; without a reason nobody can.
    Bad:
        segment rich = assets > 30_000 CNY  # camp: allow CAMP411 until 2026-06-30
    Good:
        policy strict { quiet 22:00-08:00; cap 0 of benefit per month }
        # camp: allow CAMP411 until 2026-06-30 because "paused by the branch until summer"
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello" }
        }
    """
    return Worded(place, why, help, fix=fix)


@finding("CAMP702", "allow-unused", "warning")
def allow_unused(place: Place, code: str) -> Worded:
    """
    What: A comment allows what is not found in the line or statement that it covers.
    Why: It was mended, or has moved away from its comment. Left there, it would hide the next such mistake.
    Bad:
        # camp: allow CAMP401 until 2026-06-30 because "the branch is open late"
        segment rich = assets > 30_000 CNY
    Good:
        segment rich = assets > 30_000 CNY
    """
    help = "Delete it, or put it on the line of the finding, or alone above its statement."
    return Worded(place, f"This allows `{code}`, which is not found here", help)


@finding("CAMP703", "allow-expired")
def allow_expired(place: Place, code: str, until: str) -> Worded:
    """
    What: A comment has allowed a finding until a day that is past. The finding is told again.
    Why: The date is the promise to look again.
    Bad:
        # camp: allow CAMP421 until 2026-01-31 because "the calendar comes in November"
        segment rich = assets > 30_000 CNY
    Good:
        segment rich = assets > 30_000 CNY
    """
    help = "Mend what it allowed and delete it; or decide anew, and write a later day and the reason of today."
    return Worded(place, f"This allowed `{code}` until {until}", help)


@finding("CAMP704", "allow-too-long")
def allow_too_long(place: Place, until: str, latest: str) -> Worded:
    """
    What: A comment would allow a finding for more than 366 days.
    Why: What is fine for years is no exception: the policy or camp.toml should say so, for everyone to see.
    Bad:
        # camp: allow CAMP421 until 2031-12-31 because "it is only an estimate"
        segment rich = assets > 30_000 CNY
    Good:
        segment rich = assets > 30_000 CNY
    """
    help = f"Write {latest} or an earlier day; who decides anew then sees the reason again."
    return Worded(place, f"{until} is more than {LONGEST} days away", help)


@finding("CAMP705", "not-for-allowing")
def not_for_allowing(place: Place, code: str) -> Worded:
    """
    What: A comment allows an error that leaves nothing to compile: words that mean nothing, a message that cannot be made.
    Why: Allowing it would not compile it. Comments and camp.toml may decide what is sent, not what a word means.
    Bad:
        # camp: allow CAMP301 until 2026-06-30 because "the field comes next week"
        segment rich = assets > 30_000 CNY
    Good:
        segment rich = assets > 30_000 CNY
    """
    return Worded(place, f"`{code}` cannot be allowed: nothing could be compiled", "Mend what is found.")
