# Every target sets itself up: a fresh machine needs Python 3.11+ and make, no server, account or Docker.
PYTHON ?= python3
# Tests at a time: many wait for a broker or a restart, so that a third fills what two cores leave idle.
TESTS_AT_A_TIME ?= 3
BIN := .venv/bin
# The tests start many processes: where nothing compiled is kept, each compiles the project again.
unexport PYTHONDONTWRITEBYTECODE
READY := .venv/.ready

.PHONY: setup demo test check check-static test-all bench fmt docs
.DEFAULT_GOAL := test

setup: $(READY)

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Shouwang needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the pinned dependencies (once; about a minute) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# REPLAY=file plays a recorded home instead of the village; SPEED=n or max.
demo: setup
	@$(BIN)/shouwang demo $(if $(REPLAY),--replay $(REPLAY)) $(if $(SPEED),--speed $(SPEED))

test: setup
	@$(BIN)/pytest -q -m "not slow" -n $(TESTS_AT_A_TIME) --dist worksteal

# With properties tried on examples that nobody has tried yet; what it finds comes as an example into its test.
test-all: setup
	@$(BIN)/pytest -q --hypothesis-profile search -n $(TESTS_AT_A_TIME) --dist worksteal

check-static: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

check: check-static test

fmt: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# One JSON line a figure: name, value, unit, baseline, ratio, target, holds.
bench: setup
	@for file in $$(grep -l 'sys.exit(main(' bench/[a-z]*.py) bench/alerts; do \
	  PYTHONPATH=.:tests/support $(BIN)/python $$file || exit 1; done

# Writes what is generated into the documents; a test fails while they differ.
docs: setup
	@PYTHONPATH=. $(BIN)/python docs/generate.py
