"""`camp check` stops before the program: it loads neither pydantic nor an engine nor what knows the world's calendars."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.completing import HERE, PREAMBLE, campaign

HEAVY = {"pydantic", "duckdb", "pyarrow", "numpy", "sqlglot", "holidays", "phonenumbers", "rich", "jsonschema"}
RUN = """
import json, sys
from runtime.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print(json.dumps([end.code, sorted({name.split(".")[0] for name in sys.modules} | {*sys.modules})]), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, text=True, cwd=HERE.parent)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stdout
    return set(modules)


@pytest.mark.parametrize("copy", ['text "Hello"', 'text "{{ customer | salutation }}"'])
def test_check_loads_nothing_heavy(copy: str, tmp_path: Path) -> None:
    (tmp_path / "camp.toml").write_text('[data]\nzone = "UTC"\n', encoding="utf-8")
    (tmp_path / "bank.camp").write_text(PREAMBLE.text + campaign(copy=copy), encoding="utf-8")
    assert loaded("check", str(tmp_path)) & HEAVY == set()


def test_check_of_the_example_bank_loads_nothing_heavy() -> None:
    assert loaded("check", str(HERE.parent / "campaigns")) & HEAVY == set()


def test_without_copy_not_even_jinja_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "bank.camp").write_text(PREAMBLE.text, encoding="utf-8")
    assert "jinja2" not in loaded("check", str(tmp_path))


def test_rules_load_no_engine() -> None:
    assert loaded("rules") & HEAVY == set()


def test_compile_loads_no_engine() -> None:
    assert loaded("compile", str(HERE.parent / "campaigns"), "-o", "-") & (HEAVY - {"pydantic"}) == set()


def test_a_check_without_comments_and_formats_loads_nothing_of_them(tmp_path: Path) -> None:
    bank = tmp_path / "bank.camp"
    bank.write_text(PREAMBLE.text, encoding="utf-8")
    comments, formats = (
        "dsl.allowing.comments",
        {"runtime.report.sarif", "runtime.report.github", "runtime.report.junit"},
    )
    kept = {"runtime.report.compare", "runtime.report.baseline", "runtime.report.since"}
    assert loaded("check", str(tmp_path)) & {comments, *formats, *kept} == set()
    assert loaded("check", str(tmp_path), "--format", "junit") & {*formats, *kept} == {"runtime.report.junit"}
    bank.write_text(PREAMBLE.text + '# camp: allow CAMP401 until 2026-06-30 because "a"\n', encoding="utf-8")
    assert comments in loaded("check", str(tmp_path), "--today", "2026-06-01")
