"""The forms of a report: text, JSON, CSV. They say the same, harm nobody, and appear all at once."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from runtime.errors import InputError
from runtime.experiments.model import Comparison, Experiment, Group, Ratio
from runtime.results.model import Report
from runtime.results.text import lines
from runtime.results.written import as_json, tables, write
from runtime.spoken import Speaker
from tests.plans import camp
from tests.test_lang import left

EXAMPLE = Path(__file__).parent / "data/report.json"
HOSTILE = '=HYPERLINK("https://x.example","<script>")'


@pytest.fixture(scope="module")
def example() -> Report:
    """Of the demo's three days; one campaign has a hostile name, and an experiment."""
    found = Report.model_validate_json(EXAMPLE.read_text(encoding="utf-8"))
    first, *others = found.campaigns
    groups = tuple(Group(name=name, share=Decimal("0.5"), people=100, reached=7) for name in ("holdout", "treated"))
    shared = {"group": "treated", "against": "holdout", "lift": 0.021, "low": -0.01, "high": 0.05, "level": 0.95}
    unsure = Comparison(**shared, relative=None, verdict="cannot tell", more=3100)  # type: ignore[arg-type]
    better = Comparison(**shared, relative=0.3, verdict="better", more=None)  # type: ignore[arg-type]
    tried = Experiment(
        kind="holdout", groups=groups, comparisons=(unsure, better), ratio=Ratio(fine=True, evidence=0.5)
    )
    hostile = first.model_copy(update={"title": HOSTILE, "product": "\tx", "experiments": (tried,)})
    return found.model_copy(update={"campaigns": (hostile, *others)})


def test_json_says_all_of_it(example: Report) -> None:
    assert Report.model_validate_json(as_json(example)) == example


def test_the_folder_is_whole_its_owners_and_harmless(example: Report, tmp_path: Path) -> None:
    out = tmp_path / "report"
    write(example, out, "<p>")
    write(example, out, "<p>")  # an earlier report is replaced
    assert {file.name for file in out.iterdir()} == {
        "report.html",
        "report.json",
        *(f"{name}.csv" for name in tables(example)),
    }
    assert out.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in out.iterdir()} == {0o600}
    assert [one.name for one in tmp_path.iterdir()] == ["report"]
    for file in out.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as held:
            head, *rows = list(csv.reader(held))
        assert all(len(row) == len(head) for row in rows)
        assert not any(cell[:1] in tuple("=+@\t") for row in rows for cell in row if cell)
    with (out / "campaigns.csv").open(encoding="utf-8", newline="") as held:
        first = next(csv.DictReader(held))
    assert (first["title"], first["product"]) == (f"'{HOSTILE}", "'\tx")
    assert (first["sent"], first["cost"], first["goals"]) == ("362", "36.2000", "")
    with (out / "comparisons.csv").open(encoding="utf-8", newline="") as held:
        assert [row["low"] for row in csv.DictReader(held)] == ["-0.01", "-0.01"]  # a number stays one


def test_what_is_somebody_elses_stays(example: Report, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="holds what no report wrote: mine.txt"):
        write(example, tmp_path, "<p>")
    with pytest.raises(InputError, match="is a file, and a report is a folder"):
        write(example, tmp_path / "mine.txt", "<p>")
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failure_leaves_the_earlier_report(example: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "report"
    write(example, out, "<p>")
    before = {file.name: file.read_bytes() for file in out.iterdir()}

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(InputError, match="cannot be written: No space left"):
        write(example.model_copy(update={"brand": "other"}), out, "<p>")
    monkeypatch.undo()
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    assert [one.name for one in tmp_path.iterdir()] == ["report"]


def test_the_text_names_losses_and_verdicts(example: Report) -> None:
    said = list(lines(example, Speaker()))
    assert said[0] == "江南农商行, 2026-03-04 00:00 to 2026-03-06 20:07: 12,321 messages, 66 goals"
    drop = "  fast_lane (贷款漏斗): 1,313 of 1,660 are lost between delivered and clicked: 79.1% (95%: 77.1% to 81.0%)"
    assert drop in said
    name = example.campaigns[0].name
    assert f"  {name}: treated against holdout: cannot tell yet: 3,100 more per group" in said
    assert f"  {name}: treated does better than holdout: -1.0 to +5.0 points" in said


def test_the_text_in_chinese(example: Report) -> None:
    said = "\n".join(lines(example, Speaker("zh")))
    names = {part for one in example.campaigns for part in one.name.split("_")}
    assert left(said.replace("_", " ")) - names == set()


def test_a_report_needs_a_ledger_with_runs(tmp_path: Path) -> None:
    done = camp("report", tmp_path / "none.json", "--data", tmp_path, "--ledger", tmp_path / "l.duckdb")
    assert done.exit_code == 2 and "There is no ledger at" in done.output
