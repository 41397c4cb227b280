"""A Spark session: on this machine (`local[2]`), of a cluster (`spark://host:7077`), or behind Spark Connect (`sc://host:15002`)."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runtime.errors import InputError

LOCAL = "local[*]"
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # what overflows is an error, as it is elsewhere, and never another number
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.ui.explainMode": "simple",  # written down for each query, for a page that shows it: the long form costs more
}
# Of a session on this machine: a cluster has its own.
_ALONE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": os.environ.get("SPARK_DRIVER_MEMORY", "2g"),
    "spark.sql.shuffle.partitions": "8",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
# Each join and each sum takes a page at least, and fills it with zeros. Of itself Spark takes a share of all memory for one, tens
# of megabytes; a run asks many questions of few rows, and a quarter of its time went into that. A task has 8,192 pages at most:
# whoever gives it more than the usual memory gets Spark's own.
_PAGE = "1m"
_HERE = ("localhost", "127.0.0.1", "::1")
_PORTS = {"spark": 7077, "sc": 15002}


def is_local(url: str) -> bool:
    return url.startswith("local")


def check(url: str, scratch: str | None) -> None:
    """InputError where an address is none, or where the workers would not see the tables of a run."""
    parts = urlsplit(url)
    if not is_local(url) and parts.scheme not in _PORTS:
        help = "Write `local[2]`, `spark://HOST:7077` or `sc://HOST:15002`."
        raise InputError(f"{url} is no address of Spark", help)
    if scratch is None and not is_local(url) and parts.hostname not in _HERE:
        message = f"The workers of {url} need a folder that all of them see"
        raise InputError(message, "Name one with --spark-scratch, as s3a://bucket/tmp or a shared path.")


def session(url: str) -> Any:
    """A session of its own: views of one are not seen in another. InputError where there is none to be had."""
    parts = urlsplit(url)
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # it would tell a user our queries
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError("PySpark is not installed", "Install it with `pip install 'camp[spark]'`.") from error
    if not is_local(url):
        _reach(url, parts.hostname or "", parts.port or _PORTS[parts.scheme])
    os.environ["PYSPARK_PYTHON"] = os.environ.get("PYSPARK_PYTHON", sys.executable)
    try:
        if parts.scheme == "sc":
            made = SparkSession.builder.remote(url).create()
        else:
            made = _classic(SparkSession, url)
        for name, value in _SETTINGS.items():
            made.conf.set(name, value)
        made.sql("SELECT 1").collect()
    except InputError:
        raise
    except ImportError as error:
        raise InputError(
            f"Spark Connect needs more: {error}", "Install it with `pip install 'pyspark[connect]'`."
        ) from error
    except Exception as error:  # noqa: BLE001 - whatever a server or a virtual machine answers
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"Spark at {url} cannot be used: {first}", "Start it, or name another with --spark-url."
        ) from error
    return made


def _classic(of: Any, url: str) -> Any:
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java") or (home and Path(home, "bin", "java").exists())):
        raise InputError("Spark needs Java, and there is none", "Install Java 17 or later, or set JAVA_HOME.")
    builder = of.builder.master(url).appName("camp").config("spark.log.level", "ERROR")
    for name, value in _ALONE.items() if is_local(url) else ():
        builder = builder.config(name, value)
    if is_local(url) and "SPARK_DRIVER_MEMORY" not in os.environ:
        builder = builder.config("spark.buffer.pageSize", _PAGE)
    return builder.getOrCreate().newSession()


def _reach(url: str, host: str, port: int) -> None:
    """Whether anybody listens there: Spark itself would try again and again for minutes."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        raise InputError(f"Nobody answers at {url}", "Start the server, or name another with --spark-url.") from error
