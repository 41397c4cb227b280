"""Who follows a link, as far as a request's headers tell: a human, something that shows a preview, or a bot.

Whoever wants to be taken for a human is: headers are claims. Previews are told first, since some of them call themselves bots.

| what | source |
|---|---|
| `Sec-Purpose` | Fetch Standard: what is fetched before anybody asks says `prefetch` |
| `Purpose`, `X-Purpose`, `X-Moz` | what browsers said before that (Chromium, Safari, Firefox) |
| HEAD | RFC 9110, 9.3.2: asks for no page |
| names of previews | what Meta, X, Telegram, Slack, Discord, LinkedIn, Microsoft and others document of their fetchers |
| names of bots | what search engines document of their crawlers; what libraries and tools send when nobody sets it |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Kind = Literal["human", "preview", "bot"]
HUMAN: Kind = "human"
_EARLY = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_PREVIEWS = re.compile(
    "facebookexternalhit|facebot|meta-externalfetcher|twitterbot|telegrambot|whatsapp/|slackbot|slack-imgproxy|discordbot"
    "|linkedinbot|skypeuripreview|microsoftpreview|teamsbot|redditbot|pinterestbot|viber|line-poker|kakaotalk-scrap|vkshare"
    "|embedly|iframely|google-pagerenderer|snap url preview|mastodon|bsky|cardyb|link ?preview|url ?preview",
    re.IGNORECASE,
)
_BOTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|scan|monitor|headless|phantomjs|selenium|puppeteer|playwright|lighthouse"
    r"|^curl/|^wget/|python|^go-http|^java/|apache-httpclient|libwww|^ruby|^php|^node|axios|postman|feedfetcher|archiver",
    re.IGNORECASE,
)


def kind(method: str, headers: Mapping[str, str]) -> Kind:
    """headers: by names in small letters."""
    agent = headers.get("user-agent", "")
    early = any(one in headers.get(name, "").lower() for name in _EARLY for one in ("prefetch", "preview", "prerender"))
    if method == "HEAD" or early or _PREVIEWS.search(agent):
        return "preview"
    return "bot" if not agent.strip() or _BOTS.search(agent) else HUMAN
