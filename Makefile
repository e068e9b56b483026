# Every target is one line of what anybody can type; CI calls the same ones.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/.tools/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup render validate test lint types e2e recall race crash state bench schemas

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.done ## install servegen, its tools and the tests' packages into .venv and .tools

$(VENV)/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m generator.core.programs install --into .tools/bin
	touch $@

render: setup ## render the example fleet in services/ and validate it
	$(BIN)/servegen render
	$(BIN)/servegen validate

validate: setup ## check specs and rendered objects, write nothing
	$(BIN)/servegen validate

test: setup ## all tests, linters and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/python -m generator.core.programs install --tests --into .tools/bin
	$(BIN)/pytest -n auto

# Some tests only: make e2e ARGS="-k takeover". Another cluster: make e2e KUBECONFIG=~/.kube/config; PREPARE=1 gives one
# that is to be thrown away what it lacks, HOST= says where its Argo CD or Flux finds this machine's Git server.
E2E = $(if $(filter command line,$(origin KUBECONFIG)),--kubeconfig $(KUBECONFIG)) $(if $(PREPARE),--prepare) \
	$(if $(HOST),--host $(HOST))
e2e: setup ## a real API server, Argo CD and Flux take what we render (builds them once, about 20 minutes)
	$(BIN)/python -m tests.e2e $(E2E) -- $(ARGS)

lint: setup ## style
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## types
	$(BIN)/mypy

recall: setup ## what the checks find of the seeded defects in tests/corpus, and what they find beside them
	$(BIN)/python -m tests.recall

race: setup ## 20 writers with 25 commits each push to one branch
	SERVEGEN_RACE=20x25 $(BIN)/pytest -q -s tests/repo/test_race.py

crash: setup ## kill -9 at 500 points of render and commit
	SERVEGEN_CRASH=500 $(BIN)/pytest -q tests/repo/test_crash.py -n 2

state: setup ## 1,000 random histories of edits, each step compared with a clean render
	SERVEGEN_STATE=1000 $(BIN)/pytest -q tests/repo/test_state.py

bench: setup ## speed and memory on generated fleets of 30 to 1,000 services
	$(BIN)/python -m tests.bench

schemas: setup ## refresh the shipped schemas (needs the network)
	$(BIN)/python -m generator.schemas.bundled.refresh
