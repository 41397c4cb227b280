"""The formatter: the same meaning, the same comments at the same places, and nothing left to do on a second run.

pytest tests/test_format.py --snapshot-update      after reading what changed
"""

from __future__ import annotations

import random
import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

import dsl.format as formatter
import grammar
from dsl.format import MeaningChanged, formatted, same
from dsl.format.rows import WIDEST
from dsl.format.words import Language, width
from dsl.parser.lexing import CONTINUES
from dsl.parser.parse import parse
from dsl.parser.tokens import SEPARATOR, declarations, tokens
from dsl.source import Source
from runtime.cli.compile import compiled
from tests.completing import HERE, PREAMBLE

CAMPAIGNS = HERE.parent / "campaigns"
MESSY = sorted((HERE / "format").glob("*.camp"))
PAGE = (HERE.parent / "docs" / "language.md").read_text(encoding="utf-8")


def readable(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


@cache
def texts() -> dict[str, str]:
    """Every text at hand that can be parsed."""
    files = [*CAMPAIGNS.rglob("*.camp"), *HERE.glob("cases/**/*.camp"), HERE / "preamble.camp", *MESSY]
    found = {str(path.relative_to(HERE.parent)): readable(path) for path in sorted(files)}
    found |= {f"language.md {at}": text for at, text in enumerate(re.findall(r"```camp\n(.*?)```", PAGE, re.S))}
    return {name: text for name, text in found.items() if not parse(Source(name, text))[1]}


def fmt(text: str, language: Language | None = None) -> str:
    made, found = formatted(Source("t.camp", text), language)
    assert found == []
    return made


def comments(text: str) -> list[tuple[str, bool, str, str]]:
    """Each comment in order: its text, whether it stands behind code on a line, and the tokens before and after it."""
    source = Source("t.camp", text)
    known = [(one.span, " ".join(one.text.split())) for one in tokens(source)]
    found = []
    for comment in parse(source)[0].comments:
        before = [(span, said) for span, said in known if span.end <= comment.span.start]
        after = [said for span, said in known if span.start >= comment.span.end]
        start = text.rfind("\n", 0, comment.span.start) + 1
        behind = bool(before) and before[-1][0].end > start
        left = before[-1][1] if before else ""
        found.append((comment.text.rstrip(), behind, left, after[0] if after else ""))
    return found


def holds(text: str) -> str:
    """What has to be true of every text that can be parsed; its canonical form."""
    before, made = parse(Source("t.camp", text))[0], fmt(text)
    assert fmt(made) == made
    after, broken = parse(Source("t.camp", made))
    assert broken == [] and same(before.declarations, after.declarations)
    assert comments(made) == comments(text)
    looks(made)
    return made


def looks(made: str) -> None:
    """The form's plain rules, outside of texts over several lines."""
    assert made == "" or (made.endswith("\n") and not made.endswith("\n\n") and not made.startswith("\n"))
    assert " \n" not in re.sub(r'"""[\s\S]*?"""', '""', made)
    bare = made
    for comment in reversed(parse(Source("t.camp", made))[0].comments):
        bare = bare[: comment.span.start] + "#" + bare[comment.span.end :]
    bare = re.sub(r'"""[\s\S]*?"""', '""', bare)
    assert "\r" not in bare and "\t" not in bare and "\n\n\n" not in bare
    assert not re.search(r";\n|\{\n\n|\n\n *\}", bare)
    for line in bare.split("\n"):
        assert (len(line) - len(line.lstrip(" "))) % 2 == 0


def test_the_texts_at_hand_are_many() -> None:
    assert len(texts()) > 60 and len(MESSY) >= 15
    assert sum(name.startswith("language.md") for name in texts()) >= 10
    assert {path.name for path in MESSY} == {Path(name).name for name in texts() if "tests/format/" in name}


@pytest.mark.parametrize("name", texts())
def test_every_text_at_hand_keeps_its_meaning_and_its_comments(name: str) -> None:
    holds(texts()[name])


@pytest.mark.parametrize("name", texts())
def test_keywords_go_to_chinese_and_back(name: str) -> None:
    text = texts()[name]
    english, chinese = fmt(text, "en"), fmt(text, "zh")
    assert fmt(chinese, "en") == english and fmt(english, "zh") == chinese
    assert fmt(english, "en") == english and fmt(chinese, "zh") == chinese
    for made, which in ((english, 0), (chinese, 1)):
        for token in tokens(Source("t.camp", made)):
            spelled = grammar.spellings(token.type)
            assert not spelled or token.text == spelled[which] or (which == 0 and token.text in spelled[2:3])


@pytest.mark.parametrize("path", MESSY, ids=lambda path: path.stem)
def test_a_messy_text_becomes_this(path: Path, snapshot: SnapshotAssertion) -> None:
    assert holds(readable(path)) == snapshot


@pytest.mark.parametrize("language", [None, "en", "zh"])
def test_the_bank_has_the_same_program_in_every_spelling(language: Language | None, tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    shutil.copytree(CAMPAIGNS, folder, ignore=shutil.ignore_patterns("data"))
    for path in folder.rglob("*.camp"):
        path.write_text(fmt(readable(path), language), encoding="utf-8")
    assert compiled(folder).hash == compiled(CAMPAIGNS).hash


def test_units_have_a_singular_in_english() -> None:
    text = "campaign c { again after 1 天; expire after 2 天; cap 1 每 月; cap 2 每 30天; cap 3 每 1周 }"
    one = (
        "campaign c { again after 1 day; expire after 2 days; cap 1 per month; cap 2 per 30 days; cap 3 per 1 week }\n"
    )
    assert fmt(text, "en") == one


def test_a_line_of_the_widest_stays_and_a_wider_one_is_opened() -> None:
    def text(name: str) -> str:
        return f'campaign {name} "{"宽" * 40}" {{ kind benefit; priority 60 }}'

    fits = "x" * (WIDEST - width(text("")))
    assert width(text(fits)) == WIDEST
    assert fmt(text(fits)) == text(fits) + "\n"
    assert fmt(text(fits + "x")) == text(fits + "x").replace("{ ", "{\n  ").replace(
        "; priority", "\n  priority"
    ).replace("kind ", "kind     ").replace(" }", "\n}\n")


def test_a_continued_line_is_measured_with_its_indentation() -> None:
    def text(name: str) -> str:
        return f"segment s = a and\n  any {{ b; {name} }}\n"

    fits = "x" * (WIDEST - 13)
    assert width(text(fits).split("\n")[1]) == WIDEST
    assert fmt(text(fits)) == text(fits)
    assert fmt(text(fits + "x")) == f"segment s = a and\n  any {{\n    b\n    {fits}x\n  }}\n"


def test_what_cannot_be_parsed_is_left_as_it_is() -> None:
    text = "event  look {page txt}\nevent  whole{page text}\n"
    made, found = formatted(Source("t.camp", text))
    assert made == text and [one.code for one in found] == ["CAMP201"]


@pytest.mark.parametrize(
    ("ours", "why"),
    [
        ("event look { page text }\n# note\n", "declarations differ"),
        ("event look { page text? }\n", "comments differ"),
        ("event look {\n# note\n", "is never closed"),
    ],
)
def test_a_mistake_of_the_formatter_is_told_and_nothing_made(
    ours: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formatter, "aligned", lambda _: ours.rstrip("\n").split("\n"))
    with pytest.raises(MeaningChanged, match=why):
        formatted(Source("t.camp", "event look { page text? } # note"))


def test_values_that_differ_are_told_apart() -> None:
    def of(text: str) -> object:
        return parse(Source("t.camp", text))[0].declarations

    assert same(of("segment a = b > 1 CNY"), of("\nsegment  a = b > 1.0 CNY # note"))
    for other in ("segment a = b > 2 CNY", "segment a = b >= 1 CNY", "segment a = c > 1 CNY", "segment a = b > 1 EUR"):
        assert not same(of("segment a = b > 1 CNY"), of(other))
    assert not same(of("event a { b text }"), of("event a { b text; c text }"))


# ---- texts put together at random

NAMES = st.sampled_from(["region", "assets", "名字", "text", "kind", "count", "any"])
VALUES = st.sampled_from(
    ['"a # b"', '"{ ; }"', "5万元", "300_000 CNY", "3.8%", "90天", "2 weeks", "yes", '"""x\n y"""']
)
LENGTHS = st.sampled_from(["7 days", "2周", "1 month", "30 天"])
SELECTIONS = st.builds(
    lambda name, where, last: f"{name}{where}{last}",
    st.sampled_from(["look", "看页"]),
    st.sampled_from(["", ' where page = "x"', ' 其中 (page = "x" and amount > 1 CNY)']),
    st.one_of(st.just(""), LENGTHS.map(lambda length: f" in last {length}")),
)
TESTS = st.one_of(
    NAMES,
    st.builds(lambda name, sign, value: f"{name} {sign} {value}", NAMES, st.sampled_from(["=", ">=", "!="]), VALUES),
    st.builds(lambda name, low, high: f"{name} in {low}..{high}", NAMES, VALUES, VALUES),
    SELECTIONS.map(lambda selection: f"did {selection}"),
    SELECTIONS.map(lambda selection: f"count({selection}) >= 3"),
    st.sampled_from(["segment s", "stage is new", "gender 为 缺失", "days_since(look) > 30"]),
)
EXPRESSIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(lambda a, word, b: f"{a} {word} {b}", inner, st.sampled_from(["and", "or", "且"]), inner),
        inner.map(lambda one: f"not {one}"),
        inner.map(lambda one: f"({one})"),
        st.builds(
            lambda word, items: f"{word} {{ {'; '.join(items)} }}",
            st.sampled_from(["any", "none", "全部"]),
            st.lists(inner, max_size=3),
        ),
    ),
    max_leaves=5,
)
STATEMENTS = st.one_of(
    st.sampled_from(["kind benefit", "runs 2026-03-01..2026-04-30", "start once", "期间 2026-03-01..2026-03-31"]),
    st.sampled_from(["retired", "arms { a 50%; b 50% }", "start every month on day 5", "window wed, fri 16:00-18:00"]),
    st.sampled_from(
        ['message sms { benefit "您好"; card { title "x"; 文本 "y" } }', 'on reply "1" { task "t" to "u" }']
    ),
    EXPRESSIONS.map(lambda one: f'message sms when {one} {{ text "{{{{ x | wan }}}}，好" }}'),
    st.lists(EXPRESSIONS, max_size=3).map(lambda tests: f"audience {{ {'; '.join(tests)} }}"),
    st.builds(lambda length, one: f"step n after {length} if {one} {{ kind service }}", LENGTHS, EXPRESSIONS),
)
DECLARATIONS = st.one_of(
    EXPRESSIONS.map(lambda one: f"segment s = {one}"),
    EXPRESSIONS.map(lambda one: f'人群 富裕 "高净值" = {one}'),
    st.lists(STATEMENTS, max_size=6).map(lambda found: f'campaign c "活动" {{ {"; ".join(found)} }}'),
    EXPRESSIONS.map(
        lambda one: f'policy p {{ cap 1 per day while {one} source "法" from 2026-05-01; ban "a", "b" because "c" }}'
    ),
    st.sampled_from(
        ["event look { page text?; n 数值 }", "event empty", "日历 peak = 周六 14:00-17:00", "event e { }"]
    ),
    st.sampled_from(
        ['test "t" { customer { id "1"; assets 5万元 }; event look { page "x" } 2 days ago }', PREAMBLE.text]
    ),
)


