# The two commands a newcomer needs are `make demo` and `make test`; `make help` lists the rest.
.PHONY: help demo test check lock
PYTHON ?= python3
BIN := .venv/bin

help: ## what this file can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/demo: lock/demo.txt pyproject.toml
	@PYTHON="$(PYTHON)" sh tests/environment.sh demo

.venv/dev: lock/dev.txt pyproject.toml
	@PYTHON="$(PYTHON)" sh tests/environment.sh dev

check: .venv/dev ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## write the lock files anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate -q --extra demo --extra build pyproject.toml -o lock/demo.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate -q --extra dev pyproject.toml -o lock/dev.txt --custom-compile-command "make lock"
