"""Pages of docs/ that are made from the code. `python -m tests.docs` writes them; a test holds them current."""

from __future__ import annotations

import json
from pathlib import Path

from dsl.program.ir import Program
from dsl.rules import all as rules
from dsl.rules.registry import ENTRIES, Entry
from dsl.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"
RULES, SCHEMA = DOCS / "rules.md", DOCS / "program.schema.json"

assert rules and Settings  # what they register


def rules_page() -> str:
    entries = sorted(ENTRIES.values(), key=lambda entry: entry.code)
    head = "# Rules\n\nEverything that Camp can find. Made from the rules' docstrings; `camp rules CODE` shows the same.\n\n"
    table = "| code | name | severity |\n|---|---|---|\n"
    table += "".join(
        f"| [{entry.code}](#{entry.code.lower()}) | {entry.name} | {entry.severity} |\n" for entry in entries
    )
    return head + table + "".join(_section(entry) for entry in entries)


def _section(entry: Entry) -> str:
    text = (
        f"\n## {entry.code}\n**{entry.name}** ({entry.severity}). {entry.section('What')}\n\n{entry.section('Why')}\n"
    )
    for title in ("Bad", "Good"):
        if entry.section(title):
            text += f"\n{title}:\n\n```\n{entry.section(title)}\n```\n"
    source = entry.section("Source")
    return text + (f"\nSource: {source}\n" if source else "")


def schema_page() -> str:
    return json.dumps(Program.model_json_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    RULES.write_text(rules_page(), encoding="utf-8")
    SCHEMA.write_text(schema_page(), encoding="utf-8")
