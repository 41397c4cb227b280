"""Breaks each condition of each rule, one at a time, and asks whether a test would see it: `python -m tests.mutants [MODULE…]`.

A condition is turned round, made true or made false; a comparison is changed at its edge; one side of `and` or `or` is left
out. A mutant is killed where it finds something else, or nothing, or falls over, in any of: the rules' own Bad and Good
examples, the cases, the packs' campaigns and the article's samples. What survives is told with its line.
"""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from types import ModuleType

from dsl.compiler import analyse
from dsl.model import Model
from dsl.rules import all as rules
from dsl.rules.registry import ENTRIES
from dsl.source import Source
from tests.completing import completed

HERE = Path(__file__).parent
MODULES = (
    "caps",
    "copy",
    "demands",
    "facts",
    "layers",
    "lengths",
    "links",
    "offers",
    "refusals",
    "schedule",
    "sender",
    "words",
)
_EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
Seen = list[tuple[str, ...]]


def texts() -> list[list[Source]]:
    found = [
        completed(entry.section(part)) for entry in ENTRIES.values() for part in ("Bad", "Good") if entry.section(part)
    ]
    files = [*sorted(HERE.glob("cases/*/*/*.camp")), *sorted(HERE.glob("packs/*.camp"))]
    found += [completed(path.read_text(encoding="utf-8")) for path in files]
    return [*found, [Source("samples.camp", (HERE / "article" / "samples.camp").read_text(encoding="utf-8"))]]


def seen(every: list[Model], name: str) -> Iterator[Seen]:
    """What the rules of a module find in each model."""
    checks = [entry.check for _, entry in sorted(ENTRIES.items()) if entry.check and _home(entry.check) == name]
    for model in every:
        found = (one for check in checks for one in check(model))
        yield [
            (one.code, one.severity, str(one.span), one.message, one.help, repr((one.related, one.fix)))
            for one in found
        ]


def mutants(tree: ast.Module) -> Iterator[tuple[int, str, Callable[[ast.Module], None]]]:
    """Each with its line, what it does, and how."""
    for at, node in enumerate(ast.walk(tree)):
        conditions = [("test", None)] if isinstance(node, (ast.If, ast.IfExp)) else []
        conditions += (
            [("ifs", number) for number in range(len(node.ifs))] if isinstance(node, ast.comprehension) else []
        )  # type: ignore[misc]
        for field, number in conditions:
            line = (node.test if number is None else node.ifs[number]).lineno  # type: ignore[attr-defined]
            for name in ("not", "True", "False"):
                yield line, f"{field} → {name}", _condition(at, field, number, name)
        if isinstance(node, ast.BoolOp):
            for number in range(len(node.values)):
                yield node.lineno, f"without side {number + 1}", _without(at, number)
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _EDGES:
            yield node.lineno, f"{type(node.ops[0]).__name__} → {_EDGES[type(node.ops[0])].__name__}", _edge(at)


def _node(tree: ast.Module, at: int) -> ast.AST:
    return list(ast.walk(tree))[at]


def _condition(at: int, field: str, number: int | None, name: str) -> Callable[[ast.Module], None]:
    def change(tree: ast.Module) -> None:
        node = _node(tree, at)
        old = getattr(node, field) if number is None else getattr(node, field)[number]
        new: ast.expr = ast.UnaryOp(ast.Not(), old) if name == "not" else ast.Constant(name == "True")
        if number is None:
            setattr(node, field, new)
        else:
            getattr(node, field)[number] = new

    return change


def _without(at: int, number: int) -> Callable[[ast.Module], None]:
    def change(tree: ast.Module) -> None:
        node = _node(tree, at)
        assert isinstance(node, ast.BoolOp)
        del node.values[number]

    return change


def _edge(at: int) -> Callable[[ast.Module], None]:
    def change(tree: ast.Module) -> None:
        node = _node(tree, at)
        assert isinstance(node, ast.Compare)
        node.ops[0] = _EDGES[type(node.ops[0])]()

    return change


def installed(name: str, tree: ast.Module, path: Path) -> None:
    """The registry's rules of a module are those of this tree."""
    mine = [code for code, entry in ENTRIES.items() if entry.check and _home(entry.check) == name]
    for code in mine:
        del ENTRIES[code]
    module = ModuleType(f"dsl.rules.{name}")
    module.__file__ = str(path)
    # Dataclasses look their module up by name.
    sys.modules[module.__name__] = module
    exec(compile(ast.fix_missing_locations(tree), str(path), "exec"), module.__dict__)


def _home(check: Callable[..., object]) -> str:
    function = next(cell.cell_contents for cell in check.__closure__ or () if callable(cell.cell_contents))
    return str(function.__module__).rsplit(".", 1)[-1]


def main(only: tuple[str, ...]) -> None:
    assert rules
    began = time.monotonic()
    every = [model for sources in texts() if (model := analyse(sources).model)]
    total = killed = 0
    for name in only or MODULES:
        path = Path(import_module(f"dsl.rules.{name}").__file__ or "")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        baseline = list(seen(every, name))
        # Those in which the module finds something come first: most mutants are seen there.
        order = sorted(range(len(every)), key=lambda at: not baseline[at])
        first, expected = [every[at] for at in order], [baseline[at] for at in order]
        for line, what, change in mutants(tree):
            broken = deepcopy(tree)
            change(broken)
            total += 1
            try:
                installed(name, broken, path)
                alive = all(one == other for one, other in zip(seen(first, name), expected, strict=True))
            except Exception:  # noqa: BLE001  falling over is being seen
                alive = False
            killed += not alive
            if alive:
                print(f"  alive: dsl/rules/{path.name}:{line}: {what}", flush=True)
        installed(name, tree, path)
    print(f"{killed} of {total} mutants of {len(only or MODULES)} modules killed in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
