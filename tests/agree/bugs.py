"""Known bugs, seeded one at a time into a copy of the runtime: the comparison has to find each of them.

Only what the two executors do not share can be seen this way, and quiet hours, which are held against the wall clock as well:
calendars, identities, plans and segments have tests of their own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import click

_ROOT = Path(__file__).parents[2]
_PROGRAMS = 400


@dataclass(frozen=True)
class Bug:
    """`good` stands once in the file. seed: where the search begins; close to a program that shows it, so that it is quick."""

    name: str
    file: str
    good: str
    bad: str
    seed: int = 50_000


def known() -> list[Bug]:
    return [
        Bug(**one) for one in tomllib.loads((Path(__file__).parent / "bugs.toml").read_text(encoding="utf-8"))["bug"]
    ]


def find_all(jobs: int) -> int:
    """0 where each is found."""
    missed, bugs = 0, known()
    for bug in bugs:
        said = find(bug, jobs)
        missed += said is None
        click.echo(f"{'found' if said else 'MISSED'}: {bug.name}{f', {said}' if said else ''}")
    click.echo(f"{len(bugs)} seeded bugs, {len(bugs) - missed} found")
    return 1 if missed else 0


def find(bug: Bug, jobs: int) -> str | None:
    """The first program that shows it; None where there were not enough."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("dsl", "grammar", "runtime", "tests/agree"):
            shutil.copytree(_ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("__init__.py", "sparks.py"):
            shutil.copy(_ROOT / "tests" / name, Path(folder) / "tests" / name)
        file = Path(folder) / bug.file
        text = file.read_text(encoding="utf-8")
        assert text.count(bug.good) == 1, f"{bug.name}: it stands {text.count(bug.good)} times in {bug.file}"
        file.write_text(text.replace(bug.good, bug.bad), encoding="utf-8")
        command = [sys.executable, "-m", "tests.agree", "--first", "--no-keep", "--jobs", str(jobs)]
        command += ["--programs", str(_PROGRAMS), "--seed", str(bug.seed)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or "programs x" not in done.stdout:
        raise RuntimeError(f"{bug.name}: {done.stderr[-2000:]}")
    shown = re.search(r"^seed (\d+):", done.stdout, re.MULTILINE)
    return f"seed {shown[1]}" if shown else None
