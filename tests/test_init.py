"""`camp init`: a project from a data folder that checks, tests and plans as it is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import grammar
from runtime.cli.main import main
from runtime.inference import Column, name_all
from runtime.scaffold import campaign, project
from runtime.survey import Event, Survey

AT = ("--at", "2026-03-04T09:00+08:00")
HEADER = "customer_no,cust_id,手机 号,surname,gender,birth_date,did,2nd balance,vip,branch,consent_sms,memo"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{n:06},c{n},1380000{n:04},{chr(0x738B + n)},{'FM'[n % 2]},19{70 + n}-02-03,{n * 7},{n}.5,{'yes' if n % 3 else 'no'},"
        f"{n // 2:04},{'true' if n % 4 else 'false'},{'' if n % 5 else 'x'}"
        for n in range(20)
    ]
    Path("data/events").mkdir(parents=True)
    Path("data/customers.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    views = [f"c{n},2026-03-01T10:00:00+08:00,e{n},loan,{n}" for n in range(9)]
    Path("data/events/view.csv").write_text("\n".join(["cust_id,ts,event_id,page,id", *views]) + "\n", encoding="utf-8")
    Path("data/events/opted_out.csv").write_text("cust_id,ts\nc1,2026-01-01T00:00:00Z\n", encoding="utf-8")
    return tmp_path


def camp(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def works(folder: str = "bank") -> Result:
    for command in ("check", "test"):
        found = camp(command, folder)
        assert found.exit_code == 0, found.output
    found = camp("plan", folder, *AT, "-o", f"out-{folder}")
    assert found.exit_code == 0, found.output
    return found


def test_the_project_checks_tests_and_plans(data: Path) -> None:
    found = camp("init", "data", "-o", "bank")
    assert found.exit_code == 0, found.output
    assert camp("check", "bank").stdout.splitlines()[-1].endswith("read, 0 errors")
    assert "2 passed, 0 failed" in camp("test", "bank").output
    assert "0 sends" not in works().output
    assert camp("data", "check", "--project", "bank").exit_code == 0


def test_types_are_what_the_columns_hold(data: Path) -> None:
    camp("init", "data", "-o", "bank")
    bank, settings = (Path("bank", name).read_text(encoding="utf-8") for name in ("bank.camp", "camp.toml"))
    schema = bank[bank.index("customer {") :].split("}")[0].splitlines()[1:]
    assert [" ".join(line.split()) for line in schema if line.strip()] == [
        "customer_no text",  # unique too, but zeros in front make no better key than cust_id
        "cust_id key",
        "手机_号 phone",
        "surname text",
        'gender one_of("F", "M")',
        "birth_date date",
        "did_ number",
        "c2nd_balance money",
        "vip flag",
        "branch text",
        "consent_sms flag",
        'memo one_of("x")?',
    ]
    assert "event view { page text; id_ number }" in bank and "event opted_out" not in bank
    assert (
        '"手机_号" = "手机 号"' in settings
        and 'did_ = "did"' in settings
        and 'c2nd_balance = "2nd balance"' in settings
    )
    assert '[data.events.view]\ncustomer = "cust_id"\nat = "ts"\nid = "event_id"\nid_ = "id"' in settings
    assert "require consent consent_sms" in Path("bank/policy.camp").read_text(encoding="utf-8")
    assert bank.count("FILL IN") > 5


def test_nothing_is_overwritten_and_nothing_half_written(data: Path) -> None:
    Path("bank").mkdir()
    assert camp("init", "data", "-o", "bank").exit_code == 0  # an empty folder is free
    before = {path.name: path.read_bytes() for path in Path("bank").iterdir()}
    for target in ("bank", "data", "data/customers.csv", "data/customers.csv/in"):
        found = camp("init", "data", "-o", target)
        assert found.exit_code == 2, (target, found.output)
    assert {path.name: path.read_bytes() for path in Path("bank").iterdir()} == before
    assert sorted(path.name for path in data.iterdir()) == ["bank", "data"]


@pytest.mark.parametrize(
    ("customers", "said"),
    [
        (None, "There is no customers"),
        ("", "is empty"),
        ("id,name\n", "holds no rows"),
        ("name\nA\nA\n", "names each customer once"),
        ("mobile,name\n13800000001,A\n13800000002,B\n", ""),
    ],
)
def test_data_without_customers_or_key(data: Path, customers: str | None, said: str) -> None:
    Path("data/customers.csv").unlink()
    if customers is not None:
        Path("data/customers.csv").write_text(customers, encoding="utf-8")
    found = camp("init", "data", "-o", "bank")
    if said:
        assert found.exit_code == 2 and said in found.stderr and not Path("bank").exists()
    else:
        assert found.exit_code == 0, found.output  # `name` is unique: a poor key, and one
        works()


def test_every_keyword_may_be_a_column(data: Path) -> None:
    words = sorted(word for word in grammar.words() if " " not in word)
    columns = [
        Column(word, "VARCHAR", 9, 9, 9, base=("text", "number", "flag")[at % 3]) for at, word in enumerate(words)
    ]
    key = Column("k", "VARCHAR", 9, 9, 9, base="key")
    name_all([key, *columns], ())
    properties = [Column(word, "VARCHAR", 9, 9, 9) for word in words]
    name_all(properties, ("customer", "at", "id"))
    event = Event("odd", properties, {"customer": "k", "at": "t", "id": "id"})
    Path("bank").mkdir()
    lines = [{"text": f'{one.name} = "x"', "number": f"{one.name} >= 3", "flag": one.name}[one.base] for one in columns]
    said = {"text": f'{columns[0].name} "x"', "number": f"{columns[0].name} 3", "flag": f"{columns[0].name} yes"}
    files = project(Survey([key, *columns], [event], (lines[0], said[columns[0].base])), "../data", 2026)
    for name, text in files.items():
        Path("bank", name).write_text(text, encoding="utf-8")
    for at, line in enumerate(lines[1:], 2):  # a campaign for each, since one line would hide what the next one breaks
        text = campaign(line, 2026).replace("campaign first_campaign", f"campaign campaign_{at}")
        Path("bank", f"campaign_{at}.camp").write_text(text, encoding="utf-8")
    found = camp("check", "bank")
    assert found.exit_code == 0, found.output
    assert f"{len(list(Path('bank').rglob('*.camp')))} files" in found.output and len(lines) > 300


def test_odd_columns_are_left_out_or_written_safely(data: Path) -> None:
    columns = {
        "id": pa.array([1, 2, 3]),
        'a "quote" {': pa.array(['x"y', "{{ z }}", "\\"]),
        "list": pa.array([[1], [2], [3]]),
        "huge": pa.array([1e300, 2e300, 3.5]),
        "none": pa.array([None, None, None], pa.bool_()),
        "blank": pa.array(["", " ", None]),
        "below": pa.array([-5, -7, -6]),
        "day": pa.array([0, 1, None], pa.timestamp("us")),
        "seen": pa.array([0, 1, None], pa.timestamp("us", "UTC")),
        "a": pa.array(["1", "2", "3"]),
        "a ": pa.array(["1", "2", "3"]),
    }
    Path("data/customers.csv").unlink()
    pq.write_table(pa.table(columns), "data/customers.parquet")
    Path("data/events/no way.csv").write_text("customer,at\n1,2026-03-01\n", encoding="utf-8")
    Path("data/events/nobody.csv").write_text("page\nx\n", encoding="utf-8")
    found = camp("init", "data", "-o", "bank")
    assert found.exit_code == 0, found.output
    for name in ("list", "huge", "seen"):
        assert f"customers.parquet: `{name}` is left out" in found.stderr
    assert "events/no way.csv is left out" in found.stderr and "events/nobody.csv is left out" in found.stderr
    assert "nobody can be sent a message" in found.stderr
    works()


def test_bad_phones_are_allowed_for_and_a_ledger_is_known(data: Path) -> None:
    rows = [f"k{n},{'12345678' if n < 3 else f'1380000{n:04}'}" for n in range(30)]
    Path("data/customers.csv").write_text("\n".join(["id,mobile", *rows]) + "\n", encoding="utf-8")
    Path("data/ledger.csv").write_text("campaign,customer,at\nspring,k1,2026-01-01T00:00:00Z\n", encoding="utf-8")
    assert camp("init", "data", "-o", "bank").exit_code == 0
    assert "rejects   11%" in Path("bank/bank.camp").read_text(encoding="utf-8")
    assert "campaign spring { retired }" in Path("bank/retired.camp").read_text(encoding="utf-8")
    assert "27 candidates" in works().output


def test_without_opted_out_it_says_that_a_run_needs_it(data: Path) -> None:
    Path("data/events/opted_out.csv").unlink()
    found = camp("init", "data", "-o", "bank")
    assert found.exit_code == 0 and "there is no events/opted_out" in found.stderr
    assert camp("check", "bank").exit_code == camp("test", "bank").exit_code == 0
    assert camp("plan", "bank", *AT, "-o", "out").exit_code == 2
