"""The least that any run has to do: read and hash the columns, group the events by customer, write the same rows.

`python -m benchmarks.floor DATA OUT THERE`: OUT is what `camp plan` wrote, and is written again to THERE.
"""

from __future__ import annotations

import sys

import duckdb

from benchmarks.names import EVENTS


def main(data: str, out: str, there: str) -> None:
    run = duckdb.connect().execute
    people = "CREATE TEMP TABLE customers AS SELECT *, hash(COLUMNS(*)) FROM read_parquet(?)"
    run(people, [f"{data}/customers.parquet"])
    acted = 'SELECT customer, count(*), max("at"), bit_xor(hash(id, page, n)) FROM read_parquet(?) GROUP BY customer'
    for name in EVENTS:
        run(f"CREATE TEMP TABLE by_{name} AS {acted}", [f"{data}/events/{name}.parquet"])
    gone = "CREATE TEMP TABLE gone AS SELECT DISTINCT customer FROM read_parquet(?)"
    run(gone, [f"{data}/events/opted_out.parquet"])
    for name in ("outcomes", "sends"):
        rows = "SELECT * FROM read_parquet(?)"
        run(f"COPY ({rows}) TO '{there}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd)", [f"{out}/{name}.parquet"])


if __name__ == "__main__":
    main(*sys.argv[1:])
