# Seiyaku: `make demo` shows it, `make test` proves it.
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 4
# Compiled modules are kept whatever the shell says: tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo test test-all lint servers programs format bench bench-gate bench-requests fuzz mutants docs clean
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.core: requirements/core.txt requirements/build.txt pyproject.toml
	@echo "setting up (once) ..."
	@tools/setup.sh $(VENV) core
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/build.txt pyproject.toml
	@echo "setting up for development (once) ..."
	@tools/setup.sh $(VENV) dev
	@touch $@ $(VENV)/.core

demo: $(VENV)/.core ## run the main job on CLOSM i with 1,000 generated people
	@$(BIN)/seiyaku demo

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	@echo "setting up the peers that are measured beside us (once) ..."
	@tools/setup.sh $(VENV) bench
	@touch $@

servers: ## get PostgreSQL, MariaDB and MySQL where they are missing; tests start them themselves
	@tools/servers.sh

programs: $(VENV)/.dev ## install counterparts of vendors that run as programs of their own
	@tools/programs.sh $(VENV)

test: $(VENV)/.dev servers programs lint ## every test, lint, types and import contracts
	@mkdir -p build
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not slow"

test-all: $(VENV)/.dev servers programs lint ## the slow suites as well
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

lint: $(VENV)/.dev ## ruff, mypy, import-linter, codespell
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell src tests docs README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md PROOFS.md

format: $(VENV)/.dev ## put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.dev ## measure beside hand-written scripts; writes build/bench/NAME.json
	$(BIN)/python -m benchmarks

bench-gate: $(VENV)/.bench servers ## the gate and its doors beside other engines and hand-written filters
	$(BIN)/python -m benchmarks gate sql guard authzen audience

bench-requests: $(VENV)/.dev servers ## requests in real systems beside hand-written scripts
	$(BIN)/python -m benchmarks requests relational lake packages

fuzz: $(VENV)/.dev servers ## a million questions through every door, and many more drawn worlds
	SEIYAKU_SAMENESS=1000000 $(BIN)/pytest -n $(WORKERS) -s tests/sameness
	$(BIN)/pytest -n $(WORKERS) -m slow tests/differential tests/properties

mutants: $(VENV)/.dev ## break each rule in turn; its promise test must fail
	$(BIN)/python tools/mutants.py

docs: $(VENV)/.dev ## write the generated pages of docs/reference anew
	$(BIN)/python tools/docs.py

clean: ## remove what was made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
