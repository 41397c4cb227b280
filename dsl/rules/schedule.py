"""Rules about when: windows, quiet hours, expiry."""

from __future__ import annotations

from collections.abc import Iterator

from dsl import week
from dsl.diagnostics import Related
from dsl.model import Campaign, Model
from dsl.rules.registry import Worded, rule
from dsl.terms import Happening

_MINUTE = 60_000_000


@rule("CAMP401", "window-in-quiet-hours", "error")
def window_in_quiet_hours(model: Model) -> Iterator[Worded]:
    """
    What: The campaign's window lies wholly inside the quiet hours of its policy.
    Why: Nothing could ever be sent, and the campaign would be silent without a word.
    Bad:
        campaign late { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          window 22:30-23:30
          message sms { text "Hello" }
        }
    Good:
        campaign late { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          window 20:30-21:30
          message sms { text "Hello" }
        }
    Source: The article: no messages between 22:00 and 08:00.
    """
    for campaign in model.campaigns.values():
        quiets = campaign.policy.quiet
        if campaign.window and quiets and not _openings(campaign):
            related = tuple(Related(f"the quiet hours of `{campaign.policy.name}`", quiet.place) for quiet in quiets)
            help = "Move the window into the hours that the policy leaves open."
            yield Worded(campaign.window.place, "The quiet hours leave nothing of this window", help, related)


@rule("CAMP402", "expires-before-opening", "error")
def expires_before_opening(model: Model) -> Iterator[Worded]:
    """
    What: The campaign expires sooner than the longest wait between two openings of its window.
    Why: Whoever starts right after an opening closes would be dropped before the next one, every week.
    Bad:
        campaign weekly { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          window wed 16:00-18:00
          expire after 2 days
          message sms { text "Hello" }
        }
    Good:
        campaign weekly { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          window wed 16:00-18:00
          expire after 7 days
          message sms { text "Hello" }
        }
    """
    for campaign in model.campaigns.values():
        found = _openings(campaign)
        gap = week.longest_gap(found)
        if campaign.expire and found and campaign.expire.value < gap * _MINUTE:
            related = (Related("its window", campaign.window.place),) if campaign.window else ()
            days, hours = divmod(-(-gap // 60), 24)
            wait = f"{days} days {hours} hours" if hours else f"{days} days"
            help = f"Its openings lie up to {wait} apart: let it expire after that, or open more often."
            yield Worded(campaign.expire.place, "This expires before the window opens again", help, related)


@rule("CAMP403", "event-start-needs-expire", "error")
def event_start_needs_expire(model: Model) -> Iterator[Worded]:
    """
    What: A campaign that starts when something happens does not say after what time it is too late.
    Why: The first run would answer what customers did months ago.
    Bad:
        campaign eager { policy rules; kind triggered; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start when count(tick in last 7 days) reaches 4
          message sms { text "Hello" }
        }
    Good:
        campaign eager { policy rules; kind triggered; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start when count(tick in last 7 days) reaches 4
          expire after 3 days
          message sms { text "Hello" }
        }
    """
    for campaign in model.campaigns.values():
        if isinstance(campaign.start.value, Happening) and campaign.expire is None:
            message = f"The campaign `{campaign.name}` starts when something happens, and never expires"
            yield Worded(campaign.start.place, message, "Add a line such as `expire after 3 days`.")


def _openings(campaign: Campaign) -> week.Openings:
    quiets = [quiet.value for quiet in campaign.policy.quiet]
    return week.openings(campaign.window.value if campaign.window else None, quiets)
