"""`camp test`: expectations, what they say when they are not met, coverage, JUnit, exit codes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from runtime.cli.main import main

BANK = """
brand b "某行" { signature "【某行】"; opt_out "拒收请回复R"; zone "Asia/Shanghai"; currency CNY; phones "CN"; control 100% }
customer { id key; phone phone?; surname text?; gender one_of("F", "M")?; assets money?; consent flag }
event view { page text }
policy p { quiet 22:00-08:00; require consent consent; cap 1 per day }
campaign c {
  policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { did view where page = "loan" in last 7 days; none { assets > 100 CNY } }
  start once
  window 16:00-18:00
  message sms { text "{{ customer | salutation }}，您好" }
}
"""
GOOD = 'customer { phone "13800000001"; surname "王"; gender "M"; consent yes }; event view { page "loan" } 2 days ago'


def run(folder: Path, tests: str, *options: str) -> Result:
    (folder / "bank.camp").write_text(BANK + tests, encoding="utf-8")
    (folder / "camp.toml").write_text("", encoding="utf-8")
    return CliRunner().invoke(main, ["test", str(folder), *options])


def block(said: str, at: str = "2026-03-04T09:00", title: str = "t") -> str:
    return f'test "{title}" {{ at {at}; {said} }}\n'


@pytest.mark.parametrize(
    "said",
    [
        f"{GOOD}; expect send of c",
        f'{GOOD}; expect send of c at 2026-03-04T16:00 containing "王先生，您好"',
        f"{GOOD}; event opted_out 1 hours ago; expect no send of c because opted_out",
        f"{GOOD}; sent c 1 days ago; expect no send of c",
        GOOD.replace("2 days", "8 days") + "; expect no send of c because audience",
        GOOD.replace("consent yes", "consent no") + "; expect no send of c because no_consent",
        GOOD.replace('phone "13800000001"; ', "") + "; expect no send of c because no_address",
        GOOD.replace("consent yes", "consent yes; assets 100.01 CNY") + "; expect no send of c because audience",
        GOOD.replace("consent yes", "consent yes; assets 100 CNY") + "; expect send of c",
    ],
)
def test_an_expectation_that_is_met(tmp_path: Path, said: str) -> None:
    found = run(tmp_path, block(said))
    assert (found.exit_code, found.output) == (0, "1 passed, 0 failed\n")


@pytest.mark.parametrize(
    ("said", "but"),
    [
        (f"{GOOD}; expect no send of c", 'it is sent by sms at 2026-03-04T16:00: "【'),
        (f"{GOOD}; expect send of c at 2026-03-04T16:01", "it is sent by sms at 2026-03-04T16:00"),
        (f'{GOOD}; expect send of c containing "李"', "王先生"),
        (f"{GOOD}; event opted_out 1 hours ago; expect send of c", "it is suppressed: opted_out"),
        (f"{GOOD}; event opted_out 1 hours ago; expect no send of c because cap", "it is suppressed: opted_out"),
        ("customer { consent yes }; expect send of c", "it is no candidate"),
    ],
)
def test_an_expectation_that_is_not_met_says_what_happens_instead(tmp_path: Path, said: str, but: str) -> None:
    found = run(tmp_path, block(said))
    assert (found.exit_code, "1 failed" in found.output) == (1, True)
    assert but.replace("【", "") in found.output and "expected" in found.output and "bank.camp:" in found.output


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("expect no send of c", "CAMP304"),
        ("customer { consent yes }", "CAMP304"),
        ("customer { consnet yes }; expect no send of c", "CAMP301"),
        ("customer { consent 3 }; expect no send of c", "CAMP311"),
        ('customer { gender "X" }; expect no send of c', "CAMP312"),
        ("customer { consent yes }; expect no send of d", "CAMP301"),
        ("customer { consent yes }; expect no send of c because bored", "CAMP301"),
        ('customer { consent yes }; event view { pag "x" } 1 days ago; expect no send of c', "CAMP301"),
    ],
)
def test_a_test_with_a_mistake_is_a_finding(tmp_path: Path, said: str, code: str) -> None:
    found = run(tmp_path, block(said))
    assert (found.exit_code, f"error[{code}]" in found.output) == (1, True)


def test_coverage_lists_what_no_test_has_decided_both_ways(tmp_path: Path) -> None:
    one = run(tmp_path, block(f"{GOOD}; expect send of c"), "--coverage")
    assert one.exit_code == 1
    undecided = [line.split(": ", 1)[1] for line in one.output.splitlines() if line.startswith("undecided")]
    assert undecided == [
        "audience line of c, never failed",
        "audience line of c, never failed",
        "campaign of c, never withheld",
        "cap of p, never refused",
        "consent of p, never refused",
    ]
    whole = [
        "campaign gone { retired }\n",
        block(f"{GOOD}; expect send of c", title="a"),
        block(f"{GOOD}; sent gone 1 minutes ago; expect no send of c because cap", title="b"),
        block("customer { consent yes; assets 101 CNY }; expect no send of c", title="d"),
    ]
    both = run(tmp_path, "".join(whole), "--coverage")
    assert (both.exit_code, "everything is decided both ways" in both.output) == (0, True), both.output


def test_junit_names_each_test_and_its_failure(tmp_path: Path) -> None:
    tests = block(f"{GOOD}; expect send of c", title="good") + block(f"{GOOD}; expect no send of c", title="bad")
    found = run(tmp_path, tests, "--junit", str(tmp_path / "report.xml"))
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert (found.exit_code, suite.get("tests"), suite.get("failures")) == (1, "2", "1")
    assert [(case.get("name"), len(case)) for case in suite] == [("good", 0), ("bad", 1)]


def test_k_chooses_by_title(tmp_path: Path) -> None:
    tests = block(f"{GOOD}; expect send of c", title="good") + block(f"{GOOD}; expect no send of c", title="bad")
    assert run(tmp_path, tests, "-k", "good").output == "1 passed, 0 failed\n"


def test_the_example_banks_tests_hold() -> None:
    found = CliRunner().invoke(main, ["test", str(Path(__file__).parent.parent / "campaigns")])
    assert (found.exit_code, found.output) == (0, "76 passed, 0 failed\n")


def test_a_past_send_of_a_retired_campaign_counts_as_its_kind(tmp_path: Path) -> None:
    bank = BANK.replace("cap 1 per day", "cap 1 of benefit per 30 days")
    retired = "campaign gone { kind benefit; runs 2026-01-01..2026-02-01; retired }\n"
    test = block(f"{GOOD}; sent gone 2 days ago; expect no send of c because cap")
    (tmp_path / "all.camp").write_text(bank + retired + test, encoding="utf-8")
    found = CliRunner().invoke(main, ["test", str(tmp_path)])
    assert (found.exit_code, found.output.splitlines()[-1]) == (0, "1 passed, 0 failed")
