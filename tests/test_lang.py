"""Chinese: what a case, a rule's example or a slip of the pen gives is told whole, and carets stay in their place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from syrupy.assertion import SnapshotAssertion

import dsl.settings  # registers CAMP6xx
from dsl.compiler import analyse
from dsl.diagnostics import Diagnostic, Place, Related, render
from dsl.lang import catalogue, label, rules, translate
from dsl.lang.catalogue import Catalogue, table
from dsl.rules import all as every_rule
from dsl.rules import text
from dsl.rules.registry import ENTRIES
from dsl.settings import read_settings
from dsl.source import Source, Span, display_width
from dsl.types import Type
from tests.completing import HERE, campaign, completed
from tests.completing import told as stands
from tests.slips import slips
from tests.test_cases import BAD, GOOD, analysed, named
from tests.test_rules import EXAMPLES

assert dsl.settings and every_rule

# Words that are names also in Chinese.
NAMES = {
    "Camp",
    "camp",
    "CSV",
    "JSON",
    "TOML",
    "UTF",
    "NUL",
    "README",
    "TIMESTAMP",
    "FILL",
    "UTC",
    "toml",
    "json",
    "CNY",
}
NAMES |= {
    "DuckDB",
    "PostgreSQL",
    "Parquet",
    "Delta",
    "USD",
    "Jinja",
    "JUnit",
    "Schema",
    "git",
    "Spark",
    "PySpark",
    "Connect",
    "Java",
}
_CODE = re.compile(r'`[^`]*`|"[^"]*"|\'[^\']*\'|<[^>]*>|[\w./-]*[/.][\w./-]*|--[\w-]+|\d\S*')


def left(said: str) -> set[str]:
    """English words of a Chinese sentence, but for code, the user's words, paths and names."""
    return {*re.findall(r"[A-Za-z]{3,}", _CODE.sub(" ", said))} - NAMES


def sentences(found: Diagnostic) -> list[str]:
    return [one for one in (found.message, found.help, *(other.label for other in found.related)) if one]


def untranslated(found: Diagnostic) -> dict[str, str]:
    told = {one: translate(one, "zh") for one in sentences(found)}
    return {one: said for one, said in told.items() if said == one or left(said)}


@cache
def slipped(name: str) -> tuple[Diagnostic, ...]:
    path = next(path for path in GOOD if named(path) == name)
    told = (analyse(completed(slip)).found for _, slip in slips(path.read_text("utf-8"), 14, seed=len(name) + 7))
    return tuple(one for found in told for one in found)


@pytest.mark.parametrize("path", BAD, ids=named)
def test_a_bad_case_is_told_whole(path: Path) -> None:
    found = analysed(path).found
    assert found and [untranslated(one) for one in found if untranslated(one)] == []


@pytest.mark.parametrize("entry", EXAMPLES, ids=lambda entry: entry.code)
def test_a_bad_example_is_told_whole(entry: object) -> None:
    found = stands(entry.section("Bad"))  # type: ignore[attr-defined]
    assert found and [untranslated(one) for one in found if untranslated(one)] == []


@pytest.mark.parametrize("name", [named(path) for path in GOOD])
def test_a_slip_is_told_whole(name: str) -> None:
    assert [untranslated(one) for one in slipped(name) if untranslated(one)] == []


def test_there_are_many_slips() -> None:
    assert len(GOOD) * 14 >= 500 and sum(len(slipped(named(path))) for path in GOOD) > 300


SETTINGS = (
    "[dta]\n",
    "[data]\npath = 3\nzone = 'Asia/Beijing'\nmissing = 3\n[run]\nengine = 'spark'\ngrowth = 3\n",
    "data = 3\n",
    "[data\n",
    "[data]\nzone = '\n",
    '[check]\nsevrity = 3\n[check.severity]\nCAMP301 = "info"\nCAMP402 = "off"\nCAMP403 = "hint"\nCAMP40 = "info"\nX = 3\n',
)


