"""How much a finding weighs, where camp.toml says it otherwise than its rule: `[check.severity]`, told wherever it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import get_args

from dsl.diagnostics import Diagnostic, Severity
from dsl.rules.registry import ENTRIES
from dsl.suggest import nearest

WEIGHTS: tuple[Severity, ...] = ("info", "warning", "error")  # from the least to the most
# What cannot be read or resolved, and what is wrong with the settings and comments that say how to check.
_UNREADABLE = ("CAMP1", "CAMP2", "CAMP3", "CAMP6", "CAMP7")
# Messages that could not be put together or shown as they are written: nobody can decide that they are fine.
_UNSENDABLE = frozenset(
    {"CAMP504", "CAMP505", "CAMP506", "CAMP511", "CAMP512", "CAMP513", "CAMP531", "CAMP532"}
)  # fmt: skip


@dataclass(frozen=True)
class Override:
    """A rule that weighs otherwise in this project."""

    code: str
    default: Severity
    severity: Severity

    @property
    def lowers(self) -> bool:
        return weight(self.severity) < weight(self.default)


def weight(severity: Severity) -> int:
    return WEIGHTS.index(severity)


def is_settled(code: str) -> bool:
    """Whether such an error stays one, whatever comments and camp.toml say: a program could not be what was written.

    All other errors are about what may be sent, which is for people to decide; runs keep their own guards all the same.
    """
    return ENTRIES[code].severity == "error" and (code[:5] in _UNREADABLE or code in _UNSENDABLE)


def refusal(code: str, severity: object) -> tuple[str, str] | None:
    """Why `CODE = SEVERITY` is nothing that camp.toml can say, and what to do; None where it is fine."""
    from dsl.rules import all as rules  # registers them

    assert rules
    if code not in ENTRIES:
        guess = nearest(code, ENTRIES)
        return f"There is no rule called `{code}`", f"Did you mean `{guess}`?" if guess else "`camp rules` lists them."
    if severity == "off":
        help = 'Write "info", or allow single findings: `# camp: allow CODE until DATE because "…"`.'
        return "No rule is switched off", help
    if severity not in get_args(Severity):
        return f"`{code}` is given no severity", 'Write "error", "warning" or "info".'
    if is_settled(code) and severity != "error":
        return f"`{code}` stays an error: nothing could be compiled", "Delete this line, and mend what is found."
    return None


def overrides(said: Mapping[str, Severity]) -> tuple[Override, ...]:
    """Rules that do not weigh what they weigh by themselves, in the order of codes."""
    found = (Override(code, ENTRIES[code].severity, severity) for code, severity in sorted(said.items()))
    return tuple(one for one in found if one.severity != one.default)


def weighed(found: Iterable[Diagnostic], said: Mapping[str, Severity]) -> list[Diagnostic]:
    """The findings with the weight that camp.toml gives them.

    What a policy's own line has lowered (`severity warning`) is lowered further, never raised: that line says more.
    """
    return [_weighed(one, said[one.code]) if one.code in said else one for one in found]


def _weighed(one: Diagnostic, severity: Severity) -> Diagnostic:
    lower, own = weight(severity) < weight(one.severity), one.severity == ENTRIES[one.code].severity
    return replace(one, severity=severity) if lower or own else one
