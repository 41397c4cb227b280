"""What `camp plan` cannot use: exit code 2, one message with what to do about it, no traceback, and nothing is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from runtime.cli.main import main
from runtime.engines.duckdb import DuckDB
from tests.banks import csv, parquet

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; rejects 0% }
customer { id key; assets money? }
event view
policy p { }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { any { assets > 1 CNY; did view in last 7 days } }
  start once
  message sms { text "Hi" }
}
"""
NAIVE = "says no offset, so it is no instant yet. Write it as"
AT = ("--at", "2026-03-04T09:00+08:00")


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a project, its program.json, and its data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "all.camp").write_text(BANK, encoding="utf-8")
    csv(tmp_path / "data/customers.csv", "id,assets", "k1,5", "k2,")
    csv(tmp_path / "data/events/view.csv", "customer,at", "k2,2026-03-01")
    csv(tmp_path / "data/events/opted_out.csv", "customer,at")
    assert CliRunner().invoke(main, ["compile", "bank"]).exit_code == 0
    return tmp_path


def plan(program: str = "program.json", *more: str, data: str = "data", out: str = "out") -> Result:
    return CliRunner().invoke(main, ["plan", program, "--data", data, "-o", out, *(more or AT)])


def refused(result: Result) -> str:
    """The message of a run that wrote nothing."""
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit), result.output
    assert not [path for path in Path().iterdir() if path.name.startswith((".", "out"))]
    (message,) = (line for line in result.output.splitlines() if line.lower().startswith("error: "))
    return message.removeprefix("error: ").removeprefix("Error: ")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--at", "2026-03-04T09:00"), f"2026-03-04T09:00 {NAIVE} 2026-03-04T09:00+08:00."),
        (("--at", "2026-03-04"), f"2026-03-04 {NAIVE} 2026-03-04T00:00+08:00."),
        (("--at", "tomorrow"), "tomorrow is no instant. Write it as 2026-03-04T09:00+08:00."),
        (("--at", "2026-02-29T09:00Z"), "2026-02-29T09:00Z is no instant. Write it as 2026-03-04T09:00+08:00."),
        (("--at", "1970-01-01T00:00Z"), "1970-01-01T00:00Z lies outside of the years 1971 to 2099."),
        (("--at", "2100-01-01T00:00Z"), "2100-01-01T00:00Z lies outside of the years 1971 to 2099."),
        ((*AT, "--for", "7"), "7 is no length up to a year. Write it as 7d, 12h or 30m."),
        ((*AT, "--for", "0d"), "0d is no length up to a year. Write it as 7d, 12h or 30m."),
        ((*AT, "--for", "-1d"), "-1d is no length up to a year. Write it as 7d, 12h or 30m."),
        ((*AT, "--for", "367d"), "367d is no length up to a year. Write it as 7d, 12h or 30m."),
        ((*AT, "--for", "1 week"), "1 week is no length up to a year. Write it as 7d, 12h or 30m."),
        ((*AT, "--show", "-1"), "-1 is not in the range 0<=x<=100."),
    ],
)  # fmt: skip
def test_options(bank: Path, given: tuple[str, ...], message: str) -> None:
    assert refused(plan("program.json", *given)).endswith(f": {message}")


@pytest.mark.parametrize("at", ["1971-01-01T00:00-12:00", "2099-12-31T23:59+14:00", "2026-03-04T09:00:00.000001+08:00"])
def test_every_instant_of_the_years_is_taken(bank: Path, at: str) -> None:
    assert plan("program.json", "--at", at, "--for", "366d").exit_code == 0


def test_at_is_asked_for(bank: Path) -> None:
    assert refused(plan("program.json", "--for", "7d")) == "Missing option '--at'."


def change(**values: Any) -> Callable[[str], str]:
    return lambda text: json.dumps(json.loads(text) | values)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (change(version="0.9"), "The program has version 0.9, and this Camp reads 1.0 to 1.5. Compile it again with "),
        (change(retired=["x"]), "The program was changed after it was compiled (its hash does not fit). Compile it again."),
        (change(engine=7), "The program is not whole at `engine`: Input should be a valid string. Compile it again."),
        (lambda text: "{}", "This is no Camp program. Make one with `camp compile DIR -o program.json`."),
        (lambda text: text[:500], "This is no JSON: "),
        (lambda text: "[" * 100_000, "This is no JSON: "),
        (lambda text: "\ufeff" + text, "This is no JSON: "),
    ],
    ids=["version", "edited", "type", "other JSON", "cut", "deep", "BOM"],
)  # fmt: skip
def test_a_program_that_is_none(bank: Path, edit: Callable[[str], str], message: str) -> None:
    path = bank / "program.json"
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert refused(plan()).startswith(f"program.json: {message}")


def test_a_program_that_is_not_there_or_no_text(bank: Path) -> None:
    assert refused(plan("none.json")) == "none.json cannot be read: No such file or directory"
    assert refused(plan("n" * 300)) == f"{'n' * 300} cannot be read: File name too long"
    (bank / "program.json").write_bytes(b"\xff\xfe\x00")
    assert refused(plan()) == "program.json is no JSON text"


def test_a_project_without_data_or_files(bank: Path) -> None:
    assert refused(CliRunner().invoke(main, ["plan", "bank", *AT])) == "No data folder is named"
    assert refused(CliRunner().invoke(main, ["plan", "program.json", *AT])) == "No data folder is named"
    (bank / "empty").mkdir()
    assert refused(plan("empty")).startswith("No .camp file here")


