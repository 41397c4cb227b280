"""What of a text is judged by the words that a policy bans: all of it, but for the codes of links, which are no words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from dsl.lexicon import lexicon
from dsl.program.ir import BanSpec, CampaignSpec, PolicySpec
from dsl.templates.copy import HOLE


def judged(text: str, link: str | None) -> str:
    """The text with each link of the brand (`link` holds {{ code }}) as one letter that no word has."""
    return _links(link).sub(HOLE, text) if link else text


def bans_of(policy: PolicySpec, campaign: CampaignSpec) -> tuple[BanSpec, ...]:
    """The bans that hold a campaign's texts."""
    return tuple(spec for spec in policy.bans if campaign.product is None or campaign.product not in spec.lifted_for)


def said(bans: Sequence[BanSpec], text: str) -> Iterator[tuple[int, str]]:
    """The number of each ban that a judged text breaks, with the word. What only sounds like one holds nobody back."""
    for hit in lexicon(tuple(spec.ban for spec in bans)).find(text):
        if hit.how != "sounds":
            yield hit.ban, hit.word


@cache
def _links(link: str) -> re.Pattern[str]:
    before, _, after = link.partition("{{ code }}")
    return re.compile(re.escape(before) + "[A-Za-z0-9_-]+" + re.escape(after))