@pytest.mark.parametrize("written", SETTINGS)
def test_a_mistake_in_camp_toml_is_told_whole(written: str) -> None:
    _, found = read_settings(Source("camp.toml", written))
    assert found and [untranslated(one) for one in found if untranslated(one)] == []


COMMENTS = (
    "", "forbid CAMP401", "allow", "allow until 2026-06-30", "allow CAMP40 until 2026-06-30", "allow cheese", "allow CAMP401",
    "allow CAMP401 until", 'allow CAMP401 until tomorrow because "a"', 'allow CAMP401 until 2026-02-30 because "a"',
    'allow CAMP401 because "a"', "allow CAMP401 until 2026-06-30", 'allow CAMP401 until 2026-06-30 because ""',
    'allow CAMP401 until 2026-06-30 because "a', 'allow CAMP401 until 2026-06-30 because "a" and',
    'allow CAMP301 until 2026-06-30 because "a"', 'allow CAMP401 until 2026-01-31 because "a"',
    'allow CAMP401 until 2029-01-31 because "a"', 'allow CAMP401 until 2026-06-30 because "a"',
)  # fmt: skip


@pytest.mark.parametrize("comment", COMMENTS)
def test_a_mistake_in_a_comment_is_told_whole(comment: str) -> None:
    found = stands(f"segment s = consent # camp: {comment}\n")
    assert found and [untranslated(one) for one in found if untranslated(one)] == []


COPY = (
    "{% for a in b %}{% endfor %}", "{{ 3 }}", "{{ a[0] }}", "{{ link() }}", "{{ customer._x }}", "{{ 'a' if b else 'c' }}",
    "{{ customer", "{{ customer | }}", "{% if %}a{% endif %}", "{% if customer.region %}a", "{% wenn %}", "{{ customer.surname !",
    "{{ customer | default(3) }}", "{{ customer | default('a', 'b') }}", "{{ customer.region | wan }}", "{{ customer }}",
    "{{ customer.nickname | mask('a') }}", "{{ customer.nickname | default('a') | mask }}", "{{ customer.nickname }}",
    "{% if customer.region == 3 %}a{% endif %}", "{% if customer.region == 'x' %}a{% endif %}", "{% if a < b < c %}a{% endif %}",
    "{% if customer.nickname > 3 %}a{% endif %}", "{% if customer.preapproved > 3 %}a{% endif %}", "a {", "x" * 5_001,
    "{% if customer.assets == " + "9" * 5_000 + " %}a{% endif %}", "{{ " + "(" * 30 + "a" + ")" * 30 + " }}",
    "{% if " + "not " * 30 + "a %}b{% endif %}",
    "{{ customer.region | salutatoin }}", "{# a", "{{ customer ) }}", "{{ customer.surname customer }}",
    "{% if customer.region x %}a{% endif %}",
)  # fmt: skip


@pytest.mark.parametrize("copy", COPY, ids=range(len(COPY)))
def test_a_mistake_in_copy_is_told_whole(copy: str) -> None:
    found = analyse(completed(campaign(copy=f'text """{copy}"""'))).found
    assert [untranslated(one) for one in found if untranslated(one)] == []


def made() -> Iterator[Diagnostic]:
    """What no small text gives."""
    place = Place(Source("a.camp", "abc"), Span(0, 1))
    yield text.not_utf8(place)
    yield text.file_too_long(place, 2_000_000)
    yield text.nul_character(place)
    yield text.nested_too_deeply(place, 100)
    yield text.full_width(place, "\u3000", " ")
    yield text.full_width(place, "，", ",")
    yield text.number_too_long(place, 30)


@pytest.mark.parametrize("found", list(made()), ids=lambda one: one.message)
def test_what_no_small_text_gives_is_told_whole(found: Diagnostic) -> None:
    assert untranslated(found) == {}


BASES = (
    "money",
    "number",
    "rate",
    "date",
    "flag",
    "days",
    "length",
    "text",
    "key",
    "phone",
    "zone",
    "choice",
    "customer",
    "plan",
)


