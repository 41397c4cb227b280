"""Agreement at length: `python -m tests.agree --programs 10000 --customers 50 --seed 7`; `--bugs` seeds known bugs instead.

Each program is run over its own customers, events and past decisions by the interpreter and by the runtime. What differs is
shrunk, printed and kept in tests/agree/kept, where tests/test_agree.py runs it from then on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from itertools import islice
from time import monotonic

import click

from tests.agree import kept
from tests.agree.compare import compare, differences, make, shrink, sieve, sieved

_BLOCK = 20  # programs of Spark that are looked at before they run
_ON_SPARK = 2  # programs at a time, whatever processors there are


@click.command()
@click.option("--programs", type=int, default=500, show_default=True)
@click.option("--customers", type=int, default=25, show_default=True)
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="The first program's; the others follow it.")
@click.option(
    "--jobs", type=int, default=None, help="How many at a time: as many as there are processors, of Spark two."
)
@click.option("--minutes", type=float, default=None, help="Stop after that long, whatever is left.")
@click.option("--keep/--no-keep", default=True, show_default=True, help="Write what differs to tests/agree/kept.")
@click.option("--first", is_flag=True, help="Stop at the first difference.")
@click.option("--bugs", is_flag=True, help="Break the runtime in known ways, and see each of them found.")
def main(
    programs: int,
    customers: int,
    engine: str,
    seed: int,
    jobs: int | None,
    minutes: float | None,
    keep: bool,
    first: bool,
    bugs: bool,
) -> None:
    """Compare the two executors on random programs and data."""
    if jobs is None:
        jobs = os.cpu_count() or 1
        jobs = min(jobs, _ON_SPARK) if engine == "spark" else jobs
    if bugs:
        from tests.agree.bugs import find_all

        sys.exit(find_all(jobs))
    begun, ran, outcomes, differing = monotonic(), 0, 0, []

    def stopped() -> bool:
        return minutes is not None and monotonic() - begun > minutes * 60 or first and bool(differing)

    for numbers, workers in _turns(range(seed, seed + programs), customers, jobs, engine):
        if stopped():
            break
        with workers as pool:
            seeds = iter(numbers)
            work = {pool.submit(_look, one, customers, keep, engine) for one in islice(seeds, jobs * 2)}
            while work:
                done, work = wait(work, return_when=FIRST_COMPLETED)
                for number, rows, found in (one.result() for one in done):
                    ran, outcomes = ran + 1, outcomes + rows
                    if found:
                        differing.append(number)
                        click.echo(f"seed {number}: {found}")
                if not stopped():
                    work |= {pool.submit(_look, one, customers, keep, engine) for one in islice(seeds, len(done))}
    click.echo(f"{monotonic() - begun:,.0f} s")
    click.echo(f"{ran:,} programs x {customers} customers, {outcomes:,} outcomes compared: {len(differing)} differ")
    sys.exit(1 if differing else 0)


def _turns(
    seeds: Sequence[int], customers: int, jobs: int, engine: str
) -> Iterator[tuple[Sequence[int], AbstractContextManager[Executor]]]:
    """Processes; of Spark threads, so that one virtual machine is begun and warm for all: the sieved, then the others."""
    if engine != "spark":
        yield seeds, ProcessPoolExecutor(jobs)
        return
    for at in range(0, len(seeds), _BLOCK):
        block = seeds[at : at + _BLOCK]
        always = {seed: sieved(make(seed, customers)) for seed in block}
        for choice in (True, False):
            with sieve(choice):
                yield [seed for seed in block if always[seed] is choice], ThreadPoolExecutor(jobs)


def _look(seed: int, customers: int, keep: bool, engine: str) -> tuple[int, int, str]:
    """The seed, how many outcomes were compared, and the first difference."""
    case = make(seed, customers)
    rows, found = compare(case, engine)
    if not found:
        return seed, rows, ""
    if keep:
        smallest = shrink(case, engine)
        found = differences(smallest, engine)
        kept.save(smallest, f"seed_{seed}_{customers}")
    return seed, rows, found[0]


if __name__ == "__main__":
    main()
