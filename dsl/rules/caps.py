"""Rules about how often."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Related
from dsl.model import Model
from dsl.rules.registry import Worded, rule
from dsl.terms import Cap


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


def _never(cap: Cap, kind: str) -> bool:
    """A cap of zero on this kind for everybody, always."""
    always = cap.count == 0 and cap.when is None and not cap.extras and kind not in cap.exempt
    return always and (not cap.kinds or kind in cap.kinds)
