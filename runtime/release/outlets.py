"""Where messages go: standard output, a command's input, or a gateway over HTTP.

Each message has its send_id, the same whenever it is tried again: whoever receives it can tell a repetition by it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

Message = dict[str, Any]
_WORKERS = 8
_AGAIN = (408, 409, 425, 429, 500, 502, 503, 504)  # worth another try (RFC 9110, RFC 6585, RFC 8470)


@dataclass(frozen=True)
class Answer:
    """`taken`: accepted. `refused`: it never will be, and why. Neither: it may be tried again later."""

    send_id: str
    taken: bool
    refused: str = ""
    why: str = ""


class Outlet(Protocol):
    size: int

    def give(self, messages: Sequence[Message]) -> Iterator[Answer]:
        """An answer for each, in any order. At most `size` are given at once."""


class Lines:
    """A line of JSON each, on standard output."""

    size = 10_000

    def give(self, messages: Sequence[Message]) -> Iterator[Answer]:
        for message in messages:
            sys.stdout.write(written(message) + "\n")
        sys.stdout.flush()
        yield from (Answer(message["send_id"], True) for message in messages)


class Command:
    """A line of JSON each, to a command's input. They are accepted where it ends with 0, all together."""

    size = 10_000

    def __init__(self, command: str) -> None:
        self.command = command

    def give(self, messages: Sequence[Message]) -> Iterator[Answer]:
        lines = "".join(written(message) + "\n" for message in messages)
        done = subprocess.run(self.command, shell=True, input=lines.encode(), check=False)
        why = "" if done.returncode == 0 else f"the command ended with {done.returncode}"
        yield from (Answer(message["send_id"], not why, why=why) for message in messages)


class Gateway:
    """A POST of JSON each, with the send_id as its Idempotency-Key (IETF draft of that name); several at a time.

    What the gateway cannot take now is tried again, more and more slowly, or when it says (Retry-After); what it refuses for good
    (any other 4xx) is not.
    """

    size = 500

    def __init__(self, url: str, tries: int = 6, wait: float = 0.5, timeout: float = 10.0, token: str = "") -> None:
        import urllib3

        again = urllib3.Retry(
            total=tries - 1,
            status_forcelist=_AGAIN,
            allowed_methods=None,
            backoff_factor=wait,
            backoff_jitter=wait,
            backoff_max=30.0,
            redirect=0,
            raise_on_status=False,
        )
        self.url, self._failed = url, urllib3.exceptions.HTTPError
        self._pool = urllib3.PoolManager(maxsize=_WORKERS, retries=again, timeout=timeout)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def give(self, messages: Sequence[Message]) -> Iterator[Answer]:
        with ThreadPoolExecutor(_WORKERS) as workers:
            yield from workers.map(self._post, messages)

    def _post(self, message: Message) -> Answer:
        headers = {"Content-Type": "application/json", "Idempotency-Key": message["send_id"], **self._headers}
        try:
            answer = self._pool.request("POST", self.url, body=written(message).encode(), headers=headers)
        except self._failed as error:
            return Answer(message["send_id"], False, why=f"{type(error).__name__}: {error}")
        if 200 <= answer.status < 300:
            return Answer(message["send_id"], True)
        why = f"the gateway answered {answer.status}"
        if 400 <= answer.status < 500 and answer.status not in _AGAIN:
            return Answer(message["send_id"], False, refused=why)
        return Answer(message["send_id"], False, why=why)


def written(message: Message) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(", ", ": "))
