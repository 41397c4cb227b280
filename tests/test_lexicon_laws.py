"""What holds of a lexicon for any text and any word."""

from __future__ import annotations

import re
from itertools import pairwise

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dsl.lexicon import Hit, Lexicon
from dsl.lexicon.inverse import _inverse, sources
from dsl.lexicon.normal import LETTERS, letters
from dsl.lexicon.numbers import ONE_OR_MORE, ROUND, ZERO
from dsl.lexicon.pattern import Pattern
from dsl.terms import Ban
from tests import tables
from tests.disguises import CERTAIN, GUESSED, INVISIBLE, MARKS, WORDS, recall
from tests.lexicons import CHINESE, ENGLISH, LEGITIMATE

WHOLE = Lexicon(
    (*CHINESE, *ENGLISH, Ban(("赌", "→", "快！快", "{number}秒{number}分", "100%", "0利息"), ("→ ok",), ""))
)
pieces = st.one_of(
    st.sampled_from(
        [
            *WORDS,
            "赌",
            "→",
            "快！快",
            "5秒3分",
            "100%",
            "每秒批量",
            "减免审批",
            "不得",
            "年化3.6%",
            "ﬁ",
            "㍿",
            "⑩",
            "½",
            "O",
            "○",
            "1",
            "\r\n",
        ]
    ),
    st.sampled_from([*INVISIBLE.values(), *MARKS.values(), "。", "\n", "!", ". ", "️⃣"]),
    st.characters(),
    st.sampled_from(sorted({char for word in WORDS for char in word})),
    st.sampled_from(sorted({char for word in WORDS for char in letters(word)})).flatmap(
        lambda char: st.sampled_from(_inverse().get(char, char))
    ),
)
texts = st.lists(pieces, max_size=12).map("".join)


def spoken_of(word: str) -> str:
    return "".join(ONE_OR_MORE if atom == "{number}" else letters(atom) for atom in re.split(r"(\{number\})", word))


@settings(deadline=None, max_examples=400)
@given(texts)
@example("1️⃣00%")
@example("ﬁ.快！快")
def test_a_hit_stands_on_letters_that_are_the_word(text: str) -> None:
    hits = WHOLE.find(text)
    assert hits == sorted(hits, key=lambda hit: (hit.start, hit.end, hit.ban, hit.word))
    for hit in hits:
        shown = ZERO.sub(lambda found: "0" * len(found[0]), text)[hit.start : hit.end] if hit.how == "disguised" else ""
        shown = shown if "0" in shown else text[hit.start : hit.end]
        assert shown and LETTERS[shown[0]] + LETTERS[shown[-1]] or hit.word == "→" == shown
        if hit.how != "sounds":
            bare = re.sub("[0-9#*]\ufe0f?\u20e3", "", shown)  # a keycap may be an emoji between letters
            assert any(re.fullmatch(spoken_of(hit.word), letters(one)) for one in (shown, bare))
        if hit.how == "written" and "{" not in hit.word and hit.word.isalpha():
            assert shown.casefold() == hit.word.casefold()
    for one in {(hit.ban, hit.word) for hit in hits}:
        mine = [hit for hit in hits if (hit.ban, hit.word) == one]
        assert all(first.end <= second.start for first, second in pairwise(mine))


@settings(deadline=None, max_examples=300)
@given(st.lists(texts, max_size=8))
@example(["秒\ud800批", "", "\n", "秒批"])
@example(["秒", "批"])
@example(["1OO%", "○○1%", "1○0%", "O.5%", "OO分3秒", "OO5秒3分", "O利息", "last\nchance", "act \r\nnow", "Ｏ％"])
@example(["last ﬁve", "ﬁnal notice", "⑩⓪% approved", "秒1️⃣批", "最快2小时", "5秒3分"])
def test_no_text_with_a_certain_hit_goes_unsuspected(many: list[str]) -> None:
    held = [number for number, text in enumerate(many) if any(hit.how != "sounds" for hit in WHOLE.find(text))]
    suspects = WHOLE.suspects(many)
    assert suspects == sorted(set(suspects)) and set(held) <= set(suspects) <= set(range(len(many)))


PLAIN = Lexicon([Ban(("秒批", "免审", "审批", "批批", "零利息", "利息"), ("每秒批量", "减免审批"), "")])


