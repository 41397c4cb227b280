"""A small bank for tests of `camp plan`: a project, its program.json, and its data."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from click.testing import CliRunner, Result

from runtime.cli.main import main
from tests.banks import csv

BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; link "https://s.example/{{ code }}"; page "https://m.example/"
  cost sms 0.05 CNY; rejects 50%
}
customer { id key; phone phone?; assets money?; consent flag }
event view { page text }
policy p { require consent consent; quiet 22:00-08:00; limit 1 segments; cap 1 per day }
campaign rich "R" { policy p; kind benefit; runs 2026-03-01..2026-03-31; priority 5
  audience { assets >= 100 CNY }
  start once
  window 10:00-11:00
  message sms { text "{{ customer.assets | money | default("-") }} {{ link }}" }
}
campaign seen "S" { policy p; kind triggered; runs 2026-03-01..2026-03-31
  audience { did view in last 7 days }
  start when count(view in last 7 days) reaches 2
  expire after 3 days
  message sms { text "你好 {{ link }}" }
}
campaign nobody "N" { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { assets < 0 CNY }
  start once
  message sms { text "-" }
}
"""
CUSTOMERS = [f"k{at},1380000{at:04},{at * 25},{'no' if at == 7 else 'yes'}" for at in range(10)]
AT = "2026-03-04T09:00+08:00"


def make(folder: Path) -> Path:
    (folder / "bank").mkdir()
    (folder / "bank" / "all.camp").write_text(BANK, encoding="utf-8")
    (folder / "bank" / "camp.toml").write_text('[data]\npath = "../data"\n', encoding="utf-8")
    data = folder / "data"
    csv(data / "customers.csv", "id,phone,assets,consent", *CUSTOMERS, "k10,123,5,yes", "k11,,1000,yes")
    views = [f"k{at},2026-03-0{day} 08:30,x" for at in (1, 5, 6) for day in (2, 3, 4)]
    csv(data / "events/view.csv", "customer,at,page", *views)
    csv(data / "events/opted_out.csv", "customer,at", "k8,2026-01-01")
    assert camp("compile", folder / "bank", "-o", folder / "program.json").exit_code == 0
    return folder


def camp(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def plan(bank: Path, *more: Any, program: str = "program.json", out: str = "out", at: str = AT) -> Result:
    return camp("plan", bank / program, "--data", bank / "data", "--at", at, "-o", bank / out, *more)


def table(bank: Path, name: str, out: str = "out") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(bank / out / f"{name}.parquet").to_pylist()
    return rows


def held(folder: Path) -> dict[str, str]:
    """Every file under a folder with its content's digest."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
