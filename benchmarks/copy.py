"""Copy as one engine expression, against Jinja row by row; the texts have to be the same. `python -m benchmarks.copy`"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import Any

from sqlglot import exp

from benchmarks.machine import machine
from dsl.identity import DEVELOPMENT, link_code
from dsl.templates.read import environment, read
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.relational import identity
from runtime.relational.copy import Copy
from runtime.relational.sql import cast, col, concat, named, table, text

LIMIT = 15.0
TEMPLATE = (
    "【某行】{{ customer | salutation }}，{% if customer.preapproved %}您的预审额度{{ customer.preapproved | wan }}{% else %}"
    '额度可在线测算{% endif %}，年化利率{{ customer.rate | percent | default("以审批为准") }}，'
    "{{ customer.opened_on | date }}起生效。点击查看 {{ link }} 拒收请回复R"
)
LINK = "https://s.example/"
FIELDS = {"surname": "text", "gender": "choice", "preapproved": "money", "rate": "rate", "opened_on": "date"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=3)
    asked, _ = parser.parse_known_args()
    engine = open_engine("duckdb")
    _customers(engine, asked.customers)
    identity.keep_link_key(engine, DEVELOPMENT)
    compiled, jinja = [], []
    for _ in range(asked.times):  # interleaved, so that both meet the same machine
        begun = time.perf_counter()
        engine.create(
            "texts", exp.select("n", named(_expression(), "said")).from_(table("customers")).join(table("link_key"))
        )
        compiled.append(time.perf_counter() - begun)
        seconds, said = _by_jinja(engine)
        jinja.append(seconds)
    same = [row[0] for row in engine.rows(exp.select("said").from_(table("texts")).order_by("n"))] == said
    a, b = statistics.median(compiled), statistics.median(jinja)
    print(machine(engine))
    print(
        f"{asked.customers:,} messages: compiled median {a:.2f} s of {asked.times}, Jinja {b:.2f} s; the same texts: {same}"
    )
    print(f"compiled copy: {b / a:.1f} × faster (wanted {LIMIT} ×)")
    return 0 if same and b / a >= LIMIT else 1


def _customers(engine: Engine, count: int) -> None:
    engine._run(f"""CREATE TABLE customers AS SELECT i AS n, sha256(i::VARCHAR)[:32] AS send_id,
        CASE WHEN i % 19 > 0 THEN ['王', '李', '欧阳', '张'][1 + (i % 4)] END AS f_surname,
        CASE WHEN i % 23 > 0 THEN ['F', 'M'][1 + (i % 2)] END AS f_gender,
        CASE WHEN i % 3 > 0 THEN (i * 37 % 900000)::DECIMAL(18,2) END AS f_preapproved,
        CASE WHEN i % 5 > 0 THEN (0.03 + i % 100 * 0.0005)::DECIMAL(18,6) END AS f_rate,
        DATE '2015-01-01' + (i % 4000)::INTEGER AS f_opened_on FROM range({count}) t(i)""")  # type: ignore[attr-defined]


def _expression() -> exp.Expr:
    parts, refused = read(TEMPLATE)
    assert refused is None
    held = {("customer", name): (col(f"f_{name}"), base) for name, base in FIELDS.items()}
    link = concat([text(LINK), identity.link_code(col("send_id"), "0")])
    return cast(Copy(held, link, {}).text(parts), "VARCHAR")


def _by_jinja(engine: Engine) -> tuple[float, list[str]]:
    """Seconds for rendering alone; the rows are there before."""
    columns = [col("send_id"), *(col(f"f_{name}") for name in FIELDS)]
    rows: list[Any] = engine.rows(exp.select(*columns).from_(table("customers")).order_by("n"))
    template = environment().from_string(TEMPLATE)
    begun = time.perf_counter()
    said = [
        template.render(customer=dict(zip(FIELDS, values, strict=True)), link=LINK + link_code(send, DEVELOPMENT))
        for send, *values in rows
    ]
    return time.perf_counter() - begun, said


if __name__ == "__main__":
    sys.exit(main())
