"""A PostgreSQL database: its tables and views `customers`, `ledger`, and of each event one of its name, in one schema.

All of it is read in one transaction, which sees one instant of the database, and changes nothing. Rows come in batches, in the
order in which the tables hold them; a column of a type that the engine lacks comes as its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.inputs.base import unusable
from runtime.inputs.tables import Tables, own

_SECONDS = 10
# What comes as it is. `numeric` is exact as its text, and is read like a number in a CSV file.
_PLAIN = (
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "bool",
    "date",
    "timestamp",
    "timestamptz",
    "text",
    "varchar",
    "bytea",
)
_SNAPSHOT = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL synchronize_seqscans = off",  # a scan begins at the table's beginning
    "SET LOCAL max_parallel_workers_per_gather = 0",
)
_COLUMNS = """
SELECT c.relname, a.attname, t.typname, t.typcategory FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""


class Postgres(Tables):
    def __init__(self, engine: Engine, address: str) -> None:
        super().__init__(engine, address, {})
        bare, self._schema = _split(address)
        try:
            from adbc_driver_postgresql import dbapi
        except ImportError as error:
            message = "Reading from PostgreSQL needs the extra `postgres`"
            raise InputError(message, "Install it: pip install 'camp[postgres]'.") from error
        with self._told():
            self._connection = dbapi.connect(bare)
        try:
            with self._told():
                for statement in _SNAPSHOT:
                    self._run(statement)
                self.tables = self._columns()
        except BaseException:
            self.close()
            raise
        if not self.tables:
            self.close()
            message = f"{address} has no table in the schema `{self._schema}`"
            raise InputError(message, "Name the schema, as in postgresql://user@host/database?schema=crm.")

    def attach(self, name: str, table: str) -> dict[str, str]:
        columns = self.tables[own(name)]
        shown = ", ".join(
            _quoted(column) if type in _PLAIN or category == "A" else f"{_quoted(column)}::text AS {_quoted(column)}"
            for column, (type, category) in columns.items()
        )
        with self._told(), self._connection.cursor() as cursor:
            cursor.execute(f"SELECT {shown} FROM {_quoted(self._schema)}.{_quoted(own(name))}")
            self.columns[name] = self.engine.stream(table, cursor.fetch_record_batch())
        return dict(self.columns[name])

    def state(self, names: Iterable[str]) -> None:
        """Whether rows have changed is known only by reading them."""

    def close(self) -> None:
        with suppress(Exception):  # the server may be gone, and all that was read is here
            self._connection.close()

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def _columns(self) -> dict[str, dict[str, tuple[str, str]]]:
        """The tables of the schema that may be read: name → column → type and category."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        with self._connection.cursor() as cursor:
            cursor.execute(_COLUMNS, (self._schema,))
            for table, column, type, category in cursor.fetchall():
                found.setdefault(table, {})[column] = (type, category)
        return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        from adbc_driver_manager import Error

        try:
            yield
        except Error as error:
            said = _first(error)
            if "permission denied" in said:
                raise unusable(f"{self.place} lets nobody read that: {said}", "Grant SELECT on its tables.") from error
            help = "Is the server up, and the address right? A password is taken from $PGPASSWORD or ~/.pgpass."
            raise unusable(f"{self.place} does not answer: {said}", help) from error


def _first(error: Exception) -> str:
    """What the server says, without what the driver puts around it."""
    text = " ".join(str(error).split())
    for mark in ("ERROR: ", "FATAL: ", "failed: "):
        if mark in text:
            return text.rpartition(mark)[2].partition(" SQLSTATE")[0].partition(" LINE ")[0]
    return text[:200]


def _split(address: str) -> tuple[str, str]:
    """The address as the driver takes it, and the schema."""
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query))
    schema = asked.pop("schema", "public")
    asked.setdefault("connect_timeout", str(_SECONDS))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(asked), "")), schema


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
