"""Policies."""

from __future__ import annotations

from dataclasses import replace

from dsl import catalog
from dsl.diagnostics import Place
from dsl.model import FieldDef, Placed, Policy
from dsl.resolve.conditions import Conditions
from dsl.resolve.numbers import whole
from dsl.resolve.scope import Block as Statements
from dsl.resolve.scope import Scope
from dsl.resolve.starts import days_of
from dsl.resolve.windows import cap, kinds
from dsl.rules import names, values
from dsl.syntax import expr as ast
from dsl.syntax import tree
from dsl.terms import Ban, Block, Cap, Extra, Hours
from dsl.types import Type


def policy(scope: Scope, declaration: tree.Declaration, conditions: Conditions) -> Policy:
    assert declaration.name is not None
    fields = conditions.names.fields
    block = Statements(scope, declaration, "policy_")
    quiet, limit, marks = block.part("policy_quiet"), block.part("policy_limit"), block.one("policy_marks")
    required: dict[str, Place] = {}
    consent: Placed[str] | None = None
    for requirement in (inner for statement in block.all("policy_require") for inner in statement.inner):
        place = scope.place(requirement.span)
        key = requirement.kind
        if key == "require_element":
            (element,) = requirement.parts
            assert isinstance(element, tree.Keyword)
            key = element.terminal.lower()
        if key in required:
            scope.tell(names.stated_twice(place, "require " + key.removeprefix("require_"), required[key]))
        required.setdefault(key, place)
        if key == "require_consent":
            consent = _consent(scope, requirement, fields) or consent
    caps = [cap(scope, statement, conditions) for statement in block.all("cap")]
    extras = tuple(more for statement in block.all("policy_extra") if (more := _extra(scope, statement)))
    exempt = tuple(
        sorted({name for statement in block.all("policy_exempt") for name in _named(scope, statement) or ()})
    )
    bases = block.part("policy_extends")
    count = whole(scope, limit, least=1) if isinstance(limit, ast.Literal) else None
    return Policy(
        declaration.name.text,
        str(declaration.title.value) if declaration.title else declaration.name.text,
        (Placed(Hours(quiet.begin, quiet.end), scope.place(quiet.span)),) if isinstance(quiet, tree.Hours) else (),
        required.get("require_signature"),
        required.get("require_opt_out"),
        (consent,) if consent else (),
        {element: required[element] for element in catalog.ELEMENTS if element in required},
        tuple(_ban(scope, statement) for statement in block.all("policy_ban")),
        Placed(count, scope.place(limit.span)) if count is not None and isinstance(limit, ast.Literal) else None,
        tuple(Placed(_with(one.value, exempt, extras), one.place) for one in caps if one is not None),
        _marks(marks),
        scope.place(declaration.name.span),
        tuple(one for statement in block.all("policy_block") if (one := _block(scope, statement, conditions))),
        tuple(Placed(base.text, scope.place(base.span)) for base in bases.items)
        if isinstance(bases, tree.Names)
        else (),
        marks is not None,
    )


def _with(cap: Cap, exempt: tuple[str, ...], extras: tuple[Extra, ...]) -> Cap:
    """A cap with what its policy says of kinds that are exempt, and adds before holidays."""
    mine = (one for one in extras if cap.kinds and {*cap.kinds} <= {*one.kinds} and one.period == cap.period)
    return replace(cap, exempt=exempt, extras=tuple(mine))


def _named(scope: Scope, statement: tree.Statement) -> tuple[str, ...] | None:
    """The kinds that a statement lists."""
    listed = next(part for part in statement.parts if isinstance(part, tree.Names))
    return kinds(scope, listed.items)


def _block(scope: Scope, statement: tree.Statement, conditions: Conditions) -> Placed[Block] | None:
    named, when = _named(scope, statement), conditions.condition(statement.parts[1])  # type: ignore[arg-type]
    return Placed(Block(named, when), scope.place(statement.span)) if named and when is not None else None


def _extra(scope: Scope, statement: tree.Statement) -> Extra | None:
    many, _, period, length = statement.parts
    assert isinstance(many, ast.Literal) and isinstance(period, tree.Keyword) and isinstance(length, ast.Literal)
    count, named, days = whole(scope, many, least=1), _named(scope, statement), days_of(scope, length)
    if count is None or named is None or days is None:
        return None
    unit = period.terminal.lower()
    return Extra(count, named, "day" if unit == "day" else "week" if unit == "week" else "month", days)


def _consent(scope: Scope, requirement: tree.Statement, fields: dict[str, FieldDef]) -> Placed[str] | None:
    (name,) = requirement.parts
    assert isinstance(name, ast.Name)
    field = fields.get(name.text)
    if field is None:
        scope.unknown("field", name.text, name.span, fields)
        return None
    if field.type.base != "flag":
        scope.tell(values.units_differ(scope.place(name.span), Type("flag"), field.type))
        return None
    return Placed(name.text, scope.place(requirement.span))


def _ban(scope: Scope, statement: tree.Statement) -> Placed[Ban]:
    words, *allowed, because = statement.parts
    assert isinstance(words, tree.Texts) and isinstance(because, ast.Literal)
    excepted = [str(text.value) for texts in allowed if isinstance(texts, tree.Texts) for text in texts.items]
    return Placed(
        Ban(
            tuple(sorted({str(text.value) for text in words.items} - {""})),
            tuple(sorted(set(excepted) - {""})),
            str(because.value),
        ),
        scope.place(statement.span),
    )


def _marks(statement: tree.Statement | None) -> tuple[str, str]:
    if statement is None:
        return catalog.COMMA, catalog.FULL_STOP
    comma, stop = statement.parts
    assert isinstance(comma, ast.Literal) and isinstance(stop, ast.Literal)
    return str(comma.value), str(stop.value)
