# Everything here needs only Python 3.11+ and make; the first target used builds .venv from requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
READY := $(VENV)/ready
CONFIG ?= config
NOONS ?= 200
RECIPIENTS ?= 100000
ROUNDS ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup demo run test chaos speed check format lock schemas clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@$(BIN)/python -m compileall -q digest  # each command starts twice as fast, where Python is told to write nothing
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || true
	@touch $@

setup: $(READY) ## .venv with everything in it, and nothing else
	@echo "ready: $(BIN)/digest --help"

demo: $(READY) ## the main job on a simulated week: poll, detect, compose, deliver to local mailboxes
	@$(BIN)/digest demo

run: $(READY) ## the real service with the operator's files in CONFIG (default: config)
	@$(BIN)/digest run --config $(CONFIG)

test: $(READY) ## every test, on SQLite and on a PostgreSQL the tests start themselves
	@$(BIN)/python -m pytest -n auto --dist worksteal

chaos: $(READY) ## NOONS noons on each database with everything going wrong, counted where messages arrive
	@PYTHONPATH=tests:tests/journeys $(BIN)/python -m chaos --noons $(NOONS)

speed: $(READY) ## the noon run beside other senders, against the same mail server (Debian's postfix package)
	@PYTHONPATH=tests $(BIN)/python -m speed --recipients $(RECIPIENTS) --rounds $(ROUNDS)

check: $(READY) ## format, lint, types, import contracts
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >.make-imports 2>&1 && rm -f .make-imports || { cat .make-imports; rm -f .make-imports; exit 1; }

format: $(READY) ## rewrite the code in the house's format
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

schemas: $(READY) ## write the JSON Schemas that editors use for the operator's files
	@$(BIN)/digest config schema --out config/schema

lock: $(READY) ## resolve requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --upgrade --quiet --output-file requirements.lock

clean: ## remove what the targets made
	@rm -rf $(VENV) demo-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
