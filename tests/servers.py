"""Servers on loopback for tests of inputs: a throw-away PostgreSQL cluster, and a bucket. What is missing is a reason to skip."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

_WAIT = 60


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answering(port: int) -> None:
    end = time.monotonic() + _WAIT
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(f"nothing answers on port {port}")


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """An address of an empty database. Its server never runs as root, which it would refuse."""
    if find_spec("adbc_driver_postgresql") is None:
        pytest.skip("adbc-driver-postgresql is not installed")
    initdb = shutil.which("initdb") or next(
        (str(one) for one in Path("/usr/lib/postgresql").glob("*/bin/initdb")), None
    )
    if initdb is None:
        pytest.skip("there is no initdb (Debian's package postgresql)")
    programs, folder = Path(initdb).resolve().parent, Path(tempfile.mkdtemp(prefix="camp-pg-"))
    user = None
    if os.geteuid() == 0:
        user = (
            "postgres"
            if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0
            else "nobody"
        )
        shutil.chown(folder, user)
    port, data = free_port(), folder / "data"
    run = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [initdb, "-D", data, "-U", "camp", "--auth=trust", "--encoding=UTF8", "--no-sync"], check=True, **run
    )
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", str(port), "-c", "fsync=off"], **run
    )
    try:
        answering(port)
        yield f"postgresql://camp@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def bucket() -> Iterator[str]:
    """The endpoint of a server that speaks S3, which holds nothing."""
    server = shutil.which("moto_server")
    if server is None:
        pytest.skip("moto's server is not installed (the extra s3test)")
    port = free_port()
    started = subprocess.Popen(
        [server, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        answering(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        started.terminate()
        started.wait()
