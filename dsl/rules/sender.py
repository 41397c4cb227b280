"""Rules about who sends, how to opt out, and which parts a message must have."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.catalog import ELEMENTS
from dsl.diagnostics import Related, Severity
from dsl.model import Model
from dsl.rules.asking import asks, offers, required
from dsl.rules.registry import Worded, rule
from dsl.templates.whole import fixed_braces

_WEIGHT: tuple[Severity, ...] = ("error", "warning", "info")


@rule("CAMP501", "no-opt-out", "error")
def no_opt_out(model: Model) -> Iterator[Worded]:
    """
    What: A policy requires words for opting out at the end of each message, and the brand has none.
    Why: Who is written to must be told how to refuse further messages.
    Bad:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; link "https://x.example/{{ code }}" }
    Good:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; opt_out "拒收请回复R"
          link "https://x.example/{{ code }}" }
    Source: 广告法 43 ¶2
    """
    related, severity = _asked(model, "opt_out")
    if related and model.brand.opt_out is None and not model.brand.broken:
        help = 'Add a line such as `opt_out "拒收请回复R"` to the brand.'
        yield Worded(model.brand.place, "The brand has no words for opting out", help, related, severity)


@rule("CAMP502", "no-signature", "error")
def no_signature(model: Model) -> Iterator[Worded]:
    """
    What: A policy requires the sender's signature at the head of each message, and the brand has none.
    Why: Who is written to must see who writes.
    Bad:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; opt_out "拒收请回复R"; link "https://x.example/{{ code }}" }
    Good:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; opt_out "拒收请回复R"
          link "https://x.example/{{ code }}" }
    Source: 广告法 43 ¶2
    """
    related, severity = _asked(model, "signature")
    if related and model.brand.signature is None and not model.brand.broken:
        help = 'Add a line such as `signature "【银行名】"` to the brand.'
        yield Worded(model.brand.place, "The brand has no signature", help, related, severity)


def _asked(model: Model, what: str) -> tuple[tuple[Related, ...], Severity]:
    """Where policies ask for something of the brand, and how much the weightiest of them weighs."""
    found = [
        (policy.name, one) for policy in model.policies.values() for one in policy.required if one.value.what == what
    ]
    severity = _WEIGHT[min((_WEIGHT.index(one.note.severity) for _, one in found), default=0)]
    return tuple(Related(f"required by `{name}`", one.place) for name, one in found), severity


@rule("CAMP503", "element-not-there", "error")
def element_not_there(model: Model) -> Iterator[Worded]:
    """
    What: A policy requires an element (benefit, scene, trust, incentive, action) that a message lacks.
    Why: The bank has decided what every message tells: what it is about, and what to do next.
    Bad:
        policy strict { quiet 22:00-08:00; require action }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { benefit "Hello" }
        }
    Good:
        policy strict { quiet 22:00-08:00; require action }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { benefit "Hello"; action "Come by" }
        }
    """
    for campaign in model.campaigns.values():
        for message in offers(campaign):
            there = {element.role for element in message.elements}
            for one in required(campaign, message):
                element = one.value.what
                if element in ELEMENTS and element not in there and asks(model, campaign, message, one):
                    related = Related(f"required by `{campaign.policy.name}`", one.place)
                    texts = '"…" "…"' if element == "process" else '"…"'
                    help = f"Add `{element} {texts}`."
                    yield Worded(message.place, f"The message has no `{element}`", help, (related,), one.note.severity)


@rule("CAMP504", "text-among-elements", "error")
def text_among_elements(model: Model) -> Iterator[Worded]:
    """
    What: A message has a `text` beside elements, elements out of their order, or nothing at all.
    Why: `text` is the whole message; elements are joined in the order benefit, scene, trust, process, incentive, action.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { action "Come by"; benefit "Hello" }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { benefit "Hello"; action "Come by" }
        }
    Source: The article's model of the five elements.
    """
    for campaign in model.campaigns.values():
        for message in (one.message for one in campaign.spoken()):
            roles = [element.role for element in message.elements]
            if not roles and message.card is None and not campaign.broken:
                yield Worded(message.place, "The message says nothing", 'Add elements, or `text "…"`.')
            elif "text" in roles and len(roles) > 1:
                yield Worded(
                    message.place,
                    "`text` is the whole message: nothing can stand beside it",
                    "Keep either `text` or the elements.",
                )
            elif roles != sorted(roles, key=lambda role: ELEMENTS.index(role) if role in ELEMENTS else 0):
                yield Worded(
                    message.place, "The elements are out of their order", "Write them as " + ", ".join(ELEMENTS) + "."
                )


@rule("CAMP506", "braces-outside-copy", "error")
def braces_outside_copy(model: Model) -> Iterator[Worded]:
    """
    What: The brand's signature or words for opting out, or a policy's marks, hold a brace.
    Why: They stand in every message as they are; only copy has variables.
    Bad:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【{{ brand.name }}】"; opt_out "拒收请回复R" }
    Good:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; opt_out "拒收请回复R" }
    """
    found = [place for policy in model.policies.values() for place in fixed_braces(model.brand, policy)]
    for place in dict.fromkeys(found):
        message = "This text stands in messages as it is, and cannot hold a brace"
        yield Worded(place, message, "Write out what it stands for.")


@rule("CAMP505", "link-without-code", "error")
def link_without_code(model: Model) -> Iterator[Worded]:
    """
    What: The brand's link does not hold `{{ code }}` exactly once, or is not a web address.
    Why: The code is what tells later which message was clicked.
    Bad:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; opt_out "拒收请回复R"
          link "https://x.example/" }
    Good:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; opt_out "拒收请回复R"
          link "https://x.example/{{ code }}" }
    """
    link = model.brand.link
    if link and (link.value.count("{{ code }}") != 1 or "{" in link.value.replace("{{ code }}", "")):
        yield Worded(link.place, "The link needs `{{ code }}` once", 'As "https://s.jn.example/{{ code }}".')
    elif link and not link.value.startswith("https://"):
        yield Worded(link.place, "The link does not begin with https://", 'As "https://s.jn.example/{{ code }}".')
