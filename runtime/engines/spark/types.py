"""SQL types of the queries, which are DuckDB's, as Spark and Arrow know them."""

from __future__ import annotations

import re
from typing import Any

import pyarrow

_NAMES = {"VARCHAR": "STRING", "INTEGER": "INT", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}
_ARROW = {
    "VARCHAR": pyarrow.string(),
    "BIGINT": pyarrow.int64(),
    "INTEGER": pyarrow.int32(),
    "SMALLINT": pyarrow.int16(),
    "BOOLEAN": pyarrow.bool_(),
    "DATE": pyarrow.date32(),
    "DOUBLE": pyarrow.float64(),
    "TIMESTAMP": pyarrow.timestamp("us"),
}


def ddl(columns: dict[str, str]) -> str:
    return ", ".join(f"`{name}` {_NAMES.get(type, type)}" for name, type in columns.items())


def arrow(type: str) -> Any:
    if found := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", type):
        return pyarrow.decimal128(int(found[1]), int(found[2]))
    return _ARROW[type]


def schema(columns: dict[str, str]) -> Any:
    return pyarrow.schema([(name, arrow(type)) for name, type in columns.items()])
