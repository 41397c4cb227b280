"""One run: data in, one outcome for each candidate out. Composes the steps of runtime/relational; decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT
from dsl.daysoff import estimated
from dsl.identity import LinkKey, digest
from dsl.program.ir import Program
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import LEDGER
from runtime.links.key import link_key
from runtime.openings import Openings
from runtime.place import Place
from runtime.relational import derived, zones
from runtime.relational.decide import answers, decide
from runtime.relational.decided import write_down
from runtime.relational.events import forgotten
from runtime.relational.identity import keep_link_key
from runtime.relational.links import link
from runtime.relational.load import again, load
from runtime.relational.loading import Kept, Loaded
from runtime.relational.match import Matching
from runtime.relational.sql import col, micros, table, text
from runtime.response import Response

Progress = Callable[[str], None]
FEW = 20_000  # customers: with fewer a thread waits longer for its work than it works


@dataclass
class Run:
    """A decided run. Its engine holds `outcomes`, `links` (the columns of runtime/outcomes.py) and `rejects`, until it decides
    again: `outcomes` is a view over what the run has made.

    link_key: the fingerprint of the key that links were made with; empty where the brand has none.
    """

    program: Program
    engine: Engine
    at: datetime
    horizon: timedelta
    run_id: str
    loaded: Loaded
    warnings: list[str] = field(default_factory=list)
    link_key: str = ""
    responses: tuple[Response, ...] = ()  # what best hours hang on


def execute(
    program: Program, place: Place, at: datetime, horizon: timedelta, progress: Progress = lambda stage: None
) -> Run:
    """Decide everything for [at, at + horizon). InputError where the data cannot be used; nothing is written."""
    return Session(program, place, key=link_key(program)).run(at, horizon, progress)


class Session:
    """Runs of one program over data of one place, which are read again where they have changed since the run before.

    kept: asked before each run for what a ledger adds to the data; prior: for what is known of that ledger's state.
    key: of links; None: that of the environment.
    """

    def __init__(
        self,
        program: Program,
        place: Place,
        engine: Engine | None = None,
        kept: Callable[[], Kept] | None = None,
        prior: Callable[[], str] = str,
        key: LinkKey | None = None,
    ) -> None:
        self.program, self.place, self.engine = program, place, engine or open_engine(program.engine)
        self._kept, self._prior, self._openings = kept, prior, Openings(program)
        self._key = key
        self._loaded: Loaded | None = None
        self._seen: Any = None
        self._data: str | None = None  # the data's fingerprint, once it is asked for

    def run(self, at: datetime, horizon: timedelta, progress: Progress = lambda stage: None) -> Run:
        self.read(at, progress)
        return self.decide(at, horizon, progress)

    def read(self, at: datetime, progress: Progress = lambda stage: None) -> None:
        """What the run may know. InputError where it cannot be used."""
        progress("reading the data")
        used, now = Matching(self.program).used, micros(at)
        kept = self._kept() if self._kept else Kept()
        before, same = self._loaded, kept.decisions is not None
        if before is not None and same and self._unchanged(before) and before.kept.heard == kept.heard:
            again(self.engine, self.program, now, before, kept)
        else:
            self._loaded = load(self.engine, self.program, self.place, used, now, kept=kept)
            _all_refusals_read(self.engine)
            self.engine.spread(1 if self._loaded.customers < FEW else None)
            assert self._loaded.given is not None
            self._seen, self._data = self._loaded.given.state(self._loaded.read), None
        assert self._loaded is not None
        derived.make(self.engine, used, now, self._loaded)

    def _unchanged(self, before: Loaded) -> bool:
        return before.given is not None and self._seen is not None and self._seen == before.given.state(before.read)

    @property
    def events(self) -> dict[str, str]:
        """The tables of the events that were read."""
        assert self._loaded is not None
        return self._loaded.events

    @property
    def customers(self) -> int | None:
        """How many rows of customers there are; None before they are read."""
        return None if self._loaded is None else self._loaded.customers

    @property
    def key(self) -> LinkKey:
        """InputError where links need a key and there is none."""
        if self._key is None:
            self._key = link_key(self.program)
        return self._key

    @property
    def fingerprint(self) -> str:
        return self.key.fingerprint if self.program.brand.link else ""

    def request(self, at: datetime, horizon: timedelta) -> str:
        """A name for what the run is asked, after `read`: program, the data's content, instants, versions, key."""
        versions, heard = str(sorted(self.engine.versions().items())), self._loaded.kept.heard if self._loaded else ""
        if self._data is None:
            self._data = self._fingerprint()
        named = [self.program.hash, self._data, str(micros(at)), str(micros(at + horizon)), versions, self.fingerprint]
        return digest(*named, *([heard] if heard else []))[:32]

    def _fingerprint(self) -> str:
        """Of all that was read. What a ledger takes over from the data, once, is no part of what a run is asked."""
        assert self._loaded is not None and self._loaded.given is not None
        read = {name: table for name, table in self._loaded.read.items() if name != LEDGER or self._kept is None}
        return digest(*self._loaded.given.fingerprint(read))

    def decide(self, at: datetime, horizon: timedelta, progress: Progress = lambda stage: None) -> Run:
        """After `read` for the same instant."""
        assert self._loaded is not None
        now, until, matching = micros(at), micros(at + horizon), Matching(self.program)
        progress("matching audiences")
        days, events = zones.today(self.engine, at), self._loaded.events
        keep_link_key(self.engine, self.key)
        # Without a ledger the next run reads everything again; with one it asks for what this one has read.
        spare = forgotten(events) if self._kept is None else ()
        responses = decide(self.engine, matching, self._openings, days, events, now, until, progress, spare)
        progress("writing down")
        link(self.engine, self.program, self._loaded.kept.links)
        if self._kept is not None:
            write_down(self.engine)
        request, prior = self.request(at, horizon), self._prior()
        run_id = digest(request, prior)[:32] if prior else request
        warnings = _warnings(self.program, at, horizon)
        of = (self._loaded, warnings, self.fingerprint, responses)
        return Run(self.program, self.engine, at, horizon, run_id, *of)

    def answer(self, at: datetime, horizon: timedelta, without: Collection[str]) -> Run:
        """After `read`: a run that decides the answers to replies and nothing else. without: campaigns that stay silent."""
        assert self._loaded is not None
        now, until, matching = micros(at), micros(at + horizon), Matching(self.program)
        days = zones.today(self.engine, at)
        keep_link_key(self.engine, self.key)
        answers(self.engine, matching, self._openings, days, self._loaded.events, now, until, without)
        link(self.engine, self.program, self._loaded.kept.links)
        if self._kept is not None:
            write_down(self.engine)
        run_id = digest("answers", self.request(at, horizon), self._prior())[:32]
        return Run(self.program, self.engine, at, horizon, run_id, self._loaded, link_key=self.fingerprint)


def _all_refusals_read(engine: Engine) -> None:
    """Fail closed: an opt-out that cannot be read is somebody who must not be written to, and nobody knows who."""
    source = f"events/{OPT_OUT_EVENT}"
    unread = exp.select("count(*)").from_(table("rejects")).where(exp.EQ(this=col("source"), expression=text(source)))
    ((count,),) = engine.rows(unread)
    if count:
        help = "Mend them first (`camp data check` lists them): nothing is sent while it is not known who refused."
        raise InputError(f"{count:,} rows of {source} cannot be used", help)


def _warnings(program: Program, at: datetime, horizon: timedelta) -> list[str]:
    """Years whose holidays are only estimated, where a window that can open in this run asks about them."""
    asks = [
        one for one in program.campaigns if one.window and (one.window.skip_holidays or one.window.on == "workdays")
    ]
    years = range(at.year, (at + horizon + timedelta(days=1)).year + 1)
    guessed = [str(year) for year in years if asks and estimated(year, program.brand.holidays)]
    return (
        [f"The holidays of {', '.join(guessed)} are not published yet: windows of {asks[0].name} rest on an estimate"]
        if guessed
        else []
    )
