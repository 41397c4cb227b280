"""A month of the example bank: plans, releases, and what customers did about them, from a model whose truth is known.

`python month.py PROGRAM DATA FOLDER`: a plan each morning (on one day one each hour), releases through the day, after each what
has happened since. Whatever chance decides follows from SEED and the name of what it decides: the same month each time.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import heapq
import io
import json
import shutil
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import truth

from runtime.cli.main import main as camp

ZONE = "+08:00"
FIRST = datetime.fromisoformat(f"2026-03-04T00:00{ZONE}")
RELEASES = ("10:30", "12:40", "16:10", "19:30")
HOURLY = (7,)  # days, from the first, on which the bank plans by the hour
EVERY = 4  # of the bank's customers every fourth: `--every 1` takes all
HEADS = {
    "delivered": ("id", "send_id", "at"),
    "clicked": ("id", "send_id", "at"),
    "replied": ("id", "send_id", "at", "text"),
    "rate_query": ("id", "customer_id", "at", "product"),
    "loan_calculator": ("id", "customer_id", "at", "product", "amount", "months"),
    "loan_applied": ("id", "customer_id", "at", "product"),
    "loan_approved": ("id", "customer_id", "at", "product"),
    "loan_funded": ("id", "customer_id", "at", "product", "amount"),
    "page_touch": ("id", "customer_id", "at", "page", "x", "y"),
}
Event = tuple[datetime, str, tuple[Any, ...]]


class Month:
    """What is still to come, as a heap by instant, and the commands that hear of it once it has come."""

    def __init__(self, program: Path, data: Path, folder: Path) -> None:
        self.program, self.data, self.folder = program, data, folder
        self.ledger, self.plan = folder / "bank.duckdb", folder / "plan"
        self.products = {one["name"]: one["product"] for one in json.loads(program.read_text("utf-8"))["campaigns"]}
        self.to_come: list[Event] = list(organic(data))
        heapq.heapify(self.to_come)
        self.heard: dict[str, list[tuple[Any, ...]]] = {}  # what has come and is not ingested yet
        self.told: Counter[str] = Counter()
        self.true: dict[str, Counter[str]] = {}  # by campaign: messages, and what was likely to come of them

    def decide(self, at: datetime, horizon: str) -> None:
        asked = ["--data", str(self.data), "--at", at.isoformat(), "--for", horizon, "-o", str(self.plan), "-q"]
        run("plan", str(self.program), *asked, "--ledger", str(self.ledger))

    def release(self, at: datetime) -> None:
        lines = run("release", str(self.plan), "--at", at.isoformat(), "--ledger", str(self.ledger), "-q")
        for message in map(json.loads, lines.splitlines()):
            self.told[message["role"]] += 1
            if message["role"] == "message" and message["channel"] != "task":
                likely = self.true.setdefault(message["campaign"], Counter())
                click = truth.clicks(message["campaign"], message["text"], at.hour)
                likely.update(sent=1, clicked=truth.TAKEN * click)
                for arm in (arm for arm, word in truth.SAYS.items() if word in message["text"]):
                    likely.update({f"{arm} sent": 1, f"{arm} reached": truth.TAKEN * click * truth.REACHES})
                for event in answers(message, self.products.get(message["campaign"]), at, click):
                    heapq.heappush(self.to_come, event)

    def hear(self, until: datetime, names: Container[str] = HEADS) -> None:
        """Take in what has happened by an instant: replies before each release, since some refuse; the rest at night."""
        while self.to_come and self.to_come[0][0] <= until:
            _, name, row = heapq.heappop(self.to_come)
            self.heard.setdefault(name, []).append(row)
        heard = {name: self.heard.pop(name) for name in list(self.heard) if name in names}
        folder = self.folder / "heard"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, rows in heard.items():
            self.told[name] += len(rows)
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([HEADS[name], *rows])
        if heard:
            run("ingest", str(self.program), str(folder), "-q", "--ledger", str(self.ledger))


def run(*command: str) -> str:
    """A command in this process, which has loaded everything already; what it writes to standard output."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            camp(list(command), prog_name="camp", standalone_mode=False)
        except SystemExit as ended:
            if ended.code:
                raise SystemExit(f"camp {' '.join(command)}\n{out.getvalue()}{err.getvalue()}") from ended
    return out.getvalue()


def chance(*named: object) -> float:
    """A number in [0, 1) that belongs to a name."""
    said = "/".join(map(str, (truth.SEED, *named)))
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:6], "big") / 2**48


def organic(data: Path) -> Iterator[Event]:
    """Who applies without being asked: everybody alike, on any day of the month and of the weeks after it."""
    ids = duckdb.sql(f"SELECT customer_id FROM '{data}/customers.parquet' ORDER BY 1").fetchall()
    for (customer,) in ids:
        for day in range(31):
            if chance("organic", customer, day) < truth.ORGANIC:
                at = FIRST + timedelta(days=day, seconds=int(8 * 3600 + 50_000 * chance("when", customer, day)))
                yield from applied(f"O{customer}-{day}", customer, at, "consumer")


