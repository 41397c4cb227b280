"""The command line in Chinese: how a language is chosen, help, what commands say when they end, and usage errors."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from syrupy.assertion import SnapshotAssertion

import dsl.lang
from dsl.lang import catalogue, command_line, rules, translate
from dsl.rules.registry import ENTRIES
from dsl.source import display_width
from runtime.cli.language import speaking
from runtime.cli.main import main
from runtime.cli.speaking import wrapped
from tests.completing import HERE, PREAMBLE, campaign
from tests.plans import AT, make
from tests.test_lang import left


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    (tmp_path / "bank.camp").write_text(PREAMBLE.text + campaign(), encoding="utf-8")
    return tmp_path


@pytest.fixture
def broken(project: Path) -> Path:
    (project / "bad.camp").write_text("segment s = asets ＞ 1 CNY\n", encoding="utf-8")
    return project


def camp(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], prog_name="camp")


def chinese(*arguments: Any) -> str:
    return camp("--lang", "zh", *arguments).output


def said(output: str, *names: str) -> set[str]:
    """English words of an output, but for names and what follows a caret line's place."""
    return left(re.sub("|".join(map(re.escape, names)) or "(?!)", " ", output))


# How a language is chosen


def test_before_and_behind_the_command(broken: Path) -> None:
    before, behind = camp("--lang", "zh", "check", broken), camp("check", "--lang=zh", broken)
    assert before.output == behind.output and "没有叫 `asets` 的字段" in before.output and before.exit_code == 1
    assert "错误[CAMP301]" in before.output and "1 个警告" in before.output
    assert camp("data", "check", "--lang", "zh", "--help").output.startswith("用法：camp data check")
    assert "There is no field" in camp("--lang", "en", "check", broken).output


