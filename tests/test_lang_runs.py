"""Chinese where commands meet data: why rows are refused, what a run cannot do, what it comes to and promised, first projects,
and the language tour."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dsl.lang import label, translate
from dsl.source import display_width
from runtime.cli.help import TOPICS, section, sections
from runtime.summary import Funnel
from runtime.testing import _shown
from runtime.verify import _checks
from tests.banks import csv
from tests.completing import HERE
from tests.plans import AT, BANK, camp, make
from tests.test_lang import left
from tests.test_lang_spoken import CHINESE, english, program

ROOT = HERE.parent
RELATIONAL = sorted((ROOT / "runtime/relational").glob("*.py"))
IDS = [path.stem for path in RELATIONAL]


def chinese(*arguments: Any) -> str:
    return camp("--lang", "zh", *arguments).output


def texts(tree: ast.AST) -> Iterator[str]:
    """Every text of the code that is no docstring, with `x` in its gaps."""
    aside = {
        id(part)
        for one in ast.walk(tree)
        if isinstance(one, ast.JoinedStr)
        for part in ast.walk(one)
        if part is not one
    }
    aside |= {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        if id(one) in aside:
            continue
        if isinstance(one, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in one.values)
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def of(path: Path) -> list[str]:
    return list(texts(ast.parse(path.read_text("utf-8"))))


def untold(sentences: list[str], *names: str) -> list[str]:
    told = {one: translate(one, "zh") for one in sentences}
    return [one for one, said in told.items() if said == one or left(said) - {*names}]


# Rows that are refused

_REASON = re.compile(r"(is|are|stands|has|holds|lies|the line) .*")


@pytest.mark.parametrize("path", RELATIONAL, ids=IDS)
def test_every_reason_for_a_refused_row_is_translated(path: Path) -> None:
    """A reason is a text that says something of a field, as `is not a date`."""
    reasons = [one for one in of(path) if _REASON.fullmatch(one) and "`" not in one]
    spoken = [
        kind
        for one in reasons
        if one == "is not x"
        for kind in ("an amount", "a number", "a rate", "a date", "yes or no")
    ]
    reasons = [one for one in reasons if one not in ("is not x", "is none of ")] + [f"is not {kind}" for kind in spoken]
    assert untold([f"1 × x {one}; as row 1" if one[:4] != "the " else f"1 × {one}; as row 1" for one in reasons]) == []
    assert path.stem not in ("fields", "customers", "events", "ledger", "phones", "moments") or reasons


def test_the_kinds_of_values_that_are_refused() -> None:
    from runtime.relational.fields import _SPOKEN

    assert untold([f"2 × x is not {kind}; as row 3" for kind in _SPOKEN.values()]) == []


ROWS = (
    "k20,12,5,yes",
    "k21,13800000001,much,yes",
    "k22,13800000001,5,perhaps",
    "k1,,,yes",
    ",,,yes",
    "k23,01082335678,,yes",
    "k24,,",
    "k25,,,,yes,5",
)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return make(tmp_path)


def test_refused_rows_are_told_in_chinese(bank: Path) -> None:
    rows = [f"k{at},1380000{at:04},5,yes" for at in range(9)]
    csv(bank / "data/customers.csv", "id,phone,assets,consent", *rows, *ROWS)
    csv(
        bank / "data/events/view.csv",
        "customer,at,page,id",
        "k1,soon,x,1",
        "k2,2026-03-02,x,2",
        "k3,2026-03-02,y,2",
        ",,,",
    )
    csv(bank / "data/ledger.csv", "campaign,customer,at,outcome", "rich,k1,never,send", "rich,k1,2026-03-02,gone")
    output = chinese("data", "check", bank / "data", "--project", bank / "bank")
    assert (
        left(output) - {"customers", "events", "ledger", "phone", "assets", "consent", "view", "outcome", "customer"}
        == set()
    )
    for said in (
        '1 × assets 不是金额；例如第 11 行，客户 "k21"："much"',
        "1 × id 缺失；例如第 14 行：空",
        "2 × id 出现在不止一行",
        "1 × 不成记录：应有 4 列，实有 3 列；例如第 ",
        "1 × at 不是 1971 到 2100 年之间的时刻",
        "2 × id 代表了两个不同的事件",
        "1 × outcome 不是结果的名称",
    ):
        assert said in output, output
    refused = chinese("plan", bank / "program.json", "--data", bank / "data", "--at", AT, "-o", bank / "out")
    assert (
        refused.startswith("错误：17 个客户中有 ")
        and "什么都没有写入。" in refused
        and left(refused) - {"view"} == set()
    )


def test_a_users_key_and_value_stay_as_they_are(bank: Path) -> None:
    text = (bank / "bank/all.camp").read_text("utf-8").replace("flag }", 'flag; region one_of("a", "b") }')
    (bank / "bank/all.camp").write_text(text, encoding="utf-8")
    csv(
        bank / "data/customers.csv",
        "id,phone,assets,consent,region",
        "k1,,,yes,a",
        "a: b; as row 7,,,yes,is missing: c",
    )
    output = chinese("data", "check", bank / "data", "--project", bank / "bank")
    assert '  1 × region 不在可选的值（a, b）里；例如第 2 行，客户 "a: b; as row 7"："is missing: c"\n' in output


# Runs


def test_every_head_of_the_table_is_translated() -> None:
    heads = [field.name.replace("_", " ") for field in fields(Funnel)] + ["total"]
    assert [head for head in heads if label(head, "zh") == head] == []


def test_the_table_of_a_run_in_chinese(bank: Path) -> None:
    output = chinese("plan", bank / "program.json", "--data", bank / "data", "--at", AT, "-o", bank / "out")
    head, rule, *_ = lines = output.splitlines()
    assert (
        " ".join(head.split())
        == "活动 候选 无法送达 无可发时段 推迟 对照组 文案不合格 频控等拦下 发送 短信条数 成本 CNY"
    )
    table = lines[: next(at for at, line in enumerate(lines) if line.startswith("合计")) + 1]
    assert {display_width(line) for line in table} == {display_width(rule)}


def test_what_a_run_is_doing_is_translated() -> None:
    trees = [ast.walk(ast.parse(path.read_text("utf-8"))) for path in (ROOT / "runtime").rglob("*.py")]
    calls = [one for tree in trees for one in tree if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)]
    stages = [one.args[0] for one in calls if one.func.id == "progress"]  # type: ignore[attr-defined]
    said = [str(one.value) for one in stages if isinstance(one, ast.Constant)]
    assert said and untold(["starting", *said]) == []


def test_every_promise_is_translated() -> None:
    one = program()
    promises = [promise for promise, _, _ in _checks(one)]
    assert len(promises) > 20 and [each for each in promises if translate(each, "zh") == each] == []
    assert english([translate(each, "zh") for each in promises], one) == set()


def test_promises_in_chinese(bank: Path) -> None:
    assert camp("plan", bank / "program.json", "--data", bank / "data", "--at", AT, "-o", bank / "out").exit_code == 0
    output = chinese("verify", bank / "out", bank / "program.json", "--data", bank / "data")
    assert left(output) - {"consent"} == set() and "条承诺做到了，0 条没有做到" in output
    assert "all.camp:7：静默时段没有发送：" in output and "all.camp:7：每天最多 1 条：" in output
    csv(bank / "data/events/opted_out.csv", "customer,at", *(f"k{at},2026-01-01" for at in range(12)))
    broken = chinese("verify", bank / "out", bank / "program.json", "--data", bank / "data", "-q")
    assert re.match(r"失败 +没有发给已经退订的客户：\d 条中有 \d 条不符，例如 ", broken)


BROKEN = ("{", "{}", '{"version": "9.0", "hash": ""}', '{"version": "1.1", "hash": ""}')


@pytest.mark.parametrize("written", BROKEN)
def test_a_program_that_is_none_is_told_in_chinese(written: str, bank: Path) -> None:
    (bank / "p.json").write_text(written, encoding="utf-8")
    for arguments in (("verify", bank / "out"), ("plan",)):
        given = ("--at", AT) if arguments == ("plan",) else ()
        output = chinese(*arguments, bank / "p.json", "--data", bank / "data", *given)
        assert left(output) == set() and "错误：" in output
    assert "用法：" in chinese("compile", bank / "bank", "--diff", bank / "p.json")


def test_where_nothing_was_written_is_told_in_chinese(bank: Path) -> None:
    assert left(chinese("verify", bank, bank / "none.json", "--data", bank)) == set()
    assert left(chinese("verify", bank, bank / "program.json", "--data", bank)) == set()
    assert camp("plan", bank / "program.json", "--data", bank / "data", "--at", AT, "-o", bank / "out").exit_code == 0
    assert left(chinese("verify", bank / "out", bank / "program.json", "--data", bank / "none")) == set()


# A test that does not hold


def test_what_is_expected_and_what_happens_instead(bank: Path) -> None:
    tests = 'test "t" { at 2026-03-04T09:00; customer { assets 500 CNY; phone "13800000001"; consent yes }\n'
    tests += "  expect no send of rich\n  expect no send of rich because cap\n"
    tests += '  expect send of rich on wechat at 2026-03-05T10:00 containing "x; it is y"\n  expect send of seen }\n'
    text = BANK.replace("phones", "channel wechat when consent; phones") + tests
    (bank / "bank/all.camp").write_text(text, encoding="utf-8")
    output = chinese("test", bank / "bank")
    assert "预期        不发送 rich   (" in output and "不发送 rich，原因是 cap" in output
    assert '发送 rich，渠道 wechat，时间 2026-03-05T10:00，内容含 "x; it is y"' in output
    assert "在 2026-03-04T10:00 用 sms 发送：" in output and "不是候选：不符合受众条件" in output
    assert left(output) - {"rich", "seen", "cap", "wechat", "sms"} == set()


def test_what_happens_instead_is_told_whole() -> None:
    at = datetime(2026, 3, 4, 1, tzinfo=UTC)
    row = {"outcome": "send", "channel": "sms", "at": at, "text": "a", "confirm_text": "b", "confirm_channel": "wechat"}
    assert _shown(program(), row, CHINESE) == '在 2026-03-04T09:00 用 sms 发送："a"，并用 wechat 发送 "b"'
    row = {"outcome": "deferred", "reason": "quiet", "at": at, "rule": "a.camp:3"}
    assert _shown(program(), row, CHINESE) == "结果是 deferred，原因是 quiet，直到 2026-03-04T09:00（a.camp:3）"
    assert _shown(program(), row | {"outcome": "suppressed"}, CHINESE) == "结果是 suppressed，原因是 quiet（a.camp:3）"


# First projects


def test_every_note_of_a_survey_is_translated() -> None:
    tree = ast.parse((ROOT / "runtime/survey.py").read_text("utf-8"))
    notes = [
        one
        for one in texts(tree)
        if len(re.findall(r"[a-z]{2,}", one)) > 3 and not re.search(r"NULL|OVER|consent|always", one)
    ]
    whose, why = "to whom it happened", "a run needs it, since who refused messages must be known"
    names = {"customer", "at", "phone"}
    sentences = [one.replace(": x (columns", f": {why} (columns").replace("says x", f"says {whose}") for one in notes]
    sentences = [one for one in sentences if one not in (whose, why)]
    assert len(sentences) > 5 and untold(sentences, *names) == []
    assert untold(["x is left out: no column of it says when it happened"]) == []


def test_a_first_project_speaks_chinese(bank: Path) -> None:
    (bank / "data/events/opted_out.csv").unlink()
    csv(bank / "data/events/odd name.csv", "a,b", "1,2")
    csv(bank / "data/events/bare.csv", "a,b", "1,2")
    csv(bank / "data/events/timeless.csv", "customer,b", "k1,2")
    csv(bank / "data/ledger.csv", "campaign,customer,at", "old,k1,2026-01-01", "not one,k1,2026-01-01")
    output = chinese("init", bank / "data", "-o", bank / "first")
    assert output.count("说明：") == 5 and left(output) - {"FILL"} <= {
        "events",
        "view",
        "odd",
        "name",
        "first",
        "not",
        "one",
    }
    assert (
        "没有哪一列写明事件是谁的" in output
        and "没有哪一列写明事件的时刻" in output
        and "台账里的活动 'not one'" in output
    )
    said = []
    for path in sorted((bank / "first").iterdir()):
        said += re.findall(r"# (.*)", path.read_text("utf-8")) + re.findall(
            r'^test "(.*)" {', path.read_text("utf-8"), re.M
        )
    assert (
        len(said) > 15 and left("\n".join(one for one in said if not one.startswith("missing ="))) - {"FILL"} == set()
    )
    assert camp("check", bank / "first").exit_code == 0 and camp("test", bank / "first").exit_code == 0


# The language tour

PAGES = list(zip(sections(), sections(".zh"), strict=True))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"(?<!\S)#(?= ).*")


@pytest.mark.parametrize(("page", "translated"), PAGES, ids=[page[0] for page, _ in PAGES])
def test_a_section_of_the_tour_has_the_same_code(page: tuple[str, str], translated: tuple[str, str]) -> None:
    code, shown = (_BLOCK.findall(text) for _, text in (page, translated))
    assert [(kind, _COMMENT.sub("#", text)) for kind, text in code] == [
        (kind, _COMMENT.sub("#", text)) for kind, text in shown
    ]
    prose, meant = (_BLOCK.sub("", text) for _, text in (page, translated))
    assert set(re.findall(r"`[^`]+`", meant)) == set(re.findall(r"`[^`]+`", prose))
    assert prose.count("\n|") == meant.count("\n|")


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_told_in_chinese(topic: str) -> None:
    output = chinese("help", topic)
    assert output.strip() == section(TOPICS[topic], "zh") and output != camp("help", topic).output
    prose = re.sub(r"\]\([^)]*\)", "", _BLOCK.sub("", output))
    assert left(prose) <= {"error", "sms", "rcs"}
    comments = [one for _, text in _BLOCK.findall(output) for one in _COMMENT.findall(text)]
    assert [one for one in comments if not re.search("[一-鿿]", one)] == []
