"""Which engine a command runs on: the embedded one, unless another is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from runtime.errors import InputError

if TYPE_CHECKING:
    from runtime.engines.base import Engine

_Command = TypeVar("_Command", bound=Callable[..., Any])


def engine_options(command: _Command) -> _Command:
    """--engine, --spark-url and --spark-scratch."""
    where = "The cluster: local[2], spark://HOST:7077 or sc://HOST:15002. Else $CAMP_SPARK_URL, else this machine."
    shared = "A folder for a run's tables that all workers see: a shared path or s3a://BUCKET/PATH. Else $CAMP_SPARK_SCRATCH."
    options = [
        click.option("--spark-scratch", metavar="FOLDER", envvar="CAMP_SPARK_SCRATCH", help=shared),
        click.option("--spark-url", metavar="URL", envvar="CAMP_SPARK_URL", help=where),
        click.option(
            "--engine", type=click.Choice(["duckdb", "spark"]), help="What runs the queries; by default DuckDB."
        ),
    ]
    for option in options:
        command = option(command)
    return command


def opened(
    engine: str | None, url: str | None, scratch: str | None, ledger: Path | None, memory: int | None
) -> Engine | None:
    """The engine that was asked for; None: the program's own. InputError where it cannot be had, or keeps no ledger."""
    from runtime.engines import open_engine

    if engine != "spark":
        return None if memory is None else open_engine("duckdb", memory)
    if memory is not None:
        help = "Leave it out, and set `spark.driver.memory` and `spark.executor.memory` in the configuration of Spark."
        raise InputError("`--memory` bounds the embedded engine, and Spark has limits of its own", help)
    if ledger is not None:
        help = "Plan with `--engine duckdb`, or put the past decisions into the data folder as ledger.parquet."
        raise InputError("A ledger is kept by DuckDB, and Spark knows none", help)
    return open_engine("spark", url=url, scratch=scratch)
