# Everything here needs only Python 3.11+ and make. The first target used builds .venv: `demo` and `run` from
# requirements.lock, what the service imports; `test`, `check` and the like from requirements-dev.lock, which
# holds the same versions and the tools besides.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY_RUN := $(VENV)/ready-run
READY_DEV := $(VENV)/ready-dev
UV := $(BIN)/uv
SYNC := $(UV) pip sync --require-hashes --compile-bytecode --python $(BIN)/python
LOCK ?= --upgrade
COMPILE = $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --quiet $(LOCK)
# Where `make audit` reads advisories: an OSV export for PyPI, as a file or an address. Empty: osv.dev's own.
ADVISORIES ?=
CONFIG ?= config
NOONS ?= 200
RECIPIENTS ?= 100000
ROUNDS ?= 3
# A folder in which `make screenshots` leaves a picture of each page as well. Empty: none.
SCREENS ?=
# A folder in which `make screenshots` leaves pictures of a shelf of editions as mail programs show them. Empty: none.
MAILS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-fast chaos soak speed screenshots check audit format lock kept schemas clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY_RUN): requirements.lock requirements-setup.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV), once: about 50 MB to download, 230 MB on disk; a minute or two."
	@echo "1/4 a virtual environment, and uv, which installs the rest; checked against requirements-setup.lock"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
	  --requirement requirements-setup.lock
	@echo "2/4 what the service needs, each file checked against requirements.lock"
	@$(SYNC) requirements.lock
	@echo "3/4 the service itself, from this folder"
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@echo "4/4 its bytecode"
	@$(BIN)/python -m compileall -q digest  # each command starts twice as fast, where Python is told to write nothing
	@touch $@

$(READY_DEV): $(READY_RUN) requirements-dev.lock
	@echo "Adding the tools of tests and checks, once: about 115 MB to download, 400 MB on disk; a minute or two."
	@$(SYNC) requirements-dev.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

setup: $(READY_RUN) ## .venv with what the service needs, and nothing else
	@echo "ready: $(BIN)/digest --help"

demo: $(READY_RUN) ## the main job on a simulated week: poll, detect, compose, deliver to local mailboxes
	@$(BIN)/digest demo

run: $(READY_RUN) ## the real service with the operator's files in CONFIG (default: config)
	@$(BIN)/digest run --config $(CONFIG)

test: $(READY_DEV) ## every test, on SQLite and on a PostgreSQL the tests start themselves
	@$(BIN)/python -m pytest -n auto --dist worksteal

test-fast: $(READY_DEV) ## the quick unit tests alone: about a minute
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow" tests/unit

chaos: $(READY_DEV) ## NOONS noons on each database with everything going wrong, counted where messages arrive
	@PYTHONPATH=tests:tests/journeys $(BIN)/python -m chaos --noons $(NOONS)

soak: $(READY_DEV) ## two days of 300 sources that misbehave on each database: is every report told once?
	@PYTHONPATH=tests $(BIN)/python -m soak

speed: $(READY_DEV) ## the noon run beside other senders, against the same mail server (Debian's postfix package)
	@PYTHONPATH=tests $(BIN)/python -m speed --recipients $(RECIPIENTS) --rounds $(ROUNDS)

screenshots: $(READY_DEV) ## the README's pictures, made again; SCREENS=DIR: every page, on a phone and a desk, light and dark
	@PYTHONPATH=tests $(BIN)/python -m screenshots $(if $(SCREENS),--all $(SCREENS)) $(if $(MAILS),--mails $(MAILS))

check: $(READY_DEV) ## format, lint, types, import contracts, unused dependencies, licences
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >.make-imports 2>&1 && rm -f .make-imports || { cat .make-imports; rm -f .make-imports; exit 1; }
	@$(BIN)/python tools/supply.py unused
	@$(BIN)/python tools/supply.py licences

audit: $(READY_DEV) ## licences, and advisories about what the locks hold; ADVISORIES=FILE needs no network
	@$(BIN)/python tools/supply.py licences
	@$(BIN)/python tools/supply.py advisories $(ADVISORIES)

format: $(READY_DEV) ## rewrite the code in the house's format
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

kept: $(READY_DEV) ## write the table in docs/what-is-kept.md from what a run shows
	@DIGEST_TESTS_WRITE=1 $(BIN)/python -m pytest -q -n 0 tests/journeys/test_what_is_kept.py

schemas: $(READY_RUN) ## write the JSON Schemas that editors use for the operator's files
	@$(BIN)/digest config schema --out config/schema

lock: $(READY_RUN) ## resolve all locks anew from pyproject.toml; LOCK= keeps the versions they hold
	@$(UV) pip compile --group setup --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --quiet --output-file requirements-setup.lock
	@$(COMPILE) --group build --output-file requirements.lock
	@$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove what the targets made
	@rm -rf $(VENV) demo-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
