"""Rules about how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from dsl import week
from dsl.behaviour import DAY as _DAY
from dsl.catalog import TASK
from dsl.diagnostics import Related
from dsl.model import Campaign, Model, Placed
from dsl.rhythm import binding, certain_entries, counted, months, most_through
from dsl.rules.registry import Worded, rule
from dsl.terms import Cap

_MINUTE = 60_000_000


@rule("CAMP411", "cap-never-allows", "error")
def cap_never_allows(model: Model) -> Iterator[Worded]:
    """
    What: A cap of zero, in the campaign or in its policy, covers the campaign's kind.
    Why: Nothing could ever be sent.
    Bad:
        policy strict { quiet 22:00-08:00; cap 0 of benefit per month }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello" }
        }
    Good:
        policy strict { quiet 22:00-08:00; cap 1 of benefit per month }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello" }
        }
    """
    for campaign in model.campaigns.values():
        policy = campaign.policy
        for cap in campaign.caps:
            if _never(cap.value, campaign.kind):
                help = "Raise it, or retire the campaign."
                yield Worded(cap.place, "A cap of zero: this campaign can never send", help)
        for cap in policy.caps:
            if _never(cap.value, campaign.kind):
                related = Related(f"the cap of `{policy.name}`", cap.place)
                forbidden = f"its policy allows no message of the kind `{campaign.kind}`"
                message = f"The campaign `{campaign.name}` can never send: {forbidden}"
                help = "Choose another kind, or talk to the policy's owner."
                yield Worded(campaign.place, message, help, (related,), cap.note.severity)


@rule("CAMP412", "step-over-cap", "warning")
def step_over_cap(model: Model) -> Iterator[Worded]:
    """
    What: A step comes so soon after what the campaign has sent before that a cap refuses it, always or nearly always.
    Why: It would be written, checked and signed, and never be read.
    Bad:
        policy strict { quiet 22:00-08:00; cap 1 of benefit per 7 days }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
          step again after 2 days { message sms { text "Hello again" } }
        }
    Good:
        policy strict { quiet 22:00-08:00; cap 1 of benefit per 7 days }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
          step again after 8 days { message sms { text "Hello again" } }
        }
    """
    for campaign in model.campaigns.values():
        caps = [one for one in campaign.policy.caps if one.note.binds and one.value.when is None]
        chain = [(campaign.kind, 0)]
        for step in sorted(campaign.steps, key=lambda step: step.after):
            if all(message.channel == TASK for message in step.messages):
                continue  # the bank's own staff are no recipients
            wait = week.longest_gap(week.openings(step.window.value if step.window else None, ())) * _MINUTE
            for cap in caps:
                always = _refused(campaign, cap.value, chain, (step.kind, step.after), wait)
                if always is not None:
                    related = (Related("the cap", cap.place),)
                    often = "for all who enter" if always else "for most who enter"
                    help = "Let it come later, give it another kind, or leave it out."
                    said = f"The step `{step.name}` comes too soon: a cap refuses it {often}"
                    yield Worded(step.place, said, help, related)
                    break
            chain.append((step.kind, step.after))


@rule("CAMP413", "rhythm-over-cap", "warning")
def rhythm_over_cap(model: Model) -> Iterator[Worded]:
    """
    What: By its own rhythm a campaign comes more often in a month than a cap ever lets through.
    Why: The cap refuses the rest every month, for everybody: what was planned weekly is read once.
    Bad:
        policy strict { quiet 22:00-08:00; cap 1 of benefit per month }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-04-30
          audience { region = "county" }
          start every week on mon
          message sms { text "Hello" }
        }
    Good:
        policy strict { quiet 22:00-08:00; cap 1 of benefit per month }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-04-30
          audience { region = "county" }
          start every month on day 2
          message sms { text "Hello" }
        }
    """
    for campaign in model.campaigns.values():
        for first, last in months(*campaign.runs.value) if not campaign.broken else ():
            many = certain_entries(campaign, first, last)
            found = _least((*campaign.policy.caps, *campaign.caps), campaign.kind, first, last)
            most = most_through(found.value) if found else 0
            if found and 0 < most < many:
                said = f"This comes {many} times in {first:%Y-%m} by its own rhythm, and a cap lets {most} through"
                help = "Let it come less often, or raise the cap."
                yield Worded(campaign.start.place, said, help, (Related("the cap", found.place),))
                break


def _least(caps: Sequence[Placed[Cap]], kind: str, first: date, last: date) -> Placed[Cap] | None:
    """The cap that lets the fewest of a kind through in a month."""
    mine = [cap for cap in binding(caps, first, last) if counted(cap.value, kind)]
    return min(mine, key=lambda cap: most_through(cap.value), default=None)


def _refused(
    campaign: Campaign, cap: Cap, chain: list[tuple[str, int]], step: tuple[str, int], wait: int
) -> bool | None:
    """Whether a cap refuses a step always (or mostly), all before it having been sent; None where it does not.

    wait: for its window at most, in microseconds.
    """
    kind, after = step
    if not counted(cap, kind) or cap.extras:
        return None
    within = {"rolling": cap.days, "month": 28, "week": 7, "day": 1}[cap.period] * _DAY
    # By local dates: what comes so late in its window that its date is one later may be free again.
    latest = after + wait + _DAY
    before = [one for one in chain if counted(cap, one[0]) and latest - one[1] <= within]
    if len(before) < cap.count:
        return None
    first, last = campaign.runs.value
    same = first.strftime("%Y-%m") == last.strftime("%Y-%m") if cap.period == "month" else False
    if cap.period == "week":
        same = first.isocalendar()[:2] == last.isocalendar()[:2]
    if cap.period == "rolling" or same:
        return True
    # Of a calendar period most of the days must lie before the turn.
    soon = [one for one in before if (latest - one[1]) * 4 <= within]
    return False if len(soon) >= cap.count else None


def _never(cap: Cap, kind: str) -> bool:
    """A cap of zero on this kind for everybody, always."""
    always = cap.count == 0 and cap.when is None and not cap.extras and kind not in cap.exempt
    return always and (not cap.kinds or kind in cap.kinds)
