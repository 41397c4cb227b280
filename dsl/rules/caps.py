"""Rules about how often."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Related
from dsl.model import Model
from dsl.rules.registry import Worded, rule


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
        for cap in campaign.caps:
            if cap.value.count == 0 and (not cap.value.kinds or campaign.kind in cap.value.kinds):
                yield Worded(
                    cap.place, "A cap of zero: this campaign can never send", "Raise it, or retire the campaign."
                )
        for cap in campaign.policy.caps:
            if cap.value.count == 0 and (not cap.value.kinds or campaign.kind in cap.value.kinds):
                related = Related(f"the cap of `{campaign.policy.name}`", cap.place)
                message = f"The campaign `{campaign.name}` can never send: its policy allows none of {campaign.kind}"
                yield Worded(campaign.place, message, "Choose another kind, or talk to the policy's owner.", (related,))
