"""The kept parser: private, whole or not at all, and never a reason to fail."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from lark import Lark

import grammar
from dsl.parser import cache

TEXT = 'segment s = count(tick in last 7 days) > 3 and not region = "city"'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CAMP_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each grammar that was built, not loaded."""
    built: list[str] = []
    build = cache._build
    monkeypatch.setattr(cache, "_build", lambda source: (built.append(source), build(source))[1])
    return built


def reads(parser: Lark) -> bool:
    return parser.parse(TEXT).pretty() == cache._build(grammar.source()).parse(TEXT).pretty()


def only_file(home: Path) -> Path:
    (file,) = (home / ".cache" / "camp").iterdir()
    return file


def test_the_second_time_nothing_is_built(home: Path, builds: list[str]) -> None:
    first, second = cache.kept(grammar.source()), cache.kept(grammar.source())
    assert len(builds) == 1
    assert reads(first) and reads(second)


def test_folder_and_file_are_this_user_s_alone(home: Path) -> None:
    cache.kept(grammar.source())
    file = only_file(home)
    assert (file.parent.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)


def test_what_is_kept_is_plain_json(home: Path) -> None:
    cache.kept(grammar.source())
    digest, content = only_file(home).read_bytes().split(b"\n", 1)
    assert digest.decode() == hashlib.sha256(content).hexdigest() and set(json.loads(content)) == {"data", "memo"}


def test_another_grammar_is_kept_apart(home: Path, builds: list[str]) -> None:
    other = grammar.source() + "\n// changed\n"
    for source in (grammar.source(), other, grammar.source(), other):
        cache.kept(source)
    assert builds == [grammar.source(), other]


def test_xdg_cache_home_is_followed_only_where_it_is_absolute(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setenv("XDG_CACHE_HOME", "project")
    cache.kept(grammar.source())
    assert only_file(home) and not (home / "project").exists()
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "there"))
    cache.kept(grammar.source())
    assert len(list((home / "there" / "camp").iterdir())) == 1


@pytest.mark.parametrize(
    "way", ["off", "a relative home", "a file there", "open to the group", "open to all", "a link"]
)
def test_without_a_private_folder_nothing_is_kept(
    way: str, home: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    folder = home / ".cache" / "camp"
    if way == "off":
        monkeypatch.setenv("CAMP_CACHE", "off")
    elif way == "a relative home":
        monkeypatch.setenv("HOME", "project")
    elif way == "a file there":
        (home / ".cache").write_text("")
    elif way == "a link":
        (home / "elsewhere").mkdir(mode=0o700)
        folder.parent.mkdir()
        folder.symlink_to(home / "elsewhere")
    else:
        folder.mkdir(parents=True)
        folder.chmod(0o770 if way == "open to the group" else 0o777)
    assert reads(cache.kept(grammar.source()))
    cache.kept(grammar.source())
    assert builds.count(grammar.source()) == 3  # one of them in reads()
    assert [path for path in home.rglob("*") if path.name.startswith("grammar-")] == []


@pytest.mark.parametrize("way", ["truncated", "empty", "edited", "readable by others", "a link"])
def test_a_file_that_is_not_sound_is_built_anew(way: str, home: Path, builds: list[str]) -> None:
    cache.kept(grammar.source())
    file = only_file(home)
    content = file.read_bytes()
    if way == "readable by others":
        file.chmod(0o644)
    elif way == "a link":
        file.rename(home / "elsewhere")
        file.symlink_to(home / "elsewhere")
    else:
        file.write_bytes({"truncated": content[:-1], "empty": b"", "edited": content.replace(b"mon", b"mom")}[way])
    assert reads(cache.kept(grammar.source()))
    assert (file.stat().st_mode & 0o777, file.is_symlink()) == (0o600, False)
    cache.kept(grammar.source())
    assert builds.count(grammar.source()) == 3  # the first, the repair, and one in reads()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_no_mistake(home: Path) -> None:
    (home / ".cache" / "camp").mkdir(parents=True, mode=0o500)
    assert reads(cache.kept(grammar.source()))
