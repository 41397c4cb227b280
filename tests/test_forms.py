"""Every form of the language, every keyword and every code has a case among tests/cases."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from lark import Lark
from lark.grammar import Rule

import dsl.settings  # registers CAMP6xx
import grammar
from dsl.parser.cut import cut
from dsl.parser.lexing import DropSeparators
from dsl.parser.tokens import tokens
from dsl.rules import all as rules
from dsl.rules.registry import ENTRIES
from dsl.source import Source
from tests.test_cases import BAD, GOOD

assert rules and dsl.settings

# Parts that a template of the grammar adds to a rule: blank lines and the ends of statements.
_LAYOUT = re.compile(r"_SEP|__|_block")


def form(rule: Rule) -> str:
    """An alternative's name as in syntax trees."""
    return str(rule.alias or rule.origin.name)


def used(rules_used: set[Rule]) -> dict[str, set[str]]:
    """Form → the rules and tokens that stand in it, and `-` for what can be left out at least once."""
    found: dict[str, set[str]] = defaultdict(set)
    for rule in rules_used:
        found[form(rule)] |= {symbol.name for symbol in rule.expansion if not _LAYOUT.match(symbol.name)}
    return {name: parts for name, parts in found.items() if not _LAYOUT.match(name)}


class Watched:
    """A parser that remembers which rules of the grammar it has used."""

    def __init__(self) -> None:
        # The plain grammar and lexer of Lark: what the project's own parser reads, with its callbacks in reach.
        self.lark = Lark(grammar.source(), parser="lalr", lexer="contextual", postlex=DropSeparators())
        self.seen: set[Rule] = set()
        callbacks = self.lark.parser.parser.parser.callbacks  # type: ignore[union-attr]
        for rule, build in list(callbacks.items()):
            callbacks[rule] = self._watching(rule, build)

    def _watching(self, rule: Rule, build: object) -> object:
        def watched(children: object) -> object:
            self.seen.add(rule)
            return build(children)  # type: ignore[operator]

        return watched

    def read(self, text: str) -> None:
        for piece in cut(Source("case.camp", text))[0].pieces:
            self.lark.parse(piece.text)


@pytest.fixture(scope="module")
def watched() -> Watched:
    parser = Watched()
    for path in GOOD:
        parser.read(path.read_text(encoding="utf-8"))
    return parser


def missing(all_of: dict[str, set[str]], seen: dict[str, set[str]]) -> Iterator[str]:
    for name, parts in sorted(all_of.items()):
        if name not in seen:
            yield name
        else:
            yield from (f"{name}: {part}" for part in sorted(parts - seen[name]))


def test_every_form_of_the_grammar_stands_in_a_good_case(watched: Watched) -> None:
    """Each alternative of each rule, and each part that an alternative may have."""
    every = used(set(watched.lark.rules))
    assert len(every) > 130 and list(missing(every, used(watched.seen))) == []


def test_every_keyword_stands_in_a_good_case() -> None:
    read = {one.type for path in GOOD for one in tokens(Source("case.camp", path.read_text(encoding="utf-8")))}
    assert sorted(set(grammar.table()["keywords"]) - read) == []


def test_every_code_is_expected_by_a_bad_case() -> None:
    expected = {code for path in BAD for code in re.findall(r"CAMP\d{3}", path.read_text("utf-8").split("\n")[0])}
    told = {code for code in ENTRIES if not code.startswith(("CAMP1", "CAMP6", "CAMP7"))}
    assert sorted(told - expected) == []
