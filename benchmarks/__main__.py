"""`make bench`: every benchmark, and docs/performance.md with what they said."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BENCHMARKS = {
    "check_cold": "`camp check` on one small file, from a cold start, against importing click and lark. Wanted: at most 2.5 ×.",
    "repository": "A repository of 1,000 campaigns, against its bare Lark parse. Wanted: 3 ×, unchanged 0.2 ×, one edit 0.3 ×.",
    "whole": "A whole `camp plan` of 1 M customers, 5 M events, 50 campaigns, against benchmarks/floor.py. Wanted: at most 6 ×.",
    "scale": "A whole `camp plan` of 10 M customers, 100 campaigns. Wanted: 3 × the floor, 8 GiB, 11 × the time of 1 M.",
    "growth": "A whole `camp plan` against customers and against campaigns; both axes of a chart are logarithmic. "
    "![by customers](charts/customers.svg) ![by campaigns](charts/campaigns.svg)",
    "explain": "`camp explain` for one of 1 M customers, 5 M events, from a cold start, against its floor. Wanted: at most 1 s.",
    "copy": "Copy as one engine expression, against Jinja row by row. Wanted: at least 15 × faster.",
    "ingest": "`camp ingest` of many events, against the engine's own copy of the file into a table. Wanted: at most 3 ×.",
    "year": "365 daily runs in one process with a ledger, over a real grocer's data. Wanted: at most 300 s.",
    "lexicon_speed": "Which texts may hold a banned word, disguised or not, on one thread. Wanted: 50 MB/s; 50 µs to find one.",
    "campaigns": "Matching at 2 M customers. Wanted: 4 × and 12 × a query each, 1.5 × and 3 × Polars.",
    "caps": "Caps on 20 M candidates by the loop, against rounds of SQL. Wanted: at least 2 × faster.",
    "memory": "A whole `camp plan` of 6 M customers, 30 M events within `--memory 2GB`, against unlimited. Wanted: 1.5 ×.",
    "shuffle": "What `camp plan --engine spark` shuffles at 1, 2 and 4 M events, on local[2]. With the extra `spark`, and Java.",
    "matching": "Features and candidates for all campaigns at once, against one query for each. Wanted: at least 2.5 × faster.",
}


def main(asked: list[str]) -> None:
    """Runs some benchmarks; what the page says of the others stays."""
    page = (
        "# Performance\n\nMade by `make bench`: medians and their ratios, measured in one run on the machine named.\n"
    )
    for name, what in BENCHMARKS.items():
        missing = name == "shuffle" and find_spec("pyspark") is None
        if name not in asked or missing:
            page += before(name)
            if name in asked:
                print(f"{name}: not measured, the extra `spark` is not installed")
            continue
        print(f"{name} …", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], capture_output=True, text=True)
        # 1: above its limit, which its figures say; what has broken off ends so too, and has no figures.
        if done.returncode not in (0, 1) or "Traceback" in done.stderr or not done.stdout.strip():
            sys.exit(done.stdout + done.stderr)
        print(done.stdout, flush=True)
        page += section(name, what, done.stdout)
    PAGE.write_text(page, encoding="utf-8")


def section(name: str, what: str, said: str) -> str:
    return f"\n## {name}\n{what} `python -m benchmarks.{name}`\n\n```\n{said.strip()}\n```\n"


def before(name: str) -> str:
    """What the page says of a benchmark by now."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = re.search(rf"^\n## {name}\n.*?\n```\n.*?\n```\n", page, re.DOTALL | re.MULTILINE)
    return found[0] if found else ""


if __name__ == "__main__":
    main(sys.argv[1:] or list(BENCHMARKS))
