"""`camp fmt` at the command line: what it writes, what it says, and its exit codes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import dsl.format as formatter
from runtime.cli.main import main

MESSY = "event  look{page text}\nevent\tcall # 打电话\n"
TIDY = "event look { page text }\nevent call  # 打电话\n"
BROKEN = "event  look{page txt}\n"
CHINESE = "事件 look { page 文本 }\n事件 call  # 打电话\n"


def camp(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["fmt", *map(str, arguments)], input=stdin)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files that would change, one that would not, one in a hidden folder and one of another kind."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "a.camp": MESSY,
        "sub/b.camp": MESSY,
        "c.camp": TIDY,
        ".git/d.camp": MESSY,
        "e.txt": MESSY,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def held(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()
    }


def test_a_folder_is_formatted_in_place(folder: Path) -> None:
    before = held(folder)
    result = camp()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "formatted a.camp\nformatted sub/b.camp\n2 files formatted, 1 unchanged\n"
    assert held(folder) == before | {"a.camp": TIDY, "sub/b.camp": TIDY}
    again = camp(folder)
    assert (again.exit_code, again.stdout) == (0, "0 files formatted, 3 unchanged\n")


def test_named_files_once_each(folder: Path) -> None:
    result = camp("a.camp", folder / "a.camp", "c.camp", ".")
    assert result.stdout == "formatted a.camp\nformatted sub/b.camp\n2 files formatted, 1 unchanged\n"
    assert camp(".git/d.camp").stdout == "formatted .git/d.camp\n1 file formatted, 0 unchanged\n"


def test_check_writes_nothing(folder: Path) -> None:
    before = held(folder)
    result = camp("--check")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == "would format a.camp\nwould format sub/b.camp\n2 files would be formatted, 1 unchanged\n"
    assert held(folder) == before
    assert camp("--check", "c.camp").exit_code == 0


def test_diff_writes_nothing_and_can_be_applied(folder: Path) -> None:
    (folder / "a.camp").write_bytes(b"\xef\xbb\xbf" + MESSY.replace("\n", "\r\n").rstrip().encode())
    before = (folder / "a.camp").read_bytes()
    result = camp("--diff")
    assert result.exit_code == 1 and result.stderr == "2 files would be formatted, 1 unchanged\n"
    assert (folder / "a.camp").read_bytes() == before
    assert "\n-event  look{page text}\n" in result.stdout and "\n+event look { page text }\n" in result.stdout
    assert "\\ No newline at end of file\n" in result.stdout
    subprocess.run(["patch", "-p0", "--binary"], input=result.stdout_bytes, check=True, capture_output=True)
    assert held(folder)["a.camp"] == held(folder)["sub/b.camp"] == TIDY
    assert (camp("--diff").exit_code, camp("--diff").stdout) == (0, "")


@pytest.mark.parametrize("how", ["-", "--stdin"])
def test_stdin_goes_to_stdout(how: str) -> None:
    result = camp(how, stdin=b"\xef\xbb\xbf" + MESSY.replace("\n", "\r\n").encode())
    assert (result.exit_code, result.stdout_bytes, result.stderr) == (0, TIDY.encode(), "")
    assert camp(how, "--keywords", "zh", stdin=MESSY).stdout == CHINESE
    assert (camp(how, "--check", stdin=MESSY).exit_code, camp(how, "--check", stdin=MESSY).stdout) == (1, "")
    assert camp(how, "--check", stdin=TIDY).exit_code == camp(how, "--diff", stdin=TIDY).exit_code == 0
    shown = camp(how, "--diff", stdin=MESSY)
    assert shown.exit_code == 1 and "\n+event look { page text }\n" in shown.stdout
    broken = camp(how, stdin=BROKEN)
    assert (broken.exit_code, broken.stdout) == (1, "") and "CAMP201" in broken.stderr
    assert camp(how, stdin="").stdout == ""
    assert camp(how, "a.camp", stdin=MESSY).exit_code == 2


def test_keywords_in_one_spelling(folder: Path) -> None:
    assert camp("--keywords", "zh", "a.camp").exit_code == 0
    assert held(folder)["a.camp"] == CHINESE
    assert camp("--keywords", "en", "a.camp").exit_code == 0
    assert held(folder)["a.camp"] == TIDY
    assert camp("--keywords", "fr", "a.camp").exit_code == 2


@pytest.mark.parametrize("mode", [[], ["--check"], ["--diff"]])
def test_a_file_that_cannot_be_parsed_is_left_and_the_others_are_formatted(mode: list[str], folder: Path) -> None:
    (folder / "a.camp").write_text(BROKEN, encoding="utf-8")
    (folder / "c.camp").write_bytes(b"event look # \xff\n")
    result = camp(*mode)
    told = result.stderr if mode == ["--diff"] else result.stdout
    assert result.exit_code == 1
    assert "error[CAMP201]: `txt` cannot stand here\n  --> a.camp:1:18\n" in told and " --> c.camp:1:14" in told
    assert told.endswith("0 unchanged, 2 cannot be parsed\n")
    assert held(folder.joinpath("sub"))["b.camp"] == (MESSY if mode else TIDY)
    assert (folder / "a.camp").read_text(encoding="utf-8") == BROKEN
    assert (folder / "c.camp").read_bytes() == b"event look # \xff\n"


def test_paths_that_are_not_there(folder: Path) -> None:
    result = camp("a.camp", "nowhere.camp")
    assert result.exit_code == 2 and "There is no file or folder nowhere.camp" in result.stderr
    assert held(folder)["a.camp"] == MESSY
    (folder / "empty").mkdir()
    assert camp("empty").exit_code == 2


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_formatted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == "a.camp":
            raise PermissionError(13, "Permission denied")
        return reading(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    result = camp()
    assert (result.exit_code, result.stderr) == (2, "error: a.camp cannot be read: Permission denied\n")
    assert result.stdout == "formatted sub/b.camp\n1 file formatted, 1 unchanged, 1 failed\n"


def test_a_read_only_file_is_left(folder: Path) -> None:
    (folder / "a.camp").chmod(0o444)
    result = camp()
    assert (result.exit_code, result.stderr) == (2, "error: a.camp cannot be written: it is read-only\n")
    assert held(folder)["a.camp"] == MESSY and held(folder)["sub/b.camp"] == TIDY
    assert camp("--check").exit_code == 1


def test_a_write_that_fails_leaves_the_file_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    before = held(folder)
    result = camp("a.camp")
    assert (result.exit_code, result.stderr) == (2, "error: a.camp cannot be written: No space left on device\n")
    assert held(folder) == before


def test_permissions_and_links_stay(folder: Path) -> None:
    (folder / "a.camp").chmod(0o640)
    (folder / "link.camp").symlink_to("a.camp")
    assert camp("link.camp").stdout == "formatted link.camp\n1 file formatted, 0 unchanged\n"
    assert (folder / "link.camp").is_symlink() and held(folder)["a.camp"] == TIDY
    assert (folder / "a.camp").stat().st_mode & 0o777 == 0o640


def test_a_mistake_of_the_formatter_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "aligned", lambda _: ["event other"])
    before = held(folder)
    result = camp()
    assert result.exit_code == 2 and held(folder) == before
    assert "error: a.camp is left as it is: a mistake of `camp fmt` would change its meaning" in result.stderr
    assert camp("-", stdin=MESSY).exit_code == 2 and camp("-", stdin=MESSY).stdout == ""
