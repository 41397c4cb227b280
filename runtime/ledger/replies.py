"""Replies that are refusals, by the words of the program's policies: of the customer, and of the phone that they came from."""

from __future__ import annotations

import unicodedata

from sqlglot import exp

from dsl.catalog import OPT_OUT_EVENT, REPLY_EVENT
from dsl.program.ir import Program
from runtime.ledger.ledger import Ledger
from runtime.ledger.store import held
from runtime.ledger.tables import SUPPRESSED, TABLES, UNHEARD
from runtime.relational.sql import cast, col, named, table, text


def understand(ledger: Ledger, program: Program, file: str) -> int:
    """`understood`: refusals that the new replies are, by the words of the program's policies; how many.

    `phones_refusing`: the phones that they came from, whoever has them. `refused_refusals`: those of which nobody knows whose.
    """
    words = {plain(word) for policy in program.policies for word in policy.words}
    said = ledger.engine.rows(exp.select("p_text").distinct().from_(table("read_given")).where("p_text IS NOT NULL"))
    meant = [(raw,) for (raw,) in said if plain(raw) in words]
    ledger.engine.insert("meant", {"raw": "VARCHAR"}, meant)
    shown: list[exp.Expr | str] = [
        named(exp.DPipe(this=text("reply "), expression=col("id", "n")), "id"),
        "n.customer",
        "n.at",
        "n.send_id",
    ]
    rows = exp.select(*shown).from_(table("news", "n")).join(table("meant", "m"), on="m.raw = n.p_text")
    ledger.engine.create("understood", rows)
    refusing = exp.select("g.__row", "g.e164", "r.flaw", "r.customer", "r.p_text").from_(table("read_given", "r"))
    refusing = refusing.join(table("meant", "m"), on="m.raw = r.p_text")
    refusing = refusing.join(table("given_from", "g"), on="g.__row = r.__row", join_type="left")
    ledger.engine.create("refusing", refusing)
    there = exp.In(this=col("e164"), query=exp.select("phone").from_(held(SUPPRESSED)).subquery())
    new = exp.select("e164 AS phone", named(text("opted out"), "why")).distinct().from_(table("refusing"))
    ledger.engine.create("phones_refusing", new.where("e164 IS NOT NULL", exp.not_(there)))
    columns = {
        "source": text(REPLY_EVENT),
        "row": col("__row"),
        "key": col("customer"),
        "field": text("text"),
        "value": col("p_text"),
        "reason": text("is a refusal, and nobody knows whose"),
        "file": text(file),
        "event": text(OPT_OUT_EVENT),
        "settled": exp.false(),
    }
    lost = exp.select(*(named(cast(value, TABLES[UNHEARD][name]), name) for name, value in columns.items()))
    lost = lost.from_(table("refusing")).where("flaw IS NOT NULL AND e164 IS NULL")
    again = (
        exp.select("1")
        .from_(held(UNHEARD, "u"))
        .where("u.file = x.file AND u.row = x.row AND u.value = x.value AND u.event = x.event")
    )
    lost = exp.select("x.*").from_(lost.subquery("x")).where(exp.not_(exp.Exists(this=again)))
    ledger.engine.create("refused_refusals", lost)
    ((count,),) = ledger.engine.rows(exp.select("count(*)").from_(table("understood")))
    return int(count)


def plain(said: str) -> str:
    """A reply but for its width, its case, and blanks and punctuation around it."""
    folded = unicodedata.normalize("NFKC", said).casefold()
    return "".join(char for char in folded if not char.isspace()).strip(".,!?;:。，！？；：、'\"“”‘’()（）[]【】")
