"""program.json: what is written is read back, whatever was done to it is noticed, and the command writes all or nothing."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic import TypeAdapter

from dsl.compiler import analyse
from dsl.program.ir import Program
from dsl.program.load import BrokenProgram, dump, load
from dsl.program.lower import lower
from dsl.settings import Settings
from runtime.cli.main import main
from tests.completing import PREAMBLE, campaign, completed

Change = Callable[[dict[str, Any]], object]
FULL = campaign(
    """product renovation
audience { any { assets > 1 CNY; none { count(tick where page = "a" in last 7 days) in 1..3; birth_date in next 3 days } } }
start when count(tick in last 7 days) reaches 4
window workdays 09:00-11:00 skip holidays
expire after 3 days
cap 1 per 30 days
holdout 5%""",
    'benefit "{{ customer | salutation }}"; action "{{ link }}"',
)


@cache
def program() -> Program:
    model = analyse(completed(FULL)).model
    assert model is not None
    return lower(model, Settings())


def changed(change: Change) -> str:
    raw = json.loads(dump(program()))
    change(raw)
    return json.dumps(raw, ensure_ascii=False)


def camp(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    (tmp_path / "bank.camp").write_text(PREAMBLE.text + FULL, encoding="utf-8")
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    return tmp_path


def test_what_is_written_is_read_back() -> None:
    text = dump(program())
    assert load(text) == program() and dump(load(text)) == text and text.endswith("}\n")


EDITS: dict[str, Change] = {
    "a threshold": lambda raw: raw["campaigns"][0]["caps"][0]["cap"].update(count=2),
    "a window": lambda raw: raw["campaigns"][0]["window"]["hours"].update(end=700),
    "a word": lambda raw: raw["campaigns"][0]["messages"][0].update(template="x"),
    "the hash": lambda raw: raw.update(hash="0" * 64),
    "half a character": lambda raw: raw["campaigns"][0]["messages"][0].update(template="\ud800"),
    "an operator deep inside": lambda raw: raw["campaigns"][0]["audience"][0]["when"]["items"][0].update(operator="<"),
    "a number as a text": lambda raw: raw["campaigns"][0].update(priority="0"),
    "a default left out": lambda raw: raw["customer"][0].pop("sensitive"),
    "a campaign taken out": lambda raw: raw["campaigns"].clear(),
}
BROKEN: dict[str, tuple[Change, str]] = {
    "a missing key": (lambda raw: raw.pop("brand"), "not whole at `brand`: Field required"),
    "a missing key deep inside": (lambda raw: raw["campaigns"][0].pop("kind"), "not whole at `campaigns.0.kind`"),
    "an extra key": (lambda raw: raw.update(more=1), "not whole at `more`"),
    "a wrong type": (lambda raw: raw["campaigns"][0].update(priority="high"), "not whole at `campaigns.0.priority`"),
    "an extra key deep inside": (lambda raw: raw["campaigns"][0].update(more=1), "not whole at `campaigns.0.more`"),
    "an extra key in a test": (
        lambda raw: raw["campaigns"][0]["audience"][0]["when"].update(more=1),
        "not whole at `campaigns.0.audience.0.when`: This is no test that Camp knows",
    ),
    "an unknown test": (
        lambda raw: raw["campaigns"][0]["audience"][0]["when"].update(op="magic"),
        "not whole at `campaigns.0.audience.0.when`: This is no test that Camp knows",
    ),
    "another version": (
        lambda raw: raw.update(version="2.0"),
        "The program has version 2.0, and this Camp reads 1.0 to 1.5.",
    ),
    "no version": (lambda raw: raw.pop("version"), "This is no Camp program."),
    "a null": (lambda raw: raw.update(campaigns=None), "not whole at `campaigns`"),
}
NO_PROGRAM = {
    "nothing": "",
    "words": "hello",
    "a list": "[]",
    "a number": "5",
    "half a program": dump(program())[:2_000],
    "nested 100,000 deep": "[" * 100_000,
    "nested 900 deep": '{"version":"1.0","hash":' + "[" * 900 + "]" * 900 + "}",
    "an endless number": '{"version":"1.0","hash":"", "engine":' + "9" * 5_000 + "}",
    "no number": '{"version":"1.0","hash":NaN}',
    "half a character": '{"version":"1.0","hash":"\\ud800"}',
}


@pytest.mark.parametrize("name", EDITS)
def test_a_program_edited_by_hand_is_refused(name: str) -> None:
    with pytest.raises(BrokenProgram, match="was changed after it was compiled .* Compile it again"):
        load(changed(EDITS[name]))


@pytest.mark.parametrize("name", BROKEN)
def test_a_program_that_is_not_whole_is_refused_with_the_place(name: str) -> None:
    change, words = BROKEN[name]
    with pytest.raises(BrokenProgram, match=re.escape(words)):
        load(changed(change))


@pytest.mark.parametrize("name", NO_PROGRAM)
def test_what_is_no_program_is_refused(name: str) -> None:
    with pytest.raises(BrokenProgram, match=r"(Compile it again|Make one) ?(with `camp compile)?"):
        load(NO_PROGRAM[name])


def test_order_and_places_are_no_edits() -> None:
    raw = json.loads(dump(program()))
    raw["events"].reverse()
    raw["campaigns"][0]["at"] = "elsewhere.camp:1"
    assert load(json.dumps(raw)).hash == program().hash


def test_the_schema_is_the_program_s_and_describes_a_dumped_one() -> None:
    schema = json.loads(camp("compile", "--schema").output)
    assert schema == Program.model_json_schema()
    assert fits(json.loads(dump(program())), schema, schema["$defs"])
    for change in (lambda raw: raw.pop("brand"), lambda raw: raw["campaigns"][0].update(more=1)):
        assert not fits(json.loads(changed(change)), schema, schema["$defs"])


def fits(value: Any, schema: dict[str, Any], defs: dict[str, Any]) -> bool:
    """As much of JSON Schema as pydantic writes."""
    if "$ref" in schema:
        return fits(value, defs[schema["$ref"].rsplit("/", 1)[1]], defs)
    for word in ("anyOf", "oneOf"):
        if word in schema and sum(fits(value, one, defs) for one in schema[word]) < 1:
            return False
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        return False
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
    }
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return False
    if isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        inside = all(fits(value[key], known[key], defs) for key in value.keys() & known.keys())
        strange = [value[key] for key in value.keys() - known.keys()]
        allowed = all(rest is True or rest is not False and fits(one, rest, defs) for one in strange)
        return inside and allowed and set(schema.get("required", ())) <= value.keys()
    return not isinstance(value, list) or all(fits(one, schema.get("items", {}), defs) for one in value)


def test_the_schema_is_closed_and_every_definition_of_it_is_used() -> None:
    schema = Program.model_json_schema()
    used = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
    assert used == set(schema["$defs"]) and schema["additionalProperties"] is False


def test_to_stdout(bank: Path) -> None:
    result = camp("compile", bank, "-o", "-")
    assert (result.exit_code, result.stderr, load(result.stdout)) == (0, "", load(dump(load(result.stdout))))
    assert sorted(path.name for path in bank.iterdir()) == ["bank.camp", "camp.toml"]


def test_to_a_file(bank: Path) -> None:
    target = bank / "p.json"
    result = camp("compile", bank, "-o", target)
    assert load(target.read_text(encoding="utf-8")).hash[:12] in result.output
    assert result.output.startswith(f"{target}: 1 campaign, hash ") and result.exit_code == 0
    assert sorted(path.name for path in bank.iterdir()) == ["bank.camp", "camp.toml", "p.json"]


def test_with_a_mistake_nothing_is_written_and_what_was_there_stays(bank: Path) -> None:
    (bank / "bad.camp").write_text("segment s = asets > 1 CNY", encoding="utf-8")
    (bank / "p.json").write_text("old", encoding="utf-8")
    result = camp("compile", bank, "-o", bank / "p.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[CAMP301]" in result.stderr and result.stderr.endswith("1 error: nothing compiled\n")
    assert (bank / "p.json").read_text(encoding="utf-8") == "old"
    assert camp("compile", bank, "-o", "-").stdout == ""


@pytest.mark.parametrize("target", ["missing/p.json", "camp.toml/p.json", "folder", "/proc/p.json"])
def test_where_nothing_can_be_written_is_a_usage_error(target: str, bank: Path) -> None:
    (bank / "folder").mkdir()
    before = sorted(bank.rglob("*"))
    result = camp("compile", bank, "-o", bank / target)
    assert result.exit_code == 2 and sorted(bank.rglob("*")) == before
    assert re.search(r"cannot be written: \w|is a directory", result.stderr)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_a_usage_error(bank: Path) -> None:
    (bank / "folder").mkdir(mode=0o500)
    assert camp("compile", bank, "-o", bank / "folder" / "p.json").exit_code == 2


def test_a_failure_half_way_leaves_what_was_there(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (bank / "p.json").write_text("old", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", full)
    result = camp("compile", bank, "-o", bank / "p.json")
    assert (result.exit_code, "No space left on device" in result.stderr) == (2, True)
    assert sorted(path.name for path in bank.iterdir()) == ["bank.camp", "camp.toml", "p.json"]
    assert (bank / "p.json").read_text(encoding="utf-8") == "old"


def test_every_condition_can_be_part_of_a_program() -> None:
    kinds = set(re.findall(r'"op":"(\w+)"', dump(program()).replace(" ", "")))
    assert kinds >= {"any", "not", "between", "near", "compare", "count", "field", "constant", "reaches"}
    assert TypeAdapter(Program).validate_json(dump(program())) == program()
