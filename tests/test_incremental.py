"""A second check does only what may have changed, and says exactly what a first one would."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.repository import generate
from dsl.compiler import analyse
from dsl.diagnostics import render
from dsl.source import Source
from runtime import incremental
from runtime.cli.main import main
from tests.completing import PREAMBLE
from tests.plans import camp

assert main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CAMP_CACHE", raising=False)
    generate(tmp_path / "bank", campaigns=30)
    return tmp_path / "bank"


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of the files that each analysis looked at."""
    seen: list[list[str]] = []

    def spy(sources: object, elsewhere: object = None) -> object:
        listed = list(sources)  # type: ignore[call-overload]
        seen.append([Path(one.path).name for one in listed])
        return analyse(listed, elsewhere)  # type: ignore[arg-type]

    monkeypatch.setattr(incremental, "analyse", spy)
    return seen


def sources(folder: Path) -> list[Source]:
    return [Source(str(path), path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.camp"))]


def said(folder: Path) -> tuple[list[str], dict[str, int]]:
    checked = incremental.check(folder, sources(folder), schema=False)
    return [render(one) for one in checked.found], dict(checked.declarations)


def anew(folder: Path) -> list[str]:
    return [render(one) for one in analyse(sources(folder)).found]


def edit(folder: Path, name: str, old: str, new: str) -> None:
    (path,) = folder.rglob(name)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_nothing_changed_nothing_is_looked_at(folder: Path, looked: list[list[str]]) -> None:
    first = said(folder)
    assert said(folder) == first == (anew(folder), first[1])
    assert len(looked) == 1 and len(looked[0]) == 31 and sum(first[1].values()) == 30 + 7 + 20 + 50 + 10


EDITS: dict[str, tuple[Callable[[Path], object], Callable[[list[str], Path], bool]]] = {
    "a campaign": (
        lambda folder: edit(folder, "campaign_3.camp", "priority ", "priority 1"),
        lambda names, folder: names == ["bank.camp", "campaign_3.camp"],
    ),
    "a mistake in a campaign": (
        lambda folder: edit(folder, "campaign_3.camp", "segment segment_", "segment sgment_"),
        lambda names, folder: names == ["bank.camp", "campaign_3.camp"],
    ),
    "the brand, on which all depend": (
        lambda folder: edit(folder, "bank.camp", "control 2%", "control 3%"),
        lambda names, folder: len(names) == 31,
    ),
    "a segment, and who mentions it": (
        lambda folder: edit(folder, "bank.camp", "segment segment_46 =", "segment segment_46 = consent_sms and"),
        lambda names, folder: set(names) == {"bank.camp", *mentions(folder, "segment_46")},
    ),
    "a policy gone": (
        lambda folder: edit(folder, "bank.camp", "policy marketing_4 ", "policy marketing_x "),
        lambda names, folder: set(names) == {"bank.camp", *mentions(folder, "marketing_4")},
    ),
    "a campaign of the same name": (
        lambda folder: (folder / "more.camp").write_text(
            next(folder.rglob("campaign_5.camp")).read_text(encoding="utf-8"), encoding="utf-8"
        ),
        lambda names, folder: set(names) == {"bank.camp", "campaign_5.camp", "more.camp"},
    ),
    "a file gone": (
        lambda folder: next(folder.rglob("campaign_6.camp")).unlink(),
        lambda names, folder: names == ["bank.camp"],
    ),
    "a file moved": (
        lambda folder: next(folder.rglob("campaign_6.camp")).rename(folder / "moved.camp"),
        lambda names, folder: set(names) == {"bank.camp", "moved.camp"},
    ),
}


def mentions(folder: Path, word: str) -> set[str]:
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("campaign_*.camp")}
    found = {name for name, text in texts.items() if re.search(rf"\b{word}\b", text)}
    assert found
    return found


@pytest.mark.parametrize("what", EDITS)
def test_after_an_edit_only_what_depends_on_it_is_looked_at(what: str, folder: Path, looked: list[list[str]]) -> None:
    change, expected = EDITS[what]
    said(folder)
    change(folder)
    found, _ = said(folder)
    assert found == anew(folder)
    assert expected(sorted(looked[-1], key=lambda name: (name != "bank.camp", name)), folder), looked[-1]
    assert said(folder)[0] == found  # and what is kept now is as good


def test_a_test_may_speak_of_a_campaign_that_is_not_looked_at(folder: Path) -> None:
    said(folder)
    test = 'test "t" {{ at 2026-03-04T09:00; customer {{ phone "13800000001" }}; expect no send of {name} }}\n'
    (folder / "tests.camp").write_text(
        test.format(name="campaign_1") + test.format(name="campaign_x"), encoding="utf-8"
    )
    found, _ = said(folder)
    assert len(found) == 1 and "campaign_x" in found[0]


@pytest.mark.parametrize("harm", ["not JSON", "cut", "gone", "of another Camp", "somebody else's to read"])
def test_what_is_kept_can_be_lost_or_broken(harm: str, folder: Path, tmp_path: Path, looked: list[list[str]]) -> None:
    first = said(folder)
    (kept,) = (tmp_path / "cache" / "camp").glob("check-*.json")
    raw = kept.read_bytes()
    if harm == "gone":
        kept.unlink()
    elif harm == "somebody else's to read":
        kept.chmod(0o666)
    elif harm == "of another Camp":
        content = json.loads(raw.partition(b"\n")[2]) | {"salt": "x"}
        from dsl import keeping

        keeping.write(kept, content)
    else:
        kept.write_bytes(b"{" if harm == "not JSON" else raw[:-5])
    assert said(folder) == first and len(looked) == 2 and len(looked[1]) == 31


def test_nothing_is_kept_where_it_is_not_wanted(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMP_CACHE", "off")
    said(folder)
    assert not list(tmp_path.joinpath("cache").rglob("check-*"))


def test_the_command_says_the_same_the_second_time(folder: Path) -> None:
    edit(folder, "campaign_3.camp", "segment segment_", "segment sgment_")
    first, second = camp("check", folder), camp("check", folder)
    assert first.exit_code == second.exit_code == 1 and first.output == second.output
    one = camp("check", next(folder.rglob("campaign_4.camp")))
    assert (one.exit_code, one.output) == (0, "1 file, 1 declaration read, 0 errors\n")


def test_comments_severities_and_today_are_asked_of_what_is_kept(
    folder: Path, looked: list[list[str]], tmp_path: Path
) -> None:
    """None of them is kept with the findings: a changed comment, camp.toml or day is seen at once."""
    (path,) = folder.rglob("campaign_3.camp")
    bare = re.sub(r"window .*", "window 22:30-23:30", path.read_text(encoding="utf-8"))
    path.write_text(bare, encoding="utf-8")
    assert "error[CAMP401]" in camp("check", folder).output
    for comment, today, code, told in (
        ("", "2026-03-01", 1, "error[CAMP401]"),
        ('# camp: allow CAMP401 until 2026-06-30 because "a"', "2026-03-01", 0, "1 finding allowed"),
        ('# camp: allow CAMP401 until 2026-06-30 because "a"', "2026-07-01", 1, "error[CAMP703]"),
        ('# camp: allow CAMP401 until 2026-06-30 because "a"', "2026-06-30", 0, "1 finding allowed"),
        ('# camp: allow CAMP411 until 2026-06-30 because "a"', "2026-03-01", 1, "warning[CAMP702]"),
        ('# camp: allow CAMP401 until 2026-06-30 because ""', "2026-03-01", 1, "error[CAMP701]"),
    ):
        path.write_text(bare.replace("22:30-23:30", f"22:30-23:30 {comment}"), encoding="utf-8")
        for _ in range(2):  # read again, and kept
            done = camp("check", folder, "--today", today)
            assert done.exit_code == code and told in done.output, (comment, today, done.output)
        assert camp("check", folder, "--format", "json", "--today", today).output.count('"code"') == (
            1 + (told[:2] in ("er", "wa") and "CAMP401" not in told)
        )
    path.write_text(bare, encoding="utf-8")
    camp("check", folder)
    camp("check", folder)
    kept = looked[-1]
    with (folder / "camp.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[check.severity]\nCAMP401 = "warning"\n')
    done = camp("check", folder)
    assert done.exit_code == 0 and "warning[CAMP401]" in done.output and "1 rule lowered" in done.output
    assert looked[-1] == kept and len(kept) < 31, "not read again for it"


@pytest.fixture
def on_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Campaigns on packs, in which findings point into packs, the brand, the product and the policy."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CAMP_CACHE", raising=False)
    bank = tmp_path / "bank"
    bank.mkdir()
    (bank / "camp.toml").write_text("", encoding="utf-8")
    (bank / "pre.camp").write_text(re.sub(r"(?ms)^policy rules.*?^\}", "", PREAMBLE.text), encoding="utf-8")
    policy = """policy ours extends cn_bank { require consent consent; record assessment "P"; require opt_out "回T退订" last
  require fact all_in_cost when copy mentions rate
  require "hello" severity warning
}
"""
    (bank / "policy.camp").write_text(policy, encoding="utf-8")
    for at in range(22):
        words = f"""campaign c{at} {{ product renovation; policy ours; kind product_reminder; runs 2026-12-01..2026-12-31
  audience {{ region = "county" }}
  start once
  message sms {{ benefit "方案已备好，年化利率{{{{ product.apr | percent }}}}"; action "详询{{{{ link }}}}" }}
}}
"""
        (bank / f"c{at}.camp").write_text(words, encoding="utf-8")
    return bank


ON_PACKS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda bank: None,
    "a comment below": lambda bank: edit(bank, "policy.camp", "}\n", "}\n# x\n"),
    "a comment above": lambda bank: edit(bank, "policy.camp", "policy ours", "# x\npolicy ours"),
    "another file's name": lambda bank: (bank / "policy.camp").rename(bank / "rules.camp"),
    "a policy in place of a pack": lambda bank: (bank / "own.camp").write_text(
        'policy cn_words { ban "详询" because "z" }\n'
    ),
    "the product": lambda bank: edit(bank, "pre.camp", "term       36 months", "all_in_cost 9%"),
    "the brand": lambda bank: edit(bank, "pre.camp", "拒收请回复R", "回T退订"),
}


@pytest.mark.parametrize("what", ON_PACKS)
def test_findings_that_point_into_packs_and_other_files_are_told_again(what: str, on_packs: Path) -> None:
    assert said(on_packs)[0] == anew(on_packs) != []
    ON_PACKS[what](on_packs)
    assert said(on_packs)[0] == anew(on_packs)
    assert said(on_packs)[0] == anew(on_packs)


def test_a_signed_pack_that_only_campaigns_name_is_held(on_packs: Path) -> None:
    for path in on_packs.glob("c*.camp"):
        path.write_text(
            path.read_text(encoding="utf-8").replace("policy ours", "policy cn_templates"), encoding="utf-8"
        )
    assert camp("policy", "sign", "cn_templates", "--by", "王", "--in", on_packs).exit_code == 0
    assert "CAMP611" not in camp("check", on_packs).output
    record = on_packs / "packs.signed.toml"
    record.write_text(re.sub(r"sha256:....", "sha256:0000", record.read_text(encoding="utf-8")), encoding="utf-8")
    assert "CAMP611" in camp("check", on_packs).output and "CAMP611" in camp("check", on_packs).output
