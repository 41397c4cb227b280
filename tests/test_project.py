"""Projects: where they begin, what they tell, and what their program's hash depends on."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runtime.cli.compile import compiled
from runtime.cli.main import main
from runtime.project import read
from tests.completing import HERE, PREAMBLE, campaign

CAMPAIGN = campaign()
TOML = '[data]\npath = "data"\nzone = "UTC"\n\n[data.customers]\nid = "customer_id"\n\n[run]\nengine = "duckdb"\n'


def camp(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write(tmp_path / "bank", {"camp.toml": TOML, "bank.camp": PREAMBLE.text, "sub/c.camp": CAMPAIGN})


def told(toml: str, bank: Path) -> list[tuple[str, int, str, str]]:
    """Code, line, message and help of what is wrong with a camp.toml."""
    (bank / "camp.toml").write_text(toml, encoding="utf-8")
    return [(one.code, one.place.line, one.message, one.help) for one in read((bank,)).found]


@pytest.mark.parametrize("asked", [".", "bank.camp", "sub", "sub/c.camp"])
def test_the_root_is_found_upwards_from_a_file_or_a_folder(asked: str, bank: Path) -> None:
    project = read((bank / asked,))
    assert (project.root.resolve(), len(project.analysis.files), project.found) == (bank, 2, [])


@pytest.mark.parametrize("asked", ["c.camp", ".", "../sub/c.camp", ""])
def test_it_is_found_from_inside_a_folder_and_the_file_s_mistakes_are_told(
    asked: str, bank: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bank, {"sub/c.camp": CAMPAIGN.replace("assets", "asets")})
    monkeypatch.chdir(bank / "sub")
    result = camp("check", *([asked] if asked else []))
    shown = "../sub/c.camp" if asked.startswith("..") else "c.camp"
    assert result.exit_code == 1
    assert f"--> {shown}:" in result.output and "1 file, 1 declaration read, 1 error\n" in result.output


def test_only_the_named_file_s_findings_are_told(bank: Path) -> None:
    write(bank, {"sub/c.camp": CAMPAIGN.replace("assets", "asets")})
    assert camp("check", bank / "bank.camp").output == "1 file, 6 declarations read, 0 errors\n"
    assert camp("check", bank / "sub" / "c.camp").exit_code == camp("check", bank).exit_code == 1


def test_files_of_two_projects_are_a_usage_error(bank: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"o.camp": "event e"})
    result = camp("check", bank, other / "o.camp")
    assert (result.exit_code, "o.camp lies outside the project" in result.output) == (2, True)


def test_hidden_folders_and_inner_projects_are_not_read(bank: Path) -> None:
    write(
        bank, {".venv/x.camp": "!", ".x.camp": "!", "inner/camp.toml": "", "inner/y.camp": "!", "z.camp/ignored": "!"}
    )
    assert camp("check", bank).exit_code == 0 and camp("check", bank / "inner").exit_code == 1


def test_without_a_camp_toml_the_named_files_are_the_project(tmp_path: Path) -> None:
    write(tmp_path, {"a.camp": PREAMBLE.text, "b.camp": CAMPAIGN})
    assert camp("check", tmp_path / "a.camp", tmp_path / "b.camp").exit_code == 0
    assert "has no `brand`" in camp("check", tmp_path / "b.camp").output


@pytest.mark.parametrize(
    ("asked", "words"), [("nowhere", "There is no file or folder"), ("empty", "No .camp file here")]
)
def test_nothing_to_read_is_a_usage_error(asked: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = camp("check", tmp_path / asked)
    assert (result.exit_code, words in result.output) == (2, True)


@pytest.mark.parametrize("raw", [b"event \xff {", "event a".encode("utf-16"), b"\xfe\x00)("])
def test_bytes_that_are_no_text_are_one_mistake(raw: bytes, bank: Path) -> None:
    bank.joinpath("x.camp").write_bytes(raw)
    assert [(one.code, one.source.path) for one in read((bank,)).found] == [("CAMP101", str(bank / "x.camp"))]


def test_a_file_that_is_no_text_is_told_once_and_its_names_are_known_elsewhere(bank: Path) -> None:
    bank.joinpath("bank.camp").write_bytes(PREAMBLE.text.encode("gbk"))
    assert [(one.code, one.source.path) for one in read((bank,)).found] == [("CAMP101", str(bank / "bank.camp"))]


@pytest.mark.parametrize(
    ("toml", "found"),
    [
        ("[data]\npath = \n", (2, "This is no TOML: Invalid value (at line 2, column 8)", "docs/language.md")),
        ("[data]\n\n\n[run", (4, "This is no TOML: Expected ']' at the end of a table", "docs/language.md")),
        ("x = " + "[" * 5_000, (1, "This is no TOML: ", "docs/language.md")),
        ("[data]\n# zonne\nzonne = 'UTC'", (3, "`zonne` means nothing here", "Did you mean `zone`?")),
        ("[dta]\n", (1, "`dta` means nothing here", "Did you mean `data`?")),
        ("run = 5\n", (1, "`run` is a table", "Write it as [run].")),
        ("[data]\npath = 5\n", (2, "`path` is a text", 'Write it as path = "…".')),
        ("[data]\nmissing = 'unknown'\n", (2, "`missing` is a list of words", "As missing =")),
        ("[run]\nengine = 'oracle'\n", (2, 'There is no engine called "oracle"', "Known: duckdb.")),
        ("[run]\ngrowth = 0.5\n", (2, "`growth` is a percentage", 'Write it as growth = "50%".')),
        ("[run]\ngrowth = '-5%'\n", (2, "`growth` is a percentage", 'Write it as growth = "50%".')),
        ("[data]\nzone = 'Asia/Beijing'\n", (2, 'There is no time zone "Asia/Beijing"', "Write a name of the tz")),
        ("[data]\nzone = '../../etc/passwd'\n", (2, 'There is no time zone "../../etc/passwd"', "Write a name")),
        (
            "[data.customers]\nasset = 'a'\n",
            (2, "`asset` is nothing that the schema declares", "Did you mean `assets`?"),
        ),
        ("[data.events.tock]\nat = 'x'\n", (1, "`tock` is nothing that the schema declares", "Did you mean `tick`?")),
        ("[data.events.tick]\npag = 'x'\n", (2, "`pag` is nothing that the schema declares", "Did you mean `page`?")),
        ("[data.events]\nid = 'x'\nwhen = 'y'\n", (3, "`when` means nothing here", "Known: customer, at, id.")),
    ],
)
def test_a_mistake_in_camp_toml_is_told_at_its_line(toml: str, found: tuple[int, str, str], bank: Path) -> None:
    ((code, line, message, help),) = told(toml, bank)
    assert (code, line, message.startswith(found[1]), help.startswith(found[2])) == ("CAMP601", found[0], True, True)
    assert camp("check", bank / "bank.camp").exit_code == camp("compile", bank, "-o", "-").exit_code == 1


def test_a_camp_toml_that_is_no_text_is_told(bank: Path) -> None:
    bank.joinpath("camp.toml").write_bytes(b"[data]\npath = '\xff'\n")
    assert [(one.code, one.place.line) for one in read((bank,)).found] == [("CAMP101", 2)]


def test_the_example_bank_is_a_project_without_a_finding() -> None:
    assert read((HERE.parent / "campaigns",)).found == []
    assert len(compiled(HERE.parent / "campaigns").campaigns) >= 6
