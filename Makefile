# Everything sets itself up into .venv: a machine needs make and Python 3.11 or later, nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint clean

$(BIN)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	touch $@

demo: $(BIN)/.ready
	$(BIN)/camp check campaigns

test: $(BIN)/.ready
	$(BIN)/python -m pytest

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

clean:
	rm -rf .venv out
