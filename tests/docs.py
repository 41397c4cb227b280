"""Pages of docs/ that are made from the code. `python -m tests.docs` writes them; a test holds them current."""

from __future__ import annotations

import json
from pathlib import Path

from dsl.lang import label
from dsl.lang import rules as pages
from dsl.program.ir import Program
from dsl.rules import all as rules
from dsl.rules.registry import ENTRIES, Entry
from dsl.settings import Settings
from tests import gallery, outputs

DOCS = Path(__file__).parent.parent / "docs"
RULES, RULES_ZH, SCHEMA = DOCS / "rules.md", DOCS / "rules.zh.md", DOCS / "program.schema.json"
ERRORS, OUTPUTS = DOCS / "errors.md", DOCS / "outputs.md"

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


def rules_page_zh() -> str:
    entries = sorted(ENTRIES.values(), key=lambda entry: entry.code)
    head = "# 规则\n\nCamp 能发现的所有问题。由规则的说明生成；`camp --lang zh rules CODE` 显示同样的内容。"
    head += "English: [rules.md](rules.md)\n\n"
    table = "| 代码 | 名称 | 级别 |\n|---|---|---|\n"
    table += "".join(
        f"| [{entry.code}](#{entry.code.lower()}) | {pages('zh')[entry.code].name} | {label(entry.severity, 'zh')} |\n"
        for entry in entries
    )
    return head + table + "".join(_section_zh(entry) for entry in entries)


def _section_zh(entry: Entry) -> str:
    page = pages("zh")[entry.code]
    head = f"**{page.name}**（{label(entry.severity, 'zh')}，`{entry.name}`）。"
    text = f"\n## {entry.code}\n{head}{page.what}\n\n{page.why}\n"
    for title in ("Bad", "Good"):
        if entry.section(title):
            text += f"\n{label(title, 'zh')}：\n\n```\n{entry.section(title)}\n```\n"
    return text + (f"\n{label('Source', 'zh')}：{page.source}\n" if page.source else "")


def schema_page() -> str:
    return json.dumps(Program.model_json_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    RULES.write_text(rules_page(), encoding="utf-8")
    RULES_ZH.write_text(rules_page_zh(), encoding="utf-8")
    SCHEMA.write_text(schema_page(), encoding="utf-8")
    ERRORS.write_text(gallery.page(), encoding="utf-8")
    OUTPUTS.write_text(outputs.page(), encoding="utf-8")
