"""Commands that are killed at a random instant and run again: `python -m tests.kills --times 100`.

What the sequence of commands would have come to without a kill is known; after each killed command has been run again to its
end, plans, ledger and releases have to be the same.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click
import duckdb

from tests.banks import csv
from tests.ledgers import happened, make

_DAY = "2026-03-{:02}T{}+08:00"


@dataclass
class Command:
    """`arguments` of camp; `meanwhile`: what happens in the data before it."""

    name: str
    arguments: list[str]
    meanwhile: dict[str, list[str]] = field(default_factory=dict)


def commands(bank: Path, ledger: str) -> list[Command]:
    """Two days: plan, release, ingest, what customers did, release."""
    plan = ["plan", str(bank / "program.json"), "--data", str(bank / "data"), "--ledger", str(bank / ledger), "-q"]
    found = []
    for day in (4, 5):
        found.append(Command("plan", [*plan, "--at", _DAY.format(day, "09:00"), "-o", str(bank / "out")]))
        heard = csv(
            bank / f"heard{day}.csv",
            "id,customer,at",
            *(f"a{day}{at},k{at},2026-03-0{day}T10:40+08:00" for at in (5, 6)),
        )
        taken = ["ingest", str(bank / "program.json"), "applied", str(heard), "--ledger", str(bank / ledger), "-q"]
        for hour, clicks in (("10:30", []), ("12:30", [f"k2,2026-03-0{day}T11:00+08:00"])):
            meanwhile = {"clicked": clicks} if clicks else {}
            give = [
                "release",
                str(bank / "out"),
                "--at",
                _DAY.format(day, hour),
                "--command",
                f"cat >> {bank / 'taken.jsonl'}",
            ]
            found.append(Command("release", give, meanwhile))
            if not clicks:
                found.append(Command("ingest", taken))
    return found


def state(bank: Path, ledger: str) -> dict[str, object]:
    """What counts in the end: plans, what stands and what was given away, each id once."""
    copied = bank / "looked.duckdb"
    copied.unlink(missing_ok=True)
    _camp(["ledger", "export", str(copied), "--ledger", str(bank / ledger)])
    with duckdb.connect(str(copied), read_only=True) as held:
        standing = held.execute("SELECT * EXCLUDE (run) FROM standing ORDER BY ALL").fetchall()
        releases = held.execute("SELECT * FROM releases ORDER BY ALL").fetchall()
        heard = held.execute("SELECT * FROM event_applied ORDER BY ALL").fetchall()
        runs = held.execute("SELECT run_id, request, sends FROM runs ORDER BY run").fetchall()
    lines = (bank / "taken.jsonl").read_text(encoding="utf-8").splitlines()
    taken = {one["send_id"]: one for one in map(json.loads, lines)}
    plan = duckdb.sql(f"SELECT * FROM '{bank / 'out' / 'sends.parquet'}' ORDER BY ALL").fetchall()
    return {"standing": standing, "releases": releases, "runs": runs, "heard": heard, "taken": taken, "plan": plan}


def undisturbed(ledger: str, program: str) -> tuple[dict[str, object], list[float]]:
    """The state that the commands come to, and the seconds that each takes."""
    took: list[float] = []
    found, _ = _run(random.Random(0), ledger, program, [], took)
    return found, took


def run(seed: int, ledger: str, program: str, took: list[float]) -> tuple[dict[str, object], Counter[str]]:
    """The commands, each killed once at a random instant; the state, and what was killed. program: one with the same places."""
    return _run(random.Random(seed), ledger, program, took, [])


def _run(
    r: random.Random, ledger: str, program: str, kills: list[float], took: list[float]
) -> tuple[dict[str, object], Counter[str]]:
    """kills: seconds within which each command is killed first, of nobody where it is empty; took: is added to."""
    killed = Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        bank = make(Path(place) / "b")
        (bank / "program.json").write_text(program, encoding="utf-8")
        for at, command in enumerate(commands(bank, ledger)):
            for name, lines in command.meanwhile.items():
                happened(bank, name, *lines)
            if kills:  # mostly while it decides and writes: what comes first is Python's own
                killed[_kill(command.arguments, kills[at] * r.uniform(0.4, 1.0)) + " " + command.name] += 1
            begun = time.monotonic()
            _camp(command.arguments)
            took.append(time.monotonic() - begun)
        return state(bank, ledger), killed


def compiled() -> str:
    with tempfile.TemporaryDirectory() as place:
        return (make(Path(place) / "b") / "program.json").read_text(encoding="utf-8")


def _kill(arguments: list[str], after: float) -> str:
    running = subprocess.Popen(_python(arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        running.wait(after)
        return "ended before the kill:"
    except subprocess.TimeoutExpired:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        return "killed:"


def _camp(arguments: list[str]) -> None:
    done = subprocess.run(_python(arguments), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"camp {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-1000:]}")


def _python(arguments: list[str]) -> list[str]:
    return [sys.executable, "-c", "from runtime.cli.main import main; main()", *arguments]


@click.command()
@click.option("--times", type=int, default=100, show_default=True, help="How many kills at least.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--ledger", type=click.Choice(["l.duckdb", "l"]), default="l.duckdb", show_default=True)
def main(times: int, seed: int, ledger: str) -> None:
    program = compiled()
    expected, took = undisturbed(ledger, program)
    killed: Counter[str] = Counter()
    different, begun = 0, time.monotonic()
    while sum(count for what, count in killed.items() if what.startswith("killed")) < times:
        found, more = run(seed, ledger, program, took)
        killed, seed = killed + more, seed + 1
        wrong = [name for name in expected if found[name] != expected[name]]
        if wrong:
            different += 1
            click.echo(f"seed {seed - 1}: {', '.join(wrong)} differ")
    for what, count in sorted(killed.items()):
        click.echo(f"{count:>5}  {what}")
    total = sum(count for what, count in killed.items() if what.startswith("killed"))
    click.echo(f"{total} kills in {time.monotonic() - begun:,.0f} s, {different} sequences came to something else")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