def messy(text: str, chance: random.Random) -> str:
    """The same tokens with other blanks, line ends, semicolons and comments between them, wherever the language allows it."""
    end = chance.choice(["\n", "\n", "\r\n"])
    said = 0

    def comment() -> str:
        nonlocal said
        said += 1
        return f"#{chance.choice(['', ' '])}注 {said}; {{{chance.choice(['', ' ', chr(9)])}"

    def blank(may_be_empty: bool) -> str:
        return chance.choice(["", " ", " ", "\t  ", "    "]) if may_be_empty else chance.choice([" ", " ", "\t", "   "])

    def lines() -> str:
        """At least one line end, with comments and blank lines."""
        first = blank(True) + (comment() if chance.random() < 0.25 else "") + end
        return first + "".join(
            blank(True) + chance.choice(["", comment()]) + end for _ in range(chance.choice([0, 0, 1, 3]))
        )

    out = [lines()] if chance.random() < 0.3 else []
    for declaration in declarations(Source("t.camp", text)):
        depth, left = 0, ""
        for at, token in enumerate(declaration):
            if token.type == SEPARATOR:
                inside = 0 < at < len(declaration) - 1
                out.append(chance.choice([";", " ;; ", lines(), lines(), f";{lines()}"]) if inside else "")
                left = ""
                continue
            # `count` is a keyword only where its bracket follows, with nothing but blanks between.
            free = left and (depth > 0 or left in CONTINUES) and left not in grammar.table()["before"]
            after_brace = left == "_LB" or token.type == "_RB"
            if (free and chance.random() < 0.2) or (after_brace and depth == 0 and chance.random() < 0.3):
                out.append(lines())
            elif left:
                tight = {left, token.type} & {"_LPAR", "_RPAR", "_COMMA", "_ASSIGN", "CMP", "_LB", "_RB", "OPTIONAL"}
                out.append(blank(bool(tight)))
            depth += (token.type == "_LPAR") - (token.type == "_RPAR")
            out.append(token.text)
            left = token.type
        out.append(chance.choice(["; ", lines(), lines(), end * 3]))
    return "".join(out) + chance.choice(["", comment(), end + end])


@given(st.lists(DECLARATIONS, max_size=5), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_any_text_keeps_its_meaning_and_its_comments(found: list[str], seed: int) -> None:
    tidy = "\n".join(found)
    assume(not parse(Source("t.camp", tidy))[1])
    text = messy(tidy, random.Random(seed))
    before, broken = parse(Source("t.camp", text))
    assert broken == [], text
    assert same(before.declarations, parse(Source("t.camp", tidy))[0].declarations)
    holds(text)
    assert fmt(fmt(text, "zh"), "en") == fmt(text, "en")


@given(st.sampled_from(sorted(texts())), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_texts_at_hand_written_messily_keep_their_meaning(name: str, seed: int) -> None:
    text = messy(texts()[name], random.Random(seed))
    assert parse(Source("t.camp", text))[1] == []
    holds(text)
