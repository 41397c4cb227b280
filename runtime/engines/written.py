"""Names, texts and paths as they stand in a statement of DuckDB."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp


def name_of(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect="duckdb")


def text_of(text: str) -> str:
    return exp.Literal.string(text).sql(dialect="duckdb")


def value_of(text: str | None) -> str:
    return "NULL" if text is None else text_of(text)


def path_of(path: Path) -> str:
    """A file's name as a text in which no character stands for others."""
    return text_of("".join(f"[{char}]" if char in "*?[" else char for char in str(path)))
