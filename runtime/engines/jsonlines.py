"""A file of JSON lines as SQL of DuckDB: an object a line. Every value is text, as in a CSV file; what is none is a bad line."""

from __future__ import annotations

_SEPARATOR = "chr(31)"  # no JSON text holds it, so that a line stays whole


def lines(path: str) -> str:
    """Each line that is not blank, with its number, and whether it is `fine`; `path` is a literal of SQL."""
    read = f"read_csv({path}, columns = {{'line': 'VARCHAR'}}, header = false, delim = {_SEPARATOR}, quote = '', escape = '',"
    read += " auto_detect = false, hive_partitioning = false, strict_mode = false, max_line_size = 10000000)"
    fine = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END AS fine"
    numbered = f"SELECT row_number() OVER () AS __row, line FROM {read}"
    return f"SELECT *, {fine} FROM ({numbered}) WHERE trim(line) <> ''"


def keys(table: str) -> str:
    """The names that stand in any of the objects, in the order of the first line that has each."""
    pairs = f"SELECT unnest(CASE WHEN fine THEN json_keys(line) ELSE [] END) AS name, __row FROM {table}"
    return f"SELECT name FROM ({pairs}) GROUP BY name ORDER BY min(__row), name"


def rows(table: str, names: dict[str, str]) -> str:
    """The objects as rows; `names`: a path to a name, as a literal → its column. A JSON null is missing."""
    shown = "".join(
        f", CASE WHEN fine THEN json_extract_string(line, {path}) END AS {column}" for path, column in names.items()
    )
    return f"SELECT __row{shown} FROM {table} WHERE fine"


def pointer(name: str) -> str:
    """The path to a name (RFC 6901), whatever it is made of."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
