"""Programs that an earlier minor version of Camp compiled load and mean what they meant; a later one's are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl.program.hashing import content_hash
from dsl.program.ir import MINOR, Program
from dsl.program.load import BrokenProgram, load
from tests.plans import camp

OLDER = sorted(Path(__file__).parent.joinpath("programs").glob("*.json"))
AT = ("--at", "2026-03-04T09:00+08:00")


def test_there_is_one_of_every_earlier_minor_version() -> None:
    assert [path.stem for path in OLDER] == [f"1.{minor}" for minor in range(MINOR)]


@pytest.mark.parametrize("path", OLDER, ids=lambda path: path.stem)
def test_an_older_program_loads_and_keeps_its_version_and_hash(path: Path) -> None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    program = load(path.read_text(encoding="utf-8"))
    assert (program.version, program.hash) == (raw["version"], raw["hash"])
    assert program.growth is None
    if raw["version"] == "1.0":
        assert all(campaign.steps == () and campaign.confirm is None for campaign in program.campaigns)
        assert program.brand.reach == {} and not any(event.derived for event in program.events)


@pytest.mark.parametrize("older", OLDER, ids=lambda path: path.stem)
def test_an_older_program_still_runs(older: Path, tmp_path: Path) -> None:
    edges = Path(__file__).parent / "edges"
    done = camp("plan", older, "--data", edges, *AT, "-o", tmp_path / "old")
    assert done.exit_code == 0, done.output
    again = camp("plan", edges, "--data", edges, *AT, "-o", tmp_path / "new")
    assert again.exit_code == 0, again.output
    kept = [output.output.split("written to")[0] for output in (done, again)]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("version", [f"1.{MINOR + 1}", "2.0", "0.9", "1", "1.x", "", 1.1, None])
def test_a_newer_one_or_none_is_refused(version: object) -> None:
    raw = json.loads(OLDER[0].read_text(encoding="utf-8")) | {"version": version}
    raw["hash"] = content_hash(raw)
    with pytest.raises(BrokenProgram, match=rf"has version .*reads 1\.0 to 1\.{MINOR}"):
        load(json.dumps(raw))


def test_the_schema_is_of_this_version() -> None:
    assert Program.model_json_schema()["properties"]["version"]["default"] == f"1.{MINOR}"
