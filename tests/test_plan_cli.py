"""`camp plan`: what it writes, when it refuses, and that nothing is ever half-written."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import runtime.publish
from runtime.cli.main import main

BANK = """
brand b "某行" { signature "【某行】"; opt_out "拒收请回复R"; zone "Asia/Shanghai"; currency CNY; phones "CN"; cost sms 0.045 CNY
  link "https://s.b.example/{{ code }}" }
customer { id key; phone phone?; surname text?; gender one_of("F", "M")?; consent flag }
event view { page text }
policy p { quiet 22:00-08:00; require signature first, opt_out last; require consent consent; cap 1 per day; limit 2 segments }
campaign c { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { did view in last 7 days }
  start once
  window 16:00-18:00
  message sms { text "{{ customer | salutation }}，您好 {{ link }}" }
}
campaign nobody { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { count(view) > 99 }
  start once
  message sms { text "x" }
}
"""
CUSTOMERS = "id,phone,surname,gender,consent\n" + "".join(
    f"k{n},1380000000{n},王,M,{'no' if n == 3 else 'yes'}\n" for n in range(6)
)
VIEWS = "customer,at,id,page\n" + "".join(f"k{n},2026-03-0{1 + n % 3}T10:00:00+08:00,e{n},loan\n" for n in range(5))
AT = ("--at", "2026-03-04T09:00+08:00")


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("bank.camp").write_text(BANK, encoding="utf-8")
    Path("camp.toml").write_text('[data]\npath = "data"\n', encoding="utf-8")
    Path("data/events").mkdir(parents=True)
    Path("data/customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    Path("data/events/view.csv").write_text(VIEWS, encoding="utf-8")
    Path("data/events/opted_out.csv").write_text("customer,at,id\nk4,2026-03-01T10:00:00+08:00,o1\n", encoding="utf-8")
    return tmp_path


def camp(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def plan(*words: str, out: str = "out") -> Result:
    return camp("plan", ".", *AT, "-o", out, *words)


def rows(path: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pq.read_table(path).to_pylist()
    return found


def test_a_plan_says_who_gets_what_and_for_everyone_else_why_not(bank: Path) -> None:
    found = plan("--show", "1")
    assert found.exit_code == 0, found.output
    decided = {row["customer"]: (row["outcome"], row["reason"]) for row in rows("out/outcomes.parquet")}
    sent = ("send", None)
    assert decided == {
        "k0": sent,
        "k1": sent,
        "k2": sent,
        "k3": ("suppressed", "no_consent"),
        "k4": ("suppressed", "opted_out"),
    }
    assert "5 candidates = 5 outcomes, of which 3 sends" in found.output
    assert "王先生，您好 https://s.b.example/" in found.output and "13800000000" not in found.output
    first = rows("out/sends.parquet")[0]
    assert str(first["at"]) == "2026-03-04 08:00:00" and str(first["local_date"]) == "2026-03-04"
    assert str(first["text"]).startswith("【某行】王先生，您好 https://s.b.example/")
    assert str(first["text"]).endswith(" 拒收请回复R") and str(first["cost"]) == "0.0450"


def test_only_the_owner_reads_the_files(bank: Path) -> None:
    plan()
    assert stat.S_IMODE(Path("out").stat().st_mode) == 0o700
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in Path("out").iterdir()}
    assert names == dict.fromkeys(runtime.publish.FILES, 0o600)


def test_the_same_inputs_give_the_same_bytes_and_another_instant_another_run(bank: Path) -> None:
    plan(out="a"), plan(out="b")
    assert all((Path("a") / name).read_bytes() == (Path("b") / name).read_bytes() for name in runtime.publish.FILES)
    camp("plan", ".", "--at", "2026-03-04T09:01+08:00", "-o", "c")
    ids = [json.loads((Path(folder) / "summary.json").read_text())["run_id"] for folder in "abc"]
    assert ids[0] == ids[1] != ids[2]


def test_a_program_and_its_folder_give_the_same_plan(bank: Path) -> None:
    assert camp("compile", ".", "-o", "program.json").exit_code == 0
    assert camp("plan", "program.json", "--data", "data", *AT, "-o", "a").exit_code == 0
    plan(out="b")
    assert (Path("a/outcomes.parquet").read_bytes()) == Path("b/outcomes.parquet").read_bytes()


def test_the_summary_is_what_the_outcomes_say(bank: Path) -> None:
    plan()
    summary, outcomes = json.loads(Path("out/summary.json").read_text()), rows("out/outcomes.parquet")
    total = summary["total"]
    parts = ("unreachable", "no_opening", "later", "control", "unfit", "capped", "sent")
    assert total["audience"] == sum(total[part] for part in parts) == len(outcomes)
    assert total["sent"] == sum(row["outcome"] == "send" for row in outcomes) and total["cost"] == "0.135"
    assert [one["campaign"] for one in summary["campaigns"]] == ["c", "nobody"]


def test_yesterdays_outcomes_are_todays_ledger(bank: Path) -> None:
    plan()
    shutil.copy("out/outcomes.parquet", "data/ledger.parquet")
    again = camp("plan", ".", "--at", "2026-03-05T09:00+08:00", "-o", "next")
    assert again.exit_code == 0, again.output
    assert rows("next/sends.parquet") == []
    open_ = {(row["customer"], row["outcome"]) for row in rows("next/outcomes.parquet")}
    assert open_ == {("k3", "suppressed"), ("k4", "suppressed")}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", ".", "--at", "2026-03-04T09:00"), "says no offset"),
        (("plan", ".", "--at", "soon"), "is no instant"),
        (("plan", ".", *AT, "--for", "7"), "Write it as 7d"),
        (("plan", ".", *AT, "--for", "0d"), "is no length"),
        (("plan", ".", *AT, "--data", "nowhere"), "There is no folder nowhere"),
        (("plan", "nothing.json", *AT, "--data", "data"), "cannot be read"),
        (("plan", "broken.json", *AT, "--data", "data"), "This is no JSON"),
        (("plan", "edited.json", *AT, "--data", "data"), "changed after it was compiled"),
        (("plan", "newer.json", *AT, "--data", "data"), "version 9.0"),
        (("plan", ".", *AT, "-o", "mine"), "holds files that no run wrote"),
        (("plan", ".", *AT, "-o", "file"), "is a file"),
        (("plan", ".", *AT, "-o", "file/in"), "cannot be written"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_written(bank: Path, words: tuple[str, ...], said: str) -> None:
    camp("compile", ".", "-o", "edited.json")
    text = Path("edited.json").read_text(encoding="utf-8")
    Path("edited.json").write_text(text.replace('"days": 0', '"days": 1').replace("您好", "你好"), encoding="utf-8")
    Path("newer.json").write_text(json.dumps(json.loads(text) | {"version": "9.0"}), encoding="utf-8")
    Path("broken.json").write_text(text[:-20], encoding="utf-8")
    Path("mine").mkdir()
    Path("mine/letter.txt").write_text("dear", encoding="utf-8")
    Path("file").write_text("x", encoding="utf-8")
    before = sorted(str(path) for path in bank.rglob("*"))
    found = camp(*words)
    assert (found.exit_code, said in found.output) == (2, True), found.output
    assert "Traceback" not in found.output and sorted(str(path) for path in bank.rglob("*")) == before


def test_a_project_with_errors_is_not_run(bank: Path) -> None:
    Path("bank.camp").write_text(BANK.replace("did view", "did veiw"), encoding="utf-8")
    found = plan()
    assert (found.exit_code, "CAMP301" in found.output, Path("out").exists()) == (1, True, False)


def test_a_run_that_fails_while_writing_leaves_the_earlier_one_whole(
    bank: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan()
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runtime.publish, "as_json", full)
    found = camp("plan", ".", "--at", "2026-03-05T09:00+08:00", "-o", "out")
    assert (found.exit_code, "No space left on device" in found.output) == (2, True)
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
    assert [path.name for path in bank.iterdir() if path.name.startswith(".")] == []


def test_bad_data_stops_a_run_before_it_writes(bank: Path) -> None:
    Path("data/customers.csv").write_text(CUSTOMERS.replace("13800000001", "12345"), encoding="utf-8")
    found = plan()
    assert (found.exit_code, Path("out").exists()) == (2, False)
    assert "1 of 6 customers cannot be used" in found.output and "phone" in found.output
