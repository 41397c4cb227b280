"""Rules about copy: what it may hold, and which variables it may show."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Fix, Place, Related
from dsl.model import Campaign, Model
from dsl.rules.registry import Worded, rule
from dsl.rules.within import near, placed
from dsl.suggest import nearest
from dsl.templates import copy
from dsl.templates.copy import Refused
from dsl.templates.variables import TAKES, Trouble, Variables, check
from dsl.templates.whole import fixed_braces, whole
from dsl.terms import Element


@rule("CAMP511", "copy-not-allowed", "error")
def copy_not_allowed(model: Model) -> Iterator[Worded]:
    """
    What: Copy uses something of Jinja that is no text, variable, filter or `if`: a loop, a call, arithmetic, a hidden name.
    Why: Copy is read by compliance officers and rendered a million times; it stays as simple as a letter.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "{% for x in y %}Hello{% endfor %}" }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "{% if customer.nickname %}Hello{% endif %}" }
        }
    """
    for campaign in model.campaigns.values():
        for message in (one.message for one in campaign.spoken()):
            parts = [(element, place, _read(element.text)[1]) for element, place in placed(message)]
            for element, place, refused in parts:
                if refused:
                    yield Worded(near(place, element.text, refused.near), refused.message, refused.help)
            # CAMP506 tells of braces in what stands around the elements.
            joined = whole(model.brand, campaign.policy, message)
            clean = not any(refused for *_, refused in parts) and not any(fixed_braces(model.brand, campaign.policy))
            # Copy that can be read piece by piece can be read as a whole, if it is not too long.
            refused = _read(joined)[1] if clean and len(joined) > MOST else None
            if refused:
                yield Worded(message.place, refused.message, refused.help)


@rule("CAMP512", "unknown-variable", "error")
def unknown_variable(model: Model) -> Iterator[Worded]:
    """
    What: Copy shows a variable that does not exist, uses an unknown filter, or gives a filter what it cannot take.
    Why: The message would have a hole where the fact should be.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "{{ customer | salutatoin }}, hello" }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "{{ customer | salutation }}, hello" }
        }
    """
    for campaign, element, place in _elements(model):
        for trouble in _troubles(model, campaign, element):
            lost = campaign.broken and trouble.path[0] in ("product", "plan")  # `product` may be what could not be read
            if trouble.why != "missing" and not lost:
                name = (
                    trouble.detail if trouble.why in ("filter", "argument", "unknown", "option") else trouble.path[-1]
                )
                at, worded = near(place, element.text, name), _worded(trouble)
                guess = nearest(name, trouble.known) if trouble.why in ("filter", "unknown", "option") else None
                fix = Fix(at.span, guess) if guess and at.source.text[at.span.start : at.span.end] == name else None
                yield Worded(at, *worded, fix=fix)


@rule("CAMP513", "variable-may-be-missing", "error")
def variable_may_be_missing(model: Model) -> Iterator[Worded]:
    """
    What: Copy shows a field that is declared with `?`, and does not say what to write where it is missing.
    Why: "您的预审额度已提升至元" goes out to everyone without one.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello {{ customer.nickname }}" }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello {{ customer.nickname | default("you") }}" }
        }
    """
    for campaign, element, place in _elements(model):
        for trouble in _troubles(model, campaign, element):
            if trouble.why == "missing":
                path = ".".join(trouble.path)
                help = f'Write `{{{{ {path} | default("…") }}}}`, or put it inside `{{% if {path} %}} … {{% endif %}}`.'
                field = model.fields.get(trouble.path[-1]) if trouble.path[0] == "customer" else None
                related = (Related("it may be missing", field.place),) if field and field.place else ()
                yield Worded(near(place, element.text, path), f"`{path}` may be missing", help, related)


# No template of fewer characters is refused for its length alone (dsl/templates/read.py, which is slow to import).
MOST = 1_000


def _elements(model: Model) -> Iterator[tuple[Campaign, Element, Place]]:
    for campaign in model.campaigns.values():
        for one in campaign.spoken():
            for element, place in placed(one.message):
                yield campaign, element, place


def _read(text: str) -> tuple[tuple[copy.Part, ...], Refused | None]:
    # Jinja takes as long to import as half of a small project takes to check: only where there is copy to read.
    from dsl.templates import read

    return read.read(text)


def _troubles(model: Model, campaign: Campaign, element: Element) -> list[Trouble]:
    parts, _ = _read(element.text)
    found = check(parts, Variables(model.brand, campaign, model.fields, model.events), frozenset())
    return list(dict.fromkeys(found))


def _worded(trouble: Trouble) -> tuple[str, str]:
    path, name = ".".join(trouble.path), trouble.detail
    match trouble.why:
        case "unknown" | "filter":
            guess = nearest(name, trouble.known)
            help = f"Did you mean `{guess}`?" if guess else f"Known: {', '.join(trouble.known)}."
            return f"There is no {'variable' if trouble.why == 'unknown' else 'filter'} called `{name}`", help
        case "argument":
            return f"The filter `{name}` is used wrongly", 'Only `default` takes a text, as `default("…")`.'
        case "order":
            return f"`{path}` goes through more than one shaping filter, or `default` before one", "Put `default` last."
        case "unfit":
            fits = next(
                (filter for filter, bases in TAKES.items() if trouble.type and trouble.type.base in bases), None
            )
            message = (
                f"The filter `{name}` does not take {trouble.type}"
                if name
                else f"A {trouble.type.base if trouble.type else 'value'} is no text"
            )
            return message, f"`{path} | {fits}` would do." if fits else "Leave the filter out."
        case "option":
            return f'"{name}" is none of the values of `{path}`', f"It takes {', '.join(trouble.known)}."
        case "ordered":
            return f"`{path}` cannot be compared by size here", "Only a number that is never missing can."
    return f"`{path}` cannot be compared with {name}", "Compare texts with texts, and numbers with whole numbers."
