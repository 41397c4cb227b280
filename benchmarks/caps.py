"""Caps on 20 M candidates, by the loop and by SQL in rounds on the same engine. `python -m benchmarks.caps`

Rounds: the first candidates of all recipients at once, then the second ones …, each against counts of what was accepted before.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from benchmarks.machine import machine
from dsl.terms import Cap
from runtime.arbitrate import Limit, arbitrate
from runtime.engines import open_engine

LIMITS = [
    Limit(Cap(1, "day"), None, "p.camp:1"),
    Limit(Cap(2, "week"), None, "p.camp:2"),
    Limit(Cap(3, "month"), None, "p.camp:3"),
]
FIRST = 20_515  # 2026-03-03: the seven days reach into a second week
WANTED = 2.0


def main() -> float:
    parser = argparse.ArgumentParser()
    parser.add_argument("--candidates", type=int, default=20_000_000)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    engine = open_engine("duckdb")
    run = engine._run  # type: ignore[attr-defined]
    # A quarter as many recipients as candidates, a tenth of them with half of the candidates.
    people = asked.candidates // 4
    run(f"""CREATE TEMP TABLE asking AS SELECT i AS r,
        CASE WHEN h % 2 = 0 THEN h // 2 % {people // 10} ELSE h // 2 % {people} END::BIGINT AS g, (h // 7 % 100)::INTEGER AS p,
        ({FIRST} + h // 11 % 7)::BIGINT AS day, 0::BIGINT AS flags, (h // 13 % 50)::INTEGER AS priority
        FROM (SELECT i, hash(i) % 1000000000039 AS h FROM range({asked.candidates}) t(i))""")
    loop, rounds = [], []
    arbitrate(
        [np.zeros(200_000, np.int64)] * 2 + [np.full(200_000, FIRST)] + [np.zeros(200_000, np.int64)], *_NOTHING
    )  # compiles
    for _ in range(asked.times):  # interleaved, so that both meet the same machine
        begun = time.perf_counter()
        _loop(engine)
        loop.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        turns = _rounds(engine)
        rounds.append(time.perf_counter() - begun)
    differ = run("SELECT count(*) FROM refused f FULL JOIN (SELECT r FROM ranked ANTI JOIN accepted USING (r)) s USING (r) "
                 "WHERE f.r IS NULL OR s.r IS NULL").fetchone()[0]  # fmt: skip
    refused = run("SELECT count(*) FROM refused").fetchone()[0]
    a, b = statistics.median(loop), statistics.median(rounds)
    print(machine(engine))
    print(
        f"{asked.candidates:,} candidates of {people:,} recipients, {len(LIMITS)} caps; {refused:,} refused, {differ} differ"
    )
    print(f"sorted, and decided by the loop: median {a:.2f} s of {asked.times} ({min(loop):.2f} to {max(loop):.2f})")
    print(f"{turns} rounds of SQL: median {b:.2f} s ({min(rounds):.2f} to {max(rounds):.2f})")
    print(f"the loop is {b / a:.2f} × faster (wanted {WANTED} ×)")
    return b / a


_EMPTY = np.zeros(0, np.int64)
_ASKS, _KINDS = [list(range(len(LIMITS)))] * 100, ["benefit"] * 100
_NOTHING = ([_EMPTY] * 3, [], LIMITS, _ASKS, _KINDS)


def _loop(engine: object) -> None:
    query = "SELECT r, g, p, day, flags FROM asking ORDER BY g, priority DESC, r"
    found = engine._run(query).fetchnumpy()  # type: ignore[attr-defined]
    answers = arbitrate([found[name] for name in ("g", "p", "day", "flags")], *_NOTHING)
    refused = answers >= 0
    engine.keep("refused", {"r": found["r"][refused], "one": answers[refused]})  # type: ignore[attr-defined]


def _rounds(engine: object) -> int:
    run = engine._run  # type: ignore[attr-defined]
    run("""CREATE OR REPLACE TEMP TABLE ranked AS SELECT r, g, day, (day + 3) // 7 AS week,
        CASE WHEN day < 20544 THEN 0 ELSE 1 END AS month, row_number() OVER (PARTITION BY g ORDER BY priority DESC, r) AS turn
        FROM asking""")
    run("CREATE OR REPLACE TEMP TABLE accepted AS SELECT * FROM ranked WHERE turn = 1")
    (last,) = run("SELECT max(turn) FROM ranked").fetchone()
    caps = {"day": 1, "week": 2, "month": 3}
    for turn in range(2, last + 1):
        run(f"CREATE OR REPLACE TEMP TABLE round AS SELECT * FROM ranked WHERE turn = {turn}")
        run("CREATE OR REPLACE TEMP TABLE mine AS SELECT a.* FROM accepted a SEMI JOIN round USING (g)")
        full = " ".join(
            f"ANTI JOIN (SELECT g, {name} FROM mine GROUP BY ALL HAVING count(*) >= {count}) c_{name} USING (g, {name})"
            for name, count in caps.items()
        )
        run(f"INSERT INTO accepted SELECT * FROM round {full}")
    return int(last)


if __name__ == "__main__":
    main()
