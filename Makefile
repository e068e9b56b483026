# Every target is a short command that you can also type by hand. CI calls the same targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
export PATH := $(CURDIR)/.tools/bin:$(PATH)
# servegen runs no program from the repository that it checks, which is this one: its own tools are named here.
export SERVEGEN_TOOLS := $(CURDIR)/.tools/bin

.DEFAULT_GOAL := help
.PHONY: help setup render validate test tests e2e prove judge operators servers race crash state fuzz fixes mutants capacity lint types fmt golden cov recall bench docs browser lock dist sbom secret-rules schemas

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.done ## install servegen, its tools and the packages of the tests into .venv and .tools

# pip refuses a file whose hash is not in the list. It takes only wheels: building another package from source would
# fetch and run packages that no list names. Where a wheel is missing, as on Macs with Intel: make setup WHEELS=
# The project itself is built by hatchling from that list.
WHEELS = --only-binary :all:
$(VENV)/.done: pyproject.toml requirements/development.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes $(WHEELS) --requirement requirements/development.txt
	$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	$(BIN)/python -m generator.core.programs install
	$(BIN)/python -m tests.support.go_tools
	touch $@

render: setup ## render the example fleet in services/ and validate it
	$(BIN)/servegen render
	$(BIN)/servegen validate

validate: setup ## check specs and rendered objects without writing files
	$(BIN)/servegen validate

# Tests wait for the programs that they run, so one worker more than there are processors keeps all of them busy. Each
# gets a row of tests, so that it prepares what they share for all of them, and in the end it takes some of others.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# Three tiers of tests: `test` at every change, `e2e` before a merge, `prove` before a release. The tests run while mypy
# does, which uses one processor.
test: lint ## first tier, takes minutes: style, types, and all tests that need only kustomize, kubeconform and git
	$(MAKE) --no-print-directory --jobs=2 types tests

# Temporary files in memory, if the machine has room.
MEMORY = TMPDIR=$$($(BIN)/python -m tests.support.memory)

tests: setup ## the tests of the first tier alone
	$(MEMORY) $(BIN)/pytest -n $(WORKERS) --dist worksteal

# Some tests only: make e2e ARGS="-k takeover". Another cluster: make e2e KUBECONFIG=~/.kube/config. PREPARE=1 adds to a
# disposable cluster what it lacks. HOST= is the address at which its Argo CD or Flux reaches this machine's Git server.
# PARTS=istio runs only the tests that need Istio and Envoy, PARTS=servers only those of Triton: no cluster is started.
E2E = $(if $(filter command line,$(origin KUBECONFIG)),--kubeconfig $(KUBECONFIG)) $(if $(PREPARE),--prepare) \
	$(if $(HOST),--host $(HOST)) $(if $(PARTS),--parts $(PARTS))
e2e: setup ## second tier: apply rendered files to a real API server, Istio, Argo CD and Flux, and run them with Triton (the first run builds all)
	$(BIN)/python -m tests.e2e $(E2E) -- $(ARGS)

prove: judge operators race crash state fuzz fixes mutants capacity servers browser ## third tier: the long variants, and the tests of all model servers

judge: setup ## 300 random patches and 1,500 updates: validate and diff say what the code of Kubernetes and KEDA does (needs Go; more: make judge PATCHES=3000)
	SERVEGEN_JUDGE=$(or $(PATCHES),300) $(BIN)/pytest -q -s tests/judge

capacity: setup ## 200 random fleets on simulated nodes: the real scheduler places what the capacity plan says (needs Go)
	SERVEGEN_CAPACITY=200 $(BIN)/python -m tests.e2e --parts core -- -n 0 -k random_fleets

operators: setup ## what servegen renders for KEDA, LeaderWorkerSet and Kueue, under the real controllers (needs Go; the first run builds them)
	$(BIN)/python -m tests.e2e --parts core,argocd,flux,operators -- -n 0 tests/e2e/operators $(ARGS)

servers: setup ## run pods with real model servers (needs Linux and root); one server: make servers ONLY=triton,storage,moto
	$(BIN)/python -m tests.servers $(if $(ONLY),--only $(ONLY)) -- $(ARGS)

race: setup ## 20 writers push 25 commits each to one branch
	SERVEGEN_RACE=20x25 $(BIN)/pytest -q -s tests/repo/test_race.py

crash: setup ## kill -9 at 500 points of render and commit
	SERVEGEN_CRASH=500 $(BIN)/pytest -q tests/repo/test_crash.py -n 2

state: setup ## 1,000 random histories of edits, each step compared with a clean render, and with a plan without the cache
	SERVEGEN_STATE=1000 $(BIN)/pytest -q -n 2 tests/repo/test_state.py tests/pipeline/test_app_memory.py

fuzz: setup ## every property test with 10 times as many random examples; for more: make fuzz SERVEGEN_FUZZ=100
	SERVEGEN_FUZZ=$(or $(SERVEGEN_FUZZ),10) $(BIN)/pytest -q -n $(WORKERS) -m hypothesis --ignore tests/repo/test_state.py
	SERVEGEN_SERVED=all $(BIN)/pytest -q tests/render/launch/test_matrix.py

fixes: setup ## 5,000 seeded mistakes: the fix of each finding removes it and adds none
	SERVEGEN_FIXES=5000 $(BIN)/pytest -q tests/pipeline/test_fixes.py -k seeded

mutants: setup ## 6,000 fleets with random mistakes: no exception, no hang, and a hint for each mistake
	SERVEGEN_MUTANTS=6000 $(BIN)/pytest -q -n $(WORKERS) tests/pipeline/test_mutated_fleets.py

lint: setup ## check style and format
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## check types
	$(BIN)/mypy

fmt: setup ## format the code and apply ruff's fixes
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

golden: setup ## rewrite expected outputs; read the diff before you commit it
	$(BIN)/pytest -q --rewrite
	git --no-pager diff --stat

# Processes that tests kill leave incomplete data files: `combine` warns that these are not databases.
cov: setup ## branch coverage of generator/; fails below the floor in pyproject.toml
	rm -rf .coverage && mkdir .coverage
	$(MEMORY) $(BIN)/coverage run -m pytest -q -n $(WORKERS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

recall: setup ## count the seeded defects in tests/corpus that the checks find, and the false positives
	$(BIN)/python -m tests.recall

# PEERS=…/python is a Python with the packages kcl-lib and jsonnet. Helm, ytt and Jsonnet in Go are those of PATH or of the
# folder PROGRAMS=; BUILD=1 builds them in the versions of tests/e2e/versions.toml. Both tables are written into the page.
BENCH = $(if $(AGAINST),--against $(AGAINST)) $(if $(PEERS),--write --stages --peers $(PEERS)) \
	$(if $(PROGRAMS),--programs $(PROGRAMS)) $(if $(BUILD),--build)
bench: setup ## measure speed and memory on generated fleets of 30 to 1,000 services; AGAINST=…/servegen prints ratios to another version, PEERS=…/python BUILD=1 to Helm, KCL, Jsonnet and ytt (docs/benchmark.md)
	$(BIN)/python -m tests.bench $(BENCH)

# The environment of `docs`, as zensical needs other versions of some packages than servegen.
DOCS := .tools/docs
$(DOCS)/.done: requirements/docs.txt
	$(PYTHON) -m venv --clear $(DOCS)
	$(DOCS)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes $(WHEELS) --requirement requirements/docs.txt
	touch $@

docs: $(DOCS)/.done ## build the documentation site into .docs/; to read it: python3 -m http.server --directory .docs
	$(DOCS)/bin/python -m release.docs

# axe-core finds what cannot be used by keyboard or with a screen reader. npm refuses a package with another hash.
AXE := .tools/axe
$(AXE)/.done: tests/browser/axe/package.json tests/browser/axe/package-lock.json
	rm -rf $(AXE) && mkdir -p $(AXE) && cp $^ $(AXE)
	npm ci --prefix $(AXE) --ignore-scripts --no-audit --no-fund
	touch $@

browser: setup docs $(AXE)/.done ## open the documentation site and HTML pages in Chromium (needs Chromium and npm; another one: SERVEGEN_BROWSER=/path)
	$(BIN)/python -m tests.browser -- $(ARGS)

# The environment of `lock` and `sbom`, apart from the one that runs servegen.
RELEASE := .tools/release
$(RELEASE)/.done: requirements/release.txt
	$(PYTHON) -m venv --clear $(RELEASE)
	$(RELEASE)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes $(WHEELS) --requirement requirements/release.txt
	touch $@

# For every platform and every Python from 3.11. No address of an index gets into the files, so any mirror will do.
COMPILE = $(RELEASE)/bin/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes \
	--annotation-style line --custom-compile-command 'make lock' --output-file
lock: $(RELEASE)/.done ## resolve the newest versions that pyproject.toml allows, with their hashes, into requirements/
	$(COMPILE) requirements/development.txt --extra dev pyproject.toml
	$(COMPILE) requirements/runtime.txt --constraint requirements/development.txt pyproject.toml
	$(COMPILE) requirements/release.txt --constraint requirements/development.txt --group release
	$(COMPILE) requirements/docs.txt --group docs

# The same commit gives the same bytes.
dist: setup $(RELEASE)/.done ## build a release from the last commit: wheel, sdist, requirements, bill of materials, SHA256SUMS
	$(BIN)/python -m release
	$(RELEASE)/bin/python -m release.validate_sbom dist/*.cdx.json

sbom: setup $(RELEASE)/.done ## write only the bill of materials, as CycloneDX, into dist/
	$(BIN)/python -m release --sbom
	$(RELEASE)/bin/python -m release.validate_sbom dist/*.cdx.json

secret-rules: setup ## refresh the shipped rules for secrets (needs the network and Go)
	$(BIN)/python -m generator.core.secrets.refresh

schemas: setup ## refresh the shipped schemas (needs the network)
	$(BIN)/python -m generator.schemas.bundled.refresh
