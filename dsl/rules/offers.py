"""Rules about what an offer must say, and what it takes to make one: yearly rates, confirmations, consent, channels."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.catalog import CHANNELS
from dsl.diagnostics import Related
from dsl.model import Model
from dsl.rules.asking import asks, offers, required
from dsl.rules.registry import Worded, rule


@rule("CAMP507", "annual-rate-not-there", "error")
def annual_rate_not_there(model: Model) -> Iterator[Worded]:
    """
    What: A policy requires the yearly rate, and a message (that speaks of a rate or a discount) does not say 年化.
    Why: A rate by day or month, or a discount alone, hides what the loan costs; lenders have to show the yearly rate.
    Bad:
        policy strict { quiet 22:00-08:00; require annual_rate when copy mentions rate }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "本月利率8折" }
        }
    Good:
        policy strict { quiet 22:00-08:00; require annual_rate when copy mentions rate }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "本月利率8折，年化利率3.8%起" }
        }
    Source: 中国人民银行公告〔2021〕第3号
    """
    for campaign in model.campaigns.values():
        for message in offers(campaign):
            for one in required(campaign, message):
                if one.value.what != "annual_rate" or not asks(model, campaign, message, one):
                    continue
                from dsl.templates.mentions import says_annual

                if not says_annual(model, campaign, message, one.value):
                    related = (Related(f"required by `{campaign.policy.name}`", one.place),)
                    help = "Say the rate as 年化利率, as `年化利率{{ product.apr | percent }}`."
                    said = "The message does not say that its rate is a yearly one"
                    yield Worded(message.place, said, help, related, one.note.severity)


@rule("CAMP508", "confirmation-not-there", "error")
def confirmation_not_there(model: Model) -> Iterator[Worded]:
    """
    What: A policy requires a second channel to confirm what a message says, and the campaign or step has no such `confirm`.
    Why: Important facts about a product are to stand in a place of the bank's own, where they can be read again.
    Bad:
        brand bank "某行" { zone "Asia/Shanghai"; currency CNY; signature "【某行】"; opt_out "拒收请回复R"
          channel wechat when bound }
        policy strict { quiet 22:00-08:00; require confirm wechat when copy mentions amount }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "最高30万元" }
        }
    Good:
        brand bank "某行" { zone "Asia/Shanghai"; currency CNY; signature "【某行】"; opt_out "拒收请回复R"
          channel wechat when bound }
        policy strict { quiet 22:00-08:00; require confirm wechat when copy mentions amount }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "最高30万元" }
          confirm wechat { text "您收到的短信由我行发送：最高30万元" }
        }
    Source: The article: 短信+官微双重确认.
    """
    for campaign in model.campaigns.values():
        confirmed = {id(one.message): one.confirm for one in campaign.spoken()}
        for message in offers(campaign):
            for one in required(campaign, message):
                if one.value.what != "confirm" or not asks(model, campaign, message, one):
                    continue
                confirm = confirmed[id(message)]
                if confirm is None or confirm.channel != one.value.confirm:
                    related = (Related(f"required by `{campaign.policy.name}`", one.place),)
                    said = f"This message has to be confirmed on {one.value.confirm}"
                    help = f'Add `confirm {one.value.confirm} {{ text "…" }}` beside it, with the same facts.'
                    yield Worded(message.place, said, help, related, one.note.severity)


@rule("CAMP509", "sensitive-without-consent", "error")
def sensitive_without_consent(model: Model) -> Iterator[Worded]:
    """
    What: A campaign chooses customers or words by a `sensitive` field, and its policy requires no consent for that.
    Why: Account data are sensitive personal information: to use them takes a consent of its own.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { income > 5000 CNY }
          start once
          message sms { text "Hello" }
        }
    Good:
        policy strict { quiet 22:00-08:00; require consent consent; require consent profiling for sensitive }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { income > 5000 CNY }
          start once
          message sms { text "Hello" }
        }
    Source: 个人信息保护法 28, 29
    """
    for campaign in model.campaigns.values():
        used, policy = campaign.sensitive, campaign.policy
        asked = (one for one in policy.consents if one.value.sensitive and one.note.severity == "error")
        if used and not any(one.note.in_force_throughout(*campaign.runs.value) for one in asked):
            field = model.fields[used.value].place
            related = [Related(f"the policy `{policy.name}`", policy.place)]
            related += [Related(f"`{used.value}` is sensitive", field)] if field else []
            help = "Add `require consent FLAG for sensitive` to the policy, or ask something else."
            said = f"`{used.value}` is sensitive, and nobody is asked for consent to its use"
            yield Worded(used.place, said, help, tuple(related))


@rule("CAMP531", "channel-without-reach", "error")
def channel_without_reach(model: Model) -> Iterator[Worded]:
    """
    What: A message or confirmation goes by rcs or wechat, and the brand does not say whom that channel reaches.
    Why: Whoever has bound no account, or holds a phone that shows no cards, would get nothing without a word.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message rcs else sms { text "Hello" }
        }
    Good:
        brand bank "某行" { zone "Asia/Shanghai"; currency CNY; signature "【某行】"; opt_out "拒收请回复R"
          channel wechat when bound }
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message wechat else sms { text "Hello" }
        }
    """
    for campaign in model.campaigns.values():
        for one in campaign.spoken():
            for channel in dict.fromkeys((one.message.channel, one.message.otherwise)):
                if (
                    channel in CHANNELS
                    and channel != "sms"
                    and channel not in model.brand.reach
                    and not model.brand.broken
                ):
                    help = f"Add a line such as `channel {channel} when FLAG` to the brand, FLAG being a field of customers."
                    related = (Related("the brand", model.brand.place),)
                    yield Worded(one.message.place, f"Nobody says whom {channel} reaches", help, related)


@rule("CAMP532", "parts-not-shown", "error")
def parts_not_shown(model: Model) -> Iterator[Worded]:
    """
    What: A card or a suggestion stands in a message that does not go by rcs, or a card shows nothing at all.
    Why: An SMS has no cards and no buttons: they would silently be lost.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello"; suggest "Yes" reply }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello. Answer Yes or No" }
        }
    """
    for campaign in model.campaigns.values():
        for message in (one.message for one in campaign.spoken()):
            if message.channel != "rcs" and (message.card or message.suggestions):
                help = "Write `message rcs else sms { … }`, or say it in the text."
                yield Worded(message.place, f"{message.channel} shows no cards and no buttons", help)
            elif message.card and not (message.card.title or message.card.text) and not campaign.broken:
                help = 'Add `title "…"`: it is also what an SMS says in its place.'
                yield Worded(message.place, "The card has no words", help)
            for address in (message.card.image, message.card.video) if message.card else ():
                if address and not address.startswith("https://"):
                    yield Worded(message.place, f'"{address}" is no address of the web', "Begin it with https://.")