@settings(deadline=None, max_examples=500)
@given(st.text("秒批免审每量减零利息款", max_size=14))
def test_clean_text_is_searched_as_substrings(text: str) -> None:
    [ban] = PLAIN.bans
    spans = [match.span(1) for phrase in ban.allowed for match in re.finditer(f"(?=({phrase}))", text)]
    spans = [(start, start + 4) for start, _ in spans]
    wanted = [
        Hit(0, word, match.start(), match.end(), "written")
        for word in ban.words
        for match in re.finditer(word, text)
        if not any(start <= match.start() and match.end() <= end for start, end in spans)
    ]
    found = [hit for hit in PLAIN.find(text) if hit.how != "sounds"]
    assert sorted(found, key=repr) == sorted(wanted, key=repr)


@settings(deadline=None, max_examples=200)
@given(texts, texts)
def test_what_a_variable_completes_is_what_spans_its_place(before: str, after: str) -> None:
    spanning = {(hit.ban, hit.word) for hit in WHOLE.find(before + after) if hit.start < len(before) < hit.end}
    completed = WHOLE.completed(before, after)
    assert spanning <= {(hit.ban, hit.word) for hit in completed}
    assert all(0 <= hit.start < len(before) and 0 < hit.end <= len(after) for hit in completed)


@pytest.mark.parametrize("kind", CERTAIN)
def test_certain_disguises_are_seen_through(kind: str) -> None:
    found, all_, missed = recall(CERTAIN[kind], WORDS)
    assert found >= 0.99 * all_, missed
    assert all_ > 0


@pytest.mark.parametrize(("kind", "share"), [("homophones", 0.9), ("pinyin", 0.95), ("in two", 0.95)])
def test_most_guesses_are_made(kind: str, share: float) -> None:
    words = [word for word in WORDS if not re.search("[A-Za-z{]", word)]
    found, all_, missed = recall(GUESSED[kind], words)
    assert found >= share * all_, missed


@pytest.mark.parametrize("text", LEGITIMATE)
def test_honest_text_is_left_alone(text: str) -> None:
    assert Lexicon(CHINESE).find(text) == []


def test_the_class_for_engines_has_every_character_that_is_read_as_one_of_a_word() -> None:
    lexicon = Lexicon([Ban(("秒批", "APR{number}", "100%通过", "不-查", "→"), (), "")])
    wanted = {char for char in map(chr, range(0x110000)) if set(LETTERS[char]) & set(letters("秒批apr100通过不查"))}
    digits = {char for char in map(chr, range(0x110000)) if re.search(ONE_OR_MORE, LETTERS[char])}
    wanted |= digits | {"%", "％", "﹪", "→", "￫"} | set(ROUND)
    assert sources(word for _, word in lexicon.words) == wanted
    others = map(chr, (*range(1, 0x3400), *range(0x3400, 0xD800, 7), *range(0xE000, 0x110000, 97)))
    shown = sorted(wanted.union(others))
    rows = duckdb.execute("SELECT c, regexp_matches(c, ?) FROM (SELECT unnest(?) AS c)", [lexicon.touched(), shown])
    assert {char for char, touched in rows.fetchall() if touched} == wanted


def test_the_class_of_no_words_matches_nothing() -> None:
    assert duckdb.execute("SELECT regexp_matches('a中', ?)", [Lexicon([]).touched()]).fetchone() == (False,)


def test_all_of_unicode_is_read_the_other_way_round() -> None:
    wanted: dict[str, set[str]] = {}
    for char in map(chr, range(0x110000)):
        for letter in set(LETTERS[char]) - {char}:
            wanted.setdefault(letter, set()).add(char)
    assert {letter: set(chars) for letter, chars in _inverse().items()} == wanted


def test_letters_are_letters_of_themselves() -> None:
    """All but one, which OpenCC takes for one that it takes for another."""
    assert [char for char in map(chr, range(0x110000)) if letters(LETTERS[char]) != LETTERS[char]] == ["薴"]


@pytest.mark.parametrize("name", tables.MADE)
def test_tables_are_what_their_libraries_say(name: str) -> None:
    for needed in ("opencc", "pypinyin", "jieba"):
        pytest.importorskip(needed, reason=f"{needed} is needed to make the tables only")
    assert (tables.TABLES / name).read_text(encoding="utf-8") == tables.MADE[name]()


def test_a_pattern_knows_its_marks() -> None:
    assert [Pattern(word).marks for word in ("100%通过", "no credit-check", "《x》", "→", "秒批")] == [
        "%",
        "",
        "《》",
        "→",
        "",
    ]