@pytest.mark.parametrize("base", BASES)
def test_every_type_has_its_word(base: str) -> None:
    shown = str(Type(base, "CNY" if base == "money" else "", ("a, b", "c") if base == "choice" else ()))
    said = catalogue("zh").word(shown)
    assert said and not left(said) and catalogue("zh").word(shown[0].upper() + shown[1:]) == said


def test_what_is_unknown_stays_english() -> None:
    for one in (
        "There is no cheese",
        "cheese does not exist",
        "A grommet is no test by itself",
        "Expected cheese",
        "",
        "Something else: no",
        "x" * 100_000,
    ):
        assert translate(one, "zh") == one
    assert translate("There is no field called `a`", "en") == "There is no field called `a`"


def test_the_users_words_stay_as_they_are() -> None:
    assert translate("There is no field called `event`", "zh") == "没有叫 `event` 的字段"
    assert translate('"field" is banned: no product', "zh") == '"field" 是禁用词：no product'
    assert translate("Known: event, field ….", "zh") == "可以写的有：`event`、`field` 等。"
    assert translate("There is no step of event called `{what}`", "zh") == "没有叫 `{what}` 的步骤（活动 `event`）"


def test_code_stands_apart_from_chinese_characters() -> None:
    assert translate("Copy may not use `[ ]`", "zh") == "文案里不能用 `[ ]`"
    assert translate("Write `{` or a comma here.", "zh") == "请在这里写 `{` 或逗号。"


def test_what_begins_and_what_ends_a_pattern_do_not_overlap() -> None:
    several = Catalogue({"labels": {}, "words": {}, "messages": {"a b {y} b c": "1 {y}"}})
    assert [several.sentence(one) for one in ("a b c", "a b  b c", "a b x b c")] == [None, "1 ", "1 x"]


def test_a_pattern_with_more_fixed_text_counts_first() -> None:
    small = {
        "labels": {},
        "words": {"a b": "乙"},
        "messages": {"x {y}": "1 {y}", "x {words:y}": "2 {y}", "x y {z}": "3 {z}"},
    }
    several = Catalogue(small)
    assert [several.sentence(one) for one in ("x c", "x a b", "x y q", "y", "x")] == ["1 c", "2 乙", "3 q", None, None]


def test_translating_takes_time_in_proportion() -> None:
    """A message of a million characters, none of which is where a pattern would end."""
    for one in (
        "There is no `" + "a`" * 300_000,
        "Write one of " + "`a`, " * 100_000 + "a name here.",
        "This compares " + " with" * 100_000,
    ):
        assert translate(one, "zh")


TOLD = (
    'segment 富裕 = asets > 30_0000 CNY\n',
    'segment a = region > "city"\nsegment b = assets > 30 days\n',
    'segment 甲乙 = assets ＞ 1 CNY\n',
    campaign("window 22:30-23:30"),
    campaign(copy='text "{{ customer.nickname }}，您好"'),
    'campaign c {\n  policy rules\n  kind benefit kind\n}\n',
)  # fmt: skip


@pytest.mark.parametrize("written", TOLD, ids=["name", "types", "width", "window", "copy", "syntax"])
def test_findings_in_chinese(written: str, snapshot: SnapshotAssertion) -> None:
    assert "\n\n".join(render(one, lang="zh") for one in analyse(completed(written)).found) == snapshot


def test_carets_stand_under_what_they_mean_in_every_language() -> None:
    for found in analyse(completed(TOLD[0] + TOLD[2])).found:
        english, chinese = render(found).split("\n"), render(found, lang="zh").split("\n")
        assert english[1:4] == chinese[1:4] and english[0] != chinese[0]
        written, carets = chinese[2:4]
        at = carets.index("^")
        marked = found.source.text[found.span.start : found.span.end]
        assert display_width(written[: written.index(marked)]) == at and carets.count("^") == display_width(marked)


