"""The program's hash stands for its meaning: the same however a project is written down, another for anything that it decides."""

from __future__ import annotations

import random
import re
import shutil
from functools import cache
from pathlib import Path

import pytest

import grammar
from dsl.compiler import analyse
from dsl.parser.parse import parse
from dsl.parser.tokens import tokens
from dsl.program.ir import Program
from dsl.program.lower import lower
from dsl.settings import Settings
from dsl.source import Source
from runtime.cli.compile import compiled
from tests.completing import HERE, completed

CAMPAIGNS = HERE.parent / "campaigns"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    folder = tmp_path / "bank"
    shutil.copytree(CAMPAIGNS, folder, ignore=shutil.ignore_patterns("data"))
    return folder


@cache
def original() -> Program:
    return compiled(CAMPAIGNS)


def declarations(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.glob("*.camp")):
        source = Source(path.name, path.read_text(encoding="utf-8"))
        found += [source.text[one.span.start : one.span.end] for one in parse(source)[0].declarations]
    return found


def one_file(folder: Path, texts: list[str]) -> None:
    for path in folder.glob("*.camp"):
        path.unlink()
    (folder / "all.camp").write_text("\n\n".join(texts) + "\n", encoding="utf-8")


def shuffled(texts: list[str]) -> list[str]:
    return random.Random(1).sample(texts, len(texts))


def every_text(folder: Path, change: object) -> None:
    for path in folder.glob("*.camp"):
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]


def outside_strings(text: str, change: object) -> str:
    """`change` made to what is neither a string nor a comment."""
    parts = re.split(r'("(?:[^"\\\n{]|\{\{.*?\}\}|\{%.*?%\}|\{)*"|#[^\n]*)', text)
    return "".join(part if at % 2 else change(part) for at, part in enumerate(parts))  # type: ignore[operator]


def swapped(text: str) -> str:
    """Two neighbouring lines of each audience the other way round: all lines have to hold, in any order."""
    line = r"    (?! |benefit|scene|trust|process|incentive|action|text|suggest)[^{}\n]*\n"
    return re.sub(rf"(?m)(^{line})({line})", r"\2\1", text)


def in_chinese(text: str) -> str:
    """Every keyword in its Chinese spelling, as the parser reads them: names that are spelled as keywords stay."""
    done, out = 0, []
    for token in tokens(Source("t.camp", text)):
        spelled = grammar.spellings(token.type)
        out += [text[done : token.span.start], spelled[1] if spelled else token.text]
        done = token.span.end
    return "".join([*out, text[done:]])


WRITTEN_OTHERWISE = {
    "declarations in another order": lambda folder: one_file(folder, shuffled(declarations(folder))),
    "declarations the other way round": lambda folder: one_file(folder, declarations(folder)[::-1]),
    "files under other names": lambda folder: [
        path.rename(path.with_name(f"{at}.camp")) for at, path in enumerate(sorted(folder.glob("*.camp"), reverse=True))
    ],
    "files in folders": lambda folder: [
        ((folder / path.stem).mkdir(), path.rename(folder / path.stem / path.name)) for path in folder.glob("*.camp")
    ],
    "comments and blank lines": lambda folder: every_text(
        folder, lambda text: "# first\n\n\n" + text.replace("\n", "   # a comment\n\n") + "# last"
    ),
    "more spaces": lambda folder: every_text(
        folder, lambda text: outside_strings(text, lambda part: re.sub(r" +", " \t  ", part))
    ),
    "other line ends": lambda folder: every_text(folder, lambda text: text.replace("\n", "\r\n")),
    "lines of audiences in another order": lambda folder: every_text(folder, swapped),
    "30万 as 300_000": lambda folder: every_text(
        folder,
        lambda text: re.sub(r"\b7 days", "1 week", text.replace("30万 CNY", "300_000.00 CNY").replace("3.8%", "3.80%")),
    ),
    "another folder's data": lambda folder: (folder / "camp.toml").write_text(
        (folder / "camp.toml").read_text(encoding="utf-8").replace("../out/demo/data", "elsewhere"), encoding="utf-8"
    ),
}


@pytest.mark.parametrize("way", WRITTEN_OTHERWISE)
def test_the_same_meaning_has_the_same_hash(way: str, bank: Path) -> None:
    before = {path.relative_to(bank): path.read_bytes() for path in bank.rglob("*.*")}
    WRITTEN_OTHERWISE[way](bank)
    assert before != {path.relative_to(bank): path.read_bytes() for path in bank.rglob("*.*") if path.is_file()}
    assert compiled(bank).hash == original().hash


