"""A link server for tests: asked in this process, or as one of its own that can be killed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runtime.outcomes import LINKS

pytest.importorskip("uvicorn", reason="the extra `links` is not installed")

CODES = [f"{at:010}" for at in range(200)]


def write(folder: Path, codes: list[str] = CODES, page: str = "https://m.example/?c=") -> Path:
    """A run's folder, as far as the server reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {name: [""] * len(codes) for name in LINKS} | {"code": codes, "page": [page + code for code in codes]}
    beside = folder / ".links"
    pq.write_table(pa.table(rows), beside)
    beside.replace(folder / "links.parquet")
    return folder


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]


Ask = Callable[..., Awaitable[Answer]]


async def ask(app: Any, path: str, method: str = "GET", client: str = "10.0.0.1", **headers: str) -> Answer:
    """One request to an ASGI application, its path as the server would hand it on."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = {"user_agent": "Mozilla/5.0 (iPhone)"} | headers
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http"}
    scope |= {"path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": raw}
    await app(scope | {"client": (client, 1), "server": ("s", 80)}, receive, send)
    start = next(one for one in sent if one["type"] == "http.response.start")
    return Answer(start["status"], {name.decode().lower(): value.decode() for name, value in start["headers"]})


def clicked(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT code, kind FROM clicks ORDER BY id").fetchall()


class Server:
    """`camp links serve` as a process of its own."""

    def __init__(self, links: Path, clicks: Path, port: int = 0) -> None:
        command = [sys.executable, "-c", "from runtime.cli.main import main; main()", "links", "serve"]
        named = ["--links", str(links), "--clicks", str(clicks), "--port", str(port)]
        root = Path(__file__).parent.parent
        self.process = subprocess.Popen(
            [*command, *named],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=root,
            env=os.environ | {"CAMP_LANG": "en"},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert " links are served on http" in line, (line, self.process.stderr and self.process.stderr.read())
        self.port = int(line.rsplit(":", 1)[1])

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(30)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


async def follow(port: int, codes: list[str], answered: list[str]) -> None:
    """Ask for codes over one connection; those that were answered. Ends where the connection breaks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for code in codes:
            writer.write(f"GET /{code} HTTP/1.1\r\nHost: s\r\nUser-Agent: Mozilla/5.0\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 302 "), head
            assert f"location: https://m.example/?c={code}\r\n".encode() in head
            answered.append(code)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # it was killed
    finally:
        writer.close()
