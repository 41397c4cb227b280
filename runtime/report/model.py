"""A check's findings as every format is given them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dsl.allowing import Allowed
from dsl.diagnostics import Diagnostic
from dsl.severities import Override
from runtime.report.fingerprints import Known, known
from runtime.report.paths import Root, root

Say = Callable[[str], str]


@dataclass(frozen=True)
class Report:
    """`shown`: what counts. `everything`: the whole project's, known and allowed ones too, by which equal ones are numbered.

    hidden: how many were known before. files: path → how many declarations could be read, of the files that were asked about.
    """

    project: Path
    shown: tuple[Diagnostic, ...]
    allowed: tuple[Allowed, ...]
    everything: tuple[Diagnostic, ...]
    overrides: tuple[Override, ...]
    files: Mapping[str, int]
    hidden: int = 0

    @cached_property
    def root(self) -> Root:
        return root(self.project)

    @cached_property
    def marks(self) -> Mapping[Diagnostic, Known]:
        return {one.finding: one for one in known(self.everything)}

    def counts(self, severity: str) -> int:
        return sum(one.severity == severity for one in self.shown)
