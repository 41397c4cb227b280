"""The folder that the tables of a run lie in. They hold phone numbers: nobody else may read it, and it goes with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any
from uuid import uuid4
from weakref import finalize

import pyarrow
from pyarrow import fs, parquet

from runtime.errors import InputError


class Scratch:
    """url: a folder that every worker sees, as a path or s3a://…; None: one on this machine."""

    def __init__(self, url: str | None) -> None:
        self._count = count()
        url = f"{(url or gettempdir()).rstrip('/')}/camp-{uuid4().hex}"
        try:
            self._files, self._path = _opened(url)
            if isinstance(self._files, fs.LocalFileSystem):
                Path(self._path).mkdir(mode=0o700, parents=True)
            else:
                self._files.create_dir(self._path)
        except (OSError, pyarrow.ArrowInvalid) as error:
            message = f"No folder for the tables of a run can be made: {str(error).splitlines()[0]}"
            raise InputError(message, "Make room, or name one with --spark-scratch.") from error
        self.url = url if "://" in url else self._path
        self.close = finalize(self, _removed, self._files, self._path)  # also where a run is stopped

    def new(self) -> str:
        """A place for one more table."""
        return f"{self.url}/{next(self._count)}"

    def empty(self, place: str) -> bool:
        """Whether a table has no rows: it is one part then."""
        parts = self._parts(place)
        return len(parts) == 1 and parquet.read_metadata(parts[0], filesystem=self._files).num_rows == 0

    def batches(self, place: str) -> Any:
        """The rows of a table in the order of its parts, a few at a time."""
        parts = self._parts(place)
        schema = parquet.read_schema(parts[0], filesystem=self._files).remove_metadata()
        schema = pyarrow.schema([field.with_nullable(True) for field in schema])
        return pyarrow.RecordBatchReader.from_batches(schema, self._read(parts, schema))

    def _parts(self, place: str) -> list[str]:
        folder = f"{self._path}/{place.rsplit('/', 1)[1]}"
        found = self._files.get_file_info(fs.FileSelector(folder))
        return sorted(one.path for one in found if one.base_name.startswith("part-"))

    def _read(self, parts: list[str], schema: Any) -> Iterator[Any]:
        for part in parts:
            with self._files.open_input_file(part) as opened:
                for batch in parquet.ParquetFile(opened).iter_batches():
                    yield pyarrow.RecordBatch.from_arrays(batch.columns, schema=schema)

    @contextmanager
    def file(self, place: str) -> Iterator[Path]:
        """A file to write as the only part of a table; where the folder is elsewhere it is taken there."""
        folder = f"{self._path}/{place.rsplit('/', 1)[1]}"
        self._files.create_dir(folder)
        part = f"{folder}/part-00000.parquet"
        if isinstance(self._files, fs.LocalFileSystem):
            yield Path(part)
            return
        with TemporaryDirectory(prefix="camp-") as near:
            written = Path(near, "part.parquet")
            yield written
            fs.copy_files(
                str(written), part, source_filesystem=fs.LocalFileSystem(), destination_filesystem=self._files
            )


def _removed(files: Any, path: str) -> None:
    with suppress(OSError):
        files.delete_dir(path)


def _opened(url: str) -> tuple[Any, str]:
    """The file system of a URL, as Arrow knows it, and the path in it."""
    if "://" not in url and not url.startswith("file:"):
        return fs.LocalFileSystem(), str(Path(url).absolute())
    found: tuple[Any, str] = fs.FileSystem.from_uri(url.replace("s3a://", "s3://", 1))
    return found
