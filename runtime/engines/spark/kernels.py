"""Python that runs where the rows lie: each worker calls it for the rows of its own part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow

from runtime.engines.base import OfGroups, OfRows
from runtime.engines.spark.types import schema

OfBatches = Callable[[Iterator[Any]], Iterator[Any]]
PIECE = "__piece"
ALONE = -1  # the piece of keys that no query may have


def of_rows(kernel: OfRows, columns: dict[str, str]) -> OfBatches:
    return partial(_rows, kernel, columns)


def _rows(kernel: OfRows, columns: dict[str, str], batches: Iterator[Any]) -> Iterator[Any]:
    made = schema(columns)
    for batch in batches:
        rows = list(kernel(zip(*(column.to_pylist() for column in batch.columns), strict=True)))
        arrays = [pyarrow.array([row[at] for row in rows], field.type) for at, field in enumerate(made)]
        yield pyarrow.RecordBatch.from_arrays(arrays, schema=made)


def of_groups(kernel: OfGroups, columns: dict[str, str], by: str, pieces: list[dict[str, str]]) -> OfBatches:
    """pieces: of each query its columns, by the names that they have among those of all."""
    return partial(_groups, kernel, columns, by, pieces)


def _groups(
    kernel: OfGroups, columns: dict[str, str], by: str, pieces: list[dict[str, str]], batches: Iterator[Any]
) -> Iterator[Any]:
    held = list(batches)
    if not held:
        return
    rows = pyarrow.Table.from_batches(held).combine_chunks()
    if not rows.num_rows:
        return
    whose, piece = rows[by].to_numpy(), rows[PIECE].to_numpy()
    keys = np.unique(whose)

    def arrays(number: int) -> Mapping[str, Any]:
        mine = np.flatnonzero(piece == number)
        part = rows.take(pyarrow.array(mine))
        found = {own: _array(part[name]) for name, own in pieces[number].items()}
        return {**found, by: np.searchsorted(keys, whose[mine])}

    kept = kernel(keys, [partial(arrays, number) for number in range(len(pieces))])
    made = schema(columns)
    yield pyarrow.RecordBatch.from_arrays([_typed(kept[field.name], field.type) for field in made], schema=made)


def _array(column: Any) -> Any:
    """As NumPy; where something is missing a masked array, as of the embedded engine."""
    if pyarrow.types.is_string(column.type) or pyarrow.types.is_boolean(column.type) or not column.null_count:
        return column.to_numpy()
    there = column.is_valid().to_numpy()
    return np.ma.masked_array(column.fill_null(0).to_numpy(), mask=~there)


def _typed(values: Any, type: Any) -> Any:
    found = pyarrow.array(values)
    return found if found.type == type else found.cast(type) if len(found) else pyarrow.array([], type)
