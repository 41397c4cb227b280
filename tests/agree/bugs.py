"""Known bugs, seeded one at a time into a copy of the runtime: the comparison has to find each of them.

Only what the two executors do not share can be seen this way: calendars, identities, plans and segments have tests of their own.
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
_PROGRAMS = 2_000


@dataclass(frozen=True)
class Bug:
    """`good` stands once in the file."""

    name: str
    file: str
    good: str
    bad: str


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
    """How many programs it took to find it; None where they were not enough."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("dsl", "grammar", "runtime", "tests/agree"):
            shutil.copytree(_ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__"))
        (Path(folder) / "tests" / "__init__.py").touch()
        file = Path(folder) / bug.file
        text = file.read_text(encoding="utf-8")
        assert text.count(bug.good) == 1, f"{bug.name}: it stands {text.count(bug.good)} times in {bug.file}"
        file.write_text(text.replace(bug.good, bug.bad), encoding="utf-8")
        command = [sys.executable, "-m", "tests.agree", "--first", "--no-keep", "--jobs", str(jobs)]
        command += ["--programs", str(_PROGRAMS), "--seed", "50000"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    counted = re.search(r"^([\d,]+) programs", done.stdout, re.MULTILINE)
    if counted is None:
        raise RuntimeError(f"{bug.name}: {done.stderr[-2000:]}")
    return f"within {counted[1]} programs" if done.returncode == 1 else None
