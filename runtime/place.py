"""How a place is written: a path, or an address such as postgresql://user@host/bank?schema=crm or s3://bucket/prefix."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from runtime.errors import InputError

Place = Path | str  # a folder or a database file; an address
_SCHEMES = ("postgresql", "postgres", "s3")
_SECRET = ("password", "sslpassword", "passfile")


def placed(written: str, root: Path | None = None) -> Place:
    """A place as it is written; a path is seen from `root`. InputError where it is an address of no kind that is known.

    An address never holds a password: processes, histories and what a run writes show addresses.
    """
    if "://" not in written:
        return Path(written) if root is None else (root / written).resolve()
    if scheme(written) not in _SCHEMES:
        known = "postgresql://user@host/database?schema=NAME, s3://bucket/prefix"
        raise InputError(f"No data are read from {scheme(written)}://", f"Known are folders, DuckDB files, {known}.")
    try:
        parts = urlsplit(written)
        secret = parts.password is not None or any(key in _SECRET for key, _ in parse_qsl(parts.query))
    except ValueError as error:
        raise InputError("The address of the data cannot be read", f"{error}.") from error
    if secret:
        message = "The address of the data holds a password, which others would see"
        raise InputError(message, "Leave it out, and set $PGPASSWORD or write it into ~/.pgpass.")
    return written


def seen_from(written: str, folder: Path) -> Place:
    """A place that a run's folder tells of."""
    return written if "://" in written else folder / written


def scheme(written: str) -> str:
    return written.partition("://")[0].lower()
