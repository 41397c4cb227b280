"""How long `camp check` takes from nothing on one small file, against importing the two libraries that it cannot do without.

    .venv/bin/python benchmarks/check_cold.py [--runs 25]

Every run is a process of its own; the commands take turns, so that a busy machine slows all of them. Byte code and the
kept grammar are there, as on any but the first run (PYTHONDONTWRITEBYTECODE is taken out of the environment). Ends with
exit code 1 where the ratio is above the limit.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

LIMIT = 2.5
BANK = Path(__file__).parent.parent / "campaigns"
SMALL = """\
brand b "某行" { signature "【某行】"; opt_out "拒收请回复R"
  zone "Asia/Shanghai"; currency CNY; link "https://s.example/{{ code }}"; page "https://m.example/" }
customer { id key; phone phone?; surname text(4)?; gender one_of("F", "M")?; assets money; consent flag }
event app_view { page text }
segment dormant = not did app_view in last 90 days and assets >= 10万 CNY
policy rules { quiet 22:00-08:00; require signature first, opt_out last; require consent consent; cap 2 per day }
campaign winback {
  policy rules; kind benefit; runs 2026-03-01..2026-03-31
  audience { segment dormant; none { did app_view where page = "loan" in last 30 days } }
  start once
  window wed, fri 16:00-18:00
  message sms { benefit "{{ customer | salutation }}，您好"; action "点击查看 {{ link }}" }
}
"""


def seconds(command: list[str], **environment: str) -> float:
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=usual | environment)
    took = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return took


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=25, help="runs of each command (default 25)")
    runs = max(options.parse_args().runs, 1)
    camp = str(Path(sys.executable).parent / "camp")
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.camp"
        small.write_text(SMALL, encoding="utf-8")
        (small.parent / "camp.toml").write_text("", encoding="utf-8")
        commands: dict[str, tuple[list[str], dict[str, str]]] = {
            "import click, lark": ([sys.executable, "-c", "import click, lark"], {}),
            "camp check, one small file": ([camp, "check", str(small)], {}),
            "camp check, the example bank": ([camp, "check", str(BANK)], {}),
            "one small file, CAMP_CACHE=off": ([camp, "check", str(small)], {"CAMP_CACHE": "off"}),
        }
        for command, environment in commands.values():
            seconds(command, **environment)
        took: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, (command, environment) in commands.items():
                took[name].append(seconds(command, **environment))
    medians = {name: statistics.median(times) for name, times in took.items()}
    floor, measured, *_ = medians.values()
    for name, median in medians.items():
        low, high = min(took[name]) * 1000, max(took[name]) * 1000
        print(f"{name:<32} {median * 1000:7.1f} ms  ({low:.0f} to {high:.0f})  {median / floor:5.2f} ×")
    print(
        f"{runs} runs each, interleaved; {platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(", ".join(f"{name} {version(name)}" for name in ("click", "lark", "jinja2")))
    print(f"camp check on one small file: {measured / floor:.2f} × (limit {LIMIT} ×)")
    sys.exit(measured / floor > LIMIT)


if __name__ == "__main__":
    main()
