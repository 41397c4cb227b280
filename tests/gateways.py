"""A gateway on loopback that fails on purpose, and keeps what it has accepted by idempotency key."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Gateway:
    """answer: what a message is answered at its n-th try (from 1): a status, or None to drop the line without a word."""

    def __init__(self, answer: Callable[[dict[str, Any], int], int | None]) -> None:
        self.answer = answer
        self.accepted: dict[str, dict[str, Any]] = {}
        self.repeated: list[str] = []
        self.tries: dict[str, int] = {}
        self.authorizations: list[str | None] = []
        self.lock = threading.Lock()
        self.url = ""

    def take(self, key: str, message: dict[str, Any]) -> int | None:
        with self.lock:
            self.tries[key] = self.tries.get(key, 0) + 1
            status = self.answer(message, self.tries[key])
            if status == 200 or (status is None and self.tries[key] % 2):  # dropped: accepted, but nobody is told
                if key in self.accepted:
                    self.repeated.append(key)
                    assert self.accepted[key] == message, "another message under the same key"
                self.accepted[key] = message
        return status


@contextmanager
def serving(answer: Callable[[dict[str, Any], int], int | None]) -> Iterator[Gateway]:
    gateway = Gateway(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            gateway.authorizations.append(self.headers.get("Authorization"))
            status = gateway.take(self.headers["Idempotency-Key"], body)
            if status is None:
                self.close_connection = True
                return
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}/send"
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        running.join()
