"""Mistakes about values: units that do not go together, options that do not exist, sizes that do not fit."""

from __future__ import annotations

from dsl.diagnostics import Place
from dsl.rules.registry import Worded, finding
from dsl.suggest import nearest
from dsl.types import Type


@finding("CAMP311", "units-differ")
def units_differ(place: Place, left: Type, right: Type, needed: str = "") -> Worded:
    """
    What: Two values are compared that are not of one kind: money with days, a date with a text, CNY with USD; or a value
    stands where another kind is needed.
    Why: Such a test has no answer that anyone could have meant.
    Bad:
        segment rich = assets > 30 days
    Good:
        segment rich = assets > 30_000 CNY
    """
    if needed:
        same = str(left) == str(right)  # the kind is right, and it is worked out, not a field's own
        return Worded(
            place,
            f"This is {right} that is worked out, and a field is needed here"
            if same
            else f"This has to be {left}, and is {right}",
            needed,
        )
    help = f"Write {_example(left)} here." if _example(left) else "Compare it with something of its own kind."
    return Worded(place, f"This compares {left} with {right}", help)


@finding("CAMP312", "not-an-option")
def not_an_option(place: Place, value: str, options: tuple[str, ...]) -> Worded:
    """
    What: A field that takes one of a few values is compared with another value.
    Why: The test could never hold.
    Bad:
        segment rural = region = "conty"
    Good:
        segment rural = region = "county"
    """
    guess = nearest(value, options)
    listed = ", ".join(f'"{option}"' for option in options)
    return Worded(
        place, f'"{value}" is none of its values', f'Did you mean "{guess}"?' if guess else f"It takes {listed}."
    )


@finding("CAMP313", "not-a-test")
def not_a_test(place: Place, type: Type, missing: bool = False) -> Worded:
    """
    What: A value stands alone where a test is needed. Only a flag is a test by itself.
    Why: `assets` alone does not say how much is enough.
    Bad:
        segment rich = assets
    Good:
        segment rich = assets > 1 CNY
    """
    if missing:
        return Worded(place, "Only a field or a property can be missing", "Compare it, as `count(app_view) = 0`.")
    spoken = str(type)
    message = f"{spoken[0].upper()}{spoken[1:]} is neither true nor false by itself"
    return Worded(place, message, "Compare it with a value, or ask whether it `is missing`.")


@finding("CAMP314", "not-ordered")
def not_ordered(place: Place, operator: str, type: Type) -> Worded:
    """
    What: Texts, choices or flags are compared by size.
    Why: They have no order that the bank means; use `=`, `!=`, or list the values in `any { }`.
    Bad:
        segment rural = region > "city"
    Good:
        segment rural = region = "county"
    """
    return Worded(place, f"`{operator}` needs something with an order, and this is {type}", "Use `=` or `!=`.")


@finding("CAMP315", "length-does-not-fit")
def length_does_not_fit(place: Place, why: str, help: str = "") -> Worded:
    """
    What: A length of time stands where it has no exact meaning: months in behaviour (they differ in length), hours on a
    date field, a future for events, no time at all.
    Why: Behaviour counts 24-hour days, date fields count calendar days; neither can be halved or guessed.
    Bad:
        segment fresh = did tick in last 2 months
    Good:
        segment fresh = did tick in last 60 days
    """
    usual = "Behaviour takes minutes to weeks, as `in last 60 days`; date fields and caps take days or weeks."
    return Worded(place, why, help or usual)


@finding("CAMP316", "number-does-not-fit")
def number_does_not_fit(place: Place, why: str, help: str) -> Worded:
    """
    What: A number is out of the range or the precision of the thing it stands for: half an event, a tenth of a cent, 120 %.
    Why: Money is kept to the cent and counts are whole; rounding in silence would move somebody over a line.
    Bad:
        segment keen = count(tick in last 7 days) >= 2.5
    Good:
        segment keen = count(tick in last 7 days) >= 3
    """
    return Worded(place, why, help)


@finding("CAMP317", "aggregate-needs-number")
def aggregate_needs_number(place: Place) -> Worded:
    """
    What: `count(…)` or `days_since(…)` is compared with a field or with another aggregate.
    Why: All campaigns share one pass over the events, which knows only fixed limits.
    Bad:
        segment keen = count(tick) > count(tick in last 7 days)
    Good:
        segment keen = count(tick in last 7 days) > 3
    """
    return Worded(
        place,
        "A count or a sum is compared with a number that is written out",
        "Write the limit as a number, as `> 3`.",
    )


