"""`camp policy`: the effective rules shown, compared and signed; packs by name; what has changed since it was signed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from syrupy.assertion import SnapshotAssertion

from dsl import packs
from dsl.compiler import analyse
from dsl.effective import effective, fingerprint
from dsl.model import Policy
from dsl.parser.parse import parse
from dsl.source import Source
from runtime.cli.main import main
from tests.completing import completed

POLICIES = """
policy base { quiet 22:00-08:00 source "A 1" confidence verified; cap 1 per day; ban "甲" because "x" }
policy ours "我们的" extends base {
  jurisdiction "CN"
  vendor  "直连"
  quiet   sun
  require signature first, benefit on sms when copy mentions rate or "息" source "B 2" confidence secondary
  require consent consent
  ban     "乙" because "y" from 2027-01-01
  limit   2 segments until 2026-06-30
  links   to "s.example"
  record  assessment "7"
  opt_out words "R"
}
campaign gift { policy ours; kind benefit; runs 2026-03-01..2026-06-30
  audience { region = "county" }
  start every week on mon
  message sms { benefit "Hello" }
  step again after 9 days { message sms { benefit "Hello" } }
}
"""


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for source in completed(POLICIES.replace("signature first, benefit", "benefit")):
        (tmp_path / source.path).write_text(source.text, encoding="utf-8")
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def camp(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def policy(text: str, name: str) -> Policy:
    model = analyse(completed(text)).model
    assert model is not None
    return model.policies[name]


def test_the_effective_rules_are_shown_with_what_stands_behind_them(bank: Path, snapshot: SnapshotAssertion) -> None:
    done = camp("policy", "show", "gift", "--at", "2026-05-01")
    assert done.exit_code == 0
    assert done.output == snapshot


def test_in_chinese(bank: Path, snapshot: SnapshotAssertion) -> None:
    assert camp("--lang", "zh", "policy", "show", "ours", "--at", "2026-05-01").output == snapshot


def test_a_pack_is_shown_though_nothing_extends_it(bank: Path) -> None:
    done = camp("policy", "show", "vendor_qiniu")
    assert done.exit_code == 0 and "`quiet 20:00-08:00`" in done.output and "camp/packs/cn_vendors.camp" in done.output


def test_two_days_and_two_policies_are_compared(bank: Path, snapshot: SnapshotAssertion) -> None:
    days = camp("policy", "diff", "ours", "--from", "2026-06-30", "--to", "2027-01-01")
    others = camp("policy", "diff", "base", "gift", "--from", "2026-05-01", "--to", "2026-05-01")
    same = camp("policy", "diff", "ours", "gift")
    assert [days.output, others.output, same.output.split("\n", 1)[1]] == snapshot


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "ourz"), "There is no policy or campaign called ourz. Did you mean ours?"),
        (("diff", "ours"), "Name two policies, or two days with --from and --to."),
        (("sign", "ours", "--by", " "), "Say who signs"),
        (("sign", "ours"), "Missing option '--by'"),
        (("show", "ours", "--at", "soon"), "Invalid value for '--at'"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(bank: Path, words: tuple[str, ...], said: str) -> None:
    done = camp("policy", *words)
    assert done.exit_code == 2 and said in done.output


def test_a_changed_policy_is_told_until_it_is_signed_again(bank: Path, snapshot: SnapshotAssertion) -> None:
    signed = camp("policy", "sign", "ours", "--by", '王"合规', "--on", "2026-11-26")
    assert signed.exit_code == 0 and (bank / "case.signed.toml").read_text(encoding="utf-8") == snapshot
    assert camp("check").exit_code == 0
    case = bank / "case.camp"
    case.write_text(case.read_text(encoding="utf-8").replace("cap 1 per day", "cap 2 per day"), encoding="utf-8")
    changed = camp("check")
    assert changed.exit_code == 1 and changed.output == snapshot
    assert camp("compile", "-o", "p.json").exit_code == 1
    assert camp("policy", "sign", "ours", "--by", "李合规").exit_code == 0
    assert camp("check").exit_code == 0
    assert (bank / "case.signed.toml").read_text(encoding="utf-8").count("[[ours]]") == 2


def test_layout_source_files_and_unused_defaults_are_no_change(bank: Path) -> None:
    one = policy(POLICIES, "ours")
    moved = policy(
        "\n\n# moved\n" + POLICIES.replace("quiet   sun", "quiet sun").replace("cap 1 per day;", "cap  1 per day;"),
        "ours",
    )
    assert fingerprint(one) == fingerprint(moved)
    for old, new in (
        ("cap 1 per day", 'cap 1 per day source "C"'),
        ("quiet   sun", "quiet sat"),
        ("confidence verified", "confidence secondary"),
    ):
        assert fingerprint(policy(POLICIES.replace(old, new), "ours")) != fingerprint(one)


def test_a_broken_record_is_told_and_never_written_over(bank: Path) -> None:
    (bank / "case.signed.toml").write_text("[[ours]]\nby = 3\n", encoding="utf-8")
    done = camp("check")
    assert done.exit_code == 1 and "CAMP612" in done.output and "case.signed.toml:1:1" in done.output
    assert camp("policy", "sign", "ours", "--by", "x").exit_code == 2
    assert (bank / "case.signed.toml").read_text(encoding="utf-8") == "[[ours]]\nby = 3\n"


def test_a_pack_that_a_campaign_uses_is_signed_beside_the_settings(bank: Path) -> None:
    assert camp("policy", "sign", "cn_notice", "--by", "王").exit_code == 0
    assert "[[cn_notice]]" in (bank / "packs.signed.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(packs.policies()))
def test_every_statement_of_a_pack_says_where_it_comes_from_and_how_sure_that_is(name: str) -> None:
    stated = effective(
        policy(f'policy mine extends {name} {{ quiet 22:00-08:00 source "x" confidence verified }}', "mine")
    )
    told = [
        one for one in stated if not one.text.startswith(("exempt ", "extra "))
    ]  # they stand beside what they speak of
    bare = [one.text for one in told if not one.note.source or not one.note.confidence]
    unread = [
        one.text
        for one in stated
        if one.note.confidence == "memory" and one.note.severity == "error" and one.group != "replies"
    ]
    assert stated and bare == [] and unread == []


@pytest.mark.parametrize(
    "source",
    sorted({one.path: one for one in packs.policies().values()}.values(), key=lambda one: one.path),
    ids=lambda one: one.path,
)
def test_a_pack_can_be_read(source: Source) -> None:
    _, found = parse(source)
    assert found == []


def test_a_policy_of_the_project_comes_before_a_pack_of_its_name() -> None:
    model = analyse(
        completed("policy cn_words { quiet 20:00-09:00 }\npolicy mine extends cn_words { cap 1 per day }")
    ).model
    assert model is not None
    assert [one.place.source.path for one in model.policies["mine"].quiet] == ["case.camp"]
    assert model.policies["mine"].bans == ()


def test_only_packs_that_are_named_are_in_the_model() -> None:
    model = analyse(completed("policy mine extends us_tx { cap 1 per day }")).model
    assert model is not None
    assert sorted(model.policies) == ["mine", "rules", "us_federal", "us_tx", "us_words"]


def test_a_policy_with_a_chinese_name_is_signed_too(bank: Path) -> None:
    case = bank / "case.camp"
    case.write_text(case.read_text(encoding="utf-8").replace("ours", "我们"), encoding="utf-8")
    assert camp("policy", "sign", "我们", "--by", "王").exit_code == 0
    assert camp("check").exit_code == 0 and camp("policy", "sign", "我们", "--by", "李").exit_code == 0


def test_a_policy_that_moves_to_another_file_stays_signed(bank: Path) -> None:
    assert camp("policy", "sign", "ours", "--by", "王", "--on", "2026-11-01").exit_code == 0
    case = bank / "case.camp"
    case.write_text(case.read_text(encoding="utf-8").replace("cap 1 per day", "cap 2 per day"), encoding="utf-8")
    case.rename(bank / "a.camp")
    assert "CAMP611" in camp("check").output
    assert camp("policy", "sign", "ours", "--by", "李", "--on", "2026-11-02").exit_code == 0
    assert (bank / "a.signed.toml").is_file() and "CAMP611" not in camp("check").output


@pytest.mark.parametrize("raw", [b"a = [1, 2]\n", b"a = 1\n", b"\xff\xfe", b"[[a]]\n"])
def test_odd_records_are_told_and_never_a_traceback(bank: Path, raw: bytes) -> None:
    (bank / "case.signed.toml").write_bytes(raw)
    told, signed = camp("check"), camp("policy", "sign", "ours", "--by", "x")
    assert told.exit_code == 1 and "CAMP612" in told.output
    assert signed.exit_code == 2 and (bank / "case.signed.toml").read_bytes() == raw


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('ban "a", "b" because "x"', 'ban "b" because "x"; ban "a" because "x"'),
        ('require "a" or "b"', 'require "b" or "a"'),
        ('refuse characters "→★" because "x"', 'refuse characters "★→" because "x"'),
        ("quiet sat, sun", "quiet sun; quiet sat"),
    ],
)
def test_how_words_are_gathered_is_no_change(one: str, other: str) -> None:
    prints = [fingerprint(policy(f"policy p {{ {text} }}", "p")) for text in (one, other, one.replace("a", "c"))]
    assert prints[0] == prints[1] and (prints[0] != prints[2]) == ("a" in one)


def test_labels_exemptions_extras_and_marks_are_signed_too() -> None:
    plain = fingerprint(policy("policy p { cap 1 of benefit per month }", "p"))
    for more in ('vendor "x"', 'jurisdiction "CN"', "exempt service from cap", 'marks "," "."'):
        assert fingerprint(policy(f"policy p {{ cap 1 of benefit per month; {more} }}", "p")) != plain


def test_the_example_banks_campaigns_have_effective_rules() -> None:
    bank = str(Path(__file__).parent.parent / "campaigns")
    done = camp("policy", "show", "renovation_spring", "--at", "2026-03-04", "--in", bank)
    assert done.exit_code == 0 and "`extra 1 of benefit per month within 7 days before holiday`" in done.output
