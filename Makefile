# Everything a person or a machine does here. `make` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint format schema prove bench lock upgrade clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## Run a small studio of pictures on this machine
	@$(BIN)/dailies demo

test: lint ## Check everything, then run the tests
	@$(BIN)/pytest -n 3 --dist worksteal

lint: $(READY) ## Check style, types, import contracts and the committed SDL
	@$(BIN)/ruff check --quiet --output-format concise
	@$(BIN)/ruff format --check --quiet || { echo "Not formatted: run make format."; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/dailies schema | diff -u schema/schema.graphql - \
		|| { echo "schema/schema.graphql is not current: run make schema."; exit 1; }

format: $(READY) ## Format the code and fix what can be fixed
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

schema: $(READY) ## Write schema/schema.graphql from the types
	@$(BIN)/dailies schema > $(VENV)/schema.graphql
	@mv $(VENV)/schema.graphql schema/schema.graphql

prove: $(READY) ## Run the long proofs
	@$(BIN)/pytest -m prove

bench: $(READY) ## Measure; the questions and the last answer are in bench/README.md
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.peers
	@$(BIN)/python -m bench.writing
	@$(BIN)/python -m bench.profile
	@$(BIN)/python -m bench.feed
	@$(BIN)/python -m bench.live

COMPILE := $(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --output-file requirements.lock --quiet

lock: $(READY) ## Pin what pyproject.toml newly asks for
	@$(COMPILE)

upgrade: $(READY) ## Pin the newest of everything
	@$(COMPILE) --upgrade

clean: ## Remove the virtual environment and the caches; data in .dailies stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment without pip is half made, or its Python is gone: it is made again.
$(READY): requirements.lock pyproject.toml
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || { \
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
			echo "Dailies needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2> /dev/null || echo missing)."; \
			echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }; \
		echo "Making $(VENV), once: about a minute."; \
		$(PYTHON) -m venv --clear $(VENV); }
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(READY)