def answers(message: dict[str, str], product: str | None, at: datetime, click: float) -> Iterator[Event]:
    """What one message leads to, from its delivery on. click: how likely it is clicked, once it is delivered."""
    send, customer = message["send_id"], message["customer"]

    def later(name: str, least: float, most: float, since: datetime = at) -> datetime:
        """Minutes after an instant."""
        return since + timedelta(seconds=round(60 * (least + (most - least) * chance(name, send))))

    if chance("delivered", send) >= truth.DELIVERED:
        return
    taken = later("taken", 0, 2)
    yield taken, "delivered", (f"D{send}", send, taken.isoformat())
    if chance("refuses", send) < truth.REFUSES:
        said = later("refused", 3, 240)
        yield said, "replied", (f"R{send}", send, said.isoformat(), "Ｒ" if chance("word", send) < 0.5 else "退订")
        return
    if (message["campaign"], message["step"]) in truth.SURVEYS and chance("answers", send) < truth.ANSWERS:
        said = later("answered", 5, 600)
        mark = "5" if chance("satisfied", send) < truth.SATISFIED else "1"
        yield said, "replied", (f"R{send}", send, said.isoformat(), mark)
    if chance("clicked", send) >= click:
        return
    seen = later("seen", 1, 100)
    yield seen, "clicked", (f"C{send}", send, seen.isoformat())
    word = truth.PRODUCTS.get(product or "", "consumer")
    x, y = (sum(chance(axis, n, send) for n in range(3)) / 3 for axis in "xy")  # around the button
    yield seen, "page_touch", (f"T{send}", customer, seen.isoformat(), word, round(x, 3), round(0.45 + 0.5 * y, 3))
    if chance("asks", send) >= truth.ASKS:
        return
    asked = later("asked", 1, 5, seen)
    yield asked, "rate_query", (f"Q{send}", customer, asked.isoformat(), word)
    if chance("reckons", send) >= truth.RECKONS:
        return
    reckoned, amount = later("reckoned", 1, 20, asked), 10_000 * (5 + int(20 * chance("amount", send)))
    yield reckoned, "loan_calculator", (f"K{send}", customer, reckoned.isoformat(), word, amount, 24)
    if chance("applies", send) < truth.APPLIES:
        yield from applied(f"A{send}", customer, later("applied", 10, 5 * 1440, reckoned), word)


def applied(id: str, customer: str, at: datetime, product: str) -> Iterator[Event]:
    yield at, "loan_applied", (id, customer, at.isoformat(), product)
    if chance("approved", id) < truth.APPROVED:
        agreed = at + timedelta(hours=2 + 60 * chance("agreed", id))
        yield agreed, "loan_approved", (f"P{id}", customer, agreed.isoformat(), product)
        if chance("funded", id) < truth.FUNDED:
            paid = agreed + timedelta(hours=4 + 44 * chance("paid", id))
            row = (f"F{id}", customer, paid.isoformat(), product, 10_000 * (5 + int(20 * chance("lent", id))))
            yield paid, "loan_funded", row


def sample(data: Path, folder: Path, every: int) -> None:
    """The tables of DATA, of every so many-th customer."""
    (folder / "events").mkdir(parents=True)
    for file in [*data.glob("*.parquet"), *data.glob("events/*.parquet")]:
        key = "customer" if file.stem == "ledger" else "customer_id"
        mine = f"SELECT * FROM '{file}' WHERE substr({key}, 2)::INT % {every} = 0"
        duckdb.sql(mine).write_parquet(str(folder / file.relative_to(data)), compression="zstd")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("program", "data", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--every", type=int, default=EVERY)
    asked = parser.parse_args()
    shutil.rmtree(asked.folder, ignore_errors=True)
    sample(asked.data, asked.folder / "data", asked.every)
    month = Month(asked.program, asked.folder / "data", asked.folder)
    for number in range(asked.days):
        day = FIRST + timedelta(days=number)
        hours = [f"{hour:02}:30" for hour in range(9, 21)] if number in HOURLY else RELEASES
        if number not in HOURLY:
            month.decide(day + timedelta(hours=9), "1d")
        for clock in hours:
            at = datetime.fromisoformat(f"{day:%Y-%m-%d}T{clock}{ZONE}")
            month.hear(at, ("replied",) if number not in HOURLY else HEADS)
            if number in HOURLY:
                month.decide(at, "1h")
            month.release(at)
        month.hear(day + timedelta(days=1))
        print(f"{day:%Y-%m-%d}  {sum(month.told.values()):>8,} messages and events", flush=True)
    known = {"days": asked.days, "campaigns": month.true, "said": month.told}
    (asked.folder / "truth.json").write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(", ".join(f"{count:,} {name}" for name, count in month.told.items()))


if __name__ == "__main__":
    main()
