"""Rules about words that a policy bans: written, disguised, sounding alike, or completed by a variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from dsl.diagnostics import Fix, Place, Severity
from dsl.lexicon import Hit, Lexicon, lexicon
from dsl.model import Campaign, Message, Model, Placed
from dsl.rules.asking import behind
from dsl.rules.registry import Worded, rule
from dsl.rules.within import fixed, inside, placed
from dsl.templates import copy
from dsl.terms import Ban
from dsl.types import Type

# Bases whose values are written with digits: a word's `{number}` is found around them.
_NUMBERS = ("number", "money", "rate")
_WEIGHTS = ("error", "warning", "info")
_Said = tuple[int, str, str, str]  # the ban's number, its word, how, and what is written


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
            of_policy = lexicon(tuple(one.value for one in bans))
            found: Counter[_Said] = Counter()
            for text in _texts(model, campaign, message):
                hits = _longest(of_policy.find(text), bans)
                found |= Counter((hit.ban, hit.word, hit.how, text[hit.start : hit.end]) for hit in hits)
            if found:
                yield from _told(campaign, message, bans, of_policy, found)


@rule("CAMP529", "word-completed-by-variable", "warning")
def word_completed(model: Model) -> Iterator[Worded]:
    """
    What: A banned word begins before a variable and ends behind it.
    Why: Where the variable is empty, or shows a mark only, the message says the word.
    Bad:
        policy strict { quiet 22:00-08:00; ban "秒批" because "承诺审批结果" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "贷款秒{{ customer.id }}批" }
        }
    Good:
        policy strict { quiet 22:00-08:00; ban "秒批" because "承诺审批结果" }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "贷款{{ customer.id }}" }
        }
    """
    for campaign in model.campaigns.values():
        bans = _bans(campaign)
        if not bans:
            continue
        # Reading copy needs Jinja, which is slow to import.
        from dsl.templates.variables import Variables

        known = Variables(model.brand, campaign, model.fields, model.events)
        for message in (one.message for one in campaign.spoken()):
            told = set[tuple[str, ...]]()
            for parts in _flats(model, campaign, message):
                for at, part in enumerate(parts):
                    if not isinstance(part, copy.Show) or part.path in told or not _free(known, part):
                        continue
                    before, after = (parts[at - 1] if at else None), (*parts[at + 1 :], None)[0]
                    if not (isinstance(before, copy.Text) and isinstance(after, copy.Text)):
                        continue
                    of_policy = lexicon(tuple(one.value for one in bans))
                    for hit in of_policy.completed(before.text[-_NEAR:], after.text[:_NEAR]):
                        told.add(part.path)
                        said = f'Around `{".".join(part.path)}` the message may say "{hit.word}": {bans[hit.ban].value.because}'
                        help = "Put other words around the variable."
                        yield Worded(message.place, said, help, (behind(campaign.policy, bans[hit.ban]),))
                        break


_NEAR = 20  # characters on either side of a variable in which a word can begin and end


def _free(known: Mapping[copy.Path, Type], show: copy.Show) -> bool:
    """Whether it may show any words: links have none, and what is written with digits is judged as a number."""
    return show.path != ("link",) and not (show.path in known and known[show.path].base in _NUMBERS)


def _bans(campaign: Campaign) -> list[Placed[Ban]]:
    facts = campaign.product.facts if campaign.product else {}
    every = (one for one in campaign.policy.bans if one.value.fact not in facts)
    return [one for one in every if one.note.in_force(*campaign.runs.value)]


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
    for text in _beside(message):
        yield from ("".join(map(value, parts)) for parts in read_alone(model, campaign, text))


def _flats(model: Model, campaign: Campaign, message: Message) -> Iterator[tuple[copy.Text | copy.Show, ...]]:
    """Every way of reading the message, and each text of its card and buttons."""
    from dsl.templates.ways import read_alone, ways

    yield from (way.parts for way in ways(model, campaign, message))
    for text in _beside(message):
        yield from read_alone(model, campaign, text)


def _beside(message: Message) -> list[str]:
    """What a card and its buttons say beside the message's own words."""
    card = message.card
    beside = [card.title, card.text] if card and message.elements else []
    beside += [button.label for button in message.suggestions if message.elements]
    return [text for text in beside if text]


def _told(
    campaign: Campaign, message: Message, bans: list[Placed[Ban]], of_policy: Lexicon, found: Counter[_Said]
) -> Iterator[Worded]:
    """Each where it is written; at the message, where facts of the product have become a part of it."""
    written: dict[_Said, list[Place]] = {}
    for element, place in placed(message):
        text = fixed(element.text)
        for hit in _longest(of_policy.find(text), bans):
            said = (hit.ban, hit.word, hit.how, text[hit.start : hit.end])
            written.setdefault(said, []).append(inside(place, hit.start, hit.end))
    for one, count in found.items():
        places = list(dict.fromkeys(written.get(one, ())))[:count]
        places += [message.place] if len(places) < count else []
        yield from (_worded(campaign, bans[one[0]], one, place, place != message.place) for place in places)


def _longest(hits: list[Hit], bans: list[Placed[Ban]]) -> list[Hit]:
    """Without those that lie inside of another that weighs as much: one finding a place is enough."""

    def weight(one: Hit) -> int:
        return _WEIGHTS.index("warning" if one.how == "sounds" else bans[one.ban].note.severity)

    def inner(one: Hit, other: Hit) -> bool:
        inside = other.start <= one.start and one.end <= other.end and _size(other) > _size(one)
        return inside and weight(other) <= weight(one)

    return [one for one in hits if not any(inner(one, other) for other in hits)]


def _size(hit: Hit) -> int:
    return hit.end - hit.start


def _worded(campaign: Campaign, ban: Placed[Ban], found: _Said, place: Place, whole: bool) -> Worded:
    _, word, how, written = found
    said = f'"{written}" is banned: {ban.value.because}'
    if how == "sounds":
        said = f'"{written}" passes for "{word}", which is banned: {ban.value.because}'
    elif how == "disguised" and written.casefold() != word:
        said = f'"{written}" hides "{word}", which is banned: {ban.value.because}'
    severity: Severity = "warning" if how == "sounds" and ban.note.severity == "error" else ban.note.severity
    fix, help = None, "Say it without this word."
    facts = campaign.product.facts if campaign.product else {}
    if ban.value.say and all(name in facts for name in _named(ban.value.say)):
        help = f"Say what is so, as `{ban.value.say}`."
        fix = Fix(place.span, ban.value.say.replace('"', '\\"')) if whole else None
    return Worded(place, said, help, (behind(campaign.policy, ban),), severity, fix)


def _named(template: str) -> Iterator[str]:
    """The facts of the product that a template shows."""
    from dsl.templates.read import read
    from dsl.templates.ways import shows

    yield from (show.path[1] for show in shows(read(template)[0]) if show.path[0] == "product")
