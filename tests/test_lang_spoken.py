"""A program read aloud in Chinese: every phrase has its translation, and whatever can be stated is told whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.compiler import analyse
from dsl.diagnostics import render
from dsl.lang import phrases
from dsl.program import ir
from dsl.program.ir import Program
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.changes import _Comparison, _data, changes
from runtime.preview import preview
from runtime.spoken import Speaker
from tests.completing import HERE
from tests.plans import camp, make
from tests.test_docs import blocks
from tests.test_lang import left

RUNTIME = HERE.parent / "runtime"
SPEAKING = [RUNTIME / name for name in ("spoken.py", "changes.py", "preview.py", "testing.py")]
SPEAKING += [
    *sorted((RUNTIME / "explain").glob("*.py")),
    RUNTIME / "results/text.py",
    RUNTIME / "experiments/words.py",
]
COMMANDS = [RUNTIME / name for name in ("cli/preview.py", "cli/power.py")]
SPEAKING += COMMANDS
CHINESE = Speaker("zh")
_GAP = re.compile(r"\{[a-z]+\}")
# In program.json these say a word of Camp's; everything else is a name or a text of the user's.
_OWN = {"op", "base", "on", "period", "direction", "action", "hash"}
# Told field by field, with the names of program.json inside.
NAMED = {"facts", "plans"}
MORE = """
segment a = opened_on in next 3 days and birth_date in spring_ploughing and days_since(app_view) > 3 and not surname is missing
segment b = did rate_query followed by branch_visit within 90 minutes in last 8 days or did app_view in last 1 day
policy more extends cn_bank_marketing {
  cap 3 per week
  limit 1 segments from 2026-05-01 until 2026-06-01
  ban "秒过" because "承诺" from 2026-05-01
}
"""
STARTS = (
    "start when sum(amount of loan_funded in last 30 days) reaches 50_000 CNY",
    "start when loan_funded where amount >= 10万 CNY",
    "start every month on day 5",
    "start every week on mon",
    "start 1 day before birth_date",
    "start 2 days before holiday",
    'start 2 days before holiday "春节"',
)


def program(more: str = MORE) -> Program:
    """Of the language tour and what it leaves out."""
    text = "\n".join([*blocks(HERE.parent / "docs/language.md", "camp"), more])
    for at, start in enumerate(STARTS if more else ()):
        text += f"""
campaign more_{at} "M" {{ kind benefit; policy more; runs 2026-03-01..2026-03-31; {start}; expire after 20 days
  audience {{ segment a or segment b }}
  window workdays 10:00-11:00 skip holidays
  message sms {{ benefit "您好"; action "请看 {{{{ link }}}}" }} }}
