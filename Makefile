# Everything from a fresh clone, on a machine with Python 3.11 or newer, make, git and the package registries.
#
#   make dev            the service on a real Kubernetes control plane
#   make test           all tests        (make test KUBERNETES=1.36: against another pinned version)
#   make check          lint, types, layers, and whether generated files are up to date

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .tools/bin/uv
RUN := .venv/bin

# uv takes the Python it is given, and never fetches one.
export UV_PYTHON_DOWNLOADS := never
# Which Kubernetes `dev` and the tests run; empty: the newest that is pinned.
KUBERNETES ?=
export KUBERNETES

.PHONY: help setup dev test test-fast check fix openapi docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.synced ## Install everything that the other targets need

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.synced: $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --python $(PYTHON)
	@touch $@

dev: setup ## Run the service, its people and a real control plane
	@$(RUN)/secretspace dev

test: setup ## Run all tests, the control plane included
	$(RUN)/python -m devcluster build
	$(RUN)/pytest

test-fast: setup ## Run the tests that need no cluster
	$(RUN)/pytest tests/unit tests/architecture

check: setup ## Lint, types, layers, generated files
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/secretspace openapi --check

fix: setup ## Correct what can be corrected by itself
	$(RUN)/ruff check --fix
	$(RUN)/ruff format

openapi: setup ## Write openapi/openapi.json anew
	$(RUN)/secretspace openapi --output openapi/openapi.json

docs: setup ## Write the generated pages of docs/reference anew
	$(RUN)/secretspace settings --output docs/reference/settings.md
	$(RUN)/secretspace problems --output docs/reference/problems.md

clean: ## Remove everything that was installed or generated here
	rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist
