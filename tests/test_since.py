"""--changed-since: what the project at a revision had already is not told; whatever is new is, wherever it lies."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.plans import camp
from tests.reports import NAME, TODAY, bank


def git(folder: Path, *arguments: str) -> str:
    named = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *named, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMP_CACHE", "off")
    folder = bank(tmp_path)
    (tmp_path / ".git").rmdir()
    (folder / NAME / "segments.camp").unlink()
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "tag", "first")
    return folder


def check(project: Path, *more: object, since: str = "first") -> tuple[int, str]:
    done = camp("check", project, "--today", TODAY, "--changed-since", since, *more)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_was_there_is_not_told(project: Path) -> None:
    assert camp("check", project, "--today", TODAY).exit_code == 1
    code, said = check(project)
    assert code == 0 and "2 findings found at first too\n" in said and "CAMP521" not in said


def test_not_after_lines_are_added_or_the_file_is_moved(project: Path) -> None:
    edit(project / NAME / "gift.camp", "policy strict {", "# more\n\nsegment more = consent\npolicy strict {")
    (project / NAME / "gift.camp").rename(project / "elsewhere.camp")
    assert check(project)[0] == 0


def test_what_a_policy_breaks_in_a_campaign_that_nobody_touched_is_told(project: Path) -> None:
    (project / "policy.camp").write_text("policy more { quiet 22:00-08:00 }\n", encoding="utf-8")
    campaign = (
        "campaign calm { policy more; kind service; runs 2026-03-01..2026-03-31; audience { consent }\n"
        '  start once\n  message sms { text "Hello" } }\n'
    )
    (project / "calm.camp").write_text(campaign, encoding="utf-8")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "second")
    assert check(project, since="HEAD")[0] == 0
    edit(project / "policy.camp", "quiet", 'ban "Hello" because "x"; quiet')
    code, said = check(project, since="HEAD")
    assert code == 1 and "calm.camp" in said and said.count("error[") == 1 and "2 findings found at HEAD too" in said
    # Named alone, the untouched file says so too, and the others nothing.
    assert check(project, since="HEAD")[0] == camp("check", project / "calm.camp", "--changed-since", "HEAD").exit_code


def test_an_error_that_was_a_warning_and_a_comment_taken_away_are_new(project: Path) -> None:
    (project / "camp.toml").write_text("", encoding="utf-8")
    code, said = check(project)
    assert code == 1 and "error[CAMP411]" in said and "1 finding found at first too" in said
    edit(project / NAME / "gift.camp", '# camp: allow CAMP401 until 2026-06-30 because "营业到深夜"', "")
    assert "error[CAMP401]" in check(project)[1]


def test_a_comment_whose_day_has_passed_is_nobodys_change(project: Path) -> None:
    done = camp("check", project, "--today", "2026-07-01", "--changed-since", "first")
    assert done.exit_code == 0 and "4 findings found at first too" in done.output


def test_a_project_that_was_not_there_is_new(project: Path) -> None:
    git(project, "checkout", "-q", "--orphan", "other")
    git(project, "rm", "-rq", "--cached", ".")
    (project.parent / "readme").write_text("x", encoding="utf-8")
    git(project.parent, "add", "readme")
    git(project, "commit", "-qm", "empty")
    code, said = check(project, since="HEAD")
    assert code == 1 and "found at" not in said


def test_links_and_nested_projects_of_the_revision_are_left_out(project: Path) -> None:
    bad = "segment t = asets > 1 CNY"
    (project / "link.camp").symlink_to(bad)  # what a link leads to is no text of the project
    (project / "inner").mkdir()
    (project / "inner" / "camp.toml").write_text("", encoding="utf-8")
    (project / "inner" / "bad.camp").write_text("segment x = asets > 1 CNY\n", encoding="utf-8")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "links")
    (project / "link.camp").unlink()
    assert check(project, since="HEAD")[0] == 0
    (project / "t.camp").write_text(bad, encoding="utf-8")
    assert check(project, since="HEAD")[0] == 1


def test_the_project_may_be_the_repository_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bank(tmp_path / "[a]*")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    monkeypatch.chdir(folder)
    assert camp("check", "--today", TODAY).exit_code == 1 and check(Path(), since="HEAD")[0] == 0


def test_a_project_whose_files_were_all_hidden(project: Path) -> None:
    git(project, "checkout", "-q", "--orphan", "other")
    git(project, "rm", "-rq", "--cached", ".")
    (project / ".hidden").mkdir()
    (project / ".hidden" / "a.camp").write_text("", encoding="utf-8")
    git(project, "add", "-f", ".hidden")
    git(project, "commit", "-qm", "hidden")
    assert check(project, since="HEAD")[0] == 1


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=touch x", "-h", "", "first:bank", "x y", "@{99}"])
def test_a_revision_that_there_is_not(project: Path, revision: str) -> None:
    code, said = check(project, since=revision)
    assert code == 2 and said.startswith(f"error: git knows no revision {revision} here\n  = help: A shallow clone")


def test_outside_of_a_repository(tmp_path: Path) -> None:
    (tmp_path / "camp.toml").write_text("", encoding="utf-8")
    (tmp_path / "a.camp").write_text("", encoding="utf-8")
    code, said = check(tmp_path)
    assert code == 2 and "error: git says: not a git repository" in said and "= help: Run it inside" in said


def test_without_git(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    code, said = check(project)
    assert code == 2 and "git cannot be run: No such file" in said and "--baseline, which needs none" in said


def test_inside_a_hook_and_from_another_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    monkeypatch.chdir(project / NAME)
    assert check(Path("gift.camp"))[0] == 0 and Path.cwd() == project / NAME


def test_nothing_of_the_repository_is_changed(project: Path) -> None:
    before = git(project, "status", "--porcelain"), git(project, "rev-parse", "HEAD")
    check(project)
    assert (git(project, "status", "--porcelain"), git(project, "rev-parse", "HEAD")) == before


def test_a_folder_that_was_renamed_is_the_same_project(project: Path) -> None:
    (project.parent / "deeper").mkdir()
    moved = project.parent / "deeper" / "renamed"
    git(project.parent, "mv", project.name, "deeper/renamed")
    edit(moved / NAME / "gift.camp", "policy strict {", "# more\n\npolicy strict {")
    code, said = check(moved)
    assert code == 0 and "2 findings found at first too" in said
    git(project.parent, "commit", "-qam", "moved")
    (moved / "bad.camp").write_text("segment x = asets > 1 CNY\n", encoding="utf-8")
    code, said = check(moved)
    assert code == 1 and said.count("error[") == 1 and "2 findings found at first too" in said


def test_where_most_files_come_from_is_where_the_project_was(tmp_path: Path) -> None:
    folder = bank(tmp_path)
    git(folder, "init", "-q")
    (folder / "+").mkdir()  # before "." in any order
    (folder / "+" / "stray.camp").write_text("segment stray = consent\n", encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    names = [path.name for path in folder.iterdir() if path.name not in ("+", ".git")]
    (folder / "new").mkdir()
    for name in names:
        git(folder, "mv", name, f"new/{name}")
    git(folder, "mv", "+/stray.camp", "new/stray.camp")
    code, said = check(folder / "new", since="HEAD")
    assert code == 0, said


@pytest.fixture
def outer(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the project's as a submodule in bank/rules."""
    folder = tmp_path_factory.mktemp("outer")
    git(folder, "init", "-q")
    git(folder, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(project.parent), "bank/rules")
    git(folder, "commit", "-qm", "with a submodule")
    git(folder, "tag", "outer")
    return folder


