"""camp.toml: where the data is, and which column is which field. Text in, values and findings out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dsl.diagnostics import Diagnostic, Place, Severity
from dsl.model import Model
from dsl.quantities import percent
from dsl.rules.registry import Worded, finding
from dsl.source import Source, Span
from dsl.suggest import nearest

ENGINES = ("duckdb",)
EVENT_COLUMNS = ("customer", "at", "id")


@dataclass(frozen=True)
class Settings:
    """`customers` and `events` map a field to its column where the names differ; `events[""]` holds for every event.

    zone: in which instants without an offset are read (None: the brand's). missing: words that mean a missing value.
    path: the data folder, relative to camp.toml. growth: by which share a run may send more than the last one did.
    severity: code → how much its findings weigh here.
    """

    customers: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone: str | None = None
    missing: tuple[str, ...] = ()
    path: str | None = None
    engine: str = "duckdb"
    growth: Decimal | None = None
    severity: Mapping[str, Severity] = field(default_factory=dict)


@finding("CAMP601", "bad-settings")
def bad_settings(place: Place, why: str, help: str) -> Worded:
    """
    What: camp.toml cannot be read, or holds a key or a value that means nothing.
    Why: A misspelt column would be read as a missing one, and nobody would be reached.
    """
    return Worded(place, why, help)


def read_settings(source: Source) -> tuple[Settings, list[Diagnostic]]:
    """The settings of a camp.toml, and what is wrong with them (then as far as they can be read)."""
    reader = _Reader(source)
    try:
        raw = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        spoken = re.search(r"line (\d+)", str(error))
        line = int(spoken[1]) if spoken else source.text.rstrip().count("\n") + 1
        reader.tell(None, f"This is no TOML: {error}", "docs/language.md shows a whole camp.toml.", line)
        return Settings(), reader.found
    reader.keys(raw, ("data", "run", "check"))
    data, run, check = (reader.table(raw, key) for key in ("data", "run", "check"))
    reader.keys(data, ("path", "zone", "missing", "customers", "events"))
    reader.keys(run, ("engine", "growth"))
    reader.keys(check, ("severity",))
    engine = reader.text(run, "engine") or "duckdb"
    if engine not in ENGINES:
        reader.tell("engine", f'There is no engine called "{engine}"', f"Known: {', '.join(ENGINES)}.")
    customers = reader.columns(reader.table(data, "customers"))
    written = reader.table(data, "events")
    events = {"": reader.columns({key: value for key, value in written.items() if not isinstance(value, dict)})}
    reader.keys(events[""], EVENT_COLUMNS)
    events |= {name: reader.columns(value) for name, value in written.items() if isinstance(value, dict)}
    missing = data.get("missing", [])
    if not isinstance(missing, list) or not all(isinstance(word, str) for word in missing):
        reader.tell("missing", "`missing` is a list of words", 'As missing = ["unknown"].')
        missing = []
    path, growth = reader.text(data, "path"), reader.share(run, "growth")
    severity = reader.severities(reader.table(check, "severity"))
    return Settings(customers, events, reader.zone(data), tuple(missing), path, engine, growth, severity), reader.found


def unknown_columns(source: Source, settings: Settings, model: Model) -> list[Diagnostic]:
    """Mappings that name a field, event or property which the schema does not have."""
    reader = _Reader(source)
    reader.declared(settings.customers, model.fields)
    reader.declared([name for name in settings.events if name], model.events)
    for name, columns in settings.events.items():
        if name in model.events:
            reader.declared(columns, [*model.events[name].properties, *EVENT_COLUMNS])
    return reader.found


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []

    def tell(self, key: str | None, why: str, help: str, line: int = 1) -> None:
        """Points at the first line that states `key`; TOML's parser keeps no places."""
        at = re.search(rf"(?m)^[ \t]*[^=#\n]*?(?<!\w)({re.escape(key)})(?!\w)", self.source.text) if key else None
        start = at.start(1) if at else sum(len(text) + 1 for text in self.source.text.split("\n")[: line - 1])
        span = Span(start, start + len(key)) if at and key else Span(start, start + 1)
        self.found.append(bad_settings(Place(self.source, span), why, help))

    def keys(self, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                guess = nearest(key, known)
                self.tell(
                    key,
                    f"`{key}` means nothing here",
                    f"Did you mean `{guess}`?" if guess else f"Known: {', '.join(known)}.",
                )

    def declared(self, keys: Iterable[str], known: Iterable[str]) -> None:
        names = sorted(known)
        for key in keys:
            if key not in names:
                guess = nearest(key, names)
                help = f"Did you mean `{guess}`?" if guess else f"Known: {', '.join(names)}."
                self.tell(key, f"`{key}` is nothing that the schema declares", help)

    def table(self, raw: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = raw.get(key, {})
        if isinstance(value, dict):
            return value
        self.tell(key, f"`{key}` is a table", f"Write it as [{key}].")
        return {}

    def text(self, raw: Mapping[str, Any], key: str) -> str | None:
        value = raw.get(key)
        if value is None or isinstance(value, str):
            return value
        self.tell(key, f"`{key}` is a text", f'Write it as {key} = "…".')
        return None

    def share(self, raw: Mapping[str, Any], key: str) -> Decimal | None:
        value = raw.get(key)
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?%", value):
            return percent(value)
        return self.tell(key, f"`{key}` is a percentage", f'Write it as {key} = "50%".')

    def columns(self, raw: Mapping[str, Any]) -> dict[str, str]:
        return {key: column for key in raw if (column := self.text(raw, key)) is not None}

    def severities(self, raw: Mapping[str, Any]) -> dict[str, Severity]:
        if not raw:
            return {}
        from dsl.severities import refusal  # with every rule there is

        refused = {code: told for code, severity in raw.items() if (told := refusal(code, severity))}
        for code, (why, help) in refused.items():
            self.tell(code, why, help)
        return {code: severity for code, severity in raw.items() if code not in refused}

    def zone(self, data: Mapping[str, Any]) -> str | None:
        import zoneinfo

        name = self.text(data, "zone")
        try:
            if name is not None:
                zoneinfo.ZoneInfo(name)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            self.tell("zone", f'There is no time zone "{name}"', 'Write a name of the tz database, as "Asia/Shanghai".')
            return None
        return name