@pytest.mark.parametrize(
    ("environment", "speaks"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN", "LC_MESSAGES": "en_US"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"CAMP_LANG": "zh", "LC_ALL": "C"}, "zh"),
        ({"CAMP_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        ({"CAMP_LANG": "ZH"}, "zh"),
    ],
)
def test_the_environment_and_the_locale(environment: dict[str, str], speaks: str, broken: Path) -> None:
    clean = dict.fromkeys(("CAMP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    output = CliRunner().invoke(main, ["check", str(broken)], env=clean | environment).output
    assert ("没有叫 `asets` 的字段" in output) == (speaks == "zh") == ("There is no field" not in output)


def test_the_option_counts_before_the_environment(broken: Path) -> None:
    output = CliRunner().invoke(main, ["--lang", "en", "check", str(broken)], env={"CAMP_LANG": "zh"}).output
    assert "There is no field" in output


def test_a_choice_is_forgotten_when_the_command_ends(broken: Path) -> None:
    chinese("check", broken)
    assert "There is no field" in camp("check", broken).output


def test_another_language_is_a_usage_error() -> None:
    assert camp("--lang", "fr", "check").exit_code == 2 and camp("check", "--lang", "fr").exit_code == 2


# Help


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, group
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = list(commands(main))
PATHS = [path for path, _ in COMMANDS]


def texts(command: click.Command) -> Iterator[str]:
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        lines = paragraph.split("\n")
        yield from (" ".join(line.split()) for line in (lines[1:] if lines[0] == "\b" else [paragraph]))
    yield from (one.help for one in command.params if isinstance(one, click.Option) and one.help)


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) or "camp" for path in PATHS])
def test_every_help_text_is_translated(path: tuple[str, ...], command: click.Command) -> None:
    assert [text for text in texts(command) if text not in command_line("zh")] == []
    english, output = camp(*path, "--help").output, chinese(*path, "--help")
    assert english.startswith("Usage: camp") and "Options:" in english
    assert output.startswith("用法：camp") and "选项：" in output and "OPTIONS" not in output
    options = [line for line in output.split("\n") if line.startswith("  -")]
    assert options and all(display_width(line) <= 80 for line in output.split("\n"))
    words = {one for one in said(output, "source", *path, *PATHS[-1]) if one.islower()}
    names = {name for one, _ in COMMANDS for name in one} | {
        "text",
        "json",
        "sarif",
        "github",
        "junit",
        "baseline",
        "markdown",
        "csv",
        "parquet",
        "sends",
        "outcomes",
        "rejects",
        "campaigns",
        "duckdb",
        "spark",
        "local",
        "eval",
        "bash",
        "fish",
        "zsh",
        "camp",
    }
    assert words - names == set()


def test_no_help_text_is_translated_in_vain() -> None:
    every = {text for _, command in COMMANDS for text in texts(command)}
    every |= {"Show the version and exit.", "Show this message and exit."}
    assert set(command_line("zh")) - every == set()


def test_the_help_of_check(snapshot: SnapshotAssertion) -> None:
    assert chinese("check", "--help") == snapshot


def test_the_help_of_all(snapshot: SnapshotAssertion) -> None:
    assert chinese("--help") == snapshot
    assert chinese("help").startswith(chinese("--help")) and "语言的主题：`text`、`brand`" in chinese("help")


def test_help_shows_a_command() -> None:
    assert "用法：camp help check" not in chinese("help", "check") and "选项：" in chinese("help", "check")


def test_defaults_and_what_is_required() -> None:
    output = chinese("plan", "--help")
    assert "[默认：7d]" in output and "[必填]" in output and "[0<=x<=100]" in output and "[默认：out/plan]" in output


def test_lines_break_between_chinese_characters() -> None:
    assert list(wrapped("一二三，四五。abc def", 8)) == ["一二三，", "四五。", "abc def"]
    assert list(wrapped("（一）二 [默认：7d]", 10)) == ["（一）二", "[默认：7d]"]
    assert list(wrapped("", 10)) == [] and list(wrapped("abcdefghijklmnop", 4)) == ["abcdefghijklmnop"]


def test_a_command_speaks_once() -> None:
    command = {" ".join(path): one for path, one in COMMANDS}["check"]
    assert speaking(command) is command and sum(one.name == "lang" for one in command.params) == 1


# Rules


def test_rules_are_listed_in_chinese() -> None:
    lines = chinese("rules").splitlines()
    assert [line.split()[0] for line in lines] == sorted(ENTRIES)
    assert all("错误" in one or "警告" in one or "提示" in one for one in lines)
    columns = {display_width(line[: line.index(rules("zh")[line[:7]].what[:4], 16)]) for line in lines}
    assert len(columns) == 1


@pytest.mark.parametrize("code", sorted(ENTRIES))
def test_a_page_in_chinese(code: str) -> None:
    output, page = chinese("rules", code), rules("zh")[code]
    for part in (page.name, page.what, page.why, page.source, "问题：", "原因："):
        assert part in output
    for title in ("Bad", "Good"):
        example = ENTRIES[code].section(title)
        assert example.split("\n")[0] in output and f"{title}:" not in output


# What commands say


def test_a_clean_project_is_told_in_chinese(project: Path) -> None:
    assert chinese("check", project) == "读了 1 个文件、17 项声明，0 个错误\n".replace(
        "17", re.findall(r"\d+", chinese("check", project))[1]
    )
    assert re.fullmatch(r".*p\.json：1 个活动，哈希 \w{12}\n", chinese("compile", project, "-o", project / "p.json"))
    assert said(chinese("fmt", "--check", project)) == set() and "整理" in chinese("fmt", project)
    assert "没有测试" in chinese("test", project) and "0 个通过，0 个失败" in chinese("test", project)


def test_findings_of_other_commands_and_safe_fixes(broken: Path) -> None:
    assert "1 个错误，没有编译" in chinese("compile", broken) and "错误[CAMP301]" in chinese("compile", broken)
    (broken / "worse.camp").write_text("segment =\n", encoding="utf-8")
    assert "错误[CAMP201]" in chinese("fmt", "--check", broken) and "1 个读不懂" in chinese("fmt", "--check", broken)
    fixed = chinese("check", "--fix", broken)
    assert fixed.startswith("修正了 1 处，涉及 1 个文件\n") and "= 请看是否这样改：segment s = assets > 1 CNY" in fixed


def test_json_has_english_keys_and_chinese_sentences(broken: Path) -> None:
    found = json.loads(chinese("check", "--format", "json", broken))
    english = json.loads(camp("check", "--format", "json", broken).output)
    assert found.keys() == english.keys() and found["findings"][0].keys() == english["findings"][0].keys()
    assert found["findings"][0]["message"] == "没有叫 `asets` 的字段" and found["findings"][0]["severity"] == "error"
    assert (
        found["findings"][0]["help"] == "是想写 `assets` 吗？"
        and found["findings"][0]["fix"] == english["findings"][0]["fix"]
    )


def test_broken_tests_in_chinese(project: Path) -> None:
    test = 'test "t" { at 2026-03-04T09:00; customer { phone "13800000001" }; expect send of c }\n'
    (project / "t.camp").write_text(test, encoding="utf-8")
    output = chinese("test", project, "--coverage")
    assert "失败  t\n" in output and "  预期" in output and "实际" in output and "不是候选：" in output
    assert "从未测到" in output and "0 个通过，1 个失败" in output
    assert said(output) - {"rules"} == set()


def test_a_plan_in_chinese(tmp_path: Path) -> None:
    bank = make(tmp_path)
    arguments = ("plan", bank / "program.json", "--data", bank / "data", "--at", AT, "-o", bank / "out")
    output = chinese(*arguments, "--without", "nobody", "--show", 1)
    assert "不参与本次运行：nobody" in output and "个候选 = " in output and "行未采用：见 rejects.parquet" in output
    assert "已写入 " in output and "其中 1 条消息：" in output
    checked = chinese("data", "check", bank / "data", "--project", bank / "bank")
    assert (
        "customers：读了 12 行，" in checked and "品牌允许 50.00%：可以运行" in checked and "ledger：没有\n" in checked
    )


def test_a_scaffold_in_chinese(tmp_path: Path) -> None:
    bank = make(tmp_path)
    output = chinese("init", bank / "data", "-o", bank / "first")
    assert "个；事件：" in output and "下一步：" in output
    again = chinese("init", bank / "data", "-o", bank / "first")
    assert "已经存在，而且不是空的" in again and "  = 帮助：请用 -o 指定一个新文件夹" in again


def test_a_preview_in_chinese(project: Path) -> None:
    output = chinese("preview", "c", project)
    assert "0 段超出上限" in output and said(output) - {"sms", "Hello"} == set()


USAGE = (
    (("chekc",), "没有命令 'chekc'。"),
    (("check", "--foo"), "没有选项 '--foo'。"),
    (("check", "nowhere"), "没有文件或文件夹 nowhere"),
    (("plan",), "缺少选项 '--at'。"),
    (("preview",), "缺少参数 'CAMPAIGN'。"),
    (("plan", "--at"), "选项 '--at' 后面要写一个值。"),
    (("check", "--quiet=1"), "选项 '--quiet' 后面不写值。"),
    (("rules", "a", "b"), "多了一个参数（b）"),
    (("rules", "a", "b", "c"), "多了几个参数（b c）"),
    (("rules", "CAMP40"), "没有叫 CAMP40 的规则。是想写 CAMP401 吗？"),
    (("rules", "x"), "没有叫 x 的规则。"),
    (("help", "polcy"), "没有叫 polcy 的主题。是想写 policy 吗？"),
    (("help", "cheese!!"), "没有叫 cheese!! 的主题。可以写的有："),
    (("plan", "--at", "x"), "'--at' 的值不对：x 不是准确时刻。请写成 2026-03-04T09:00+08:00。"),
    (("plan", "--at", "2026-03-04T09:00"), "没有写与 UTC 的时差"),
    (("plan", "--at", "1066-03-04T09:00+08:00"), "不在 1971 到 2099 年之间"),
    (("plan", "--at", AT, "--for", "9y"), "9y 不是一年以内的时间长度。"),
    (("plan", "--at", AT, "--show", "500"), "500 不在范围 0<=x<=100 内。"),
    (("plan", "--at", AT, "--show", "x"), "'x' 不是整数。"),
    (("check", "--format", "xml"), "'xml' 不在可选的值里：'text', 'json', 'sarif', 'github', 'junit'。"),
    (("check", "--write-baseline"), "--write-baseline 要和 --baseline 一起用"),
    (("check", "--today", "x"), "'--today' 的值不对：x 不是日期。请写成 2026-03-01。"),
    (("fmt", "-", "a"), "文件和 - 只能写一样"),
    (("data", "chekc"), "没有命令 'chekc'。"),
)


@pytest.mark.parametrize(("arguments", "expected"), USAGE, ids=[" ".join(one) for one, _ in USAGE])
def test_usage_errors(arguments: tuple[str, ...], expected: str) -> None:
    result, english = camp("--lang", "zh", *arguments), camp(*arguments).output
    usage, told = result.output.split("错误：", 1)
    assert result.exit_code == 2 and expected in told
    # As in English: a mistake that belongs to no command shows no usage.
    assert (usage == "") == english.startswith("Error: ")
    assert usage == "" or (usage.startswith("用法：camp") and "\n查看说明：camp" in usage)


def test_what_click_cannot_parse_at_all_speaks_as_the_environment_says() -> None:
    """It stops before it has seen --lang."""
    for arguments in (["--foo"], ["check", "--foo", "--lang", "en"]):
        output = CliRunner().invoke(main, arguments, prog_name="camp", env={"CAMP_LANG": "zh"}).output
        assert "错误：没有选项 '--foo'。" in output


def test_a_group_alone_shows_its_help() -> None:
    assert chinese("data") == chinese("data", "--help") or chinese("data").startswith("用法：camp data")
    assert CliRunner().invoke(main, [], prog_name="camp", env={"CAMP_LANG": "zh"}).output.startswith("用法：camp")


# Sentences that take a broken file, disk or program to be said; each is in the code as it stands here.
ENDS = (
    "customers.csv cannot be read: No such file or directory",
    "a/b cannot be written: Permission denied",
    "a.csv cannot be read: IO Error",
    "a is there and not empty",
    "There is no /data/events/tick.parquet or .csv, and a campaign asks for it",
    "The column `at` of events/tick holds BOOLEAN, and an event needs an instant",
    "It has: a, b. Map it in camp.toml, or declare the field with `?`.",
    "The ledger knows campaigns that the program does not: old, older",
    "If it is over, say so: campaign old { retired }. If it was renamed, give it its old name back.",
    "6 of 10 customers cannot be used, and the brand allows 50.000000%",
    "3 rows of events/opted_out cannot be used",
    "2 files formatted, 3 unchanged, 1 cannot be parsed, 1 failed",
    "1 file would be formatted, 0 unchanged",
    "Its openings lie up to 7 days apart: let it expire after that, or open more often.",
    "The holidays of 2031 to 2036 are not published yet: this rests on an estimate",
    "The holidays of 2031, 2032 are not published yet: windows of gift rest on an estimate",
    "0 customer fields; events: none",
    "/data lies outside the project /bank: check one project at a time",
    "2 findings allowed by comments: the first until 2026-06-30",
    "2 rules lowered by camp.toml: CAMP402 error → warning, CAMP411 error → info",
    "1 rule raised by camp.toml: CAMP421 warning → error",
    "12 findings known by baseline.json",
    "3 of baseline.json not found any more: write it anew with --write-baseline",
    "4 findings found at v1 too",
    "a/b.json: 1 finding written",
    "2 errors not written: what cannot be compiled is never passed over",
    "a/b.json is no baseline",
    "Write it with `camp check --baseline a/b.json --write-baseline`.",
    "git knows no revision v1 here",
    "A shallow clone has only its latest commits: fetch more of it, as with `fetch-depth: 0`.",
    "git cannot be run: No such file or directory",
    "Install git, or use --baseline, which needs none.",
    "Run it inside a git repository.",
)


@pytest.mark.parametrize("sentence", ENDS)
def test_what_ends_a_command_is_translated(sentence: str) -> None:
    told = translate(sentence, "zh")
    names = {
        "old",
        "older",
        "gift",
        "BOOLEAN",
        "CAMP",
        "Error",
        "opted",
        "out",
        "customers",
        "camp",
        "tick",
        "parquet",
        "retired",
    }
    assert told != sentence and left(told) - names == set()


def test_english_reads_nothing_chinese(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(lang: str) -> None:
        raise AssertionError("the catalogue is read")

    catalogue.cache_clear()
    monkeypatch.setattr(dsl.lang, "table", refuse)
    assert "There is no field" in camp("check", broken).output and "Usage" in camp("plan").output
    assert isinstance(camp("--lang", "zh", "check", broken).exception, AssertionError)


def test_english_does_not_import_it() -> None:
    import subprocess
    import sys

    run = "import sys; from runtime.cli.main import main\ntry: main(['check', 'tests/data/bad.camp'])\nexcept SystemExit: pass\n"
    run += "print([one for one in sys.modules if one.startswith('dsl.lang') or one == 'runtime.cli.speaking'])"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, cwd=HERE.parent)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr
