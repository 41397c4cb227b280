"""Findings as SARIF 2.1.0, the Static Analysis Results Interchange Format of OASIS, for services that keep and show them."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from dsl import packs
from dsl.allowing import Allowed
from dsl.diagnostics import Diagnostic, Place, Related
from dsl.rules import all as rules
from dsl.rules.registry import ENTRIES, Entry
from dsl.source import Source, Span
from runtime.report.fingerprints import VERSION
from runtime.report.model import Report, Say
from runtime.report.pages import page, tags
from runtime.report.paths import Root

assert rules
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "SRCROOT"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}  # §3.27.10
_LANGUAGES = {"en": "en-US", "zh": "zh-CN"}  # §3.19.21


def log(report: Report, say: Say, lang: str) -> dict[str, Any]:
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_Run(report, say, lang).run()]}


class _Run:
    def __init__(self, report: Report, say: Say, lang: str) -> None:
        self.report, self.say, self.lang = report, say, lang
        self.entries = [entry for _, entry in sorted(ENTRIES.items())]
        self.index = {entry.code: at for at, entry in enumerate(self.entries)}

    def run(self) -> dict[str, Any]:
        report = self.report
        results = [self._result(one, None) for one in report.shown]
        results += [self._result(one.finding, one) for one in report.allowed]
        return {
            "tool": {
                "driver": {
                    "name": "Camp",
                    "version": version("camp"),
                    "language": _LANGUAGES[self.lang],
                    "rules": [self._rule(entry) for entry in self.entries],
                }
            },
            # Where the repository lies on this machine is nobody's business: consumers know their own (§3.14.14).
            "originalUriBaseIds": {BASE: {"description": {"text": "The root of the repository."}}},
            "columnKind": "utf16CodeUnits",
            "invocations": [{"executionSuccessful": True, **self._overrides()}],
            "results": results,
            "properties": {"hidden": report.hidden},  # known by a baseline, or there at a revision
        }

    def _rule(self, entry: Entry) -> dict[str, Any]:
        """A reportingDescriptor (§3.49). No helpUri: it would have to be absolute, and its page comes along."""
        said = page(entry, self.lang)
        return {
            "id": entry.code,
            "name": entry.name,
            "shortDescription": {"text": said.short},
            "fullDescription": {"text": said.what},
            "help": {"text": said.text, "markdown": said.markdown},
            "defaultConfiguration": {"level": _LEVELS[entry.severity]},
            "properties": {"tags": tags(entry)},
        }

    def _overrides(self) -> dict[str, Any]:
        """What camp.toml has changed (§3.20.5)."""
        changed = [
            {
                "descriptor": {"id": one.code, "index": self.index[one.code]},
                "configuration": {"level": _LEVELS[one.severity]},
            }
            for one in self.report.overrides
        ]
        return {"ruleConfigurationOverrides": changed} if changed else {}

    def _result(self, one: Diagnostic, allowed: Allowed | None) -> dict[str, Any]:
        mark = self.report.marks[one]
        location: dict[str, Any] = {"physicalLocation": self._place(one.place)}
        if mark.declaration:
            kind, _, name = mark.declaration.partition(" ")
            location["logicalLocations"] = [
                {"name": name or kind, "kind": kind, "fullyQualifiedName": mark.declaration}
            ]
        said = self.say(one.message) + (f"\n{self.say(one.help)}" if one.help else "")
        result = {
            "ruleId": one.code,
            "ruleIndex": self.index[one.code],
            "level": _LEVELS[one.severity],
            "message": {"text": _literal(said)},
            "locations": [location],
            "partialFingerprints": {VERSION: mark.fingerprint},
            # Of each result or of none (§3.27.23): empty says that nothing allows it.
            "suppressions": [self._suppression(allowed)] if allowed else [],
        }
        if one.related:
            result["relatedLocations"] = [self._related(at, other) for at, other in enumerate(one.related, 1)]
        if one.fix:
            result["fixes"] = [self._fix(one)]
        return result

    def _suppression(self, allowed: Allowed) -> dict[str, Any]:
        return {
            "kind": "inSource",
            "status": "accepted",
            "justification": allowed.reason,
            "location": {"physicalLocation": self._place(allowed.place)},
            "properties": {"until": f"{allowed.until}"},
        }

    def _related(self, at: int, other: Related) -> dict[str, Any]:
        said = {"text": _literal(self.say(other.label))}
        if other.place.source.path.startswith(packs.SHOWN):
            # It lies where Camp is installed: no file of the repository, and another place on every machine.
            name = f"{other.place.source.path}:{other.place.line}"
            return {"id": at, "message": said, "logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}]}
        return {"id": at, "message": said, "physicalLocation": self._place(other.place)}

    def _fix(self, one: Diagnostic) -> dict[str, Any]:
        """§3.55. A fix that is not safe is a proposal: somebody has to look at it."""
        assert one.fix is not None
        change = {"deletedRegion": region(one.source, one.fix.span), "insertedContent": {"text": one.fix.text}}
        return {
            "description": {"text": _literal(self.say(one.help or one.message))},
            "artifactChanges": [
                {"artifactLocation": _artifact(self.report.root, one.source), "replacements": [change]}
            ],
            "properties": {"safe": one.fix.safe},
        }

    def _place(self, place: Place) -> dict[str, Any]:
        return {
            "artifactLocation": _artifact(self.report.root, place.source),
            "region": region(place.source, place.span),
        }


def region(source: Source, span: Span) -> dict[str, int]:
    """Lines from 1; columns from 1 in UTF-16 code units, the last one behind the region (§3.30.2, §3.30.8)."""
    (line, column), (end_line, end_column) = (source.line_and_column(at) for at in (span.start, span.end))
    return {
        "startLine": line,
        "startColumn": _utf16(source, span.start, column),
        "endLine": end_line,
        "endColumn": _utf16(source, span.end, end_column),
    }


def _utf16(source: Source, at: int, column: int) -> int:
    """The column of a place: characters beyond U+FFFF (emoji, rare Chinese ones) take two units."""
    return column + sum(char > "\uffff" for char in source.text[at - column + 1 : at])


def _artifact(root: Root, source: Source) -> dict[str, str]:
    uri, relative = root.uri(source.path)
    return {"uri": uri, "uriBaseId": BASE} if relative else {"uri": uri}


def _literal(text: str) -> str:
    """Braces are doubled, or they would be placeholders (§3.11.5); `](` is parted, or it would be a link (§3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")
