# Seiyaku: `make demo` shows it, `make test` proves it.
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: help demo test test-all lint format bench mutants docs clean
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

test: $(VENV)/.dev lint ## every test, lint, types and import contracts
	@mkdir -p build
	$(BIN)/pytest -n $(WORKERS) -m "not slow"

test-all: $(VENV)/.dev lint ## the slow suites as well
	$(BIN)/pytest -n $(WORKERS)

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

mutants: $(VENV)/.dev ## break each rule in turn; its promise test must fail
	$(BIN)/python tools/mutants.py

docs: $(VENV)/.dev ## write the generated pages of docs/reference anew
	$(BIN)/python tools/docs.py

clean: ## remove what was made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
