"""docs/acceptance.md: for each point of each issue the command that shows it, and its closing line. `make accept`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "acceptance.md"
BIN = ".venv/bin"
PLAN = "camp plan out/demo/program.json --data out/demo/data --at 2026-03-04T09:00+08:00"

# (what is shown, command, exit code)
ISSUE_2: list[tuple[str, str, int]] = [
    ("1 set-up: lint, types, import contracts", "make --no-print-directory lint 2>&1", 0),
    ("1, 7 the main job on 45,211 real customers", "make --no-print-directory demo", 0),
    ("2 a project is found upwards from a file", "camp check campaigns/fast_lane.camp", 0),
    ("2 projects, settings, one namespace, hash over meaning only", "pytest tests/test_project.py", 0),
    (
        "3 the grammar is free of conflicts, both spellings are one tree",
        "pytest tests/test_grammar.py tests/test_build_expr.py",
        0,
    ),
    ("3 every example of docs/language.md compiles", "pytest tests/test_docs.py", 0),
    ("4 compile to a program", "camp compile campaigns -o out/demo/program.json", 0),
    (
        "4 the program's JSON Schema",
        "camp compile --schema | diff - docs/program.schema.json && echo the same as docs/program.schema.json",
        0,
    ),
    ("4 every rule's Bad and Good example", "pytest tests/test_rules.py", 0),
    ("4 a rule's page", "camp rules CAMP402 | head -n 1", 0),
    (
        "4 every stage of every case; two mistakes give two errors",
        "pytest tests/test_cases.py tests/test_parse.py",
        0,
    ),
    ("4 program.json: versions, edits by hand", "pytest tests/test_program.py", 0),
    ("5 plan, files, law of conservation", f"{PLAN} --for 7d -o out/demo/plan", 0),
    ("5 a plan written twice is the same, only its owner reads it", "pytest tests/test_plan_cli.py", 0),
    ("5 quiet hours, caps, refusals, conservation as laws", "pytest tests/test_crowded.py", 0),
    ("5 compiled copy gives Jinja's text", "pytest tests/test_copy_sql.py", 0),
    (
        "6 interpreter by hand, and against the runtime at random",
        "pytest -n auto tests/test_reference.py tests/test_agree.py",
        0,
    ),
    ("7 a bank of 50 customers by hand", "pytest tests/test_bank50.py", 0),
    ("bad input: rows, files, columns", "pytest tests/test_load.py", 0),
    ("bad input: hostile text and templates", "pytest tests/test_hostile.py", 0),
    ("bad input: a data folder that is not there", f"{PLAN.replace('out/demo/data', 'nowhere')} 2>&1", 2),
    ("speed: check, cold, at most 2.5 × importing click and lark", "python -m benchmarks.check_cold", 0),
    ("speed: matching at least 2.5 × faster than a query a campaign", "python -m benchmarks.matching", 0),
]


ISSUE_3: list[tuple[str, str, int]] = [
    ("1 every form and keyword has good and bad cases", "pytest -n auto tests/test_cases.py tests/test_forms.py", 0),
    ("1 every example of docs/language.md compiles, its tests hold", "pytest tests/test_docs.py", 0),
    (
        "1 behaviour, calendars, lifecycles, funnels, every start, on both executors",
        "pytest tests/test_agree.py -n auto",
        0,
    ),
    ("1 reserved words are as few as said", "pytest -n auto tests/test_reserved.py", 0),
    ("1 arms and several messages", "pytest tests/test_messages.py", 0),
    (
        "1 caps with conditions, block, extra, exempt; budget and pace",
        "pytest tests/test_frequency.py tests/test_limits.py",
        0,
    ),
    ("1 steps, replies, exits", "pytest tests/test_steps.py tests/test_steps_together.py tests/test_replies.py", 0),
    ("1 channels, cards, confirmations, tasks, verify", "pytest tests/test_channels.py tests/test_confirm.py", 0),
    ("1 best of … for customer; sent and ignored", "pytest tests/test_best_hour.py tests/test_made_events.py", 0),
    ("1 repayment plans, decimal-exact", "pytest tests/test_instalments.py", 0),
    ("1 policies: extends, notes, dates, sensitive", "pytest tests/test_policies.py tests/test_policy_dates.py", 0),
    (
        "2 the interpreter shares the program and the calendars only",
        "lint-imports --no-cache | grep -A 1 interpreter",
        0,
    ),
    (
        "2 edge instants by hand; greedy caps are the best possible",
        "pytest tests/test_edges_by_hand.py tests/test_laminar.py",
        0,
    ),
    ("3 the bank's own tests, every decision seen both ways", "camp test campaigns --coverage", 0),
    ("3 failures, coverage, JUnit, exit codes", "pytest tests/test_testing.py", 0),
    ("4 a preview with steps, confirmations and the longest values", "camp preview renovation_plan campaigns", 0),
    ("4 a preview of a rich message", "camp preview car_film campaigns", 0),
    ("5 the article, system by system", "pytest -n auto tests/test_article.py", 0),
    ("6 older programs load, newer are refused", "pytest tests/test_older_programs.py", 0),
    ("6 what changed since an earlier program", "pytest tests/test_changes.py", 0),
    ("7 a project from a data folder", "pytest tests/test_init.py", 0),
    ("7 data held against the schema", "camp data check out/demo/data --project campaigns", 0),
]
ISSUE_4: list[tuple[str, str, int]] = [
    ("1 the bank in Chinese is the same program", "pytest tests/test_chinese.py tests/test_hash.py -n auto", 0),
    ("1 the bank in Chinese is checked", "camp check campaigns/zh", 0),
    ("2 the bank is formatted", "camp fmt --check campaigns", 0),
    (
        "2 idempotent, same meaning, comments kept, zh and en round trip",
        "pytest -n auto tests/test_format.py tests/test_format_cli.py",
        0,
    ),
    ("3 a mistake costs its statement; fixes", "pytest tests/test_recovery.py tests/test_fixes.py", 0),
    (
        "3 single mistakes: touched at least 95 %, one error at least 90 %",
        "python -m tests.mutations --every 15 | grep all",
        0,
    ),
    ("4 colour, quiet, JSON, completion, help by topic", "pytest tests/test_manners.py", 0),
    ("5 only what changed is checked again", "pytest tests/test_incremental.py", 0),
    ("speed: a repository of 1,000 campaigns", "python -m benchmarks.repository --runs 3", 0),
]
ISSUE_5: list[tuple[str, str, int]] = [
    (
        "1 everything on DuckDB as the interpreter has it; laws where campaigns get into each other's way",
        "pytest -n auto tests/test_agree.py tests/test_crowded.py",
        0,
    ),
    ("1 the whole bank over 45,211 customers", f"{PLAN} --for 7d -o out/demo/plan", 0),
    (
        "2 why a customer gets what they get: every reason, Chinese, what was recorded",
        "pytest -n auto tests/test_explain.py",
        0,
    ),
    ("2 what is explained is what was decided", "pytest -n auto tests/test_explain_agrees.py tests/test_narrow.py", 0),
    (
        "2 one customer of the example bank",
        "camp explain out/demo/plan out/demo/program.json --data out/demo/data --customer C01631 --campaign business_morning",
        0,
    ),
    (
        "2 a customer that there is not",
        "camp explain out/demo/plan out/demo/program.json --data out/demo/data --customer C99 2>&1",
        2,
    ),
    ("2 speed: one of 1 M customers", "python -m benchmarks.explain --times 3", 0),
    ("3 --dry-run, --max-sends, growth: nothing is written", "pytest tests/test_safeguards.py", 0),
    ("3 a run that would send too much", f"{PLAN} --for 7d --max-sends 1000 -o out/demo/plan 2>&1", 2),
    ("3 Parquet and CSV as docs/outputs.md says, no cell a formula", "pytest tests/test_outputs.py", 0),
    ("4 what a change changes for customers: text, JSON, Markdown, Chinese", "pytest tests/test_diff.py", 0),
    ("4 it says what counting one by one says, on random programs", "pytest tests/test_diff_laws.py", 0),
    (
        "4 the example bank against itself",
        f"{PLAN.replace('camp plan', 'camp diff campaigns')} --for 7d",
        0,
    ),
    ("proof: 100 random programs", "python -m tests.agree --programs 100 --customers 25 --no-keep", 0),
    ("proof: known bugs are found", "python -m tests.agree --bugs", 0),
    ("proof: promises kept", "camp verify out/demo/plan out/demo/program.json --data out/demo/data", 0),
    ("speed: a whole plan of 1 M customers at most 6 × the floor", "python -m benchmarks.whole --times 3", 0),
    ("speed: copy at least 15 × faster than Jinja", "python -m benchmarks.copy", 0),
]


LEDGER = "--ledger out/demo/month/bank.duckdb"
ISSUE_6: list[tuple[str, str, int]] = [
    (
        "1 once and only once, in a file and in a dataset; rollback, export, forget",
        "pytest -n auto tests/test_ledger.py",
        0,
    ),
    ("1 what the ledger of a month holds", f"camp ledger show {LEDGER} --last 1", 0),
    ("1 it is whole", f"camp ledger check {LEDGER}", 0),
    ("2 CSV, Parquet and JSON lines; rejects; opt-out words; suppression", "pytest -n auto tests/test_ingest.py", 0),
    ("3 what is due, asked again; pauses; cancelled rows leave the caps", "pytest -n auto tests/test_release.py", 0),
    ("3 a gateway that fails on purpose, and a kill in between", "pytest tests/test_gateway.py", 0),
    ("4 a month of runs over the example bank", "make --no-print-directory demo", 0),
    (
        "proof: everything that a month has sent keeps its promises",
        "camp verify out/demo/month/bank.duckdb out/demo/program.json --data out/demo/month/data",
        0,
    ),
    ("proof: full disks, clocks that go back, kills", "pytest -n auto tests/test_ledger_faults.py", 0),
    ("proof: 100 kills, one file", "python -m tests.kills --times 100", 0),
    ("proof: 100 kills, dataset", "python -m tests.kills --times 100 --ledger l", 0),
    ("proof: edits between runs", "pytest -n auto tests/test_ledger_edits.py", 0),
    ("proof: 30 days of a real grocer", "pytest tests/test_grocer.py", 0),
    ("proof, speed: 365 days of a real grocer in at most 300 s", "python -m benchmarks.year", 0),
    ("speed: ingest at most 3 × the engine's copy", "python -m benchmarks.ingest", 0),
]
ISSUE_7: list[tuple[str, str, int]] = [
    ("1 packs: each has a good campaign and a bad one", "pytest -n auto tests/test_packs.py", 0),
    (
        "1 the effective rules of a campaign at a date",
        "camp policy show renovation_spring --at 2026-03-04 --in campaigns",
        0,
    ),
    ("1 two vendors compared", "camp policy diff vendor_qiniu vendor_huawei --in campaigns", 0),
    ("1 shown, compared, signed; every statement has a source", "pytest tests/test_policy_cli.py", 0),
    (
        "2 every way of reading, every rule's examples and cases",
        "pytest -n auto tests/test_rules.py tests/test_cases.py",
        0,
    ),
    ("2 rhythms against caps: what is certain of a month", "pytest tests/test_rhythm.py", 0),
    ("2 the article's four samples fail with just these, and pass", "pytest tests/test_article_samples.py", 0),
    ("2 the example bank rests on the packs", "camp check campaigns", 0),
    (
        "3 the lexicon: laws, disguises, honest phrases",
        "pytest -n auto tests/test_lexicon.py tests/test_lexicon_laws.py",
        0,
    ),
    ("3 a run looks through final texts by the same engine", "pytest tests/test_text_sql.py tests/test_guards.py", 0),
    (
        "4 SARIF, JUnit, annotations; comments, baselines, revisions, severities",
        "pytest -n auto tests/test_report.py tests/test_fingerprints.py tests/test_allowing.py tests/test_baseline.py"
        " tests/test_since.py tests/test_severities.py",
        0,
    ),
    ("4 SARIF of the bank", "camp check campaigns --format sarif 2>&1 >/dev/null", 0),
    ("5 guards fail closed", "pytest tests/test_guards.py", 0),
    ("measured: labelled advertising, ordinary messages, disguises", "python -m benchmarks.lexicon", 0),
    ("measured: what the words of the packs find is held", "pytest -n auto tests/test_lexicon_packs.py", 0),
    ("speed: 50 MB/s exact, 10 MB/s normalised", "python -m benchmarks lexicon_speed", 0),
    ("proof: each condition of each rule broken", "python -m tests.mutants", 0),
]

ISSUE_8: list[tuple[str, str, int]] = [
    (
        "1 audiences over rows of bits and by intervals: what a query each finds",
        "pytest -n 0 tests/test_matching.py",
        0,
    ),
    ("1 events: compiled or in NumPy, what counting by hand finds", "pytest -n 0 tests/test_thresholds.py", 0),
    ("1 caps: the compiled loop answers as the plain one does", "pytest -n 0 tests/test_greedy.py", 0),
    ("2 a limit on memory holds, and comes to the same", "pytest tests/test_memory.py", 0),
    ("2 parts, partitions, DuckDB, PostgreSQL, S3 come to the same", "pytest tests/test_inputs.py", 0),
    ("2 what is not whole or does not answer is refused", "pytest tests/test_inputs_refused.py", 0),
    ("speed: --memory 2GB at most 1.5 × as long, 1.2 × its memory", "python -m benchmarks.memory", 0),
    ("3 Spark: the same plan, nothing large in one place", "pytest -n 0 tests/test_spark.py", 0),
    ("3 Spark: each difference of dialect, asked of both engines", "pytest -n 0 tests/test_spark_dialect.py", 0),
    ("3 Spark: random programs", "python -m tests.agree --engine spark --programs 10 --customers 10 --no-keep", 0),
    ("3 Spark: what is shuffled at 1, 2 and 4 M events, and carried further", "python -m benchmarks shuffle", 0),
    (
        "4 a profile: time, rows, bytes per stage; the costliest campaigns by source line",
        f"{PLAN} --for 7d -o out/demo/plan --profile | grep 'not measured'",
        0,
    ),
    (
        "4 what the profile tells is so; an estimate only where something is known",
        "pytest tests/test_profile.py tests/test_progress.py",
        0,
    ),
    ("4 Ctrl-C and SIGTERM at every stage leave nothing half-written", "pytest -n auto tests/test_stopping.py", 0),
    ("figures: ten million customers, against the floor", "python -m benchmarks scale", 0),
    ("figures: a thousand campaigns, against a query each and Polars", "python -m benchmarks campaigns", 0),
    ("figures: twenty million caps, against rounds of SQL", "python -m benchmarks caps", 0),
]
ISSUE_9: list[tuple[str, str, int]] = [
    (
        "1 codes: the same in every executor, one send's each, a key that is written nowhere",
        "pytest -n auto tests/test_link_codes.py",
        0,
    ),
    (
        "1 the link server: no open redirect, guessing limited, bots told apart",
        "pytest -n auto tests/test_link_server.py",
        0,
    ),
    (
        "1 no click is lost that was answered: 50,000 requests, a kill and a restart in the middle",
        "CAMP_CLICKS=50000 pytest -n 0 tests/test_link_server.py -k lost",
        0,
    ),
    (
        "2 replies are answered by the next release, and never after a refusal",
        "pytest tests/test_release_answers.py",
        0,
    ),
    ("3 figures by hand: edges, duplicates, late events, groups", "pytest tests/test_results.py", 0),
    ("3 random figures against plain Python, 200 times", "CAMP_REPORTS=200 pytest tests/test_results_agree.py", 0),
    ("3 text, JSON and CSV: whole, private, harmless", "pytest tests/test_results_written.py", 0),
    (
        "3 the report of the demo's month",
        "camp report out/demo/program.json --data out/demo/month/data --ledger out/demo/month/bank.duckdb | sed -n 1p",
        0,
    ),
    ("4 bounds against an urn and published figures, verdicts, sizes of groups", "pytest tests/test_experiments.py", 0),
    ("4 10,000 experiments of each kind without a lift, looked at every day: at most 5 %", "python -m tests.nulls", 0),
    ("4 camp power: arms, holdout, a campaign's own groups, what cannot be asked", "pytest tests/test_power.py", 0),
    (
        "4 people and days that an experiment of the bank needs",
        "camp power campaigns renovation_plan --base 2% --lift 0.5% --per-day 900",
        0,
    ),
    (
        "5 best hour: own clicks shrunk to the product's, both executors",
        "pytest tests/test_best_hour.py tests/test_learned_hour.py",
        0,
    ),
    ("6 one HTML page: whole, escaped, two languages, the numbers of the report", "pytest -n 0 tests/test_page.py", 0),
    (
        "6 the page in headless Chromium: quiet, nothing loaded, fits 390 px",
        "pytest -n 0 tests/test_page_browser.py",
        0,
    ),
    (
        "7 the report of a simulated month finds what is true of it",
        "python campaigns/data/recovered.py out/demo/month/truth.json out/demo/report/report.json",
        0,
    ),
]


def run(command: str) -> tuple[int, str]:
    """Exit code and closing line, without what differs from run to run."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'export PATH="$PWD/{BIN}:$PATH"; {command}'],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line for line in (done.stdout or done.stderr).splitlines() if line.strip()]
    return done.returncode, re.sub(r" in [\d.]+s( \([\d:]+\))?", "", lines[-1].strip()) if lines else ""


