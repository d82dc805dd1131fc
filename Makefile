# Cambrian. `make help` lists what there is.

PYTHON ?= python3
PORT ?= 3000
SITE_PORT ?= 8000
# Packages come uncompiled (all 13,000 files take half a minute), so Python must keep what it compiles.
unexport PYTHONDONTWRITEBYTECODE
export CAMBRIAN_HOME := $(abspath $(or $(CAMBRIAN_HOME),data))

UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help dashboards run live serve ui test lint format lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

dashboards: .venv/base ## Install, make everything from the recorded data, write the site
	@$(BIN)/cambrian run --source recorded
	@echo
	@echo "Open   file://$(CAMBRIAN_HOME)/site/index.html"
	@echo
	@echo "Three things to try next:"
	@echo "  make serve                                      the same pages over http"
	@echo "  $(BIN)/cambrian query 'from marts.headlines'    the numbers of the overview as a table"
	@echo "  make ui                                         the pipeline in the Dagster UI"

run: .venv/base ## Refresh once more
	@$(BIN)/cambrian run

live: .venv/base ## Refresh from the live APIs (tokens from the environment make it faster)
	@$(BIN)/cambrian run --source live

serve: .venv/base ## Serve the site on 127.0.0.1:8000 (SITE_PORT=...)
	@$(BIN)/cambrian serve --port $(SITE_PORT)

ui: .venv/base ## Dagster UI and daemon on 127.0.0.1:3000 (PORT=...)
	@mkdir -p $(CAMBRIAN_HOME)/dagster && cp dagster.yaml $(CAMBRIAN_HOME)/dagster/dagster.yaml
	@echo "http://127.0.0.1:$(PORT)/  (Ctrl-C to stop)"
	@export DAGSTER_HOME="$(CAMBRIAN_HOME)/dagster"; \
	$(BIN)/dagster-daemon run -w workspace.yaml & daemon=$$!; \
	$(BIN)/dagster-webserver -h 127.0.0.1 -p $(PORT) -w workspace.yaml & server=$$!; \
	trap 'kill $$daemon $$server 2>/dev/null' EXIT; trap 'exit 143' INT TERM; wait $$server

test: .venv/dev ## Run all tests (ARGS=--cov: and say what they cover); browser tests need a Chromium
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/dev ## Ruff and strict types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: .venv/dev ## Let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## Renew the lock files (needs uv)
	@test -n "$(UV)" || { echo "make lock needs uv (pip install uv)"; exit 1; }
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --no-strip-extras --upgrade --quiet -o requirements.lock
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-strip-extras --upgrade --quiet -c requirements.lock \
		-o requirements-dev.lock

clean: ## Remove the virtual environment and everything that was made (keeps payloads and vintages)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	cd $(CAMBRIAN_HOME) 2>/dev/null && rm -rf releases current cambrian.duckdb parquet site warehouse.duckdb* \
		dagster writer.* || true

.venv/base: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 4))' || \
		{ echo "Cambrian needs Python 3.11.4 or newer: make PYTHON=python3.11 ..."; exit 1; }
	@$(call install,requirements.lock)
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml
	@$(call install,requirements-dev.lock)
	@touch .venv/base $@

ifdef UV
define install
echo "Installing $(1) into .venv with uv" && \
{ test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv; } && \
$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(1) && \
$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
endef
else
define install
echo "Installing $(1) into .venv with pip (about a minute; uv is faster)" && \
{ test -x $(BIN)/pip || $(PYTHON) -m venv .venv; } && \
$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r $(1) && \
$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endef
endif
