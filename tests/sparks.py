"""What tests of Spark share: whether it is there, and an engine on this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from runtime.engines import open_engine
from runtime.engines.base import Engine

URL = "local[2]"
# Tests are over before the better compiler has begun. What this one makes outgrows the room that it has of itself.
os.environ.setdefault(
    "JDK_JAVA_OPTIONS",
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m -XX:MetaspaceSize=256m",
)


def missing() -> str:
    """Why Spark cannot be tested here; empty where it can."""
    if find_spec("pyspark") is None or find_spec("pandas") is None:
        return "the extra `spark` is not installed"
    return "" if shutil.which("java") else "Java is not installed"


NEEDED = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    engine = open_engine("spark", url=URL)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def embedded() -> Iterator[Engine]:
    engine = open_engine("duckdb")
    yield engine
    engine.close()
