"""The link server: one process, any number of connections, until a signal ends it; then what has come is answered."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from runtime.errors import InputError
from runtime.links.clicks import Clicks
from runtime.links.guessing import Guesses
from runtime.links.pages import Pages

_DRAIN = 10  # seconds that connections have to end after a signal


def serve(
    places: Sequence[Path],
    clicks: Path,
    host: str,
    port: int,
    proxies: Sequence[str],
    listening: Callable[[str, int], None],
    told: Callable[[InputError], None],
) -> None:
    """listening: told the address and how many links there are, once it is there. told: of files that cannot be read later.

    proxies: whose `X-Forwarded-For` says who asks. InputError where the server cannot begin.
    """
    try:
        import uvicorn

        from runtime.links.app import application
    except ImportError as error:
        raise InputError("Serving links needs the extra `links`", "Install it: pip install 'camp[links]'.") from error
    pages = Pages(places)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        door = socket.create_server((host, port), family=family, backlog=2_048)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{host}:{port} cannot be listened on: {why}", "Name another address with --host or --port."
        ) from error
    with door:
        kept = Clicks(clicks)
        try:
            config = uvicorn.Config(
                application(pages, kept, Guesses()),
                lifespan="off",
                ws="none",
                log_level="warning",
                access_log=False,  # it would keep addresses
                server_header=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=list(proxies),
                timeout_graceful_shutdown=_DRAIN,
            )
            pages.watch(told)
            shown = f"[{host}]" if ":" in host else host
            listening(f"http://{shown}:{door.getsockname()[1]}", len(pages))
            uvicorn.Server(config).run(sockets=[door])
        finally:
            pages.close()
            kept.close()
