# Two commands do everything: `make run` and `make test`. Needed beforehand: make, Python 3.11 or newer, a package index.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check bench pictures lock clean python

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
# Reads pip's lines and says how far it is; what pip complains about goes to standard error as it is.
COUNT = awk -v all=$$(cat $(1) | grep -c '==') '/^ *(Collecting|Requirement already)/ { n++; \
	if (n % 10 == 0 || n == all) { printf "  %d of about %d packages looked up\n", n, all; fflush() } } \
	/^Installing collected/ { print "  installing them"; fflush() }'
LEARNED := $(shell find knowledge -name '*.py' -o -name '*.yaml' -o -name '*.txt' -o -name '*.jsonl')

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

setup: .venv/.prepared ## prepare .venv and everything the service needs; quick the second time

setup-dev: .venv/.prepared .venv/.dev

run: setup ## start the service on the embedded database, with the demo community the first time
	@grep -qs '^ *\(export  *\)\?LIANXIN_DEMO *=' .env || export LIANXIN_DEMO="$${LIANXIN_DEMO:-1}"; \
	exec $(BIN)/lianxin serve

# The compiled modules are kept, whoever asked for none: a hundred services and commands are started, each of 500 modules.
# Two workers more than cores: a third of a worker's time is waiting, for a browser, a process, a commit.
test: setup-dev ## every test, on all cores
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $$(( $$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2) + 2 )) --dist worksteal $(ARGS)

check: setup-dev ## lint, format, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-dev ## the benchmarks; a JSON object on the last line
	@$(BIN)/python -m tests.benchmarks

UPGRADE = --upgrade
pictures: setup-dev ## every resident's screen in both languages, as docs/screens-*.png (needs Chromium)
	@$(BIN)/python -m tests.pictures

lock: python ## pin every package anew, with hashes (uses uv in a throw-away environment); UPGRADE= moves none
	@set -e; room=$$(mktemp -d); trap 'rm -rf "$$room"' EXIT; "$(PYTHON)" -m venv "$$room"; \
	"$$room/bin/pip" install --quiet uv; \
	pin() { "$$room/bin/uv" pip compile --universal --python-version 3.11 --generate-hashes $(UPGRADE) --quiet \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links "$$@"; }; \
	printf 'setuptools>=80\n' > "$$room/build.in"; \
	cp requirements.lock "$$room/run.lock"; cp requirements-dev.lock "$$room/dev.lock"; \
	pin pyproject.toml "$$room/build.in" --output-file "$$room/run.lock"; \
	pin pyproject.toml "$$room/build.in" --extra dev --constraint "$$room/run.lock" --output-file "$$room/dev.lock"; \
	mv "$$room/run.lock" requirements.lock; mv "$$room/dev.lock" requirements-dev.lock

clean: ## remove .venv and caches; the data folder stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bot handlers knowledge storage tests -name __pycache__ -prune -exec rm -rf {} +

python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Lianxin needs Python 3.11 or newer; $$(python3 --version 2>/dev/null || echo 'no Python') was found. Install one, or name it: make run PYTHON=/path/to/python3" >&2; exit 2; }

.venv/bin/python: | python
	@echo "Making a Python environment of our own in .venv"
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; \
	echo "Python's venv module is missing (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 2; }

.venv/.ready: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the service needs (about a minute the first time)"
	@set -o pipefail; $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes \
		-r requirements.lock | $(call COUNT,requirements.lock)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.ready
	@echo "Installing what the tests need"
	@set -o pipefail; $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes \
		-r requirements-dev.lock | $(call COUNT,requirements-dev.lock)
	@touch $@

.venv/.prepared: .venv/.ready $(LEARNED)
	@echo "Teaching the matcher the phrases it knows (some seconds)"
	@$(BIN)/python -m knowledge.prepare
	@touch $@
