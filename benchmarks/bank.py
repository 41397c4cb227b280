"""A made-up bank of any size, from a seed: skewed, with missing values, and campaigns that ask many different things.

`python -m benchmarks.bank` is not a command: the benchmarks beside it build what they need.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.names import EVENTS
from dsl.compiler import analyse
from dsl.program.ir import Program
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.engines.base import Engine

AT = 1_772_586_000_000_000  # 2026-03-04T01:00:00Z
_DAY = 86_400_000_000

_BANK = """
brand b "B" { signature "【B】"; opt_out "拒收请回复R"; zone "Asia/Shanghai"; currency CNY; phones "CN"; holidays "CN"
  rejects 100%; link "https://b.example/{{ code }}"; cost sms 0.05 CNY; control 2%; channel rcs when rich }
customer {
  id key; phone phone; region one_of("county", "city"); assets money?; preapproved money?; opened_on date; birth_date date?
  score number?; consent flag; surname text?; gender one_of("F", "M")?; rich flag?
}
policy p { quiet 22:00-08:00; require consent consent; cap 1 per day }
"""


def sizes(times: int, events: int = 5_000_000) -> argparse.Namespace:
    """How large a bank is asked for, and how often it is measured."""
    parser = argparse.ArgumentParser()
    usual = {"customers": 1_000_000, "events": events, "campaigns": 50, "behaviours": 60, "times": times}
    for name, default in usual.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_known_args()[0]


def behaviours(count: int, random: Random) -> list[str]:
    """Distinct tests on behaviour: five windows, with and without a property test, thresholds of one to five."""
    found: dict[str, None] = {}
    while len(found) < count:
        event, page = (
            random.choice(EVENTS),
            random.choice(("", "", ' where page = "loan"', ' where page = "home"', " where n >= 3")),
        )
        last = random.choice((7, 14, 30, 90, 365))
        of = f"{event}{page} in last {last} days"
        shape = random.choice(("did {}", "not did {}", "count({}) >= 2", "count({}) >= 3", "count({}) >= 5"))
        found[shape.format(of)] = None
    return list(found)


def plainly(number: int) -> str:
    """What stands in a campaign beside its audience."""
    return f"""start once
  message sms {{ text "第{number}号活动" }}"""


def program(campaigns: int, distinct: int, seed: int = 1, body: Callable[[int], str] = plainly) -> Program:
    """Campaigns of two or three behaviour tests and one or two field tests each; together they use every distinct behaviour."""
    random = Random(seed)
    pool = behaviours(distinct, random)
    text = _BANK + "\n".join(f"event {name} {{ page text; n number }}" for name in EVENTS) + "\n"
    for number in range(campaigns):
        own = [pool[(number * 3 + step) % len(pool)] for step in range(random.choice((2, 3)))]
        fields = random.sample(
            (
                'region = "county"',
                f"assets >= {random.choice((1, 5, 20, 50))}万 CNY",
                f"preapproved >= {random.choice((1, 5, 20))}万 CNY",
                f"birth_date in 19{random.choice((60, 70, 80))}-01-01..1999-12-31",
                f"score in {random.randint(0, 50)}..{random.randint(60, 100)}",
            ),
            random.choice((1, 2)),
        )
        lines = "\n    ".join([*fields, *own])
        text += f"""campaign c{number} {{ policy p; kind benefit; runs 2026-03-01..2026-12-31
  audience {{
    {lines}
  }}
  {body(number)}
}}
"""
    found = analyse([Source("bench.camp", text)])
    assert found.model is not None and not found.errors, [one.message for one in found.found][:3]
    return lower(found.model, Settings())


def tables(engine: Engine, customers: int, events: int) -> dict[str, str]:
    """The typed tables that loading would make: a tenth of the customers make half of the events."""
    run = engine._run  # type: ignore[attr-defined]  # the generator speaks DuckDB, as the benchmark does
    run(f"""CREATE TEMP TABLE customers AS SELECT i AS id, 'C' || lpad(i::VARCHAR, 9, '0') AS key, 'Asia/Shanghai' AS zone,
        '+8613' || lpad(i::VARCHAR, 9, '0') AS phone, true AS owner,
        CASE WHEN h % 5 < 2 THEN 'county' ELSE 'city' END AS f_region,
        CASE WHEN h % 10 < 9 THEN ((h // 10 % 1000000) * 1.0)::DECIMAL(18,2) END AS f_assets,
        CASE WHEN h % 3 = 0 THEN ((h // 7 % 300000) * 1.0)::DECIMAL(18,2) END AS f_preapproved,
        DATE '2015-01-01' + (h // 11 % 4000)::INTEGER AS f_opened_on,
        CASE WHEN h % 17 > 0 THEN DATE '1955-01-01' + (h // 13 % 18000)::INTEGER END AS f_birth_date,
        CASE WHEN h % 7 > 0 THEN (h // 17 % 101)::DECIMAL(18,6) END AS f_score, h % 10 < 8 AS f_consent
        FROM (SELECT i, hash(i) % 1000000007 AS h FROM range({customers}) t(i))""")
    each = events // len(EVENTS)
    for number, name in enumerate(EVENTS):
        run(f"""CREATE TEMP TABLE event_{name} AS SELECT
            CASE WHEN h % 2 = 0 THEN (h // 2 % {max(customers // 10, 1)}) ELSE (h // 2 % {customers}) END::BIGINT AS id,
            ({AT} - (pow((h // 1000 % 1000000) / 1000000.0, 2) * 400 * {_DAY})::BIGINT)::BIGINT AS at, 'e{number}-' || i AS eid,
            CASE h // 31 % 4 WHEN 0 THEN 'loan' WHEN 1 THEN 'home' WHEN 2 THEN 'car' ELSE 'card' END AS p_page,
            (h // 37 % 6)::DECIMAL(18,6) AS p_n
            FROM (SELECT i, hash(i * 31 + {number}) % 1000000000039 AS h FROM range({each}) t(i))""")
    run("CREATE TEMP TABLE event_opted_out AS SELECT 0::BIGINT AS id, 0::BIGINT AS at, '' AS eid WHERE false")
    run("CREATE TEMP TABLE zones AS SELECT 'Asia/Shanghai' AS zone, DATE '2026-03-04' AS today")
    return {name: f"event_{name}" for name in (*EVENTS, "opted_out")}


def files(engine: Engine, folder: Path, customers: int, events: int) -> None:
    """The same bank as the files of a data folder; one customer in two hundred has opted out, one in a hundred shares a phone."""
    tables(engine, customers, events)
    run = engine._run  # type: ignore[attr-defined]
    (folder / "events").mkdir(parents=True)
    fields = ", ".join(
        f"f_{name} AS {name}"
        for name in ("region", "assets", "preapproved", "opened_on", "birth_date", "score", "consent")
    )
    made = """CASE WHEN id % 19 > 0 THEN ['王', '李', '欧阳', '张', '赵'][1 + (id % 5)] END AS surname,
        CASE WHEN id % 23 > 0 THEN ['F', 'M'][1 + (id % 2)] END AS gender, id % 3 = 0 AS rich"""
    phone = "(13000000000 + id - CASE WHEN id % 100 = 7 THEN 1 ELSE 0 END)::VARCHAR AS phone"
    _copy(run, f"SELECT key AS id, {phone}, {fields}, {made} FROM customers ORDER BY key", folder / "customers.parquet")
    happened = "make_timestamp(e.at) AS at"
    for name in EVENTS:
        shown = f"c.key AS customer, {happened}, e.eid AS id, e.p_page AS page, e.p_n AS n"
        _copy(
            run,
            f"SELECT {shown} FROM event_{name} e JOIN customers c ON c.id = e.id ORDER BY e.at",
            folder / "events" / f"{name}.parquet",
        )
    gone = f"SELECT key AS customer, make_timestamp({AT} - id) AS at, 'o' || id AS id FROM customers WHERE id % 200 = 3"
    _copy(run, gone, folder / "events" / "opted_out.parquet")


def _copy(run: Callable[[str], object], query: str, path: Path) -> None:
    run(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
