# Everything sets itself up into .venv: a machine needs make and Python 3.11 or later, nothing else.
PYTHON ?= python3
BIN := .venv/bin
DEMO := out/demo
# Of the simulated month.
DAYS ?= 31

.PHONY: demo test lint agree bench accept clean

$(BIN)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	$(BIN)/python -m compileall -q dsl grammar runtime
	touch $@

# The main job on real customers: check, compile, plan a week, show what would be sent; then a month, and the report of it.
demo: $(BIN)/.ready
	$(BIN)/camp check campaigns
	$(BIN)/python campaigns/data/derive.py $(DEMO)/data
	$(BIN)/camp compile campaigns -o $(DEMO)/program.json
	$(BIN)/camp plan $(DEMO)/program.json --data $(DEMO)/data --at 2026-03-04T09:00+08:00 --for 7d -o $(DEMO)/plan --show 5
	$(BIN)/camp verify $(DEMO)/plan $(DEMO)/program.json --data $(DEMO)/data
	$(BIN)/python campaigns/data/month.py $(DEMO)/program.json $(DEMO)/data $(DEMO)/month --days $(DAYS)
	$(BIN)/camp verify $(DEMO)/month/bank.duckdb $(DEMO)/program.json --data $(DEMO)/month/data
	$(BIN)/camp report $(DEMO)/program.json --data $(DEMO)/month/data --ledger $(DEMO)/month/bank.duckdb -o $(DEMO)/report
	$(BIN)/python campaigns/data/recovered.py $(DEMO)/month/truth.json $(DEMO)/report/report.json
	@echo "the report of the month: $(DEMO)/report/report.html"

test: $(BIN)/.ready
	$(BIN)/python -m pytest -n auto

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/camp fmt --check campaigns dsl/packs
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# The interpreter against the runtime on random programs and data, and known bugs that have to be found.
agree: $(BIN)/.ready
	$(BIN)/python -m tests.agree --programs 500 --customers 25
	$(BIN)/python -m tests.agree --bugs

# Writes docs/performance.md: figures as ratios measured in one run, with the machine they were measured on.
bench: $(BIN)/.ready
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks

# Runs every command of docs/acceptance.md and writes its closing line there; ISSUES="5 6": only theirs, POINTS=Spark: those with
# that in them.
accept: $(BIN)/.ready
	$(BIN)/python tests/accept.py $(ISSUES) $(if $(POINTS),"$(POINTS)")

clean:
	rm -rf .venv out
