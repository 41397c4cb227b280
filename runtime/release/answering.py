"""Replies that were taken in since the last run are answered by the release: a run of its own, which decides nothing but answers.

It asks what a planned run asks, of the program that was planned last, and is committed like one: an answer is a decision like any
other, made once, by whichever comes first. Only what may go at this instant is decided; the rest is left to the next.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlglot import exp

from dsl.catalog import REPLY_EVENT, answer
from dsl.identity import digest
from dsl.program.ir import Program
from runtime.execute import Session
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import EVENT, STANDING
from runtime.outcomes import FINAL
from runtime.place import Place
from runtime.relational.follow import plain
from runtime.relational.moments import timestamp
from runtime.relational.sql import both, col, micros, negated, num, text
from runtime.summary import as_json, summarise

_INSTANT = timedelta(microseconds=1)  # of time: what a release decides goes with it


def reply(ledger: Ledger, data: Place, at: datetime) -> int:
    """How many answers were decided and committed. A release before the last run leaves them to it: it has seen them."""
    last = ledger.last()
    if last is None or at < last.at:
        return 0
    program = ledger.program(last.program)
    if not _asked(ledger, program, at):
        return 0
    session = Session(program, data, ledger.engine, ledger.kept, ledger.state)
    session.read(at)
    run = session.answer(at, _INSTANT, ledger.paused_names())
    found = summarise(run)
    if found.total.sent:
        ledger.commit(run, digest("answers", session.request(at, _INSTANT))[:32], as_json(run, found))
    return found.total.sent


def _asked(ledger: Ledger, program: Program, at: datetime) -> bool:
    """Whether a text was heard that the program answers, and nothing is decided about it: most releases need not look further."""
    name = EVENT + REPLY_EVENT
    wanted = {plain(one.text) for campaign in program.campaigns for one in campaign.replies}
    if not wanted or name not in ledger.store.tables:
        return False
    final = exp.In(this=col("outcome", "s"), expressions=[text(one) for one in sorted(FINAL)])
    same = "s.customer = e.customer AND s.occurrence = e.id"
    begins = exp.Like(this=col("step", "s"), expression=text(answer("%")))
    done = exp.select("1").from_(held(STANDING, "s")).where(both(same, begins, final))
    heard = exp.LTE(this=col("at", "e"), expression=timestamp(num(micros(at))))
    said = exp.select("e.p_text").distinct().from_(held(name, "e")).where("e.p_text IS NOT NULL", heard)
    return any(plain(one) in wanted for (one,) in ledger.engine.rows(said.where(negated(exp.Exists(this=done)))))
