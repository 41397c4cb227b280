"""Rules about links: where they may lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dsl.diagnostics import Place, Related
from dsl.model import Campaign, Message, Model, Placed
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
# What a phone makes a link of without anything around it: a name that ends as names of hosts do.
_NAME = re.compile(
    r"(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|net|org|cn|io|co|ly|me|info|biz|top|xyz|app|cc|sg|hk|uk|fr|in|br|us|eu|example)(?![\w.-]*\w)",
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
    for campaign in model.campaigns.values():
        policy, span = campaign.policy, campaign.runs.value
        lists = [one for one in policy.links if one.note.in_force(*span)]
        asked = [one for one in policy.required if one.value.what == "links" and one.note.in_force(*span)]
        if not (lists or asked):
            continue
        listed = {host for one in lists for host in one.value.hosts if one.value.never}
        bare = any(one.value.never and not one.value.hosts for one in lists)
        for message in (one.message for one in campaign.spoken()):
            for address, (place, related) in _addresses(model, campaign, message, listed, bare).items():
                host = _host(address)
                refused: list[tuple[Placed[Any], str]] = []
                every: list[Placed[Any]] = [*lists, *asked]
                if HOLE in host or not host:
                    why = "its host is not constant" if HOLE in host else "its host is hidden"
                    refused.append((every[0], why))
                else:
                    refused += [(one, why) for one in lists if (why := _refuses(one.value, host))]
                    registered = any(not one.value.never for one in lists)
                    refused += [(one, "no policy says which hosts are registered") for one in asked if not registered]
                for one, why in refused:
                    shown = address.replace(HOLE, "…")
                    help = 'Lead to a host of the bank\'s own that the policy lists, as `links to "s.jn.example"`.'
                    said = f"The link `{shown}` is not allowed: {why}"
                    yield Worded(place, said, help, (behind(policy, one), *related), one.note.severity)


def _refuses(rule: Links, host: str) -> str:
    """Why a list does not take a host; empty where it does."""
    listed = any(_of(host, one) for one in rule.hosts)
    if rule.never:
        return "there may be none" if not rule.hosts else f"`{host}` is refused" if listed else ""
    return "" if listed else f"`{host}` is not among " + ", ".join(f"`{one}`" for one in rule.hosts)


def _host(address: str) -> str:
    """The host that a browser would go to; empty where it is hidden behind a name, a password or a backslash."""
    if "@" in address or "\\" in address:
        return ""
    return re.split(r"[/?#:]", address.split("://")[-1], maxsplit=1)[0].lower().rstrip(".")


_Found = dict[str, tuple[Place, tuple[Related, ...]]]


def _addresses(model: Model, campaign: Campaign, message: Message, listed: set[str], bare: bool) -> _Found:
    """Every address that a message shows or opens, with the place that it is told at, and the brand's link where it is that.

    listed: hosts that are looked for without anything around them too; bare: any name that a phone makes a link of.
    """
    from dsl.templates.ways import ways

    found: _Found = {}
    for way in ways(model, campaign, message):
        text = _narrow(way.body)
        addresses = [address.rstrip(",.") for address in _ADDRESS.findall(text)]
        names = [name for name in _NAME.findall(text) if bare or any(_of(name.lower(), host) for host in listed)]
        alone = (name for name in names if text.count(name) > sum(other.count(name) for other in addresses))
        for address in (*addresses, *alone):
            texts = [(element.text, place) for element, place in placed(message) if address in _narrow(element.text)]
            place = near(texts[0][1], _narrow(texts[0][0]), address) if texts else message.place
            found.setdefault(address, (place, ()))
        opens = any(show.path == ("link",) for show in way.shown)
        if model.brand.link and (opens or any(one.action == "link" for one in message.suggestions)):
            link = model.brand.link
            found.setdefault(link.value.replace("{{ code }}", "x"), (message.place, (Related("the link", link.place),)))
            page = campaign.page or model.brand.page
            if page and _host(page.value) != _host(link.value):  # of one host it is told once
                found.setdefault(page.value, (message.place, (Related("the page", page.place),)))
    card = message.card
    found |= {address: (message.place, ()) for address in (card.image, card.video) if address} if card else {}
    return found


_MARKS = "，！？；（）"  # they end an address in Chinese text


def _narrow(text: str) -> str:
    """Full-width letters and marks as a browser reads them; each stays one character."""
    return "".join(
        chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" and char not in _MARKS else char for char in text
    )


def _of(host: str, listed: str) -> bool:
    return host == listed or host.endswith("." + listed)
