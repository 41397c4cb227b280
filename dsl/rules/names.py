"""Mistakes about names: what is not declared, declared twice, or stated twice."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.diagnostics import Fix, Place, Related
from dsl.rules.registry import Worded, finding
from dsl.suggest import nearest


@finding("CAMP301", "unknown-name")
def unknown_name(place: Place, what: str, name: str, known: Iterable[str]) -> Worded:
    """
    What: A field, event, property, product, policy, segment, kind or channel is used that no file of the project declares.
    Why: A test on a field that does not exist would hold for nobody, and the campaign would be silent without a word.
    Bad:
        segment rich = asets > 100_000 CNY
    Good:
        segment rich = assets > 100_000 CNY
    """
    names = sorted(known)
    guess = nearest(name, names)
    if guess:
        help = f"Did you mean `{guess}`?"
    elif names:
        help = f"Known: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}."
    else:
        help = f"Declare it: no {what} is declared in this project."
    fix = Fix(place.span, guess) if guess and place.span.end - place.span.start == len(name) else None
    return Worded(place, f"There is no {what} called `{name}`", help, fix=fix)


@finding("CAMP302", "declared-twice")
def declared_twice(place: Place, what: str, name: str, first: Place | None, whole: str = "project") -> Worded:
    """
    What: Two declarations of one kind, or two fields of one schema, have the same name. A project's files share one namespace.
    Why: Which of the two is meant would depend on the order of files.
    Bad:
        event tick
        event tick { page text }
    Good:
        event tick
        event tock { page text }
    """
    if first is None:
        return Worded(place, f"Every {whole} has the {what} `{name}` without declaring it", "Delete it, or rename it.")
    message = f"The {what} `{name}` is declared a second time" if name else f"A second {what} is declared"
    help = "Rename one of them, or delete it." if name else f"Keep one: a {whole} has one {what}."
    return Worded(place, message, help, (Related("the first one is here", first),))


@finding("CAMP303", "stated-twice")
def stated_twice(place: Place, what: str, first: Place) -> Worded:
    """
    What: A statement that a block can hold only once stands there twice.
    Why: Only one of the two could count, and a reader cannot know which.
    Bad:
        campaign hello {
          policy rules
          kind benefit; kind event_notice
          runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello" }
        }
    Good:
        campaign hello {
          policy rules
          kind benefit
          runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello" }
        }
    """
    return Worded(
        place, f"`{what}` is stated a second time", "Keep one of the two.", (Related("the first one is here", first),)
    )


NOT_STATED = "CAMP304"


@finding(NOT_STATED, "not-stated")
def not_stated(place: Place, what: str, statement: str) -> Worded:
    """
    What: A block lacks a statement that it cannot do without.
    Why: Camp guesses nothing that decides who is written to, when, or under which rules.
    Bad:
        campaign hello {
          kind benefit
          runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello" }
        }
    Good:
        campaign hello {
          policy rules
          kind benefit
          runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          message sms { text "Hello" }
        }
    """
    return Worded(place, f"{what} has no `{statement.split()[0]}`", f"Add a line such as `{statement}`.")


@finding("CAMP305", "segment-in-itself")
def segment_in_itself(place: Place, name: str, what: str = "segment") -> Worded:
    """
    What: A segment, a lifecycle or a policy is defined by itself, directly or through another one.
    Why: It would have no meaning.
    Bad:
        segment a = segment b
        segment b = not segment a
    Good:
        segment a = assets > 1 CNY
        segment b = not segment a
    """
    help = {
        "segment": "Spell out one of the segments with fields and events.",
        "lifecycle": "Spell out one of the stages with fields and events.",
        "policy": "Let one of the policies extend no other.",
    }[what]
    return Worded(place, f"The {what} `{name}` is defined by itself", help)
