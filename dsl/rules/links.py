"""Rules about links: where they may lead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.diagnostics import Place
from dsl.model import Campaign, Message, Model
from dsl.rules.asking import behind
from dsl.rules.registry import Worded, rule
from dsl.rules.within import near, placed
from dsl.templates.copy import HOLE
from dsl.terms import Links

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s，。！？；、“”（）【】]+"
    r"|(?<![\w@.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/[^\s，。！？；、“”（）【】]*",
    re.IGNORECASE,
)


@rule("CAMP525", "link-not-allowed", "error")
def link_not_allowed(model: Model) -> Iterator[Worded]:
    """
    What: A message leads to a host that the policy does not allow, hides the host in a variable, or has a link where none may be.
    Why: Registered, constant addresses are what tells a bank's message from a fraud.
    Bad:
        policy strict { quiet 22:00-08:00; links to "s.example" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "See https://bit.example/x" }
        }
    Good:
        policy strict { quiet 22:00-08:00; links to "s.example" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "See {{ link }}" }
        }
    Source: Tencent, Qiniu: links are constant and registered; carriers refuse shared public shorteners
    """
    told = set[tuple[str, str, str]]()
    for campaign in model.campaigns.values():
        policy, span = campaign.policy, campaign.runs.value
        lists = [one for one in policy.links if one.note.in_force(*span)]
        asked = [one for one in policy.required if one.value.what == "links" and one.note.in_force(*span)]
        if not (lists or asked):
            continue
        for message in (one.message for one in campaign.spoken()):
            for address, place in _addresses(model, campaign, message):
                host = _host(address)
                refused = [(one, why) for one in lists if (why := _refuses(one.value, host))]
                registered = any(not one.value.never for one in lists)
                refused += [(one, "no policy says which hosts are registered") for one in asked if not registered]  # type: ignore[misc]
                if HOLE in host:
                    refused = [((*lists, *asked)[0], "its host is not constant")]  # type: ignore[list-item]
                for one, why in refused:
                    if (str(place), str(one.place), address) not in told:
                        told.add((str(place), str(one.place), address))
                        shown = address.replace(HOLE, "…")
                        help = 'Lead to a host of the bank\'s own that the policy lists, as `links to "s.jn.example"`.'
                        said = f"The link `{shown}` is not allowed: {why}"
                        yield Worded(place, said, help, (behind(campaign, one),), one.note.severity)


def _refuses(rule: Links, host: str) -> str:
    """Why a list does not take a host; empty where it does."""
    listed = any(host == one or host.endswith("." + one) for one in rule.hosts)
    if rule.never:
        return "there may be none" if not rule.hosts else f"`{host}` is refused" if listed else ""
    return "" if listed else f"`{host}` is not among " + ", ".join(f"`{one}`" for one in rule.hosts)


def _host(address: str) -> str:
    return address.split("://")[-1].split("/")[0].split("?")[0].split(":")[0].lower()


def _addresses(model: Model, campaign: Campaign, message: Message) -> Iterator[tuple[str, Place]]:
    """Every address that a message shows or opens, with the place that it is told at."""
    from dsl.templates.ways import ways

    found: dict[str, Place] = {}
    for way in ways(model, campaign, message):
        for address in _ADDRESS.findall(way.body):
            texts = [(element.text, place) for element, place in placed(message) if address in element.text]
            text, place = texts[0] if texts else ("", message.place)
            found.setdefault(address, near(place, text, address) if texts else place)
        opens = any(show.path == ("link",) for show in way.shown)
        if model.brand.link and (opens or any(one.action == "link" for one in message.suggestions)):
            found.setdefault(model.brand.link.value.replace("{{ code }}", "x"), model.brand.link.place)
    card = message.card
    found |= {address: message.place for address in (card.image, card.video) if address} if card else {}
    yield from found.items()