ISSUES = {2: ISSUE_2, 3: ISSUE_3, 4: ISSUE_4, 5: ISSUE_5, 6: ISSUE_6, 7: ISSUE_7, 8: ISSUE_8, 9: ISSUE_9}


def main(asked: list[int], named: str = "") -> int:
    """Runs the points of some issues, those with `named` in them; what the page says of the others stays. Written after each,
    it can be stopped."""
    failed = ran = 0
    kept = before()
    for issue in asked:
        for what, command, expected in ISSUES[issue]:
            if named not in what:
                continue
            code, closing = run(command)
            mark = "" if code == expected else f" **exit code {code}, expected {expected}**"
            failed, ran = failed + bool(mark), ran + 1
            kept[issue, what] = closing.replace("|", "\\|") + mark
            PAGE.write_text(page(kept), encoding="utf-8")
            print(f"{'ok  ' if not mark else 'FAIL'} {what}: {closing}{mark}", flush=True)
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed else 0


def page(closings: dict[tuple[int, str], str]) -> str:
    rows = ["# Acceptance", "", "Made by `make accept`: each command was run, and its closing line written down."]
    for issue, points in ISSUES.items():
        rows += ["", f"## Issue {issue}", "", "| point | command | closing line |", "|---|---|---|"]
        for what, command, _ in points:
            shown = what.replace("|", "\\|"), f"`{command}`".replace("|", "\\|")
            rows.append(f"| {shown[0]} | {shown[1]} | {closings.get((issue, what), 'not yet run by `make accept`')} |")
    return "\n".join(rows) + "\n"


def before() -> dict[tuple[int, str], str]:
    """The closing line of each point, by issue and point, as the page has it by now."""
    found: dict[tuple[int, str], str] = {}
    issue = 0
    for line in PAGE.read_text(encoding="utf-8").split("\n") if PAGE.exists() else ():
        head = re.fullmatch(r"## Issue (\d+)", line)
        issue = int(head[1]) if head else issue
        cells = re.split(r"(?<!\\) \| ", line.removeprefix("| ").removesuffix(" |"), maxsplit=2)
        if line.startswith("| ") and len(cells) == 3 and cells[0] != "point":
            found[issue, cells[0].replace("\\|", "|")] = cells[2]
    return found


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:] if one.isdecimal()]
    sys.exit(main(numbers or list(ISSUES), next((one for one in sys.argv[1:] if not one.isdecimal()), "")))
