"""The list of everything that Camp can find, each with its page.

A *rule* looks through the resolved model and yields findings. A *finding* is a mistake that reading or resolving meets on
the way; its function only words it. Both are registered by code, and both pages are shown by `camp rules CODE`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, ParamSpec

from dsl.diagnostics import Diagnostic, Fix, Place, Related, Severity
from dsl.model import Model

P = ParamSpec("P")
Kind = Literal["finding", "rule"]
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Worded:
    """A finding before it has its code: what is wrong at a place, and what to do about it."""

    place: Place
    message: str
    help: str = ""
    related: tuple[Related, ...] = ()
    severity: Severity | None = None  # other than its rule's
    fix: Fix | None = None


@dataclass(frozen=True)
class Entry:
    code: str
    name: str
    severity: Severity
    kind: Kind
    page: str
    check: Callable[[Model], Iterator[Diagnostic]] | None

    def section(self, title: str) -> str:
        """The text under `What`, `Why`, `Bad`, `Good` or `Source`; empty where the page has none."""
        found = re.search(
            rf"^{title}: ?(.*?)(?=^(?:What|Why|Bad|Good|Source):|\Z)", self.page, re.DOTALL | re.MULTILINE
        )
        return inspect.cleandoc(found[1]) if found else ""


ENTRIES: dict[str, Entry] = {}


def rule(code: str, name: str, severity: Severity) -> Callable[[Callable[[Model], Iterator[Worded]]], object]:
    """Register a rule that looks through the whole model."""

    def register(function: Callable[[Model], Iterator[Worded]]) -> object:
        def check(model: Model) -> Iterator[Diagnostic]:
            return (_diagnostic(code, severity, worded) for worded in function(model))

        _add(Entry(code, name, severity, "rule", inspect.cleandoc(function.__doc__ or ""), check))
        return function

    return register


def finding(
    code: str, name: str, severity: Severity = "error"
) -> Callable[[Callable[P, Worded]], Callable[P, Diagnostic]]:
    """Register a mistake that the parser or the resolver meets; the function words it."""

    def register(function: Callable[P, Worded]) -> Callable[P, Diagnostic]:
        _add(Entry(code, name, severity, "finding", inspect.cleandoc(function.__doc__ or ""), None))

        def word(*args: P.args, **kwargs: P.kwargs) -> Diagnostic:
            return _diagnostic(code, severity, function(*args, **kwargs))

        return word

    return register


def _diagnostic(code: str, severity: Severity, worded: Worded) -> Diagnostic:
    place = worded.place
    return Diagnostic(
        code,
        _on_one_line(worded.message),
        place.source,
        place.span,
        _on_one_line(worded.help),
        worded.severity or severity,
        worded.related,
        worded.fix,
    )


def _on_one_line(text: str) -> str:
    """What is quoted from a file may hold line ends and control characters: they are shown as they could be written."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def _add(entry: Entry) -> None:
    assert entry.code not in ENTRIES, f"two rules are called {entry.code}"
    ENTRIES[entry.code] = entry
