"""What reading customers, events and the ledger have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from dsl.program.ir import FieldSpec, Program
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import Source
from runtime.relational import fields
from runtime.relational.judged import Flaw
from runtime.relational.sql import TYPES, cast, col, named, table, text

REJECTS = {
    "source": "VARCHAR",
    "row": "BIGINT",
    "key": "VARCHAR",
    "field": "VARCHAR",
    "value": "VARCHAR",
    "reason": "VARCHAR",
}


@dataclass(frozen=True)
class Kept:
    """What a ledger (runtime/ledger) adds to the data folder.

    decisions: in the columns of runtime/outcomes.py; where there are any, the folder's own ledger is not read.
    events: of each name (id, customer, at, p_…), judged already. heard: changes whenever these do.
    spent: by campaign what has been spent on decisions that are not kept any more. path: where the ledger lies.
    links: the code and send_id of each link that it knows.
    """

    decisions: exp.Select | None = None
    events: Mapping[str, exp.Select] = field(default_factory=dict)
    heard: str = ""
    spent: exp.Select | None = None
    path: str = ""
    links: exp.Select | None = None


@dataclass
class Loaded:
    """Tables: `customers` (id, key, zone, phone, owner, f_…), one for each event (id, at, eid, p_…), `rejects`.

    given: where they were read from; read: what was read of it, each name with the table that it was attached as.
    only: the customers that are loaded; None: all. Then what has no rows of theirs has no table (`events`, `decided`).
    """

    customers: int = 0
    refused: int = 0
    events: dict[str, str] = field(default_factory=dict)
    given: Source | None = None
    read: dict[str, str] = field(default_factory=dict)
    only: set[str] | None = None
    decided: bool = True
    kept: Kept = field(default_factory=Kept)


def source(engine: Engine, given: Source, name: str, loaded: Loaded, where: str) -> dict[str, str] | None:
    """Attach what is there of a name as `raw_name`; its columns, None where there is none. `where`: its name, in rejects too.

    Where only some customers are loaded it is `whole_name`, which runtime/relational/narrow.py cuts down.
    """
    if where not in given.names():
        return None
    attached = f"raw_{name}" if loaded.only is None else f"whole_{name}"
    columns = given.attach(where, attached)
    loaded.read[where] = attached
    torn = engine.torn(attached)
    if torn:
        rows = [(where, line, None, None, held, f"the line is no row: {why}") for line, held, why in torn]
        engine.insert(f"torn_{name}", REJECTS, rows)
        engine.append("rejects", exp.select("*").from_(table(f"torn_{name}")))
    return columns


def readings(
    specs: Iterable[FieldSpec], columns: dict[str, str], where: str, program: Program, prefix: str
) -> list[Reading]:
    """How every field is read. InputError where a column has a type that could never be one."""
    found: list[Reading] = []
    asked = {one.field: one.at for policy in program.policies for one in policy.consents} if prefix == "f_" else {}
    for spec in specs:
        type = columns.get(spec.column)
        if type is None and spec.optional and spec.name in asked:
            # Missing on every row it would keep everybody from everything without a word.
            help = f"{asked[spec.name]} requires this consent. Add the column, or map it in `camp.toml`."
            raise InputError(f"{where} has no column `{spec.column}` for the consent `{spec.name}`", help)
        if type is None and not spec.optional:
            there = ", ".join(sorted(columns))
            help = f"It has: {there}. Map it in camp.toml, or declare the field with `?`."
            raise InputError(f"{where} has no column `{spec.column}` for the field `{spec.name}`", help)
        if type is not None and not fields.accepts(spec.base, type):
            message = f"The column `{spec.column}` of {where} holds {type}, and `{spec.name}` is {spec.base}"
            raise InputError(message, "Write the column in another type, or map another one in camp.toml.")
        found.append(Reading(spec, type, prefix, program.data.missing))
    return found


@dataclass(frozen=True)
class Reading:
    """A field, read in steps, so that nothing is cleaned or cast twice: what stands there, its value, what is wrong with it.

    type: its column's, None where there is no such column: then it is missing on every row.
    """

    spec: FieldSpec
    type: str | None
    prefix: str
    missing: tuple[str, ...]

    @property
    def column(self) -> str:
        """The column of its value."""
        return f"{self.prefix}{self.spec.name}"

    @property
    def held(self) -> exp.Expr:
        """What stands in the file, as the column `h_NAME`."""
        found = exp.null() if self.type is None else fields.clean(self.spec.column, self.type, self.missing)
        return named(found, self._held)

    @property
    def value(self) -> exp.Expr:
        """Its value, over `h_NAME`."""
        if self.type is None:
            return named(cast(exp.null(), TYPES[self.spec.base]), self.column)
        return named(fields.value(self.spec, col(self._held), self.type), self.column)

    @property
    def flaws(self) -> list[Flaw]:
        """What can be wrong with it, over both."""
        if self.type is None:
            return []
        wrong = fields.problems(self.spec, col(self._held), col(self.column))
        return [Flaw(test, self.spec.name, why, col(self._held)) for test, why in wrong]

    @property
    def _held(self) -> str:
        return f"h_{self.spec.name}"


def refused(name: str, judged: str, key: exp.Expr) -> exp.Select:
    columns = {
        "source": text(name),
        "row": col("__row"),
        "key": key,
        "field": col("bad_field"),
        "value": col("bad_value"),
    }
    shown = [named(value, column) for column, value in columns.items()]
    return exp.select(*shown, col("reason")).from_(table(judged)).where("reason IS NOT NULL")


def quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql()
