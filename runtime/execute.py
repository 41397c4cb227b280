"""One run: data in, one outcome for each candidate out. Composes the steps of runtime/relational; decides nothing itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT
from dsl.daysoff import estimated
from dsl.identity import digest
from dsl.program.ir import Program
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.openings import Openings
from runtime.outcomes import COLUMNS, KEY, STEP
from runtime.relational import candidates, zones
from runtime.relational.caps import apply_caps
from runtime.relational.gates import pass_gates
from runtime.relational.limits import apply_limits
from runtime.relational.load import load
from runtime.relational.loading import Loaded
from runtime.relational.match import Matching
from runtime.relational.moments import timestamp
from runtime.relational.render import render
from runtime.relational.sql import case, cast, col, decimal, micros, num, table, text

# What no campaign that runs here has: runtime/relational/support.py refuses those that would.
_NOT_YET = ("rich", "fallback", "verify", "assignee", "confirm_channel", "confirm_id", "confirm_text", "guard")
Progress = Callable[[str], None]


@dataclass
class Run:
    """A decided run. Its engine holds the tables `outcomes` (the columns of runtime/outcomes.py) and `rejects`."""

    program: Program
    engine: Engine
    at: datetime
    horizon: timedelta
    run_id: str
    loaded: Loaded
    warnings: list[str] = field(default_factory=list)


def execute(
    program: Program, folder: Path, at: datetime, horizon: timedelta, progress: Progress = lambda stage: None
) -> Run:
    """Decide everything for [at, at + horizon). InputError where the data cannot be used; nothing is written."""
    engine = open_engine(program.engine)
    now, until = micros(at), micros(at + horizon)
    openings, matching = Openings(program), Matching(program)
    progress("reading the data")
    loaded = load(engine, program, folder, matching.used, now)
    _all_refusals_read(engine)
    names = zones.today(engine, at)
    progress("matching audiences")
    matching.run(engine, now, loaded.events)
    candidates.find(engine, program, matching, openings, names, now, until)
    progress("scheduling")
    pass_gates(engine, program, matching, openings, now, until)
    progress("rendering")
    waiting = exp.select("*").from_(table("gated")).where("outcome IS NULL")
    engine.create("waiting", waiting)
    render(engine, program, "waiting")
    progress("applying caps")
    fine = exp.select("w.*").from_(table("waiting", "w")).join(table("texts", "t"), on="t.r = w.r")
    engine.create("rendered_ok", fine.where("t.reason IS NULL"))
    apply_caps(engine, program, matching.dated)
    apply_limits(engine, program, openings)
    engine.create("outcomes", _outcomes(program, now))
    _check_law(engine)
    progress("writing down")
    run_id = digest(
        program.hash, _fingerprint(loaded.files, folder), str(now), str(until), str(sorted(engine.versions().items()))
    )
    return Run(program, engine, at, horizon, run_id[:32], loaded, _warnings(program, at, horizon))


def _all_refusals_read(engine: Engine) -> None:
    """Fail closed: an opt-out that cannot be read is somebody who must not be written to, and nobody knows who."""
    source = f"events/{OPT_OUT_EVENT}"
    unread = exp.select("count(*)").from_(table("rejects")).where(exp.EQ(this=col("source"), expression=text(source)))
    ((count,),) = engine.rows(unread)
    if count:
        help = "Mend them first (`camp data check` lists them): nothing is sent while it is not known who refused."
        raise InputError(f"{count:,} rows of {source} cannot be used", help)


def _outcomes(program: Program, now: int) -> exp.Select:
    """Every candidate with the first thing that stopped it, or its send; in the order of keys."""
    null = exp.null()
    open_ = exp.Is(this=col("outcome", "g"), expression=null)
    refused = exp.not_(exp.Is(this=col("reason", "t"), expression=null))
    full = exp.not_(exp.Is(this=col("r", "c"), expression=null))
    tests = [
        (exp.not_(open_), col("outcome", "g"), col("reason", "g"), col("rule", "g")),
        (refused, text("suppressed"), col("reason", "t"), col("rule", "t")),
        (full, text("suppressed"), text("cap"), col("rule", "c")),
        (
            exp.not_(exp.Is(this=col("r", "h"), expression=null)),
            col("outcome", "h"),
            col("reason", "h"),
            col("rule", "h"),
        ),
        (exp.true(), text("send"), null, col("start_at", "g")),
    ]
    outcome, reason, rule = (case((t[0].copy(), t[at].copy()) for t in tests) for at in (1, 2, 3))
    # What a budget or a pace holds back waits for another opening; what is paced goes later in its own.
    back = exp.Is(this=col("r", "h"), expression=null)
    later = exp.Coalesce(this=col("at", "p"), expressions=[col("at", "g")])
    when = case([(back, later)], col("at", "h"))
    day = case([(back.copy(), col("day", "g"))], col("day", "h"))
    inner = exp.select("g.* EXCLUDE (at, day)", "t.text", "t.segments").from_(table("gated", "g"))
    inner = inner.select(exp.alias_(when, "at"), exp.alias_(day, "day"))
    inner = inner.select(exp.alias_(outcome, "o"), exp.alias_(reason, "why"), exp.alias_(rule, "by"))
    inner = inner.join(table("texts", "t"), on="t.r = g.r", join_type="left")
    inner = inner.join(table("capped", "c"), on="c.r = g.r", join_type="left")
    inner = inner.join(table("held", "h"), on="h.r = g.r", join_type="left")
    inner = inner.join(table("paced", "p"), on="p.r = g.r", join_type="left")
    sent = exp.EQ(this=col("o"), expression=text("send"))
    timed = exp.In(this=col("o"), expressions=[text(name) for name in ("send", "control", "deferred")])
    price = case(
        (exp.EQ(this=col("channel"), expression=text(channel)), decimal(price, "DECIMAL(18,4)"))
        for channel, price in program.brand.costs.items()
    )
    cost = exp.Mul(this=col("segments"), expression=exp.paren(price))
    values: dict[str, exp.Expr] = {
        "campaign": col("campaign"),
        "step": text(STEP),
        "customer": col("key"),
        "occurrence": col("occurrence"),
        "outcome": col("o"),
        "reason": col("why"),
        "rule": col("by"),
        "started_at": timestamp(col("started")),
        "at": case([(timed, timestamp(col("at")))]),
        "local_date": case([(timed.copy(), col("day"))]),
        "zone": col("zone"),
        "recipient": col("phone"),
        "kind": col("kind"),
        "channel": col("channel"),
        "arm": col("arm"),
        "message": case([(sent.copy(), _message_line(program))]),
        "segments": case([(sent, col("segments"))]),
        "cost": case([(sent.copy(), cost)]),
        "send_id": case([(sent.copy(), col("send_id"))]),
        "text": case([(sent.copy(), col("text"))]),
        **dict.fromkeys(_NOT_YET, null),
        "decided_at": timestamp(num(now)),
    }
    shown = [exp.alias_(cast(values[name], type), name) for name, type in COLUMNS.items()]
    return exp.select(*shown).from_(inner.subquery("d")).order_by(*KEY)


def _message_line(program: Program) -> exp.Expr:
    """The source line of the chosen message."""
    lines = []
    for one in program.campaigns:
        for at, message in enumerate(one.messages):
            chosen = exp.EQ(this=col("m"), expression=num(at))
            own = exp.EQ(this=col("campaign"), expression=text(one.name))
            lines.append((exp.and_(own, chosen), text(message.at)))
    return cast(case(lines, exp.null()), "VARCHAR")


def _check_law(engine: Engine) -> None:
    """Candidates = outcomes, each candidate once. A breach is a bug of ours, and nothing may be written."""
    (before,) = engine.rows(exp.select("count(*)").from_(table("candidates")))[0]
    after, keys = engine.rows(
        exp.select("count(*)", "count(DISTINCT (campaign, step, customer, occurrence))").from_(table("outcomes"))
    )[0]
    if not before == after == keys:
        raise AssertionError(f"{before} candidates, {after} outcomes of {keys} decisions: the run is wrong")


def _fingerprint(files: list[Path], folder: Path) -> str:
    """Of the data's bytes, file by file."""
    parts = []
    for file in sorted(files):
        try:
            with file.open("rb") as opened:
                parts += [str(file.relative_to(folder)), hashlib.file_digest(opened, "sha256").hexdigest()]
        except OSError as error:
            raise InputError(
                f"{file} was there and is gone: {error.strerror}", "Run again once it is whole."
            ) from error
    return digest(*parts)


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
