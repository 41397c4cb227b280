"""Windows and caps as written → their values."""

from __future__ import annotations

from dsl import catalog
from dsl.behaviour import DAY
from dsl.model import Placed
from dsl.quantities import Duration
from dsl.resolve.numbers import whole
from dsl.resolve.scope import Scope
from dsl.rules import values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import Cap, Hours, Window


def window(scope: Scope, statement: tree.Statement) -> Placed[Window]:
    (written,) = statement.parts
    assert isinstance(written, tree.Window)
    hours = Hours(written.hours.begin, written.hours.end)
    days = tuple(sorted(set(written.days)))
    return Placed(Window(written.on, days, hours, written.skip_holidays), scope.place(statement.span))


def cap(scope: Scope, statement: tree.Statement) -> Placed[Cap] | None:
    (written,) = statement.parts
    assert isinstance(written, tree.Cap)
    count = whole(scope, written.count)
    kinds = tuple(sorted({name.text for name in written.kinds if kind(scope, name)}))
    if count is None or len(kinds) < len({name.text for name in written.kinds}):
        return None
    place = scope.place(statement.span)
    if isinstance(written.period, tree.Keyword):
        period = written.period.terminal.lower()
        return Placed(
            Cap(count, "day" if period == "day" else "week" if period == "week" else "month", 0, kinds), place
        )
    length = written.period.value
    assert isinstance(length, Duration)
    days = _days(length)
    if days is None:
        why = "A cap counts whole days"
        scope.tell(values.length_does_not_fit(scope.place(written.period.span), why))
        return None
    return Placed(Cap(count, "rolling", days, kinds), place)


def kind(scope: Scope, name: ast.Name) -> bool:
    """Whether it is a kind of message; told if not."""
    if name.text in catalog.KINDS:
        return True
    scope.unknown("kind", name.text, name.span, catalog.KINDS)
    return False


def _days(length: Duration) -> int | None:
    size = length.microseconds
    return size // DAY if size and size % DAY == 0 and size <= 3_660 * DAY else None
