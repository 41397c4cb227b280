"""The article's four sample messages break just what they should, and pass after `--fix` and the edits that the help names."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from runtime import project
from runtime.cli.main import main

SAMPLES = Path(__file__).parent / "article" / "samples.camp"
# No signature, no opt-out; by message: → in every one, two rates without 年化 (one of them as a discount), a hurry, and nothing
# confirmed on a second channel. The limit that stands ready is one that the product declares: no fault.
OF_THE_BRAND = {"CAMP501": 1, "CAMP502": 1}
BY_MESSAGE = {
    "one": {"CAMP507": 1, "CAMP508": 1, "CAMP521": 1, "CAMP522": 1},
    "two": {"CAMP507": 1, "CAMP508": 1, "CAMP522": 1},
    "three": {"CAMP508": 1, "CAMP522": 1},
    "four": {"CAMP508": 1, "CAMP521": 1, "CAMP522": 1},
}
# What the help names, by hand: what was written → what is written instead.
EDITS = (
    ('brand bank "某某银行" { ', 'brand bank "某某银行" { signature "【某某银行】"; opt_out "拒收请回复R"; '),
    ("本月办理享利率8折优惠", "本月办理年化利率{{ product.apr | percent }}"),
    ("手机银行申请可额外获得利率折扣券", "手机银行申请年化利率{{ product.apr | percent }}"),
    ("专属通道限时开放至本月底", "专属通道开放至本月底"),
)
CONFIRM = '  confirm wechat { text "您收到的短信由我行发送，详情以此为准" }\n'


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    shutil.copy(SAMPLES, tmp_path)
    return tmp_path


def found(folder: Path) -> dict[str, Counter[str]]:
    """Codes by the campaign that they are told at; those of the brand under ``."""
    text = (folder / SAMPLES.name).read_text(encoding="utf-8")
    told: dict[str, Counter[str]] = {}
    for one in project.read((folder,)).found:
        before = text[: one.span.start + 1].rsplit("campaign ", 1)
        told.setdefault(before[1].split(" ")[0] if len(before) == 2 else "", Counter())[one.code] += 1
    return told


def test_the_samples_break_just_this(bank: Path) -> None:
    assert found(bank) == {"": OF_THE_BRAND, **BY_MESSAGE}


def test_they_pass_after_the_safe_fixes_and_the_edits_that_the_help_names(bank: Path) -> None:
    fixed = CliRunner().invoke(main, ["check", str(bank), "--fix"])
    assert fixed.exit_code == 1 and "4 places fixed in 1 file" in fixed.output
    assert {code for codes in found(bank).values() for code in codes} == {
        "CAMP501",
        "CAMP502",
        "CAMP507",
        "CAMP508",
        "CAMP521",
    }
    path = bank / SAMPLES.name
    text = path.read_text(encoding="utf-8")
    assert "→" not in text.split("policy ours")[1]
    for old, new in EDITS:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    text = text.replace("  message sms {", CONFIRM + "  message sms {")
    path.write_text(text, encoding="utf-8")
    assert found(bank) == {}


def test_signature_and_opt_out_make_each_of_them_two_segments(bank: Path) -> None:
    path = bank / SAMPLES.name
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(*EDITS[0]).replace("→", "").replace("利率8折优惠", "年化利率3.8%优惠"), encoding="utf-8"
    )
    from dsl.render.segments import segments
    from dsl.templates.longest import longest

    model = project.read((bank,)).analysis.model
    assert model is not None
    sizes = {name: longest(model, one, one.messages[0]) for name, one in model.campaigns.items()}
    assert {name: segments(size.text) for name, size in sizes.items() if size} == dict.fromkeys(BY_MESSAGE, 2)
