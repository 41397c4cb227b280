"""Rules about words that a policy bans: written, disguised, sounding alike, or completed by a variable."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from dsl.diagnostics import Fix, Place, Severity
from dsl.lexicon import Hit, Lexicon
from dsl.model import Campaign, Message, Model, Placed
from dsl.rules.asking import behind
from dsl.rules.registry import Worded, rule
from dsl.rules.within import inside, placed
from dsl.templates import copy
from dsl.terms import Ban

# Bases whose values are written with digits: a word's `{number}` is found around them.
_NUMBERS = ("number", "money", "rate")


@rule("CAMP521", "banned-word", "error")
def banned_word(model: Model) -> Iterator[Worded]:
    """
    What: The fixed text of a message, the product's and the campaign's facts filled in, holds a word that the policy bans.
    Why: The policy says why, word by word. Inside one of the policy's `except` phrases the word is fine.
    Bad:
        policy strict { quiet 22:00-08:00; ban "秒批" because "承诺审批结果" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "贷款秒批" }
        }
    Good:
        policy strict { quiet 22:00-08:00; ban "秒批" except "每秒批量" because "承诺审批结果" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "每秒批量处理" }
        }
    Source: The article: a library of sensitive words such as 秒批 and 免审.
    """
    for campaign in model.campaigns.values():
        bans = _bans(campaign)
        for message in (one.message for one in campaign.spoken()) if bans else ():
            told = set[tuple[int, str]]()
            for text in _texts(model, campaign, message):
                for hit in _lexicon(tuple(one.value for one in bans)).find(text):
                    if (hit.ban, text[hit.start : hit.end]) not in told:
                        told.add((hit.ban, text[hit.start : hit.end]))
                        yield _worded(campaign, message, bans, hit, text)


@rule("CAMP529", "word-completed-by-variable", "warning")
def word_completed(model: Model) -> Iterator[Worded]:
    """
    What: A banned word begins before a variable and ends behind it.
    Why: Where the variable is missing, or shows a mark only, the message says the word.
    Bad:
        policy strict { quiet 22:00-08:00; ban "秒批" because "承诺审批结果" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "贷款秒{{ customer.nickname | default("") }}批" }
        }
    Good:
        policy strict { quiet 22:00-08:00; ban "秒批" because "承诺审批结果" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "贷款{{ customer.nickname | default("") }}" }
        }
    """
    from dsl.templates.ways import ways

    for campaign in model.campaigns.values():
        bans = _bans(campaign)
        for message in (one.message for one in campaign.spoken()) if bans else ():
            told = set[tuple[str, ...]]()
            for way in ways(model, campaign, message):
                for at, part in enumerate(way.parts):
                    if not isinstance(part, copy.Show) or part.path in told or part.path == ("link",):
                        continue
                    before, after = (way.parts[at - 1] if at else None), (*way.parts[at + 1 :], None)[0]
                    if not (isinstance(before, copy.Text) and isinstance(after, copy.Text)):
                        continue
                    lexicon = _lexicon(tuple(one.value for one in bans))
                    for hit in lexicon.completed(before.text[-_NEAR:], after.text[:_NEAR]):
                        told.add(part.path)
                        said = f'Around `{".".join(part.path)}` the message may say "{hit.word}": {bans[hit.ban].value.because}'
                        help = "Put other words around the variable."
                        yield Worded(message.place, said, help, (behind(campaign, bans[hit.ban]),))
                        break


_NEAR = 20  # characters on either side of a variable in which a word can begin and end


def _bans(campaign: Campaign) -> list[Placed[Ban]]:
    return [one for one in campaign.policy.bans if one.note.in_force(*campaign.runs.value)]


@cache
def _lexicon(bans: tuple[Ban, ...]) -> Lexicon:
    return Lexicon(bans)


def _texts(model: Model, campaign: Campaign, message: Message) -> Iterator[str]:
    """What is read, on every way of reading it: the words without signature and opt-out, then a card's and its buttons'."""
    from dsl.templates.copy import HOLE
    from dsl.templates.variables import Variables
    from dsl.templates.ways import read_alone, ways

    known = Variables(model.brand, campaign, model.fields, model.events)

    def value(part: copy.Text | copy.Show) -> str:
        if isinstance(part, copy.Text):
            return part.text
        return "1" if part.path in known and known[part.path].base in _NUMBERS else HOLE

    for way in ways(model, campaign, message):
        text = "".join(map(value, way.parts))
        # A signature may be anything: only what is said after it is judged.
        yield text.removeprefix(way.head).removesuffix(way.tail)
    card = message.card
    beside = [card.title, card.text] if card and message.elements else []
    beside += [button.label for button in message.suggestions if message.elements]
    for text in filter(None, beside):
        yield from ("".join(map(value, parts)) for parts in read_alone(model, campaign, text))


def _worded(campaign: Campaign, message: Message, bans: list[Placed[Ban]], hit: Hit, text: str) -> Worded:
    ban, written = bans[hit.ban], text[hit.start : hit.end]
    said = f'"{written}" is banned: {ban.value.because}'
    if hit.how == "sounds":
        said = f'"{written}" passes for "{hit.word}", which is banned: {ban.value.because}'
    elif hit.how == "disguised" and written.casefold() != hit.word:
        said = f'"{written}" hides "{hit.word}", which is banned: {ban.value.because}'
    severity: Severity = "warning" if hit.how == "sounds" and ban.note.severity == "error" else ban.note.severity
    place, whole = _place(message, written)
    fix, help = None, "Say it without this word."
    facts = campaign.product.facts if campaign.product else {}
    if ban.value.say and all(name in facts for name in _named(ban.value.say)):
        help = f"Say what is so, as `{ban.value.say}`."
        fix = Fix(place.span, ban.value.say.replace('"', '\\"')) if whole else None
    return Worded(place, said, help, (behind(campaign, ban),), severity, fix)


def _place(message: Message, written: str) -> tuple[Place, bool]:
    """Where it is written; the message, where facts of the product have become a part of it."""
    for element, place in placed(message):
        start = element.text.find(written)
        if start >= 0:
            return inside(place, start, start + len(written)), True
    return message.place, False


def _named(template: str) -> Iterator[str]:
    """The facts of the product that a template shows."""
    from dsl.templates.read import read
    from dsl.templates.ways import shows

    yield from (show.path[1] for show in shows(read(template)[0]) if show.path[0] == "product")
