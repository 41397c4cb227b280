"""Findings as workflow commands of GitHub Actions: annotations at the lines of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions; escaped as @actions/toolkit does
(packages/core/src/command.ts). A step shows ten annotations of each level, and the log all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.rules.registry import ENTRIES
from runtime.report.model import Report, Say

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def lines(report: Report, say: Say) -> Iterator[str]:
    return (_command(report, one, say) for one in report.shown)


def _command(report: Report, one: Diagnostic, say: Say) -> str:
    line, column = one.source.line_and_column(one.span.start)
    end_line, end_column = one.source.line_and_column(one.span.end)
    properties = {"file": report.root.shown(one.source.path), "line": line, "endLine": end_line, "col": column}
    if line == end_line:  # columns of several lines are refused
        properties["endColumn"] = end_column
    properties["title"] = f"{one.code} {ENTRIES[one.code].name}"
    said = [say(one.message), *([say(one.help)] if one.help else [])]
    said += [
        f"{say(other.label)}: {report.root.shown(other.place.source.path)}:{other.place.line}" for other in one.related
    ]
    stated = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[one.severity]} {stated}::{_data(chr(10).join(said))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
