"""An S3 bucket, or a part of it: laid out as a folder is. What is read of it is copied into the engine's private folder first.

So every form that a folder may have reads the same from there. Credentials, region and endpoint ($AWS_ENDPOINT_URL) are taken
from the environment, as AWS's own tools take them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

from runtime.engines.base import BadFile, Engine
from runtime.errors import InputError
from runtime.inputs.base import EVENTS, unusable
from runtime.inputs.folder import Folder, missing
from runtime.inputs.parts import ENDS
from runtime.place import Place

_CHUNK = 8_000_000
_SECONDS = 10


class S3:
    def __init__(self, engine: Engine, address: str) -> None:
        self.place: Place = address
        self._prefix = address.partition("://")[2].strip("/")
        if not self._prefix:
            raise InputError(f"{address} names no bucket", "Write it as s3://bucket/prefix.")
        self._files = _files()
        self._objects = self._listed()
        # Beside an earlier load's, which may still be read from.
        self._local = Path(mkdtemp(prefix="s3-", dir=engine.room))
        self._folder = Folder(engine, self._local)

    def names(self) -> set[str]:
        return {_table(path) for path in self._objects}

    def lacking(self, name: str, why: str = "") -> str:
        return missing(name, str(self.place), why)

    def shown(self, name: str) -> str:
        return self._folder.shown(name) if name in self._folder.names() else name

    def attach(self, name: str, table: str) -> dict[str, str]:
        mine = [path for path in self._objects if _table(path) == name]
        with self._told():
            for path in mine:
                self._fetch(path)
            return self._folder.attach(name, table)

    def fingerprint(self, read: Mapping[str, str]) -> list[str]:
        return self._folder.fingerprint(read)

    def state(self, names: Iterable[str]) -> Any:
        """Names, times and sizes, asked anew."""
        mine, listed = set(names), self._listed()
        return sorted((path, *about) for path, about in listed.items() if _table(path) in mine)

    def close(self) -> None: ...

    def _listed(self) -> dict[str, tuple[Any, int]]:
        """Every object below, by its path from there."""
        from pyarrow.fs import FileSelector, FileType

        with self._told():
            found = self._files.get_file_info(FileSelector(self._prefix, recursive=True))
        listed = {}
        for one in found:
            path = one.path.removeprefix(f"{self._prefix}/")
            if one.type == FileType.File and ".." not in PurePosixPath(path).parts:
                listed[path] = (one.mtime_ns, one.size)
        if not listed:
            raise InputError(f"{self.place} holds nothing", "Is the prefix spelled right?")
        return listed

    def _fetch(self, path: str) -> None:
        there = self._local / path
        there.parent.mkdir(parents=True, exist_ok=True)
        with self._files.open_input_stream(f"{self._prefix}/{path}") as source, there.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
        if there.stat().st_size != self._objects[path][1]:
            raise unusable(f"{self.place}/{path} changed while it was read", "Run again once it is whole.")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What goes wrong, in the bucket's words: nobody knows the private folder."""
        try:
            yield
        except (BadFile, InputError) as error:
            raise self._named(error) from error.__cause__
        except OSError as error:
            bucket = self._prefix.partition("/")[0]
            said = str(error).splitlines()[0]
            if isinstance(error, FileNotFoundError) or "NO_SUCH_BUCKET" in said or "does not exist" in said:
                raise unusable(
                    f"There is nothing at {self.place}", f"Is the bucket called {bucket}, and the prefix so?"
                ) from error
            if "ACCESS_DENIED" in said or "code 403" in said:
                help = "Give credentials that may list and read it, as AWS_ACCESS_KEY_ID or in ~/.aws."
                raise unusable(f"{self.place} may not be read", help) from error
            help = "Is the endpoint right ($AWS_ENDPOINT_URL), and can this machine reach it?"
            raise unusable(f"{self.place} does not answer: {said}", help) from error

    def _named(self, error: BadFile | InputError) -> Exception:
        def said(text: str) -> str:
            return text.replace(str(self._local), str(self.place).rstrip("/")) if hasattr(self, "_local") else text

        return (
            InputError(said(error.message), error.help) if isinstance(error, InputError) else BadFile(said(str(error)))
        )


def _files() -> Any:
    try:
        from pyarrow.fs import S3FileSystem
    except ImportError as error:
        raise InputError("This pyarrow was built without S3", "Install pyarrow from its wheels.") from error
    given: dict[str, Any] = {"connect_timeout": _SECONDS, "request_timeout": 6 * _SECONDS}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        parts = urlsplit(endpoint)
        given |= {"endpoint_override": parts.netloc or endpoint, "scheme": parts.scheme or "https"}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return S3FileSystem(**given, **({"region": region} if region else {}))


def _table(path: str) -> str:
    """The table that an object belongs to."""
    under = EVENTS if path.startswith(EVENTS) else ""
    first = PurePosixPath(path.removeprefix(under)).parts[0]
    return under + first.removesuffix(next((end for end in ENDS if first.endswith(end)), ""))