def test_colour_and_related_lines_in_chinese() -> None:
    source = Source("a.camp", "abc\n")
    found = Diagnostic(
        "CAMP303", "`a` is stated a second time", source, Span(0, 1), "Keep one of the two.", "warning",
        (Related("the first one is here", Place(source, Span(1, 2))),),
    )  # fmt: skip
    shown = render(found, lambda part, text: click.style(text, fg="red") if part == "warning" else text, "zh")
    assert "\x1b[31m警告[CAMP303]" in shown and "= 第一次写在这里" in shown and "= 帮助：两处只留一处。" in shown


@pytest.mark.parametrize("code", sorted(ENTRIES))
def test_every_rule_has_its_page(code: str) -> None:
    page, entry = rules("zh")[code], ENTRIES[code]
    assert (
        page.name
        and page.what.endswith("。")
        and page.why.endswith("。")
        and bool(page.source) == bool(entry.section("Source"))
    )
    kept = {
        "benefit",
        "scene",
        "trust",
        "incentive",
        "action",
        "process",
        "text",
        "rcs",
        "wechat",
        "exempt",
        "extra",
        "marks",
    }
    assert left(page.name + page.what + page.why + page.source) - kept - {"jurisdiction", "vendor"} == set()


def test_there_is_no_page_of_no_rule() -> None:
    assert set(rules("zh")) == set(ENTRIES) and len({page.name for page in rules("zh").values()}) == len(ENTRIES)


@pytest.mark.parametrize("section", ["messages", "words"])
def test_a_pattern_and_its_chinese_fit(section: str) -> None:
    for pattern in getattr(catalogue("zh"), section):
        gaps = re.findall(r"\{([a-z]+)\}", pattern.meant)
        assert {*gaps} <= {name for _, name in pattern.gaps}, pattern.written
        assert len(set(gaps)) == len(gaps)
        assert not left(re.sub(r"\{[a-z]+\}", "", pattern.meant)), pattern.written


def test_labels_are_known() -> None:
    assert [label(one, "zh") for one in ("error", "warning", "info", "help")] == ["错误", "警告", "提示", "帮助"]
    assert label("error", "en") == "error"


def spoken() -> str:
    """Every text of the code that could be said, the gaps of each as NUL."""
    root = HERE.parent
    files = [*root.glob("dsl/**/*.py"), *root.glob("runtime/**/*.py"), *Path(str(click.__path__[0])).glob("*.py")]
    return "\n".join(one for file in files for one in _texts(ast.parse(file.read_text("utf-8"))))


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\{\w+(!r)?\}", "\0", node.value)


# Of pieces that are put together elsewhere, or said by Jinja, Python, the engine or the system: tests/test_lang_cli.py and
# tests/test_lang_runs.py say them.
COMPOSED = re.compile(
    r"^unexpected|^expected|^Expected|^Encountered|^Missing end|director|^Permission|^Read-only|^No space"
    r"|\(s\)|: none$|days apart|Possible options|blank|a plan|valid integer|^is not |^Invalid unicode|^IO Error"
)


@pytest.mark.parametrize("section", ["messages", "words"])
def test_what_is_translated_is_still_said(section: str) -> None:
    """By a finding of these tests, or as the longest fixed part stands in the code: what is worded anew is noticed here."""
    told = [one for path in BAD for one in analysed(path).found]
    told += [one for entry in EXAMPLES for one in stands(entry.section("Bad"))]
    told += [one for path in GOOD for one in slipped(named(path))]
    fresh = Catalogue(table("zh.toml"))
    for sentence in {one for found in told for one in sentences(found)}:
        fresh.sentence(sentence)
    said = spoken()
    written = {one.written: max(one.fixed, key=len).strip(" `\"'.:(),") for one in getattr(fresh, section)}
    unsaid = [one for one, part in written.items() if one not in fresh.uses and part not in said]
    assert [one for one in unsaid if not COMPOSED.search(one)] == []
