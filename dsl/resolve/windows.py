"""Windows and caps as written → their values."""

from __future__ import annotations

from dsl import catalog
from dsl.behaviour import DAY
from dsl.model import Placed
from dsl.quantities import Duration
from dsl.resolve.conditions import Conditions
from dsl.resolve.numbers import whole
from dsl.resolve.scope import Scope
from dsl.rules import values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import Calendar, Cap, Hours, Window

_MINUTE = 60_000_000


def window(scope: Scope, statement: tree.Statement, calendars: dict[str, Calendar]) -> Placed[Window] | None:
    (written,) = statement.parts
    place = scope.place(statement.span)
    match written:
        case tree.Window(on, days, hours, skip):
            return Placed(Window(on, tuple(sorted(set(days))), Hours(hours.begin, hours.end), skip), place)
        case tree.WindowBefore():
            before = _before(scope, written, calendars)
            return Placed(before, place) if before else None
        case tree.WindowBest(hours, skip):
            if hours.end <= hours.begin:
                help = "Let it begin and end on one day, as 09:00-20:00."
                why = "A customer's best hour is looked for within one day"
                return scope.tell(values.number_does_not_fit(scope.place(hours.span), why, help))
            return Placed(Window("every", (), Hours(hours.begin, hours.end), skip, best=True), place)
    raise AssertionError(f"no window is a {written}")


def _before(scope: Scope, written: tree.WindowBefore, calendars: dict[str, Calendar]) -> Window | None:
    """The hours before those of a calendar; they may begin on the day before."""
    name, place = written.calendar, scope.place(written.length.span)
    calendar = calendars.get(name.text)
    if calendar is None:
        return scope.unknown("calendar", name.text, name.span, calendars)
    if not isinstance(calendar, Window):
        return scope.tell(values.calendar_does_not_fit(scope.place(name.span), name.text, "hours"))
    assert isinstance(written.length.value, Duration)
    size = written.length.value.microseconds
    if size is None or size % _MINUTE or not _MINUTE <= size < DAY:
        return scope.tell(
            values.length_does_not_fit(
                place,
                "A window begins some minutes or hours before, less than a day",
                "Write hours, as `2 hours before`.",
            )
        )
    begin = calendar.hours.begin - size // _MINUTE
    on, days = calendar.on, calendar.days
    if begin < 0 and on == "workdays":
        return scope.tell(
            values.length_does_not_fit(
                place, "This would begin on the day before, which may be no workday", "Write fewer hours."
            )
        )
    if begin < 0:
        days = tuple(sorted((day - 1) % 7 for day in days))
    return Window(on, days, Hours(begin % 1440, calendar.hours.begin), written.skip_holidays)


def cap(scope: Scope, statement: tree.Statement, conditions: Conditions) -> Placed[Cap] | None:
    (written,) = statement.parts
    assert isinstance(written, tree.Cap)
    count, named = whole(scope, written.count), kinds(scope, written.kinds)
    when = conditions.condition(written.test) if written.test is not None else None
    if count is None or named is None or (written.test is not None and when is None):
        return None
    place = scope.place(statement.span)
    if isinstance(written.period, tree.Keyword):
        period = written.period.terminal.lower()
        return Placed(
            Cap(count, "day" if period == "day" else "week" if period == "week" else "month", 0, named, when), place
        )
    length = written.period.value
    assert isinstance(length, Duration)
    days = _dates(length)
    if days is None:
        why = "A cap counts whole days"
        scope.tell(values.length_does_not_fit(scope.place(written.period.span), why))
        return None
    return Placed(Cap(count, "rolling", days, named, when), place)


def kinds(scope: Scope, written: tuple[ast.Name, ...]) -> tuple[str, ...] | None:
    """The kinds by name, sorted; None where one of them is none."""
    known = [found for name in written if (found := kind(scope, name)) is not None]
    return tuple(sorted(set(known))) if len(known) == len(written) else None


def kind(scope: Scope, name: ast.Name) -> str | None:
    """The kind of message; told if it is none."""
    return scope.builtin("kind", "kinds", name, catalog.KINDS)


def _dates(length: Duration) -> int | None:
    """The local dates that a length touches: any 24 hours touch two, whenever they begin."""
    days = _days(length)
    return days if days is None or length.unit in ("DAY", "WEEK") else days + 1


def _days(length: Duration) -> int | None:
    size = length.microseconds
    return size // DAY if size and size % DAY == 0 and size <= 3_660 * DAY else None
