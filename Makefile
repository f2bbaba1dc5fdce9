# Everything a person or a machine does with this repository. `make help` lists it.
SHELL := /bin/bash
VENV ?= .venv
PY := $(VENV)/bin/python
PORT ?= 8000
HOST ?= 127.0.0.1
# One more than cores, because tests of processes and browsers wait; each takes up to 2 GB of memory.
JOBS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((cores < 7 ? cores + 1 : 8)))
SECONDS ?= 300
PEOPLE ?= 50
MINUTES ?= 20
KILLS ?= 100
MODULES ?= domain/recommendation.py domain/model.py domain/account.py
LIMIT ?= 10
SEED ?= 1
RUNS ?= 3
ONLY ?=
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
export OMP_WAIT_POLICY ?= passive
export OPENBLAS_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: security help run neural test test-fast test-offline test-load test-crash mutants soak checks check lint types contracts migrations bench bench-accuracy vendor lock screenshots gallery lighthouse test-replit clean chromium

help: ## List all targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@ $(VENV)/.run

$(VENV)/.bench: requirements-bench.lock pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install --quiet --require-hashes -r requirements-bench.lock
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@ $(VENV)/.dev $(VENV)/.run

run: $(VENV)/.run ## Install the product, migrate the database, and serve at http://127.0.0.1:8000
	@exec $(VENV)/bin/netone serve --host $(HOST) --port $(PORT)

neural: requirements-neural.lock pyproject.toml | $(VENV)/bin/python ## Install TensorFlow, for training neural models
	$(PY) -m pip install --quiet --require-hashes -r requirements-neural.lock
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $(VENV)/.run

chromium: $(VENV)/.dev
	@if command -v chromium-headless-shell >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && [ -f /etc/debian_version ] && apt-get update -qq && apt-get install -y -qq chromium-headless-shell >/dev/null; then :; \
	elif command -v chromium chromium-browser google-chrome >/dev/null 2>&1; then :; \
	else $(VENV)/bin/playwright install chromium; fi

test: $(VENV)/.dev chromium ## Run all tests including the browser tests (JOBS in parallel)
	$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

test-fast: $(VENV)/.dev ## Run all tests except the browser tests
	$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not e2e and not slow"

test-offline: $(VENV)/.dev chromium ## Run the browser tests without a network (Linux, where namespaces are allowed)
	@if unshare -n true 2>/dev/null; then unshare -n sh -c 'ip link set lo up && exec $(PY) -m pytest tests/e2e'; \
	elif unshare -rn true 2>/dev/null; then unshare -rn sh -c 'ip link set lo up && exec $(PY) -m pytest tests/e2e'; \
	else echo "This machine does not allow network namespaces: nothing was run."; exit 1; fi

test-crash: $(VENV)/.dev ## Kill the server KILLS times at random, and each operation at every line (SEED=1)
	$(PY) -m tests.crash --kills $(KILLS) --seed $(SEED)

test-replit: $(VENV)/.dev ## Start a fresh clone as .replit says, stop it and start it again (Linux; no network where allowed)
	@if unshare -n true 2>/dev/null; then unshare -n sh -c 'ip link set lo up && exec $(PY) -m tests.replit'; \
	elif unshare -rn true 2>/dev/null; then unshare -rn sh -c 'ip link set lo up && exec $(PY) -m tests.replit'; \
	else $(PY) -m tests.replit; fi

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djlint --check --lint --quiet adapters entrypoints
	$(VENV)/bin/codespell
	$(PY) -m tests.word_list

types: $(VENV)/.dev
	$(VENV)/bin/mypy

contracts: $(VENV)/.dev
	$(VENV)/bin/lint-imports

migrations: $(VENV)/.dev
	$(PY) -m migrations.check

security: $(VENV)/.dev
	$(VENV)/bin/bandit -q -ll -r domain application adapters entrypoints -c pyproject.toml

mutants: $(VENV)/.dev ## Mutation tests of MODULES: each mutant has to fail a fast test (LIMIT=10 minutes, AGAIN=1)
	$(PY) -m tests.mutation $(MODULES) --minutes $(LIMIT) $(if $(AGAIN),--again)

checks: lint types contracts migrations security ## Check style, types, import contracts, migrations and security

check: checks test ## Run all checks and tests; required before submitting a change

bench: $(VENV)/.dev ## Measure the published speeds and compare them with alternatives
	$(PY) -m bench

.venv-autogluon/.ready: requirements-autogluon.lock | $(VENV)/bin/python
	$(PYTHON) -m venv .venv-autogluon
	.venv-autogluon/bin/python -m pip install --quiet --require-hashes -r requirements-autogluon.lock
	@touch $@

bench-accuracy: $(VENV)/.bench .venv-autogluon/.ready ## Compare the trainer with LightGBM, CatBoost, AutoGluon … (three hours)
	$(PY) -m bench.accuracy
	$(PY) -m bench.accuracy --write-docs

test-load: $(VENV)/.dev ## Load test: fifty users while the workers are busy (SECONDS=300 PEOPLE=50)
	$(PY) -m bench.load --seconds $(SECONDS) --people $(PEOPLE)

soak: $(VENV)/.dev ## Soak test: twenty minutes of mixed use; memory must not grow (MINUTES=20)
	$(PY) -m bench.load.soak --minutes $(MINUTES)

vendor: $(VENV)/.dev ## Download the vendored browser libraries listed in the manifest again
	$(PY) vendor_static/fetch.py

screenshots: $(VENV)/.dev chromium ## Take the screenshots of the guide and the home page again
	$(PY) -m docs.screenshots

gallery: $(VENV)/.dev chromium ## Judge and picture every page in every state, at four widths, light and dark (ONLY=regex)
	$(PY) -m tests.gallery $(if $(ONLY),--only '$(ONLY)')

# Outside the folders that linters read.
.lighthouse/.ready: tests/lighthouse/package-lock.json
	@command -v npm >/dev/null 2>&1 || { echo "Lighthouse needs Node.js 18.16 or newer with npm, which was not found."; exit 1; }
	@mkdir -p .lighthouse
	cp tests/lighthouse/package.json tests/lighthouse/package-lock.json tests/lighthouse/.npmrc .lighthouse/
	cd .lighthouse && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

lighthouse: $(VENV)/.dev chromium .lighthouse/.ready ## Lighthouse on the main pages, phone and desktop: 95 in each category (needs Node.js; RUNS=3)
	$(PY) -m tests.lighthouse --runs $(RUNS) $(if $(ONLY),--only '$(ONLY)')

lock: ## Resolve the dependencies again (needs uv)
	uv pip compile pyproject.toml --group build --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 -q --upgrade -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 -q --upgrade -o requirements-dev.lock
	uv pip compile pyproject.toml --group build --extra catboost -c requirements.lock --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 -q --upgrade -o requirements-catboost.lock
	uv pip compile pyproject.toml --extra neural --group build -c requirements-dev.lock --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 -q --upgrade -o requirements-neural.lock
	uv pip compile pyproject.toml --group build --group dev --group bench -c requirements-dev.lock --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 -q --upgrade -o requirements-bench.lock
	echo 'autogluon.tabular[lightgbm,catboost,xgboost]' | uv pip compile - --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 -q --upgrade -o requirements-autogluon.lock

clean: ## Remove generated files (never the data)
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache mutants
