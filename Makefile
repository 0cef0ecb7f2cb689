# `make` shows what there is. Needs Python 3.11 with venv, and nothing else.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/installed
WORKERS ?= 3# of the tests, each with a Neo4j of its own; more than cores, since at times they wait

.DEFAULT_GOAL := help
.PHONY: help setup run test check faults mutants lint format types bench clean services pictures

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## install: virtual environment in .venv with the pinned packages

$(STAMP): requirements.txt requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing. Install Python 3.11, or name another with PYTHON=python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: Python 3.11 or newer is needed." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing Python packages into $(VENV); the first time takes a few minutes."
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: setup ## start everything: Neo4j, pages, workers; Ctrl-C stops it
	@exec $(PY) manage.py run

test: lint types services ## all that must pass: lint, types and all tests; WORKERS=3 at a time
	@$(PY) manage.py check
	@$(PY) manage.py makemigrations --check --dry-run
	@exec $(PY) -m tests.both_databases -n $(WORKERS)

check: lint types ## within a minute: lint, types and the tests that start no server
	@exec $(PY) -m pytest -n $(WORKERS) -m "quick and not long" -q

faults: setup services ## the tests of kills, races and other faults, many more times than `make test`
	@TEST_ALL_FAULTS=1 $(PY) -m pytest -n $(WORKERS) -m faults
	@TEST_ALL_FAULTS=1 exec $(PY) -m tests.postgresql -n $(WORKERS) -m "faults and postgresql"

services: setup
	@exec $(PY) -m tests.services.fetch

lint: setup ## rules and format of code (ruff) and templates (djangofmt); no import runs up (import-linter)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(VENV)/bin/lint-imports --no-cache --no-logo
	@$(VENV)/bin/djangofmt check templates
	@$(VENV)/bin/djangofmt --check templates

format: setup ## put code and templates in the house format
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .
	@$(VENV)/bin/djangofmt check --fix templates
	@$(VENV)/bin/djangofmt templates

types: setup ## mypy
	@$(PY) -m mypy .

mutants: setup ## break the code on purpose, in a copy, and see whether the tests notice
	@exec $(PY) -m tests.mutants

bench: setup ## measure syncs, pages, API, MCP, search and packs beside the bare minimum of work
	@exec $(PY) -m tests.bench.run

pictures: setup services ## take the pictures of the README from a running `make run` with the sample data
	@exec $(PY) -m tests.pictures

clean: ## remove what is installed and cached; keeps instance/ (your data), .neo4j/ and .chromium/ (which were fetched)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './instance/*' -prune -exec rm -rf {} +
