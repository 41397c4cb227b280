"""What the ledger says of runs: which was the last, whether one is committed already, and committing one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT
from dsl.identity import digest
from dsl.program.ir import Program
from runtime.engines.base import BadFile
from runtime.errors import InputError
from runtime.execute import Run
from runtime.ledger.store import Change, Store, broken, held
from runtime.ledger.tables import (
    BEFORE,
    CHANGES,
    EVENT,
    FORGOTTEN,
    HEARD_COLUMNS,
    HINTS,
    LINKED,
    OUTCOMES,
    PAUSED,
    PROGRAMS,
    REFUSED,
    RUNS,
    STANDING,
    SUPPRESSED,
    TABLES,
    UNHEARD,
)
from runtime.outcomes import COLUMNS, KEY, LINKS
from runtime.relational.loading import REJECTS, Kept, Loaded
from runtime.relational.moments import timestamp
from runtime.relational.sql import both, cast, col, micros, named, num, table, text, union
from runtime.response import read

KEPT_RUNS = 100  # whose rows are kept, for whoever asks for the same run again: four days of hourly runs
RUN, ROLLBACK = "run", "rollback"
HEARD = ("ingest", "suppress", "forget")  # changes after which a run may come out differently


@dataclass(frozen=True)
class Committed:
    """A run that the ledger holds. `about`: what summary.json says of it."""

    number: int
    run_id: str
    program: str
    at: datetime
    until: datetime
    about: dict[str, Any]


class Ledger:
    def __init__(self, store: Store) -> None:
        self.store, self.engine = store, store.engine
        self._last: tuple[str, Committed | None] | None = None  # what `last` said, and the state that it was said of

    def kept(self) -> Kept:
        """What a run reads of it."""
        if self.last() is None and not self._rows(exp.select("1").from_(held(STANDING)).limit(1)):
            path = str(self.store.path)
            return Kept(events=self.events(), heard=self.heard(), spent=self.spent(), path=path, links=self.links())
        number = named(cast(exp.Window(this=exp.RowNumber()), "BIGINT"), "__row")
        standing = exp.select(number, *(col(name) for name in COLUMNS)).from_(held(STANDING))
        return Kept(standing, self.events(), self.heard(), self.spent(), str(self.store.path), self.links())

    def links(self) -> exp.Select | None:
        """Every link of every run; None where the ledger is from before there were any."""
        return exp.select(*LINKS).from_(held(LINKED)) if LINKED in self.store.tables else None

    def before(self, run_id: str) -> Kept:
        """What that run read of it. InputError where the ledger does not know the run, or no more what was before it."""
        found = self._committed(exp.EQ(this=col("run_id"), expression=text(run_id)))
        last = self.last()
        if not found or last is None or found[-1].number <= last.number - KEPT_RUNS:
            message = f"The ledger {self.store.path} does not know what was before this run"
            raise InputError(message, "It was taken back or is long ago, or another ledger lies there now.")
        earlier = exp.LT(this=col("run"), expression=num(found[-1].number))
        rows = [exp.select(*TABLES[STANDING]).from_(held(name)).where(earlier) for name in (STANDING, OUTCOMES, BEFORE)]
        first = f"row_number() OVER (PARTITION BY {', '.join(KEY)} ORDER BY run DESC) = 1"
        latest = exp.select("*").from_(union(rows).subquery("u")).qualify(first)
        number = named(cast(exp.Window(this=exp.RowNumber()), "BIGINT"), "__row")
        decisions = exp.select(number, *(col(name) for name in COLUMNS)).from_(latest.subquery("l"))
        there = bool(self._rows(exp.select("1").from_(decisions.subquery("d")).limit(1)))
        return Kept(decisions if there else None, self.events(), "", self.spent(), str(self.store.path))

    def spent(self) -> exp.Select | None:
        """What messages to people who are forgotten have cost: it stays spent."""
        if not self._rows(exp.select("1").from_(held(FORGOTTEN)).limit(1)):
            return None
        return exp.select("campaign", "cost").from_(held(FORGOTTEN)).where("outcome = 'send'")

    def events(self) -> dict[str, exp.Select]:
        """What was ingested, by event; and whose phone is suppressed as a refusal since ever."""
        found: dict[str, exp.Select] = {}
        for name, columns in self.store.tables.items():
            if name.startswith(EVENT):
                shown = [col(one) for one in columns if one not in HINTS]
                found[name.removeprefix(EVENT)] = exp.select(*shown).from_(held(name))
        suppressed = self._suppressed()
        if suppressed is not None:
            there = found.get(OPT_OUT_EVENT)
            either = suppressed if there is None else exp.union(there, suppressed, distinct=False)
            shown = [col(name) for name in HEARD_COLUMNS]
            found[OPT_OUT_EVENT] = exp.select(*shown).from_(either.subquery("u"))
        return found

    def _suppressed(self) -> exp.Select | None:
        """The owners of suppressed phones, as a run's `customers` has them; None where no phone is suppressed."""
        if not self._rows(exp.select("1").from_(held(SUPPRESSED)).limit(1)):
            return None
        query = exp.select(
            named(exp.DPipe(this=text("suppressed "), expression=col("key", "c")), "id"),
            named(col("key", "c"), "customer"),
            named(cast(text("1970-01-01"), "TIMESTAMP"), "at"),
        )
        query = query.from_(table("customers", "c"))
        return query.join(held(SUPPRESSED, "s"), on=exp.EQ(this=col("phone", "s"), expression=col("phone", "c")))

    def heard(self) -> str:
        """A name for what was ingested and who is suppressed, changing with it; empty where there was nothing."""
        kinds = exp.In(this=col("kind"), expressions=[text(kind) for kind in HEARD])
        found = self._rows(exp.select("state").from_(held(CHANGES)).where(kinds).order_by("number DESC").limit(1))
        return str(found[0][0]) if found else ""

    def state(self) -> str:
        """A name for everything in the ledger, changing with it."""
        found = self._rows(exp.select("state").from_(held(CHANGES)).order_by("number DESC").limit(1))
        return str(found[0][0]) if found else ""

    def last(self) -> Committed | None:
        state = self.state()
        if self._last is None or self._last[0] != state:
            found = self._committed(None, exp.select("max(run)").from_(held(RUNS)))
            self._last = state, found[-1] if found else None
        return self._last[1]

    def committed(self, request: str) -> Committed | None:
        """The run that was asked the same, if there is one whose rows are kept."""
        last = self.last()
        if last is None:
            return None
        found = self._committed(exp.EQ(this=col("request"), expression=text(request)))
        if not found or found[-1].number <= last.number - KEPT_RUNS:
            return None
        mine = exp.EQ(this=col("run"), expression=num(found[-1].number))
        ((rows,),) = self._rows(exp.select("count(*)").from_(held(OUTCOMES)).where(mine))
        forgotten = self._rows(exp.select("1").from_(held(CHANGES)).where("kind = 'forget'").limit(1))
        whole = rows == found[-1].about["total"]["audience"] or forgotten
        return found[-1] if whole else None  # a run that was taken back has let older rows go

    def _committed(self, where: exp.Expr | None, run: exp.Select | None = None) -> list[Committed]:
        query = exp.select("run", "run_id", "program", "at", "until", "about").from_(held(RUNS)).order_by("run")
        if run is not None:
            where = exp.EQ(this=col("run"), expression=run.subquery())
        rows = self._rows(query.where(where) if where else query)
        return [
            Committed(number, run_id, program, at.replace(tzinfo=UTC), until.replace(tzinfo=UTC), json.loads(about))
            for number, run_id, program, at, until, about in rows
        ]

    def forwards(self, at: datetime) -> None:
        """InputError where an instant lies before the last run's: what was decided then would be seen too early."""
        last = self.last()
        if last is not None and at < last.at:
            when = last.at.isoformat()
            message = f"The ledger's last run spoke for {when}, and --at lies before it"
            raise InputError(message, "Runs go forwards. Is the clock right? `camp ledger show` lists the runs.")

    def refusals_known(self) -> None:
        """InputError where a refusal was given to `camp ingest` that nobody could read: it is not known who refused."""
        query = exp.select("count(*)", "min(file)").from_(held(UNHEARD))
        ((count, file),) = self._rows(query.where(f"event = '{OPT_OUT_EVENT}' AND NOT settled"))
        if count:
            settle = f"`camp ingest PROGRAM --settle {OPT_OUT_EVENT}`"
            help = f"Mend them and ingest {file} again, or say that they need not be known: {settle}."
            raise InputError(
                f"{count:,} refusals could not be ingested, and nothing is sent while it is not known whose", help
            )

    def paused(self) -> list[str]:
        return [name for (name,) in self._rows(exp.select("campaign").from_(held(PAUSED)).order_by("campaign"))]

    def paused_names(self) -> list[str]:
        """The names of what is paused, and the ones that it had or has by now."""
        found, last = set(self.paused()), self.last()
        for one in self.program(last.program).campaigns if last and found else ():
            if found & {one.name, one.formerly}:
                found |= {name for name in (one.name, one.formerly) if name}
        return sorted(found)

    def program(self, hash: str) -> Program:
        query = exp.select("program").from_(held(PROGRAMS)).where(exp.EQ(this=col("hash"), expression=text(hash)))
        ((written,),) = self._rows(query)
        return Program.model_validate_json(written)

    def commit(self, run: Run, request: str, about: dict[str, Any]) -> Committed:
        """Keep a run's decisions: from here on they count. InputError where the ledger cannot be written."""
        last = self.last()
        number = 1 if last is None else last.number + 1
        ours = exp.select(*(col(name) for name in COLUMNS), named(num(number), "run")).from_(table("outcomes"))
        ours = ours.order_by(*KEY)  # the same run writes the same file
        own = {
            "run": num(number),
            "run_id": text(run.run_id),
            "request": text(request),
            "program": text(run.program.hash),
            "at": timestamp(num(micros(run.at))),
            "until": timestamp(num(micros(run.at + run.horizon))),
            "candidates": num(about["total"]["audience"]),
            "sends": num(about["total"]["sent"]),
            "about": text(json.dumps(about, ensure_ascii=False)),
        }
        refused = exp.select(*(col(name) for name in REJECTS), named(num(number), "run")).from_(table("rejects"))
        hash = exp.EQ(this=col("hash"), expression=text(run.program.hash))
        known = self._rows(exp.select("1").from_(held(PROGRAMS)).where(hash))
        empty = not self._rows(exp.select("1").from_(held(STANDING)).limit(1))
        none = exp.select(*TABLES[STANDING]).from_(held(STANDING)).limit(0)
        self.engine.create("taken_over", self._taken_over() if empty else none)
        stood = union([exp.select(*TABLES[STANDING]).from_(one) for one in (held(STANDING), table("taken_over"))])
        same = both(*(exp.EQ(this=col(k, "s"), expression=col(k, "o")) for k in KEY))
        old = exp.select("s.*").from_(stood.subquery("s")).join(table("outcomes", "o"), on=same)
        untouched = exp.select("s.*").from_(table("taken_over", "s"))
        untouched = untouched.join(table("outcomes", "o"), on=same.copy(), join_type="left").where("o.campaign IS NULL")
        linked = exp.select(*(col(name, "n") for name in LINKS), named(num(number), "run")).from_(table("links", "n"))
        if LINKED in self.store.tables:
            linked = linked.join(held(LINKED, "l"), on="l.code = n.code", join_type="left").where("l.code IS NULL")
        with self.store.change() as change:
            change.prepare(LINKED, TABLES[LINKED])
            change.append(LINKED, linked.order_by("n.code"))
            change.remove(BEFORE, exp.true())
            change.append(BEFORE, old)
            change.replace(STANDING, ours, KEY)
            if empty:
                change.append(STANDING, untouched)
            change.append(OUTCOMES, ours.copy())
            change.append(REFUSED, refused)
            change.append(RUNS, _row(RUNS, own))
            if not known:
                written = {"hash": text(run.program.hash), "program": text(run.program.model_dump_json())}
                change.append(PROGRAMS, _row(PROGRAMS, written))
            if number > KEPT_RUNS:
                gone = exp.LTE(this=col("run"), expression=num(number - KEPT_RUNS))
                for name in (OUTCOMES, REFUSED):
                    change.remove(name, gone.copy())
            self.note(change, RUN, run.at, {"run": number, "run_id": run.run_id, "sends": about["total"]["sent"]})
        return Committed(number, run.run_id, run.program.hash, run.at, run.at + run.horizon, about)

    def _taken_over(self) -> exp.Select:
        """What the folder's own ledger held before this one began: it is not read any more from now on."""
        columns = dict.fromkeys(COLUMNS, exp.null())
        texts = (
            "campaign",
            "step",
            "customer",
            "occurrence",
            "outcome",
            "kind",
            "zone",
            "channel",
            "recipient",
            "cost",
        )
        kept: dict[str, exp.Expr] = {name: col(name, "d") for name in (*texts, "local_date")}
        kept |= {name: timestamp(col(name, "d")) for name in ("at", "started_at", "decided_at")}
        shown = [named(cast({**columns, **kept}[name].copy(), type), name) for name, type in COLUMNS.items()]
        return exp.select(*shown, named(cast(num(0), "BIGINT"), "run")).from_(table("decisions", "d"))

    def note(self, change: Change, kind: str, at: datetime | None, detail: dict[str, Any]) -> None:
        """A line of the ledger's own history; each names the one before it, so that none can be left out unseen."""
        query = exp.select("number", "state").from_(held(CHANGES)).order_by("number DESC").limit(1)
        number, before = next(iter(self._rows(query)), (0, ""))
        written = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        instant = "" if at is None else str(micros(at))
        row = {
            "number": num(number + 1),
            "kind": text(kind),
            "at": exp.null() if at is None else timestamp(num(micros(at))),
            "detail": text(written),
            "state": text(chained(before, number + 1, kind, instant, written)),
        }
        change.append(CHANGES, _row(CHANGES, row))

    def again(self, one: Committed, loaded: Loaded) -> Run:
        """A committed run as it was decided, from the rows that are kept."""
        for name, columns in ((OUTCOMES, COLUMNS), (REFUSED, REJECTS)):
            rows = exp.select(*(col(column) for column in columns)).from_(held(name))
            rows = rows.where(exp.EQ(this=col("run"), expression=num(one.number)))
            self.engine.create(name, rows.order_by(*KEY) if name == OUTCOMES else rows)
        links = self.links()
        if links is None:
            self.engine.insert("links", LINKS, [])
        else:
            self.engine.create("links", links.where(exp.EQ(this=col("run"), expression=num(one.number))))
        program, length, about = self.program(one.program), one.until - one.at, one.about
        warnings, key = list(about["warnings"]), about.get("link_key", "")
        learned = tuple(read(about.get("best_hours", ())).values())
        return Run(program, self.engine, one.at, length, one.run_id, loaded, warnings, key, learned)

    def _rows(self, query: exp.Select) -> list[tuple[Any, ...]]:
        try:
            return self.engine.rows(query)
        except BadFile as error:  # a block whose checksum does not fit, or that is not there
            raise broken(self.store.path, str(error)) from error


def chained(before: str, number: int, kind: str, at: str, detail: str) -> str:
    return digest(before, str(number), kind, at, detail)[:32]


def _row(name: str, values: Mapping[str, exp.Expr]) -> exp.Select:
    return exp.select(*(named(cast(values[column], type), column) for column, type in TABLES[name].items()))