"""
    found = analyse([Source("a.camp", text)])
    assert found.model is not None and not found.errors, [render(each) for each in found.found]
    return lower(found.model, Settings())


def names(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for inner, held in value.items():
            yield from () if inner in _OWN else names(held, inner)
            yield from () if key not in ("facts", "costs", "reach") else [inner]
    elif isinstance(value, list):
        for held in value:
            yield from names(held, key)
    elif isinstance(value, str):
        yield value


def english(lines: Iterator[str] | list[str], of: Program) -> set[str]:
    """English words of what is said that no user wrote."""
    written = {word for name in names(of.model_dump(mode="json")) for word in re.findall(r"[A-Za-z]{3,}", name)}
    return {word for line in lines for word in left(re.sub(r'"(?:[^"\\]|\\.)*"', " ", line))} - written


def trees(paths: list[Path] = SPEAKING) -> Iterator[ast.AST]:
    for path in paths:
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def constants(node: ast.AST) -> set[str]:
    """But for pieces of f-strings."""
    pieces = {id(part) for one in ast.walk(node) if isinstance(one, ast.JoinedStr) for part in one.values}
    found = [one for one in ast.walk(node) if isinstance(one, ast.Constant) and id(one) not in pieces]
    return {one.value for one in found if isinstance(one.value, str)}


def written() -> set[str]:
    """Phrases and words that the code says: what `phrase`, `name` and `many` are given, and every text with gaps."""
    found: set[str] = set()
    for node in trees():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _GAP.search(node.value):
            found.add(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr in ("phrase", "name"):
                found |= constants(node.args[0])
            elif node.func.attr == "many":
                found |= {one + end for one in constants(node.args[1]) for end in ("", "s")}
    return found


def test_every_phrase_is_translated_with_its_gaps() -> None:
    known = phrases("zh")
    assert written() - known.keys() == set()
    for phrase, meant in known.items():
        assert sorted(_GAP.findall(phrase)) == sorted(_GAP.findall(meant)), phrase
        assert not left(_GAP.sub("", meant)), phrase


def test_no_phrase_is_translated_in_vain() -> None:
    said = written() | {text for node in trees([*SPEAKING, HERE.parent / "dsl/terms.py"]) for text in constants(node)}
    said |= {f"{one}s" for one in said} | {"True", "False"}
    parts = [kind for kind in vars(ir).values() if isinstance(kind, type)]
    said |= {name for part in parts for name in getattr(part, "model_fields", ())}
    assert set(phrases("zh")) - said == set()


def test_nothing_english_is_said_beside_the_phrases() -> None:
    """Pieces of f-strings; what the command says by itself is told by `say`, and errors are sentences of their own."""
    telling = [path for path in SPEAKING if path not in COMMANDS and path.stem not in ("explain", "recorded")]
    joined = [part for node in trees(telling) if isinstance(node, ast.JoinedStr) for part in node.values]
    pieces = [str(one.value) for one in joined if isinstance(one, ast.Constant)]
    keys_and_formats = {"test-", "%Y-%m-%dT%H:%M"}
    assert {one for one in pieces if re.search(r"[A-Za-z]{2}", one)} - keys_and_formats == set()


def test_all_that_a_program_states_is_told() -> None:
    one, comparison = program(), _Comparison(CHINESE)
    facts = [comparison._campaign(campaign) for campaign in one.campaigns]
    facts += [comparison._policy(policy) for policy in one.policies]
    facts += [comparison._event(event) for event in one.events]
    facts += [comparison._rest(part) for part in (*one.products, *one.funnels, *one.measures, one.brand)]
    facts += [_data(one), {"": "；".join(CHINESE.field(spec) for spec in one.customer)}]
    facts += [
        comparison._rest(
            one,
            {"hash", "brand", "data", "customer", "events", "products", "policies", "campaigns", "funnels"}
            | {"measures", "segments"},
        )
    ]
    labels = [CHINESE.name(label) for said in facts for label in said]
    assert english(labels, one) == set()
    shown = [held for said in facts for label, held in said.items() if label not in NAMED]
    told = [text for held in shown for text in ((held,) if isinstance(held, str) else held)]
    assert len(told) > 200 and english(told, one) == set()


def test_every_change_is_told() -> None:
    new, old = program(), program("")
    lines = [*changes(old, new, CHINESE), *changes(new, old, CHINESE), *changes(new, new, CHINESE)]
    assert english(lines, new) == set() and lines[-1] == "没有变化（只是换了位置或顺序）"
    assert "新增活动 more_0" in lines and "删除规范 more" in lines


def test_the_command_tells_changes_in_chinese(tmp_path: Path) -> None:
    path = make(tmp_path) / "bank/all.camp"
    path.write_text(
        path.read_text("utf-8").replace("  start once\n  window 10:00-11:00\n", "  start every month on day 5\n", 1),
        "utf-8",
    )
    output = camp("--lang", "zh", "compile", path.parent, "--diff", tmp_path / "program.json").output
    assert output == "活动 rich：开始 一次 → 每月 5 日\n活动 rich：时段 10:00-11:00 → 无\n"


def test_changes_in_chinese() -> None:
    new = program(MORE.replace("cap 3 per week", "cap 2 of benefit per 5 days"))
    assert changes(program(), new, CHINESE) == [
        "规范 more：删除频控：每周 3 条",
        "规范 more：新增频控：每 5 天 2 条 benefit",
    ]
    starts = {one.name: CHINESE.start(one.start) for one in program().campaigns}
    assert starts["fast_lane"] == "当 次数(app_view（最近 7 天内）) 达到 4" and starts["more_3"] == "每周一"


@pytest.mark.parametrize("name", ["renovation_journey", "two_voices", "more_0"])
def test_a_preview_is_told_whole(name: str) -> None:
    one = program()
    campaign = next(campaign for campaign in one.campaigns if campaign.name == name)
    for shown in preview(one, campaign, CHINESE):
        said = [shown.part, shown.channel, shown.when, shown.sample, *(line.split("  ")[0] for line in shown.rich)]
        assert english(said, one) == set()


def test_users_words_may_look_like_phrases() -> None:
    assert CHINESE.phrase("did {event}", event="{event}") == "发生过 {event}"
    assert Speaker().phrase("arm is {name}", name="once") == "arm is once" and CHINESE.plain("once") == "once"
