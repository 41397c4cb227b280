"""`window best of …`: each customer's hour, by the clock of their zone, from their clicks and the answers to the product."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dsl.behaviour import DAY
from dsl.catalog import CLICK_EVENT, IGNORED_AFTER_HOURS, TASK
from dsl.program.ir import Program
from dsl.program.parts import Part
from runtime.engines.base import Engine
from runtime.relational import moments
from runtime.relational.sql import case, cast, col, named, num, table, text
from runtime.response import CLICK, Asked, Response, asked, best, gathered

_COLUMNS = {"best": "INTEGER", "id": "BIGINT", "hour": "INTEGER"}
_ANSWERED = IGNORED_AFTER_HOURS * DAY // 24  # a message is answered within this time, or never


def numbered(parts: tuple[Part, ...]) -> dict[Asked, int]:
    """Whose best hours are asked for, each with its number."""
    every = (asked(part.campaign, part.window) for part in parts)
    return {one: at for at, one in enumerate(dict.fromkeys(one for one in every if one is not None))}


def none(engine: Engine) -> None:
    """`best_hours` where nobody asks."""
    engine.insert("best_hours", _COLUMNS, [])


def build(
    engine: Engine, program: Program, parts: tuple[Part, ...], events: dict[str, str], zones: list[str], at: int
) -> dict[Asked, Response]:
    """`best_hours`: best (the number), id and hour, of customers who have clicked in these hours; for all others see `usual`.

    How messages were answered, by who asks.
    """
    none(engine)
    questions = numbered(parts)
    if not questions:
        return {}
    clicks = exp.select("e.id", "e.at", "c.zone").from_(table(events[CLICK_EVENT], "e"))
    engine.create("clicks", clicks.join(table("customers", "c"), on="c.id = e.id").where(f"e.at <= {at}"))
    found = gathered(questions, _answered(engine, program, zones, at))
    minute = _minute(engine, "clicks", zones)
    if minute is None:
        return found
    engine.create(
        "clicked_at", exp.select("id", minute, "count(*) AS clicks").from_(table("clicks")).group_by("id", "minute")
    )
    for one, number in questions.items():
        engine.append("best_hours", _best(number, found[one]))
    return found


def usual(responses: Mapping[Asked, Response], part: Part) -> int | None:
    """The best hour of whoever has not clicked in the hours; None: all of them."""
    question = asked(part.campaign, part.window)
    return best({}, responses[question].points) if question is not None and question in responses else None


def _best(number: int, response: Response) -> exp.Select:
    """Of hours without an own click only the product's best can be the customer's."""
    hours, points = response.hours, response.points
    hour = named(exp.IntDiv(this=col("minute"), expression=num(60)), "hour")
    own = exp.select("id", hour, "sum(clicks) AS clicks").from_(table("clicked_at"))
    own = own.where(f"minute >= {hours.begin} AND minute < {hours.begin + hours.length}").group_by("id", "hour")
    counted: exp.Query = own
    if points:
        first = named(num(min(points, key=lambda one: (-points[one], one))), "hour")
        others = exp.select("id", first, "0 AS clicks").distinct().from_(own.copy().subquery("o"))
        counted = exp.union(own, others, distinct=False)
    known = case([(exp.EQ(this=col("hour"), expression=num(one)), num(many)) for one, many in points.items()], num(0))
    score = (
        exp.Add(this=exp.Mul(this=col("clicks"), expression=num(CLICK)), expression=known) if points else col("clicks")
    )
    scored = exp.select("id", "hour", named(score, "score")).from_(counted.subquery("h"))
    first_of_all = "row_number() OVER (PARTITION BY id ORDER BY score DESC, hour) = 1"
    query = exp.select(named(num(number), "best"), "id", "hour").from_(scored.subquery("s"))
    return query.qualify(first_of_all)


def _answered(engine: Engine, program: Program, zones: list[str], at: int) -> list[tuple[str | None, int, int, int]]:
    """By product and minute of the day: messages whose time to be answered is over, and how many of them were clicked.

    A click answers the latest message before it.
    """
    products = {"campaign": "VARCHAR", "product": "VARCHAR"}
    engine.insert("campaign_products", products, [(one.name, one.product) for one in program.campaigns])
    following = "lead(d.at) OVER (PARTITION BY c.id ORDER BY d.at, d.campaign, d.step, d.occurrence) AS following"
    sends = exp.select("c.id", "c.zone", "d.at", "p.product", following).from_(table("decisions", "d"))
    sends = sends.join(table("customers", "c"), on="c.key = d.customer")
    sends = sends.join(table("campaign_products", "p"), on="p.campaign = d.campaign", join_type="left")
    message = exp.NEQ(this=col("channel", "d"), expression=text(TASK))
    sends = sends.where("d.outcome = 'send'", message, f"d.at <= {at}")
    over = exp.select("*").from_(sends.subquery("s")).where(f"at <= {at - _ANSWERED}")
    engine.create("answerable", over)
    minute = _minute(engine, "answerable", zones)
    if minute is None:
        return []
    ends = f"least(s.at + {_ANSWERED}, COALESCE(s.following, s.at + {_ANSWERED}))"
    click = exp.select(named(num(1), "one")).from_(table("clicks", "k"))
    click = click.where(f"k.id = s.id AND k.at > s.at AND k.at <= {ends}")
    clicked = exp.select("s.*").from_(table("answerable", "s")).where(exp.Exists(this=click))
    engine.create("answered_sends", clicked)
    found: dict[tuple[str | None, int], list[int]] = {}
    for name, place in (("answerable", 0), ("answered_sends", 1)):
        query = exp.select("product", minute.copy(), "count(*)").from_(table(name)).group_by("product", "minute")
        for product, of_day, count in engine.rows(query):
            found.setdefault((product, of_day), [0, 0])[place] = count
    return [(product, of_day, sent, many) for (product, of_day), (sent, many) in found.items()]


def _minute(engine: Engine, source: str, zones: list[str]) -> exp.Expr | None:
    """`minute` of the customer's day at which each row of a table happened; None where it is empty."""
    ((first, last),) = engine.rows(exp.select("min(at)", "max(at)").from_(table(source)))
    if first is None:
        return None
    seen = (moments.year(first), moments.year(last))
    clock = case(
        (exp.EQ(this=col("zone"), expression=text(zone)), moments.minute(col("at"), zone, seen)) for zone in zones
    )
    return named(cast(clock, "INTEGER"), "minute")
