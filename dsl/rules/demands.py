"""Rules about what policies demand: words that have to stand in a message, and what has to stand behind a campaign."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.catalog import SERVICE
from dsl.diagnostics import Related
from dsl.model import Campaign, Model, Placed, Required
from dsl.rules.asking import asks, behind, offers, required
from dsl.rules.registry import Worded, rule


@rule("CAMP510", "consent-not-named", "error")
def consent_not_named(model: Model) -> Iterator[Worded]:
    """
    What: A policy demands that customers have consented, and no policy of the campaign says by which field that is known.
    Why: A demand for consent that nobody looks up is kept by nobody.
    Bad:
        policy law { quiet 22:00-08:00; require consent }
        policy strict extends law { cap 1 per day }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Good:
        policy law { quiet 22:00-08:00; require consent }
        policy strict extends law { require consent consent }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Source: 广告法 43 ¶1; 消费者权益保护法 29
    """
    for campaign, one in _demanded(model, "consent", "consent_sensitive"):
        sensitive = one.value.what == "consent_sensitive"
        # A campaign that looks at sensitive fields and asks for no consent at all is CAMP509's.
        if _kinds(campaign) <= {*one.value.exempt} or (sensitive and campaign.sensitive is None):
            continue
        span = campaign.runs.value
        named = (c for c in campaign.policy.consents if c.value.sensitive == sensitive and c.note.severity == "error")
        if not any(c.note.in_force_throughout(*span) for c in named):
            what = "a consent of its own for sensitive fields" if sensitive else "the customer's consent"
            clause = "require consent FLAG for sensitive" if sensitive else "require consent FLAG"
            help = f"Add `{clause}` to a policy of yours, `FLAG` being the field of customers that says so."
            said = f"`{campaign.policy.name}` demands {what}, and no field is named for it"
            yield Worded(campaign.place, said, help, (behind(campaign.policy, one),), one.note.severity)


@rule("CAMP514", "opt-out-wording", "error")
def opt_out_wording(model: Model) -> Iterator[Worded]:
    """
    What: A policy demands certain words for opting out, and the brand has others.
    Why: A vendor that looks for its own wording refuses every message that ends in another.
    Bad:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; opt_out "拒收请回复R" }
        policy vendor { quiet 22:00-08:00; require opt_out "拒收请回复T" last }
        campaign gift { policy vendor; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Good:
        policy vendor { quiet 22:00-08:00; require opt_out "拒收请回复R", "拒收请回复T" last }
        campaign gift { policy vendor; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Source: Aliyun, Huawei: 拒收请回复R; Qiniu: 回T退订
    """
    brand, told = model.brand, set[str]()
    for policy in model.policies.values():
        for one in policy.required:
            texts = one.value.texts
            if one.value.what != "opt_out" or not texts or brand.opt_out is None or brand.opt_out.value in texts:
                continue
            if str(one.place) not in told:
                told.add(str(one.place))
                wanted = " or ".join(f'"{text}"' for text in texts)
                help = f"Write {wanted}."
                said = f"`{policy.name}` demands other words for opting out"
                yield Worded(brand.opt_out.place, said, help, (behind(policy, one),), one.note.severity)


@rule("CAMP515", "opt-out-in-copy", "warning")
def opt_out_in_copy(model: Model) -> Iterator[Worded]:
    """
    What: Copy holds the brand's words for opting out itself.
    Why: They are added where the policy asks for them: here they would stand twice, or in a message that may have none.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello。拒收请回复R" }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    """
    words = model.brand.opt_out.value.strip() if model.brand.opt_out else ""
    for campaign in model.campaigns.values() if words else ():
        for message in (one.message for one in campaign.spoken()):
            for element, place in zip(message.elements, message.places, strict=True):
                if words in element.text:
                    help = "Leave it out: `require opt_out last` in the policy adds it."
                    yield Worded(place, "The words for opting out stand in the copy", help)


@rule("CAMP516", "words-not-there", "error")
def words_not_there(model: Model) -> Iterator[Worded]:
    """
    What: A policy demands words, and a message lacks them on some way of reading it; or others stand before them.
    Why: A message with `if` is several messages: what has to be said has to be said in each.
    Bad:
        policy strict { quiet 22:00-08:00; require "APR" when copy mentions rate }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Rates from 4.8%{% if customer.nickname %} APR{% endif %}" }
        }
    Good:
        policy strict { quiet 22:00-08:00; require "APR" when copy mentions rate }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Rates from 4.8% APR" }
        }
    Source: 12 CFR 1026.24; 中国人民银行公告〔2021〕第3号
    """
    for campaign in model.campaigns.values():
        for message in offers(campaign):
            for one in required(campaign, message):
                if one.value.what != "words" or not asks(model, campaign, message, one):
                    continue
                from dsl.templates.mentions import ways_asked

                found = ways_asked(model, campaign, message, one.value)
                wanted = " or ".join(f'"{text}"' for text in one.value.texts)
                notes = (behind(campaign.policy, one),), one.note.severity
                if not all(_first(way.text, one.value.texts) >= 0 for way in found):
                    some = any(_first(way.text, one.value.texts) >= 0 for way in found)
                    said = f"The message {'does not say' if not some else 'does not always say'} {wanted}"
                    yield Worded(message.place, said, "Say it, whichever way its `if`s are taken.", *notes)
                    continue
                for way in found:
                    late = _first(way.text, one.value.earlier)
                    if 0 <= late < _first(way.text, one.value.texts):
                        before = " or ".join(f'"{text}"' for text in one.value.earlier)
                        said = f"{before} stands before {wanted}"
                        yield Worded(message.place, said, "Say first what has to be seen first.", *notes)
                        break


@rule("CAMP517", "fact-not-there", "error")
def fact_not_there(model: Model) -> Iterator[Worded]:
    """
    What: A policy demands that products state a fact, and the campaign's product does not.
    Why: What has to be shown to a borrower has to be known before anything is sent.
    Bad:
        policy strict { quiet 22:00-08:00; require fact all_in_cost }
        product car_loan "车贷" { apr 3.8% }
        campaign gift { product car_loan; policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Good:
        policy strict { quiet 22:00-08:00; require fact all_in_cost }
        product car_loan "车贷" { apr 3.8%; all_in_cost 4.1% }
        campaign gift { product car_loan; policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Source: 金规〔2026〕2号: the all-in cost of a personal loan is shown
    """
    for campaign, one in _demanded(model, "fact"):
        product = campaign.product
        mine = [message for message in offers(campaign) if one in required(campaign, message)]
        if product is None or one.value.name in product.facts:
            continue
        if any(asks(model, campaign, message, one) for message in mine):
            help = f"Add a line such as `{one.value.name} 4.1%` to the product."
            said = f"The product `{product.name}` does not state `{one.value.name}`"
            related = (behind(campaign.policy, one), Related("the product", product.place))
            yield Worded(campaign.place, said, help, related, one.note.severity)


@rule("CAMP518", "record-not-there", "error")
def record_not_there(model: Model) -> Iterator[Worded]:
    """
    What: A policy demands that something is on record elsewhere, such as a registered template, and no policy names the record.
    Why: An auditor asks for it by its number.
    Bad:
        policy law { quiet 22:00-08:00; require record assessment }
        policy strict extends law { cap 1 per day }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Good:
        policy law { quiet 22:00-08:00; require record assessment }
        policy strict extends law { record assessment "PIA-2026-014" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Source: 个人信息保护法 55: an assessment is made and kept
    """
    for campaign, one in _demanded(model, "record"):
        names = {record.value[0] for record in campaign.policy.records if record.value[1]}
        if one.value.name not in names and _kinds(campaign) != {SERVICE}:
            help = f'Add a line such as `record {one.value.name} "…"` to a policy of yours, with the number it is kept under.'
            said = f"`{campaign.policy.name}` demands a record of `{one.value.name}`"
            yield Worded(campaign.place, said, help, (behind(campaign.policy, one),), one.note.severity)


@rule("CAMP519", "runs-too-short", "error")
def runs_too_short(model: Model) -> Iterator[Worded]:
    """
    What: A policy demands that an offer holds for some days, and the campaign runs for fewer.
    Why: Who is offered something has to have the time to think about it.
    Bad:
        policy strict { quiet 22:00-08:00; require runs 2 days }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-01
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Good:
        policy strict { quiet 22:00-08:00; require runs 2 days }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-02
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Source: Brazil: an offer of credit stays valid for at least two days
    """
    for campaign, one in _demanded(model, "runs"):
        first, last = campaign.runs.value
        days = (last - first).days + 1
        if days < int(one.value.name) and _kinds(campaign) != {SERVICE}:
            said = f"The campaign runs for {days} days, and {one.value.name} are demanded"
            yield Worded(
                campaign.runs.place, said, "Let it run longer.", (behind(campaign.policy, one),), one.note.severity
            )


def _kinds(campaign: Campaign) -> set[str]:
    """What its messages count as, those of its steps too."""
    return {campaign.kind, *(step.kind for step in campaign.steps)}


def _demanded(model: Model, *what: str) -> Iterator[tuple[Campaign, Placed[Required]]]:
    """The demands of these sorts that are in force on some day of a campaign."""
    for campaign in model.campaigns.values():
        if campaign.broken:
            continue
        for one in campaign.policy.required:
            if one.value.what in what and one.note.in_force(*campaign.runs.value):
                yield campaign, one


def _first(text: str, words: tuple[str, ...]) -> int:
    """Where the first of some words begins, in whichever letters; -1 where none stands."""
    small = text.casefold()
    found = [at for word in words if (at := small.find(word.casefold())) >= 0]
    return min(found, default=-1)
