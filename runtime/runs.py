"""A run with a ledger and without: read, see whether it is committed already, else decide; then commit.

The commit is the decision. Whoever is stopped before it has decided nothing, and whoever is stopped after it gets the same rows
again from the ledger: nothing is decided twice, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from dsl.program.ir import Program
from dsl.program.leave import leave_out
from runtime.engines import open_engine
from runtime.engines.base import BadFile, Engine
from runtime.execute import Progress, Run, Session
from runtime.ledger.ledger import Ledger
from runtime.ledger.open import open_store
from runtime.ledger.store import broken
from runtime.place import Place
from runtime.relational.loading import Loaded
from runtime.summary import Summary, as_json


class Runs:
    """Runs of one program over data of one place. `paused`: the campaigns that are left out since the ledger says so.

    make: a ledger is begun where there is none. around: what listens to the engine. engine: another than the program's.
    InputError where one cannot be opened.
    """

    def __init__(
        self,
        program: Program,
        place: Place,
        ledger: Path | None = None,
        make: bool = True,
        around: Callable[[Engine], Engine] | None = None,
        engine: Engine | None = None,
    ) -> None:
        engine = engine or open_engine(program.engine)
        engine = around(engine) if around else engine
        self.ledger: Ledger | None = None
        if ledger is not None and (make or ledger.exists()):
            self.ledger = Ledger(open_store(engine, ledger))
        try:
            held = set(self.ledger.paused_names()) if self.ledger else set()
        except BaseException:  # nobody has it yet who could close it
            if self.ledger is not None:
                self.ledger.store.close()
            raise
        self.paused = sorted(one.name for one in program.campaigns if held & {one.name, one.formerly})
        left = leave_out(program, self.paused) if self.paused else program
        if self.ledger is None:
            self.session = Session(left, place, engine)
        else:
            self.session = Session(left, place, engine, self.ledger.kept, self.ledger.state)
        self._request, self._done = "", False

    def run(self, at: datetime, horizon: timedelta, progress: Progress = lambda stage: None) -> tuple[Run, bool]:
        """The run, and whether it was committed before. InputError where it lies before the ledger's last."""
        try:
            return self._run(at, horizon, progress)
        except (
            BadFile
        ) as error:  # the data were looked through before: it is a block of the ledger whose checksum does not fit
            raise (broken(self.ledger.store.path, str(error)) if self.ledger else error) from error

    def _run(self, at: datetime, horizon: timedelta, progress: Progress) -> tuple[Run, bool]:
        session = self.session
        session.read(at, progress)
        self._request = session.request(at, horizon)
        if self.ledger is None:
            return session.decide(at, horizon, progress), False
        done = self.ledger.committed(self._request)
        self._done = done is not None
        if done is not None:
            read = done.about["customers"]
            return self.ledger.again(done, Loaded(customers=read["read"], refused=read["refused"])), True
        self.ledger.forwards(at)
        self.ledger.refusals_known()
        return session.decide(at, horizon, progress), False

    def commit(self, run: Run, summary: Summary) -> None:
        """Keep what was decided; nothing where it is kept already, or there is no ledger."""
        if self.ledger is not None and not self._done:
            self.ledger.commit(run, self._request, as_json(run, summary))

    @property
    def made_with(self) -> dict[str, Place]:
        """For whoever releases what is planned: the ledger and the data."""
        return {} if self.ledger is None else {"ledger": self.ledger.store.path, "data": self.session.place}

    def close(self) -> None:
        """Let others have the ledger; the run's own tables stay."""
        if self.ledger is not None:
            self.ledger.store.close()
