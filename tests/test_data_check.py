"""`camp data check`: what a run could not use is told before a run, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runtime.cli.main import main

BANK = """
brand b "某行" { signature "【某行】"; opt_out "拒收请回复R"; zone "Asia/Shanghai"; currency CNY; phones "CN"; rejects 10% }
customer { id key; phone phone?; region one_of("city", "county"); assets money? sensitive; consent flag }
event view { page text }
event visit { amount money }
policy p { quiet 22:00-08:00; require signature first, opt_out last; require consent consent; cap 1 per day; limit 2 segments }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { did view in last 7 days }
  start once
  window 16:00-18:00
  message sms { text "您好" }
}
"""
GOOD = [f"k{n},1380000{n:04},city,10.5,yes" for n in range(20)]
VIEWS = ["k1,2026-03-01T10:00:00+08:00,e1,loan", "k2,soon,e2,loan", "k3,2026-03-01T10:00:00+08:00,e3,home"]


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("bank.camp").write_text(BANK, encoding="utf-8")
    Path("camp.toml").write_text('[data]\npath = "data"\n', encoding="utf-8")
    Path("data/events").mkdir(parents=True)
    customers(GOOD)
    Path("data/events/view.csv").write_text("\n".join(["customer,at,id,page", *VIEWS]) + "\n", encoding="utf-8")
    Path("data/events/opted_out.csv").write_text("customer,at,id\n", encoding="utf-8")
    return tmp_path


def customers(rows: list[str], header: str = "id,phone,region,assets,consent") -> None:
    Path("data/customers.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def check(*words: str) -> Result:
    return CliRunner().invoke(main, ("data", "check", *words))


def test_clean_data_are_fine_and_every_source_is_listed(bank: Path) -> None:
    before = sorted(bank.rglob("*"))
    found = check()
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert lines[0] == "customers: 20 rows read, 0 refused"
    assert "events/visit: not there" in lines and "ledger: not there" in lines
    assert "events/view: 3 rows read, 1 refused" in lines
    assert '  1 × at is no instant between 1971 and 2100; as row 2 of "k2": "soon"' in lines
    assert lines[-1] == "0 of 20 customers cannot be used (0.00%), and the brand allows 10.00%: fine"
    assert "warning: 33.3% of events/view are refused" in found.stderr
    assert sorted(bank.rglob("*")) == before


def test_reasons_are_counted_with_one_example_each(bank: Path) -> None:
    customers([*GOOD, "k20,123456,city,,yes", "k21,99,city,,yes"])
    found = check()
    assert found.exit_code == 0, found.output
    assert '  2 × phone is no valid phone number; as row 21 of "k20": "123…"' in found.stdout
    assert "22 rows read, 2 refused" in found.stdout and "123456" not in found.stdout


def test_too_many_refused_rows_are_all_told_and_fail(bank: Path) -> None:
    customers([*GOOD, *(f"b{n},,village,,yes" for n in range(5)), "k0,,city,secret,yes"])
    found = check()
    assert found.exit_code == 1
    assert '  5 × region is none of city, county; as row 21 of "b0": "village"' in found.stdout
    assert '  1 × assets is not an amount; as row 26 of "k0": "sec…"' in found.stdout
    assert "7 of 26 customers cannot be used" in found.stdout and "a run would stop" in found.stdout
    assert "events/view: 3 rows read" in found.stdout


def test_what_stands_on_a_line_that_is_no_row_is_hidden(bank: Path) -> None:
    customers([*GOOD, "k20,13811112222,city"])
    found = check()
    assert found.exit_code == 0, found.output
    assert "21 rows read, 1 refused" in found.stdout and "13811112222" not in found.output


def test_an_unused_event_may_be_missing_a_used_one_may_not(bank: Path) -> None:
    Path("data/events/view.csv").unlink()
    found = check()
    assert found.exit_code == 1 and "events/view: not there, and a campaign asks for it" in found.stdout
    assert "customers: 20 rows read" in found.stdout


@pytest.mark.parametrize(
    ("broken", "code", "said"),
    [
        ("data/customers.csv", 1, "customers: not there"),
        ("data/events/opted_out.csv", 1, "who refused messages must be known"),
    ],
)
def test_no_run_can_do_without_these(bank: Path, broken: str, code: int, said: str) -> None:
    Path(broken).unlink()
    found = check()
    assert found.exit_code == code and said in found.stdout


def test_a_missing_column_is_missing_and_an_unreadable_file_unreadable(bank: Path) -> None:
    customers(["k1,city,yes"], "id,region,permission")
    found = check()
    assert found.exit_code == 1 and "no column `consent`" in found.stderr and "help: It has" in found.stderr
    Path("data/customers.csv").unlink()
    Path("data/customers.parquet").write_bytes(b"no parquet")
    found = check()
    assert found.exit_code == 2 and "cannot be read" in found.stderr
    customers(GOOD)
    assert check().exit_code == 2  # two files of customers


def test_usage(bank: Path) -> None:
    assert check("nowhere").exit_code == 2
    assert check("data", "--project", "nowhere").exit_code == 2
    assert check("data").exit_code == 0
    Path("camp.toml").write_text("", encoding="utf-8")
    found = check()
    assert found.exit_code == 2 and "No data folder is named" in found.output
    Path("bank.camp").write_text(BANK.replace("did view", "did veiw"), encoding="utf-8")
    assert check("data").exit_code == 1


def test_a_ledger_is_read_too(bank: Path) -> None:
    Path("data/ledger.csv").write_text(
        "campaign,customer,at\nc,k1,2026-03-01T10:00:00Z\nc,k1,never\n", encoding="utf-8"
    )
    found = check()
    assert found.exit_code == 0, found.output
    assert "ledger: 2 rows read, 1 refused" in found.stdout