def test_a_project_moved_elsewhere_has_the_same_hash(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bank)
    assert compiled(Path()).hash == compiled(bank).hash == original().hash


def test_the_chinese_spelling_of_a_project_has_the_same_hash(bank: Path) -> None:
    shutil.rmtree(bank / "tests")  # full of fields that are spelled as keywords, and no part of the program
    every_text(bank, in_chinese)
    text = "".join(path.read_text(encoding="utf-8") for path in bank.glob("*.camp"))
    assert not re.search(r"(?m)^(campaign|segment|policy)\b|^  (audience|start|window|message)\b", text)
    assert compiled(bank).hash == original().hash


@pytest.mark.parametrize("fact", ["at", "start_at", "items", "hash"])
def test_what_a_fact_is_called_does_not_hide_it(fact: str) -> None:
    def hashed(amount: int) -> str:
        model = analyse(completed(f'product p "P" {{ {fact} {amount} CNY }}')).model
        assert model is not None
        return lower(model, Settings()).hash

    assert hashed(5) == hashed(5) != hashed(6)


CHANGES = [
    ("bank.camp", "0.05 CNY", "0.06 CNY"),
    ("bank.camp", "2% ", "2.01% "),
    ("bank.camp", '"拒收请回复R"', '"回复R拒收"'),
    ("bank.camp", "assets          money? sensitive", "assets          money?"),
    ("policy.camp", "22:00-08:00", "22:00-08:01"),
    ("policy.camp", '"立即申请"', '"马上申请"'),
    ("policy.camp", '"降低利率风险"', '"降低利率"'),
    ("policy.camp", "cap 4 per month", "cap 5 per month"),
    ("policy.camp", "cap 2 per day", "cap 2 per week"),
    ("policy.camp", "from 2026-09-30", "from 2026-10-01"),
    ("policy.camp", "limit    2", "limit    3"),
    ("products.camp", "term        36 months", "term        36 weeks"),
    ("products.camp", "wed, fri 16:00-18:00", "wed, thu 16:00-18:00"),
    ("products.camp", "3.45%..5.6%", "3.45%..5.61%"),
    ("segments.camp", "in last 90 days", "in last 91 days"),
    ("segments.camp", "not did app_view", "did app_view"),
    ("segments.camp", ">= 50万 CNY", "> 50万 CNY"),
    ("renovation_winback.camp", '"renovation" in last 365', '"mortgage" in last 365'),
    ("renovation_winback.camp", "again  after 90 days", "again after 91 days"),
    ("renovation_winback.camp", "expire after 14 days", "expire after 15 days"),
    ("missed_visit.camp", "cap    1 per 14 days", "cap    1 per 15 days"),
    ("missed_visit.camp", "after 2 hours unless", "after 2 hours if"),
    ("missed_visit.camp", "请求回电", "请求致电"),
    ("renovation_plan.camp", "09:00-20:00 for", "09:00-19:00 for"),
    ("renovation_plan.camp", "verify face", "verify voice"),
    ("products.camp", "instead of 5.6%", "instead of 5.7%"),
    ("car_film.camp", "film.mp4", "film2.mp4"),
    ("segments.camp", "14:00-17:00", "15:00-17:00"),
    ("renovation_winback.camp", "priority 60", "priority 61"),
    ("renovation_winback.camp", "2026-04-30", "2026-05-01"),
    ("renovation_winback.camp", "none {", "any {"),
    ("renovation_winback.camp", "免评估费", "免 评估费"),
    ("county_spring.camp", "workdays 09:00-11:00 skip holidays", "workdays 09:00-11:00"),
    ("county_spring.camp", "kind     product_reminder", "kind     event_notice"),
    ("youth_credit.camp", "holdout 5%", "holdout 6%"),
    ("camp.toml", '"mobile"', '"phone"'),
    ("camp.toml", 'zone = "UTC"', 'zone = "Asia/Shanghai"'),
    ("retired.camp", "campaign deposit_2025", "campaign deposit_2024"),
]


@pytest.mark.parametrize(("file", "old", "new"), CHANGES, ids=[f"{file}: {new}" for file, _, new in CHANGES])
def test_another_meaning_has_another_hash(file: str, old: str, new: str, bank: Path) -> None:
    text = (bank / file).read_text(encoding="utf-8")
    assert old in text
    (bank / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert compiled(bank).hash != original().hash
