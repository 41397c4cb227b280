"""Rules about what a policy does not take at all: characters, variables side by side, products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from dsl.catalog import TO_PHONES
from dsl.diagnostics import Fix, Severity
from dsl.model import Campaign, Message, Model, Placed
from dsl.rules.asking import behind
from dsl.rules.registry import Worded, rule
from dsl.rules.within import fixed, inside, placed
from dsl.terms import Refusal

# What only points or decorates: leaving it out changes no meaning.
_DECORATION = frozenset("→←↑↓➔➜➡►▶◆◇■□●○★☆※♥♡✓✔❤")


@rule("CAMP522", "character-refused", "error")
def character_refused(model: Model) -> Iterator[Worded]:
    """
    What: Copy holds a character that the policy does not take.
    Why: A vendor refuses the whole template, or a phone shows a box in its place.
    Bad:
        policy vendor { quiet 22:00-08:00; refuse characters "→★" because "模板不支持" }
        campaign gift { policy vendor; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "点击申请→" }
        }
    Good:
        policy vendor { quiet 22:00-08:00; refuse characters "→★" because "模板不支持" }
        campaign gift { policy vendor; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "点击申请" }
        }
    Source: Tencent, Qiniu, Huawei: template rules
    """
    for campaign, one in _refused(model, "characters"):
        for message in _messages(campaign):
            notes = (behind(campaign.policy, one),), one.note.severity
            for element, place in placed(message):
                text = fixed(element.text)
                for at, char in enumerate(text):
                    if char in one.value.text and char != " ":
                        where = inside(place, at, at + 1)
                        fix = Fix(where.span, "", safe=True) if char in _DECORATION and where != place else None
                        said = f'"{char}" is refused: {one.value.because}'
                        yield Worded(where, said, "Leave it out, or say it in words.", *notes, fix=fix)
            yield from _elsewhere(model, campaign, message, one)
            marks = {*"".join(_marks(campaign, message))} & {*one.value.text} - {" "}
            for char in sorted(marks):
                said = f'"{char}" is refused, and the policy joins the message with it: {one.value.because}'
                help = 'State other marks in your policy, as `marks "，" "。" "、"`.'
                yield Worded(message.place, said, help, *notes)


def _elsewhere(model: Model, campaign: Campaign, message: Message, one: Placed[Refusal]) -> Iterator[Worded]:
    """What facts of the product and words for missing values bring into the message."""
    from dsl.templates import copy
    from dsl.templates.ways import ways

    own = {*"".join(fixed(element.text) for element, _ in placed(message)), *"".join(campaign.policy.marks)}
    texts = (part.text for way in ways(model, campaign, message) for part in way.parts if isinstance(part, copy.Text))
    brand = model.brand
    around = "".join(text.value for text in (brand.signature, brand.opt_out) if text)
    for char in sorted(({*"".join(texts)} & {*one.value.text}) - own - {*around, " "}):
        said = f'"{char}" is refused: {one.value.because}'
        help = "Leave it out of the fact or of the words for a missing value."
        yield Worded(message.place, said, help, (behind(campaign.policy, one),), one.note.severity)


def _marks(campaign: Campaign, message: Message) -> Iterator[str]:
    """The marks that join its elements."""
    comma, stop, arrow = campaign.policy.marks
    roles = [element.role for element in message.elements]
    if len({*roles}) > 1:
        yield from (comma, stop)
    if roles.count("process") > 1:
        yield arrow


@rule("CAMP523", "variables-together", "error")
def variables_together(model: Model) -> Iterator[Worded]:
    """
    What: Two variables stand side by side, and the policy wants words between them.
    Why: A vendor's template has to tell where one value ends.
    Bad:
        policy vendor { quiet 22:00-08:00; refuse variables together because "模板变量须分隔" }
        campaign gift { policy vendor; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "{{ customer | salutation }}{{ customer.visits }}次" }
        }
    Good:
        policy vendor { quiet 22:00-08:00; refuse variables together because "模板变量须分隔" }
        campaign gift { policy vendor; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "{{ customer | salutation }}，您来过{{ customer.visits }}次" }
        }
    Source: Qiniu: template rules
    """
    for campaign, one in _refused(model, "together"):
        from dsl.templates import copy
        from dsl.templates.ways import ways

        for message in _messages(campaign):
            for way in ways(model, campaign, message):
                pairs = zip(way.parts, way.parts[1:], strict=False)
                both = next(
                    (pair for pair in pairs if all(isinstance(part, copy.Show) for part in pair)),
                    None,
                )
                if both:
                    names = " and ".join(f"`{'.'.join(part.path)}`" for part in both if isinstance(part, copy.Show))
                    said = f"{names} stand side by side: {one.value.because}"
                    help = "Write a word or a mark between them."
                    yield Worded(message.place, said, help, (behind(campaign.policy, one),), one.note.severity)
                    break


@rule("CAMP524", "product-refused", "error")
def product_refused(model: Model) -> Iterator[Worded]:
    """
    What: A policy does not take products of this sort, and the campaign is about one.
    Why: Some vendors carry no message about lending, whatever it says.
    Bad:
        policy vendor { quiet 22:00-08:00; refuse products with apr because "不承接贷款类营销短信" }
        campaign gift { product renovation; policy vendor; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Good:
        policy vendor { quiet 22:00-08:00; refuse products with apr because "不承接贷款类营销短信" }
        campaign gift { policy vendor; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Source: Aliyun, Tencent, Huawei, Qiniu: content rules
    """
    for campaign, one in _refused(model, "products"):
        if campaign.product and one.value.text in campaign.product.facts:
            related = behind(campaign.policy, one)
            said = f"`{campaign.policy.name}` takes no product with `{one.value.text}`: {one.value.because}"
            help = "Send it another way, as by the carriers' own ports, and choose the policy for that."
            severity: Severity = one.note.severity
            yield Worded(campaign.place, said, help, (related,), severity)


def _refused(
    model: Model, what: Literal["characters", "together", "products"]
) -> Iterator[tuple[Campaign, Placed[Refusal]]]:
    for campaign in model.campaigns.values():
        for one in campaign.policy.refusals:
            if one.value.what == what and one.note.in_force(*campaign.runs.value) and not campaign.broken:
                yield campaign, one


def _messages(campaign: Campaign) -> Iterator[Message]:
    """What reaches a phone number, or may."""
    for one in campaign.spoken():
        if {one.message.channel, one.message.otherwise} & {*TO_PHONES}:
            yield one.message
