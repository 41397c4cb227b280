"""The same data in every form come to the same; a run's name follows their content; nothing of the bank's is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests import forms, servers
from tests.plans import AT, camp, held, make, table

FORMS = [*forms.LOCAL, "postgres", "s3"]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with servers.postgres() as address:
        yield address


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with servers.bucket() as endpoint, pytest.MonkeyPatch.context() as given:
        given.setenv("AWS_ENDPOINT_URL", endpoint)
        given.setenv("AWS_ACCESS_KEY_ID", "x")
        given.setenv("AWS_SECRET_ACCESS_KEY", "x")
        given.setenv("AWS_REGION", "us-east-1")
        yield endpoint


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """The project and its program; its data are written by each test."""
    return make(tmp_path)


def written(form: str, folder: Path, rows: dict[str, pa.Table], request: pytest.FixtureRequest) -> Path | str:
    if form == "postgres":
        return forms.to_postgres(request.getfixturevalue("postgres"), rows, "crm")
    if form == "s3":
        prefix = f"{folder.parent.name}/{folder.name}"
        return forms.to_bucket(request.getfixturevalue("bucket"), forms.parts(folder, rows), prefix)
    return forms.LOCAL[form](folder, rows)


def planned(bank: Path, data: Path | str, out: str = "out", *more: Any) -> Any:
    done = camp("plan", bank / "program.json", "--data", data, "--at", AT, "-o", bank / out, *more)
    assert done.exit_code == 0, done.output
    return json.loads((bank / out / "summary.json").read_text(encoding="utf-8"))


def changed(rows: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """One value of one row says something else that no decision depends on."""
    views = rows["events/view"].to_pydict()
    views["page"] = ["x"] * 7 + ["y"] * (len(views["page"]) - 7)  # before it was x six times, and once for nobody
    views["at"][0] = views["at"][0].replace(minute=31)
    return rows | {"events/view": pa.table(views, schema=rows["events/view"].schema)}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_comes_to_the_same(form: str, bank: Path, request: pytest.FixtureRequest) -> None:
    """Outcomes, sends and rejects, whose rows are numbered through over all parts; another run's name for other content."""
    rows = forms.tables()
    planned(bank, forms.one_file(bank / "one", rows), "expected")
    data = written(form, bank / "given", rows, request)
    before = held(bank / "given") if (bank / "given").exists() else {}
    said = planned(bank, data)
    for name in ("outcomes", "sends", "rejects"):
        found, expected = (_plain(table(bank, name, out)) for out in ("out", "expected"))
        assert found == expected and expected, name
    assert planned(bank, data, "again")["run_id"] == said["run_id"]
    assert (held(bank / "given") if before else {}) == before, "the data were changed"
    other = written(form, bank / "other", changed(rows), request)
    assert planned(bank, other, "other-out")["run_id"] != said["run_id"]


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a value was written as differs between text and types; what is wrong with it does not."""
    return [row | {"value": None} if "reason" in row and "source" in row else row for row in rows]


@pytest.mark.parametrize("form", ["csv parts", "partitioned", "duckdb", "postgres", "s3"])
def test_every_command_that_reads_data_reads_each_form(form: str, bank: Path, request: pytest.FixtureRequest) -> None:
    data = written(form, bank / "given", forms.tables(), request)
    planned(bank, data, "out", "--ledger", bank / "ledger.duckdb")
    program = bank / "program.json"
    checked = camp("data", "check", data, "--project", bank / "bank")
    assert checked.exit_code == 0 and "customers: 13 rows read, 2 refused" in checked.output, checked.output
    assert "events/view: 14 rows read, 2 refused" in checked.output
    kept = camp("verify", bank / "out", program, "--data", data)
    assert kept.exit_code == 0 and "0 broken" in kept.output, kept.output
    told = camp("explain", bank / "out", program, "--data", data, "--customer", "k5")
    assert told.exit_code == 0 and "differs" not in told.output, told.output
    released = camp("release", bank / "out", "--at", "2026-03-04T16:00+08:00")
    assert released.exit_code == 0 and " due: " in released.output, released.output
    rows = forms.tables()
    sound = written(form, bank / "sound", rows | {"customers": rows["customers"].slice(0, 12)}, request)
    begun = camp("init", sound, "-o", bank / "begun")
    assert begun.exit_code == 0 and "events: opted_out, view" in begun.output, begun.output


def test_the_data_of_a_project_may_be_an_address_or_a_file(bank: Path, request: pytest.FixtureRequest) -> None:
    """camp.toml's `path` is seen from its folder, and an address stands as it is."""
    forms.database(bank / "given", forms.tables())
    (bank / "bank" / "camp.toml").write_text('[data]\npath = "../given/bank.duckdb"\n', encoding="utf-8")
    assert camp("plan", bank / "bank", "--at", AT, "-o", bank / "out").exit_code == 0
    address = forms.to_postgres(request.getfixturevalue("postgres"), forms.tables(), "of_toml")
    (bank / "bank" / "camp.toml").write_text(f'[data]\npath = "{address}"\n', encoding="utf-8")
    assert camp("plan", bank / "bank", "--at", AT, "-o", bank / "again").exit_code == 0
    assert table(bank, "sends", "again") == table(bank, "sends") != []
