"""The queries of a run on Spark: each table that is kept lies as Parquet in a folder that the workers share (or, of very small
inputs, in this process: few.py).

So nothing is computed twice, numbers that only have to differ are given out once, and no lineage grows. Only what is small by
nature comes to this process: counts, zones, days, names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import pyarrow
from sqlglot import exp

from runtime.engines.base import OfGroups, OfRows, Part
from runtime.engines.duckdb import DuckDB, arrow
from runtime.engines.spark import files, kernels
from runtime.engines.spark.dialect import spark, tree
from runtime.engines.spark.few import Few
from runtime.engines.spark.scratch import Scratch
from runtime.engines.spark.session import LOCAL, check, session
from runtime.engines.spark.types import ddl, schema
from runtime.errors import InputError


class Spark:
    """url: of the cluster; scratch: a folder that all of its workers see."""

    name = "spark"
    embedded = False
    share: int | None = None  # Python runs at the workers, over a part of the rows each

    def __init__(self, url: str | None = None, scratch: str | None = None) -> None:
        url = url or LOCAL
        check(url, scratch)
        self._spark = session(url)
        self._few = Few(self._spark)
        self._scratch = Scratch(scratch)
        self._files = DuckDB()
        self.room = self._files.room
        self._waiting: dict[str, list[str]] = {}  # views that have been added to a table since it was written
        self._ordered: dict[str, list[exp.Expr]] = {}

    def attach(self, name: str, path: Path) -> dict[str, str]:
        columns = self._files.attach(name, path)
        self._few.read(path.stat().st_size)
        if not files.readable(columns, path):
            return self._bring(name, columns)
        frame = self._spark.sql(files.rows(columns, path.absolute().as_uri(), False))
        frame.createOrReplaceTempView(_name(name))
        return columns

    def _bring(self, name: str, columns: dict[str, str]) -> dict[str, str]:
        """What the embedded engine reads is written down for the workers once."""
        place = self._scratch.new()
        with self._scratch.file(place) as file:
            self._files.write(files.written(columns, name), file)
        self._spark.sql(files.rows(columns, place, True)).createOrReplaceTempView(_name(name))
        return columns

    def attach_parts(self, name: str, parts: Sequence[Part]) -> dict[str, str]:
        self._few.end()
        return self._bring(name, self._files.attach_parts(name, parts))

    def stream(self, name: str, batches: Any) -> dict[str, str]:
        self._few.end()
        return self._bring(name, self._files.stream(name, batches))

    def look(self, name: str, catalog: str, table: str) -> None:
        self._few.end()
        self._files.look(name, catalog, table)
        self._bring(name, self._files.inside(catalog)[table])

    def columns(self, path: Path) -> dict[str, str]:
        return self._files.columns(path)

    def content(self, name: str) -> str:
        return self._files.content(name)

    def torn(self, name: str) -> list[tuple[int, str, str]]:
        return self._files.torn(name)

    def create(self, name: str, query: exp.Expr) -> None:
        of = tree(query)
        order = of.args.get("order")
        if order is not None and of.args.get("limit") is None:
            of.set("order", None)  # it would be sorted now, and files have no order when they are read
        self._keep(name, self._frame(of))
        self._ordered[name] = [] if order is None else order.expressions

    def view(self, name: str, query: exp.Expr) -> None:
        self._waiting.pop(name, None)
        self._frame(tree(query)).createOrReplaceTempView(_name(name))

    def append(self, name: str, query: exp.Expr) -> None:
        """Written with the others that are added before somebody asks."""
        frame = self._frame(tree(query))  # first, since it may read what has been added to this very table
        waiting = self._waiting.setdefault(name, [])
        waiting.append(f"__added_{name}_{len(waiting)}")
        frame.createOrReplaceTempView(_name(waiting[-1]))

    def rename(self, name: str, to: str) -> None:
        self._frame(exp.select("*").from_(exp.table_(name, quoted=True))).createOrReplaceTempView(_name(to))
        self._ordered[to] = self._ordered.pop(name, [])
        self._waiting.pop(to, None)
        self.drop(name)

    def drop(self, *names: str) -> None:
        for name in names:
            self._waiting.pop(name, None)
            self._spark.catalog.dropTempView(name)

    def insert(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        made = schema(dict(columns))
        arrays = [pyarrow.array([row[at] for row in rows], field.type) for at, field in enumerate(made)]
        self._local(name, pyarrow.Table.from_arrays(arrays, schema=made))

    def keep(self, name: str, columns: Mapping[str, Any]) -> None:
        self._local(name, arrow(columns))

    def rows(self, query: exp.Expr) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._frame(tree(query)).collect()]

    def arrays(self, query: exp.Expr) -> Mapping[str, Any]:
        found = self._frame(tree(query)).toArrow()
        return {name: found[name].to_numpy() for name in found.column_names}

    def grouped(
        self,
        name: str,
        columns: Mapping[str, str],
        queries: Sequence[exp.Query],
        by: str,
        kernel: OfGroups,
        keys: exp.Query | None = None,
    ) -> None:
        """One shuffle: the rows of all queries by the key, sorted, and then the kernel for each part of them."""
        from pyspark.sql import functions as f

        frames, pieces, order = [], [], [f.col(by), f.col(kernels.PIECE)]
        for number, query in enumerate(queries):
            of = tree(query)
            sorts = of.args["order"].expressions if of.args.get("order") is not None else []
            of.set("order", None)
            names = [f"__o{number}_{at}" for at in range(len(sorts))]
            for sort, own in zip(sorts, names, strict=True):
                of.select(exp.alias_(sort.this, own, quoted=True), copy=False)
                order.append(f.col(own).desc_nulls_last() if sort.args.get("desc") else f.col(own).asc_nulls_last())
            frame = self._frame(of)
            data = [one for one in frame.columns if one != by and one not in names]
            renamed = {own: f"__p{number}_{at}" for at, own in enumerate(data)}
            shown = [f.col(f"`{own}`").alias(to) for own, to in renamed.items()]
            key = f.col(by).cast("bigint").alias(by)
            frames.append(frame.select(key, f.lit(number).alias(kernels.PIECE), *shown, *(f.col(one) for one in names)))
            pieces.append({to: own for own, to in renamed.items()})
        if keys is not None:
            key = f.col(by).cast("bigint").alias(by)
            frames.append(self._frame(tree(keys)).select(key, f.lit(kernels.ALONE).alias(kernels.PIECE)))
        if not frames:
            return self.insert(name, columns, [])
        whole = frames[0]
        for frame in frames[1:]:
            whole = whole.unionByName(frame, allowMissingColumns=True)
        whole = whole.repartition(f.col(by)).sortWithinPartitions(*order)
        made = kernels.of_groups(kernel, dict(columns), by, pieces)
        return self._keep(name, whole.mapInArrow(made, ddl(dict(columns))))

    def mapped(self, name: str, columns: Mapping[str, str], query: exp.Expr, kernel: OfRows) -> None:
        of = tree(query)
        of.set("order", None)  # it is called for a part of the rows at a time
        made = kernels.of_rows(kernel, dict(columns))
        self._keep(name, self._frame(of).mapInArrow(made, ddl(dict(columns))))

    def write(self, query: exp.Expr, path: Path) -> None:
        """Sorted and written in parts by the workers; then the parts become one file, a few rows at a time."""
        of = tree(query)
        if of.args.get("order") is None and isinstance(of.args["from_"].this, exp.Table):
            held = of.args["from_"].this
            sorts = [
                exp.Ordered(this=exp.column(one.this.name, table=held.alias_or_name))
                for one in self._ordered.get(held.name, [])
            ]
            of = of.order_by(*sorts, copy=False) if sorts else of
        place = self._scratch.new()
        _typed(self._frame(of)).write.parquet(place)
        self._files.write_batches(self._scratch.batches(place), path)

    def spread(self, over: int | None) -> None:
        """The size of files says it before a customer is counted."""

    def interrupt(self) -> None:
        """What the cluster is at is dropped; what it has written goes with the scratch folder."""
        self._files.interrupt()
        with suppress(Exception):  # a cluster that is gone has nothing to stop
            self._spark.interruptAll()

    def count(self, name: str) -> int | None:
        """Nobody counts a table before it is asked for."""
        return None

    def held(self) -> int | None:
        return None

    def plan(self, thoroughly: bool) -> None:
        """A plan is always made."""

    def versions(self) -> dict[str, str]:
        return {"pyspark": version("pyspark")} | self._files.versions()

    def close(self) -> None:
        self._files.close()
        self._scratch.close()

    def run(self, statement: exp.Expr) -> NoReturn:
        raise InputError(*_NO_LEDGER)

    def open(self, catalog: str, path: Path, change: bool = True) -> None:
        if change:
            raise InputError(*_NO_LEDGER)
        self._files.open(catalog, path, change)

    def shut(self, catalog: str) -> None:
        self._files.shut(catalog)

    def inside(self, catalog: str) -> dict[str, dict[str, str]]:
        return self._files.inside(catalog)

    @contextmanager
    def together(self) -> Iterator[None]:
        raise InputError(*_NO_LEDGER)
        yield

    def gather(self, name: str, columns: Mapping[str, str], paths: Sequence[Path]) -> NoReturn:
        raise InputError(*_NO_LEDGER)

    def _frame(self, of: exp.Expr) -> Any:
        for held in {one.name for one in of.find_all(exp.Table)} & self._waiting.keys():
            self._settle(held)
        return self._spark.sql(spark(of))

    def _settle(self, name: str) -> None:
        """Write what has been added to a table, and show both as one."""
        added = self._waiting.pop(name)
        frame = self._spark.table(_name(name))
        columns = [f"CAST(`{one.name}` AS {one.dataType.simpleString()}) AS `{one.name}`" for one in frame.schema]
        more = None
        for view in added:
            one = self._spark.table(_name(view)).toDF(*frame.columns).selectExpr(*columns)
            more = one if more is None else more.unionAll(one)
        if self._few.held:
            both = self._few.hold(frame.unionAll(more))
        else:
            both = frame.unionAll(self._written(more, frame.schema))
        both.createOrReplaceTempView(_name(name))

    def _keep(self, name: str, frame: Any) -> None:
        self._waiting.pop(name, None)
        frame = _typed(frame)
        kept = self._few.hold(frame) if self._few.held else self._written(frame, frame.schema)
        kept.createOrReplaceTempView(_name(name))

    def _written(self, frame: Any, schema: Any) -> Any:
        place = self._scratch.new()
        frame.write.parquet(place)
        found = self._spark.read.schema(schema).parquet(place)
        # What is known to be empty is not read, and what would be joined with it does not travel.
        return found.limit(0) if self._scratch.empty(place) else found

    def _local(self, name: str, rows: pyarrow.Table) -> None:
        """Where there are none, Spark knows it, and asks no worker about them."""
        self._waiting.pop(name, None)
        self._spark.createDataFrame(rows).createOrReplaceTempView(_name(name))


_NO_LEDGER = (
    "A ledger is kept by DuckDB, and Spark knows none",
    "Plan with `--engine duckdb`, or put the past decisions into the data folder as ledger.parquet.",
)


def _typed(frame: Any) -> Any:
    """What is missing in every row is a text: a file knows no column without a type."""
    nothing = {one.name for one in frame.schema if one.dataType.typeName() == "void"}
    if not nothing:
        return frame
    return frame.selectExpr(
        *(f"CAST(`{one}` AS STRING) AS `{one}`" if one in nothing else f"`{one}`" for one in frame.columns)
    )


def _name(name: str) -> str:
    return f"`{name}`"
