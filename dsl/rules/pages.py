"""Rules about the pages that links lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from dsl.model import Message, Model
from dsl.rules.registry import Worded, rule

_LINK = re.compile(r"\{[{%][^}]*(?<![.\w])(?:link|链接)(?!\w)")
_EXAMPLE = '`page "https://m.jn.example/loans"`'


@rule("CAMP533", "page-not-an-address", "error")
def page_not_an_address(model: Model) -> Iterator[Worded]:
    """
    What: A page is no constant web address: it has no https:// and host, hides its host, or holds a character that is no ASCII.
    Why: A link leads there as it is written; nothing of it is filled in, and nobody may take the host for another.
    Bad:
        product solar "阳光贷" { apr 5%; page "http://m.s.example/solar" }
    Good:
        product solar "阳光贷" { apr 5%; page "https://m.s.example/solar" }
    """
    pages = [model.brand.page, *(one.page for one in model.products.values())]
    pages += [one.page for one in model.campaigns.values()]
    for page in dict.fromkeys(one for one in pages if one):
        if why := _flaw(page.value):
            yield Worded(page.place, why, f"Write a whole address, as {_EXAMPLE}.")


def _flaw(page: str) -> str:
    if not page.isascii() or not page.isprintable() or set(page) & set(' "<>\\^`{|}'):
        return "The page holds a character that no address has"
    try:
        parts = urlsplit(page)
        host = parts.hostname
    except ValueError:  # an unfinished address of IPv6
        host = None
    if host is None or parts.scheme != "https" or not page.startswith("https://"):
        return "The page does not begin with https:// and a host"
    return "The page hides its host behind a name" if "@" in parts.netloc else ""


@rule("CAMP534", "link-without-page", "warning")
def link_without_page(model: Model) -> Iterator[Worded]:
    """
    What: A message has a link, and neither its campaign nor its product nor the brand says to which page it leads.
    Why: `camp links serve` can send nobody on: whoever clicks sees an error.
    Bad:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; opt_out "拒收请回复R"
          link "https://s.example/{{ code }}" }
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "See {{ link }}" }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          page "https://m.s.example/gift"
          audience { assets > 1 CNY }
          start once
          message sms { text "See {{ link }}" }
        }
    """
    if model.brand.page or not model.brand.link:
        return
    for campaign in model.campaigns.values():
        linked = (one.message for one in campaign.spoken() if opens(one.message))
        message = None if campaign.page or campaign.broken else next(linked, None)
        if message is not None:
            help = f"Say it in the campaign, its product or the brand, as {_EXAMPLE}."
            yield Worded(message.place, "Nothing says to which page this link leads", help)


def opens(message: Message) -> bool:
    """Whether a message has a link somewhere: for some customers at least."""
    card = [message.card.title, message.card.text] if message.card else []
    texts = [*(one.text for one in message.elements), *card, *(one.label for one in message.suggestions)]
    return any(one.action == "link" for one in message.suggestions) or any(_LINK.search(text) for text in texts)
