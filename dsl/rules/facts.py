"""Rules about what copy says of the product: that numbers are its own, and that service messages offer nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from dsl.catalog import SERVICE
from dsl.model import Campaign, Model, Product
from dsl.quantities import canonical
from dsl.rules.registry import Worded, rule
from dsl.rules.within import near, placed

_SCALE = {"": 1, "万": 10_000, "亿": 100_000_000}
# A number counts as the product's where these words stand shortly before it, or behind it.
_RATE = re.compile(r"(?:利率|年化|费率|利息|\bAPR\b)[^，。！？；,;!?\d]{0,8}(\d+(?:\.\d+)?)\s*[%％]", re.IGNORECASE)
_RATE_AFTER = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]\s*(?:APR\b|年化)", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(最高|至高|额度)(?:最高|至高|额度|提升至|升至|可达|高达|达|为|可贷|可借|授信|[:：\s])*(\d[\d,]*(?:\.\d+)?)\s*(?:([万亿])元?|元)"
)
_TERM = re.compile(r"分\s*(\d+)\s*(?:期|个月)|期限(?:最长|最多|可达|为)?\s*(\d+)\s*(?:期|个月)|(\d+)\s*期")


@rule("CAMP526", "number-disagrees", "error")
def number_disagrees(model: Model) -> Iterator[Worded]:
    """
    What: Copy names a rate, an amount or a number of instalments that the campaign's product does not have.
    Why: What a borrower is promised has to be what the product is; a number typed by hand is not changed with the product.
    Bad:
        campaign gift { product renovation; policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "额度最高50万元，年化利率3.8%起" }
        }
    Good:
        campaign gift { product renovation; policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "额度最高{{ product.max_amount | wan }}，年化利率3.8%起" }
        }
    Source: 广告法 4, 8: advertising tells no untruth, and tells prices clearly
    """
    for campaign in model.campaigns.values():
        product = campaign.product
        if product is None or campaign.broken:
            continue
        for message in (one.message for one in campaign.spoken()):
            from dsl.templates.ways import ways

            told = set[str]()
            for way in ways(model, campaign, message):
                for written, said, fact in _disagreeing(product, way.body):
                    if written in told:
                        continue
                    told.add(written)
                    at = next((one for one in placed(message) if written in one[0].text), None)
                    place = near(at[1], at[0].text, written) if at else message.place
                    help = f"Show the fact itself, as `{{{{ product.{fact} }}}}`, or mend the product."
                    yield Worded(place, f"{said} `{product.name}`", help)


def _disagreeing(product: Product, text: str) -> Iterator[tuple[str, str, str]]:
    """What is written, what is wrong with it, and a fact that could be shown instead."""
    rates, money = _ranges(product, "rate"), _ranges(product, "money")
    plans = [Decimal(plan.rate) for plan in product.plans]
    plans += [Decimal(plan.former) for plan in product.plans if plan.former]
    for found in (*_RATE.finditer(text), *_RATE_AFTER.finditer(text)):
        rate = Decimal(found[1]) / 100
        if rates and rate not in plans and not any(low <= rate <= high for _, low, high in rates):
            yield found[1], f"{found[1]}% is no rate of", f"{rates[0][0]} | percent"
    for found in _AMOUNT.finditer(text):
        amount = Decimal(found[2].replace(",", "")) * _SCALE[found[3] or ""]
        most = max((high for _, _, high in money), default=None)
        own = any(amount in (low, high) for _, low, high in money)
        if most is not None and not own and (found[1] != "额度" or amount > most):
            yield found[2] + (found[3] or ""), f"{found[2]}{found[3] or ''} is no amount of", f"{money[0][0]} | wan"
    terms = {int(high) for _, _, high in _ranges(product, "length")} | {plan.months for plan in product.plans}
    for found in _TERM.finditer(text):
        count = next(filter(None, found.groups()))
        if terms and int(count) > max(terms):
            yield found[0], f"{count} instalments are more than those of", "term"


def _ranges(product: Product, base: str) -> list[tuple[str, Decimal, Decimal]]:
    """The facts of a base type as name, lowest and highest. Lengths of time only in months."""
    found = []
    for name, fact in product.facts.items():
        if fact.type.base != base or (base == "length" and fact.type.currency != "MONTH"):
            continue
        ends = fact.value if isinstance(fact.value, tuple) else (fact.value, fact.value)
        low, high = (Decimal(canonical(end) if isinstance(end, Decimal) else str(end)) for end in ends)
        found.append((name, low, high))
    return found


@rule("CAMP528", "offer-in-service", "error")
def offer_in_service(model: Model) -> Iterator[Worded]:
    """
    What: A message of the kind `service` offers something: a benefit, an incentive, or facts of a product.
    Why: Service messages need no consent and have no words to refuse them by; an offer in one is advertising without either.
    Bad:
        campaign due { policy rules; kind service; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { benefit "您的还款日将至"; incentive "本月另享利率优惠" }
        }
    Good:
        campaign due { policy rules; kind service; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "您的还款日将至" }
        }
    Source: 广告法 43; vendors' rules keep notices and promotions apart
    """
    for campaign in model.campaigns.values():
        for one in campaign.spoken() if not campaign.broken else ():
            if one.kind != SERVICE or one.part not in ("entry", "step"):
                continue
            message = one.message
            help = "Say it in a campaign of a kind that customers have agreed to, or leave it out."
            for element, place in zip(message.elements, message.places, strict=True):
                if element.role in ("benefit", "incentive"):
                    yield Worded(place, f"A service message has no `{element.role}`", help)
            shown = _shown(model, campaign) if message.elements else frozenset()
            for element, place in placed(message):
                for name in sorted(shown):
                    if re.search(rf"product\s*\.\s*{name}(?!\w)", element.text):
                        where = near(place, element.text, f"product.{name}")
                        said = f"A service message does not praise the product's `{name}`"
                        yield Worded(where, said, help, severity="warning")


def _shown(model: Model, campaign: Campaign) -> frozenset[str]:
    """The facts of its product that are rates or amounts."""
    facts = campaign.product.facts if campaign.product else {}
    return frozenset(name for name, fact in facts.items() if fact.type.base in ("rate", "money"))
