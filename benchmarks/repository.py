"""A generated repository of a thousand campaigns (about 1.5 MB), and how long `camp check` takes over it.

    python -m benchmarks.repository [--runs 5]

The whole check, with no cache of results, against the bare Lark parse of the same bytes; a second run with nothing changed and a
run after one edit against the first. Every check is a process of its own. The grammar's cache is warm in all of them. And the
formatter over all of it, which parses twice by itself: before, and what it has written.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import machine

CAMPAIGNS = 1_000
BARE = """
import sys, time
from pathlib import Path
from dsl.parser.cut import cut
from dsl.parser.parse import parser
from dsl.source import Source
texts = [path.read_text(encoding="utf-8") for path in sorted(Path(sys.argv[1]).rglob("*.camp"))]
pieces = [piece.text for text in texts for piece in cut(Source("", text))[0].pieces]
parse = parser().parse
began = time.perf_counter()
for piece in pieces:
    parse(piece)
print(time.perf_counter() - began)
"""
FORMATTED = """
import sys, time
from pathlib import Path
from dsl.format import formatted
from dsl.source import Source
sources = [Source(str(path), path.read_text(encoding="utf-8")) for path in sorted(Path(sys.argv[1]).rglob("*.camp"))]
began = time.perf_counter()
for source in sources:
    formatted(source)
print(time.perf_counter() - began)
"""
BANK = """
brand jiangnan "江南农商行" { signature "【江南农商行】"; opt_out "拒收请回复R"; zone "Asia/Shanghai"; currency CNY; phones "CN"
  link "https://s.jn.example/{{ code }}"; page "https://m.example/"; cost sms 0.05 CNY; control 2%; rejects 1% }
customer { id key; phone phone?; surname text(4)?; gender one_of("F", "M")?; birth_date date?; region one_of("county", "city")
  assets money?; preapproved money?; opened_on date; consent_sms flag; zone zone? }
event app_view { page text }
event rate_query { product text }
event loan_calculator { product text; amount money; months number }
event loan_applied { product text }
event loan_funded { product text; amount money }
"""
POLICY = """
policy marketing_{n} "营销规范{n}" {{
  quiet 22:00-08:00
  require signature first, opt_out last
  require consent consent_sms
  require benefit, action
  ban "秒批", "免审" except "减免审批服务费" because "承诺审批结果"
  limit 3 segments
  cap 2 per day
  cap 1 of product_reminder per month
}}
"""
CAMPAIGN = """# Brief {n}: written by the generator of benchmarks/repository.py, as long as a campaign of the example bank.