def test_a_project_in_a_submodule_is_compared_with_its_own_revisions(outer: Path, project: Path) -> None:
    inner = outer / "bank" / "rules" / project.name
    code, said = check(inner, since="HEAD")
    assert code == 0 and "2 findings found at HEAD too" in said
    code, said = check(inner, since="outer")
    assert code == 2 and "git knows no revision outer here" in said and "git rev-parse REVISION:bank/rules" in said
    assert check(inner, since=git(outer, "rev-parse", "outer:bank/rules"))[0] == 0


def test_submodules_of_a_project_are_read_at_the_commit_that_it_names(outer: Path, project: Path) -> None:
    (outer / "camp.toml").write_text("", encoding="utf-8")
    within = outer / "bank" / "rules"
    (within / project.name / "camp.toml").unlink()
    for number, folder in enumerate((outer, within)):  # two files of one name
        (folder / "extra.camp").write_text(f"segment extra{number} = asets{number} > 1 CNY\n", encoding="utf-8")
    git(within, "add", "-A")
    git(within, "commit", "-qm", "part of a greater project")
    git(outer, "add", "-A")
    git(outer, "commit", "-qm", "second")
    assert camp("check", outer, "--today", TODAY).exit_code == 1
    assert check(outer, since="HEAD")[0] == 0
    (within / "bad.camp").write_text("segment x = asets > 1 CNY\n", encoding="utf-8")
    git(within, "add", "-A")
    git(within, "commit", "-qm", "bad")
    code, said = check(outer, since="HEAD")
    assert code == 1 and said.count("error[") == 1
    git(outer, "update-index", "--cacheinfo", f"160000,{'1' * 40},bank/rules")
    git(outer, "commit", "-qm", "a commit that nobody has")
    code, said = check(outer, since="HEAD")
    assert code == 2 and "The submodule rules lacks the commit 111111111111" in said
