"""Findings as a JUnit report, which nearly every CI shows: a suite for each file.

An error is a failed test case. What a comment allows is a skipped one, with its day and reason. Warnings and infos fail nothing:
they stand in the suite's `system-out`. A file without errors has one case that passes, so that it is seen to be checked.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from dsl.diagnostics import Diagnostic, render
from dsl.rules.registry import ENTRIES
from runtime.report.model import Report, Say

# All that XML 1.0 §2.2 allows.
_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(report: Report, say: Say, lang: str) -> bytes:
    suites = [_suite(report, path, say, lang) for path in _paths(report)]
    counts = {
        name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in ("tests", "failures", "skipped")
    }
    root = Element("testsuites", {"name": "camp check", "errors": "0", **counts})
    root.extend(suites)
    ElementTree.indent(root, " ")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _paths(report: Report) -> list[str]:
    """Every file that was checked, and camp.toml where something is wrong with it."""
    found = [one.source.path for one in report.shown] + [one.finding.source.path for one in report.allowed]
    return sorted({*report.files, *found})


def _suite(report: Report, path: str, say: Say, lang: str) -> Element:
    mine = [one for one in report.shown if one.source.path == path]
    errors = [one for one in mine if one.severity == "error"]
    shown = report.root.shown(path)
    suite = Element("testsuite", name=_text(shown), errors="0")
    for one in errors:
        case = _case(suite, shown, one)
        failure = SubElement(case, "failure", type=one.code, message=_text(say(one.message)))
        failure.text = _text(render(one, lang=lang))
    skipped = [allowed for allowed in report.allowed if allowed.finding.source.path == path]
    for allowed in skipped:
        until = say(f"allowed until {allowed.until}")
        SubElement(_case(suite, shown, allowed.finding), "skipped", message=_text(f"{until}: {allowed.reason}"))
    if not errors:
        SubElement(suite, "testcase", name="check", classname=_text(shown), file=_text(shown))
    others = [render(one, lang=lang) for one in mine if one.severity != "error"]
    if others:
        SubElement(suite, "system-out").text = _text("\n\n".join(others))
    suite.set("tests", str(len(errors) + len(skipped) + (not errors)))
    suite.set("failures", str(len(errors)))
    suite.set("skipped", str(len(skipped)))
    return suite


def _case(suite: Element, path: str, one: Diagnostic) -> Element:
    line, column = one.source.line_and_column(one.span.start)
    name = f"{one.code} {ENTRIES[one.code].name} {line}:{column}"
    return SubElement(suite, "testcase", name=name, classname=_text(path), file=_text(path))


def _text(text: str) -> str:
    return _REFUSED.sub("", text)
