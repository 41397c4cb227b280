"""Rules about how long a message is: at its longest, and where it can never be short enough."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Severity
from dsl.model import Campaign, Message, Model, Placed
from dsl.rules.asking import behind
from dsl.rules.registry import Worded, rule


@rule("CAMP541", "may-be-too-long", "warning")
def may_be_too_long(model: Model) -> Iterator[Worded]:
    """
    What: With its longest values a message takes more segments or characters than its policy allows.
    Why: Whoever has the long name gets nothing; where even the fixed words are too long, nobody gets anything.
    Bad:
        policy strict { quiet 22:00-08:00; limit 1 segments }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms {
            scene  "{{ customer.nickname | default("") }}，您在我行的额度已经提升，凭身份证即可在线申请"
            action "也欢迎您到附近的网点咨询客户经理，或致电我行的客户服务中心"
          }
        }
    Good:
        policy strict { quiet 22:00-08:00; limit 2 segments }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms {
            scene  "{{ customer.nickname | default("") }}，您在我行的额度已经提升，凭身份证即可在线申请"
            action "也欢迎您到附近的网点咨询客户经理，或致电我行的客户服务中心"
          }
        }
    Source: Aliyun 44335: up to 70 characters one segment, then 67 each, at most 500
    """
    for campaign in model.campaigns.values():
        policy, span = campaign.policy, campaign.runs.value
        limits = [(one, "segments") for one in policy.limits if one.note.in_force(*span)]
        limits += [(one, "characters") for one in policy.longest if one.note.in_force(*span)]
        if not limits or campaign.broken:
            continue
        for message in (one.message for one in campaign.spoken()):
            if "sms" in (message.channel, message.otherwise):
                yield from _over(model, campaign, message, limits)


def _over(
    model: Model, campaign: Campaign, message: Message, limits: list[tuple[Placed[int], str]]
) -> Iterator[Worded]:
    from dsl.templates.longest import TEXT, longest

    most = longest(model, campaign, message)
    if most is None:
        return
    for one, unit in limits:
        size, least = _size(most.text, unit), _size(_least(model, campaign, message), unit)
        if size <= one.value:
            continue
        severity: Severity = "error" if least > one.value and one.note.severity == "error" else "warning"
        said = f"At its longest the message takes {size} {unit}, and {one.value} are allowed"
        if severity == "error":
            said = f"Even at its shortest the message takes {least} {unit}, and {one.value} are allowed"
        help = "Say it in fewer words."
        if most.assumed:
            names = ", ".join(f"`{name}`" for name in most.assumed)
            help = f"Say it in fewer words, or declare how long {names} can be, as `text(8)`: {TEXT} were taken."
        yield Worded(message.place, said, help, (behind(campaign.policy, one),), severity)


def _size(text: str, unit: str) -> int:
    from dsl.render.segments import segments, units

    return segments(text) if unit == "segments" else units(text)


def _least(model: Model, campaign: Campaign, message: Message) -> str:
    """The shortest text, without any value of a variable."""
    from dsl.templates.copy import HOLE
    from dsl.templates.ways import ways

    texts = (way.text.replace(HOLE, "") for way in ways(model, campaign, message))
    return min(texts, key=len, default="")