campaign campaign_{n} "活动{n}" {{
  product  product_{p}
  kind     {kind}
  policy   marketing_{q}
  runs     2026-03-01..2026-{month:02}-28
  priority {priority}

  audience {{
    segment segment_{s}                                 # who is meant
    did rate_query where product = "{word}" in last {days} days
    none {{
      did loan_funded where product = "{word}" in last 1095 days
      did loan_applied in last {short} days
    }}
    any {{ preapproved >= {amount}_000 CNY; assets >= {wan}万 CNY; region = "county" }}
    count(app_view where page = "loan" in last 30 days) >= {times}
  }}

  start {start}
  again after {again} days
  window  {days_of} {hour}:00-{until}:00
  expire  after 14 days
  cap     1 per 30 days
  holdout 5%

  message sms {{
    benefit   "{{{{ customer | salutation }}}}，最高{{{{ product.max_amount | wan }}}}，年化{{{{ product.apr | percent }}}}"
    scene     "{{% if customer.region == "county" %}}县域网点可办{{% else %}}城区网点可办{{% endif %}}"
    incentive "{{{{ campaign.ends | date }}}}前申请享免评估费优惠"
    action    "点击查看详情 {{{{ link }}}}"
  }}
}}
"""


def generate(folder: Path, campaigns: int = CAMPAIGNS, seed: int = 1) -> None:
    r = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "camp.toml").write_text("", encoding="utf-8")
    words = ("renovation", "consumer", "car", "mortgage")
    shared = [BANK]
    shared += [
        f'product product_{n} "产品{n}" {{ max_amount {n + 10}万 CNY; apr 3.8%..{n % 9 + 4}.2%; term 36 months }}\n'
        for n in range(20)
    ]
    shared += [
        f"segment segment_{n} = days_since(app_view) > {n} and opened_on <= 2025-01-{n % 28 + 1:02}\n"
        for n in range(50)
    ]
    shared += [POLICY.format(n=n) for n in range(10)]
    (folder / "bank.camp").write_text("".join(shared), encoding="utf-8")
    for n in range(campaigns):
        start = r.choice(("once", "every month on day 5", "when count(app_view in last 7 days) reaches 4"))
        text = CAMPAIGN.format(
            n=n, p=r.randrange(20), q=r.randrange(10), s=r.randrange(50), kind=r.choice(("product_reminder", "event_notice")),
            month=r.randint(4, 12), priority=r.randint(0, 99), word=r.choice(words), days=r.randint(30, 400),
            short=r.randint(10, 90), amount=r.randint(5, 90), wan=r.randint(5, 90), times=r.randint(1, 5), start=start,
            again=r.randint(30, 90), days_of=r.choice(("wed, fri", "mon, tue, thu", "sat, sun")), hour=r.randint(9, 14),
            until=r.randint(15, 20),
        )  # fmt: skip
        where = folder / f"team_{n % 20}"
        where.mkdir(exist_ok=True)
        (where / f"campaign_{n}.camp").write_text(text, encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=5)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as temporary:
        folder, cache = Path(temporary) / "repository", Path(temporary) / "cache"
        generate(folder)
        size = sum(path.stat().st_size for path in folder.rglob("*.camp"))
        environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def check() -> float:
            began = time.perf_counter()
            command = [sys.executable, "-c", "from runtime.cli.main import main; main()", "check", str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                sys.exit(done.stdout[-2000:] + done.stderr)
            return time.perf_counter() - began

        def told(program: str) -> float:
            """Seconds, as a program of its own tells them."""
            done = subprocess.run(
                [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, env=environment
            )
            if done.returncode:
                sys.exit(done.stdout[-2000:] + done.stderr)
            return float(done.stdout)

        times: dict[str, list[float]] = {name: [] for name in ("bare", "first", "again", "edited", "fmt")}
        check()  # the grammar's cache
        edited = folder / "team_7" / "campaign_7.camp"
        for run in range(runs):
            for kept in (cache / "camp").glob("check-*"):
                kept.unlink()
            times["bare"].append(told(BARE))
            times["first"].append(check())
            times["again"].append(check())
            times["fmt"].append(told(FORMATTED))
            written = edited.read_text(encoding="utf-8")
            edited.write_text(re.sub(r"priority \d+", f"priority {100 + run}", written, count=1), encoding="utf-8")
            times["edited"].append(check())
        median = {name: statistics.median(found) for name, found in times.items()}
        print(machine())
        print(f"{CAMPAIGNS:,} campaigns, {size / 1e6:.1f} MB, medians of {runs}")
        print(f"bare Lark parse   {median['bare']:.2f} s")
        print(
            f"first check       {median['first']:.2f} s = {median['first'] / median['bare']:.2f} × the bare parse (wanted 3)"
        )
        print(
            f"nothing changed   {median['again']:.2f} s = {median['again'] / median['first']:.2f} × the first (wanted 0.2)"
        )
        print(
            f"after one edit    {median['edited']:.2f} s = {median['edited'] / median['first']:.2f} × the first (wanted 0.3)"
        )
        print(f"camp fmt          {median['fmt']:.2f} s = {median['fmt'] / median['bare']:.2f} × the bare parse")


if __name__ == "__main__":
    main()