@finding("CAMP318", "never-missing", "warning")
def never_missing(place: Place, name: str) -> Worded:
    """
    What: `is missing` asks about a field that is declared without `?`.
    Why: Rows without it are rejected before a run, so that the test never holds.
    Bad:
        segment odd = assets is missing
    Good:
        segment odd = nickname is missing
    """
    return Worded(place, f"`{name}` is never missing", "Declare the field with `?`, or drop the test.")


@finding("CAMP319", "unreadable-setting")
def unreadable_setting(place: Place, why: str, help: str) -> Worded:
    """
    What: A setting names something that does not exist in the world: a time zone, a country's calendar, a telephone region.
    Why: Guessing a zone moves every message by hours.
    Bad:
        brand other "B" { zone "Asia/Beijing"; currency CNY; signature "【B】"; opt_out "拒收请回复R" }
    Good:
        brand other "B" { zone "Asia/Shanghai"; currency CNY; signature "【B】"; opt_out "拒收请回复R" }
    """
    return Worded(place, why, help)


@finding("CAMP320", "where-beyond-event")
def where_beyond_event(place: Place) -> Worded:
    """
    What: A `where` asks about other events, a segment, or how far a date lies from today.
    Why: It picks events by what each of them says; all campaigns share one pass over the events, which sees no more.
    Bad:
        segment keen = did tick where (page = "loan" and did tick in last 7 days)
    Good:
        segment keen = did tick where page = "loan" and did tick in last 7 days
    """
    return Worded(place, "A `where` sees the properties of its event only", "Close it before this test.")


@finding("CAMP321", "calendar-does-not-fit")
def calendar_does_not_fit(place: Place, name: str, needs: str) -> Worded:
    """
    What: A calendar of hours stands where dates are asked for, or one of dates where hours are.
    Why: A date has no hour, and a window needs hours to lie in.
    Bad:
        calendar viewing = sat, sun 14:00-17:00
        segment born_then = birth_date in viewing
    Good:
        calendar ploughing = 02-15..04-10
        segment born_then = birth_date in ploughing
    """
    other = "dates" if needs == "hours" else "hours"
    message = f"The calendar `{name}` is one of {other}, and {needs} are needed here"
    return Worded(place, message, f"Name a calendar of {needs}.")


@finding("CAMP323", "guard-beyond-events")
def guard_beyond_events(place: Place) -> Worded:
    """
    What: A step's `if` or `unless`, or an `exit when`, asks something else than whether an event happened.
    Why: It is asked again just before the message goes, when only new events are known; who the customer is, the audience asks.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
          step again after 2 days if assets > 1 CNY { message sms { text "Hello again" } }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
          step again after 2 days unless clicked { message sms { text "Hello again" } }
        }
    """
    message = "This can only ask whether an event has happened since the campaign began for the customer"
    help = "Ask for an event, as `clicked` or `did loan_applied`; who the customer is, `audience` asks."
    return Worded(place, message, help)


@finding("CAMP324", "note-does-not-fit")
def note_does_not_fit(place: Place, note: str, help: str = "") -> Worded:
    """
    What: A statement of a policy that says how others are meant (exempt, extra, marks, opt_out words, jurisdiction, vendor)
    is dated or weighed;
    or consent is required on one channel, or consent, signature or opt-out only where copy mentions something.
    Why: It forbids nothing by itself; the statements that it belongs to have the dates. Consent and the sender's name are
    asked whatever the copy says.
    Bad:
        policy dated { quiet 22:00-08:00; cap 1 per day; exempt service from cap from 2026-05-01 }
    Good:
        policy dated { quiet 22:00-08:00; cap 1 per day from 2026-05-01; exempt service from cap }
    """
    usual = "Leave it out here: it goes with a rule that forbids or requires (cap, ban, block, quiet, require)."
    return Worded(place, f"This statement cannot have `{note}`", help or usual)


@finding("CAMP322", "stages-not-whole")
def stages_not_whole(place: Place, why: str) -> Worded:
    """
    What: A lifecycle does not end with one `otherwise`.
    Why: The first stage that holds counts, so that everyone has exactly one; what stands after `otherwise` could never be.
    Bad:
        lifecycle stage { young when birth_date in last 30 days }
    Good:
        lifecycle stage { young when birth_date in last 30 days; grown otherwise }
    """
    return Worded(place, why, "End the lifecycle with a line such as `active otherwise`.")


def _example(type: Type) -> str:
    return {
        "money": f"an amount as `50_000 {type.currency}`",
        "number": "a number as `3`",
        "rate": "a percentage as `3.8%`",
        "date": "a date as `2026-03-01`",
        "flag": "`yes` or `no`",
        "days": "a number of days as `30`",
    }.get(type.base, 'a text as `"loan"`' if type.base in ("text", "key", "phone", "zone", "choice") else "")
