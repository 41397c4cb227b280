"""Reads what counts for one customer, lets the interpreter decide it, and tells it beside what the run wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlglot import exp

from dsl.program.ir import Program
from dsl.program.leave import leave_out
from dsl.suggest import nearest
from runtime.engines import open_engine
from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.explain.asked import Asked
from runtime.explain.candidates import Candidates
from runtime.explain.data import data as loaded_data
from runtime.explain.model import Explanation, Row
from runtime.explain.needed import used
from runtime.explain.recorded import Limits, Recorded, Summary, shared_ids, summary
from runtime.explain.starts import Starts
from runtime.explain.story import Story
from runtime.explain.telling import Telling
from runtime.links.key import shown_key
from runtime.place import Place
from runtime.reference.plan import Decision, Run, prepare
from runtime.relational.load import load
from runtime.relational.sql import cast, col, micros, table, text
from runtime.spoken import Speaker


def explain(
    program: Program, out: Path, data: Place, customer: str, campaign: str | None, speaker: Speaker
) -> Explanation:
    """InputError where the folder is no run's, or there is no such campaign or customer."""
    said, customer = summary(out), customer.strip()
    gone = said.without(program)
    names = _named(program, campaign, gone)
    engine = open_engine(program.engine)
    try:
        there = look(engine, leave_out(program, gone), said, out, data, [customer])
        if customer not in there.run.known:
            raise _unknown(there, customer)
        return there.told(customer, names, gone, speaker)
    except BadFile as error:
        raise InputError(str(error), "Name a folder that `camp plan` wrote, and the data that it read.") from error
    finally:
        engine.close()


@dataclass
class There:
    """Some customers as the interpreter decides them, and what the run wrote of them (`rows`, by the decision's key)."""

    engine: Engine
    program: Program
    said: Summary
    run: Run
    recorded: Recorded
    rows: Mapping[tuple[str, ...], Row]

    @cached_property
    def decisions(self) -> list[Decision]:
        return self.run.decisions()

    def told(self, customer: str, names: Sequence[str], gone: tuple[str, ...], speaker: Speaker) -> Explanation:
        """`names`: of which campaigns; `gone`: those that the run did without."""
        telling = Telling(self.program, speaker, Asked(self.program, speaker), self.run.openings)
        starts, who, said = Starts(telling, self.run), self.run.known[customer], self.said
        candidates = Candidates(telling, starts, self.recorded, self.rows)
        mine = [one for one in self.decisions if one.who.key == customer]
        parts = tuple(Story(self.run, telling, starts, candidates, mine).told(who, names))
        others = (one for one in self.run.known.values() if one.phone is not None and one.phone == who.phone)
        sharing = tuple(sorted(one.key for one in others if one.key != customer))
        about = {
            "run_id": said.run_id,
            "program": said.program,
            "at": said.at.isoformat(),
            "until": said.until.isoformat(),
        }
        return Explanation(customer, about, self.program.hash == said.program, gone, sharing, parts)


def look(engine: Engine, program: Program, said: Summary, out: Path, data: Place, customers: Sequence[str]) -> There:
    """BadFile where a file of the run or of the data cannot be read."""
    kept = None
    if said.ledger is not None:
        from runtime.ledger.ledger import Ledger
        from runtime.ledger.open import open_store

        kept = Ledger(open_store(engine, said.ledger, make=False)).before(said.run_id)
    loaded = load(engine, program, data, used(program), micros(said.at), only=customers, kept=kept)
    recorded, keys = Recorded(engine, out), loaded.only or set()
    rows = recorded.rows(keys)
    found = loaded_data(engine, program, loaded, shared_ids(recorded.rejects(keys)))
    said_by = Limits(rows).apply
    run = prepare(program, found, said.at, said.until - said.at, said_by, shown_key(program), said.responses)
    return There(engine, program, said, run, recorded, rows)


def _named(program: Program, campaign: str | None, gone: tuple[str, ...]) -> list[str]:
    names = [one.name for one in program.campaigns if one.name not in gone]
    if campaign is None or campaign in names:
        return names if campaign is None else [campaign]
    if campaign in gone:
        raise InputError(f"The run did without the campaign {campaign}", "It was left out with --without.")
    guess = nearest(campaign, names)
    help = f"Did you mean {guess}?" if guess else f"Known: {', '.join(names)}."
    raise InputError(f"There is no campaign called {campaign}", help)


def _unknown(there: There, customer: str) -> InputError:
    """Why there is nobody of that key: the row is refused, or there is none."""
    rows = there.engine.rows
    mine = exp.and_(exp.EQ(this=col("key"), expression=text(customer)), "source = 'customers'")
    refused = rows(exp.select("field", "reason").from_(table("rejects")).where(mine).limit(1))
    if refused:
        message = f"The row of customer {customer} is refused: {' '.join(filter(None, refused[0]))}"
        return InputError(message, "Mend it (`camp data check` shows it), and run again.")
    if any(row["customer"] == customer for row in there.rows.values()):
        help = "The run knew them: name the data that it read."
        return InputError(f"The data have no customer {customer} any more", help)
    column = next(spec.column for spec in there.program.customer if spec.base == "key")
    key = exp.Trim(this=cast(col(column), "VARCHAR"))
    same = exp.EQ(this=exp.Lower(this=key), expression=text(customer.lower()))
    near = rows(exp.select(key.copy()).from_(table("whole_customers")).where(same).limit(1))
    help = f"Did you mean {near[0][0]}?" if near else "Write the key as it stands in the customers file."
    return InputError(f"The data have no customer {customer}", help)