def test_a_project_with_mistakes_ends_with_one(bank: Path) -> None:
    (bank / "bank/all.camp").write_text(BANK.replace("did view", "did vew"), encoding="utf-8")
    result = plan("bank")
    assert result.exit_code == 1 and "1 error: nothing compiled" in result.output
    assert not (bank / "out").exists()


PEOPLE = Path("data/customers.csv")


def _gone(name: str) -> None:
    (Path("data") / name).unlink()


def _keep_both(bank: Path) -> None:
    parquet(bank / "data/customers.parquet", {"id": ["k1"]})


def _cut(bank: Path) -> None:
    whole = parquet(bank / "data/ledger.parquet", {"campaign": ["c"]}).read_bytes()
    (bank / "data/ledger.parquet").write_bytes(whole[:-10])


BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    ("no customers", lambda bank: _gone("customers.csv"), "There is no customers.parquet or customers.csv in data"),
    ("no events", lambda bank: _gone("events/view.csv"), "There is no data/events/view.parquet or .csv"),
    ("two", _keep_both, "There are both data/customers.parquet and customers.csv"),
    ("duplicates", lambda bank: csv(PEOPLE, "id,assets", "k1,1", "k1,2"), "2 of 2 customers cannot be used"),
    ("empty", lambda bank: csv(PEOPLE, "id,assets"), "The customers file holds no rows"),
    ("column", lambda bank: csv(PEOPLE, "ID,assets", "k,1"), "customers has no column `id` for the field `id`"),
    ("cut", _cut, "data/ledger.parquet cannot be read: "),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_data_that_cannot_be_used(bank: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(bank)
    assert refused(plan()).startswith(message)


def test_no_data_folder(bank: Path) -> None:
    for folder in ("none", "program.json", "n" * 300):
        assert refused(plan(data=folder)) == f"There is no folder {folder}"


def test_a_file_that_goes_while_the_run_reads(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create = DuckDB.create

    def gone(engine: DuckDB, name: str, query: Any) -> None:
        create(engine, name, query)
        if name == "read_customers":
            (bank / "data/customers.csv").unlink()

    monkeypatch.setattr(DuckDB, "create", gone)
    assert refused(plan()) == "data/customers.csv was there and is gone: No such file or directory"


def output(bank: Path, out: str) -> str:
    result = plan(out=out)
    assert (result.exit_code, isinstance(result.exception, SystemExit), result.output.count("\n")) == (2, True, 2)
    assert not list(Path().rglob(".*"))
    return result.output.splitlines()[0]


def test_an_output_that_is_not_ours_is_left_alone(bank: Path) -> None:
    assert output(bank, "data") == "error: data holds what no run wrote: customers.csv"
    assert output(bank, "program.json") == "error: program.json is a file, and a run writes a folder"
    assert output(bank, ".") == "error: . holds what no run wrote: bank"
    assert output(bank, "/") == f"error: / holds what no run wrote: {min(os.listdir('/'))}"  # noqa: PTH208
    assert plan().exit_code == 0
    (bank / "out/notes.txt").write_text("mine")
    assert output(bank, "out") == "error: out holds what no run wrote: notes.txt"
    assert (bank / "out/notes.txt").read_text() == "mine"


def test_an_output_where_nothing_can_be_written(bank: Path) -> None:
    assert output(bank, "program.json/out").startswith("error: ") and "cannot be written: " in output(
        bank, "program.json/out"
    )
    assert output(bank, "n" * 300) == f"error: {'n' * 300} cannot be written: File name too long"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_in_a_read_only_folder(bank: Path) -> None:
    (bank / "locked").mkdir(mode=0o500)
    assert "cannot be written: Permission denied" in output(bank, "locked/out")


def test_the_command_itself_shows_no_traceback(bank: Path) -> None:
    (bank / "data/customers.csv").write_bytes(b'id\n"')
    command = [
        sys.executable,
        "-c",
        "from runtime.cli.main import main; main()",
        "plan",
        "program.json",
        "--data",
        "data",
    ]
    ended = subprocess.run(
        [*command, *AT],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[0].startswith("error: data/customers.csv cannot be read")
    assert "Traceback" not in ended.stderr and not (bank / "out").exists()


def test_an_opt_out_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    """Whose it is, nobody knows: that customer would be written to."""
    (tmp_path / "events").mkdir()
    (tmp_path / "customers.csv").write_text("id,phone,consent\nk1,13800000001,yes\n", encoding="utf-8")
    (tmp_path / "events/opted_out.csv").write_text("customer,at,id\nk1,yesterday,o1\n", encoding="utf-8")
    (tmp_path / "bank.camp").write_text(
        'brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN" }\n'
        "customer { id key; phone phone?; consent flag }\npolicy p { }\n"
        "campaign c { policy p; kind benefit; runs 2026-03-01..2026-03-31; audience { consent }; start once\n"
        '  message sms { text "x" }\n}\n',
        encoding="utf-8",
    )
    (tmp_path / "camp.toml").write_text('[data]\npath = "."\n', encoding="utf-8")
    words = ["plan", str(tmp_path), "--at", "2026-03-04T09:00+08:00", "-o", str(tmp_path / "out")]
    found = CliRunner().invoke(main, words)
    assert (found.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert "1 rows of events/opted_out cannot be used" in found.output
