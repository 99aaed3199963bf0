# Precomplaint: `make run` starts everything on this machine, `make test` proves it works.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check torture fuzz bench screenshots lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## Say what can be made.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.ready: requirements.lock pyproject.toml deploy/setup.sh
	@PYTHON="$(PYTHON)" bash deploy/setup.sh $(VENV) requirements.lock

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@PYTHON="$(PYTHON)" bash deploy/setup.sh $(VENV) requirements-dev.lock

run: $(VENV)/.ready ## Start the whole service with a simulated community; Ctrl-C stops it.
	@exec $(BIN)/precomplaint run --simulate

test: $(VENV)/.ready-dev ## Install what the tests need, check the code, run every test.
	@bash deploy/test_servers.sh
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(VENV)/.ready-dev ## Format, lint, import rules and types.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy

torture: $(VENV)/.ready-dev ## Kill, stop, starve and deceive real processes; nothing may be lost, doubled or made up.
	@bash deploy/test_servers.sh
	@$(BIN)/python -m tests.torture $(or $(TORTURE),--kills 1000 --minutes 55)

fuzz: $(VENV)/.ready-dev ## Damage a million messages of every wire format; no decoder may fail, hang or grow.
	@$(BIN)/python -m tests.fuzz $(FUZZ)

bench: $(VENV)/.ready-dev ## Print the figures of the README, as ratios measured in one run.
	@$(BIN)/python -m tests.benchmarks

screenshots: $(VENV)/.ready-dev ## Take the screenshots of the README again.
	@$(BIN)/python -m tests.alerts.take_screenshots

lock: $(VENV)/.ready-dev ## Solve the dependencies again.
	@bash deploy/lock.sh $(VENV)

clean: ## Remove the virtual environment; data stays.
	@rm -rf $(VENV)
