# Two commands are all that is needed: `make serve` and `make test`. Each does its own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-for-tests
LOCK := requirements/runtime.txt
EXTRAS_LOCK := requirements/extras.txt
TEST_LOCK := requirements/test.txt
BUILD_LOCK := requirements/build.txt
ARGS ?=

# The scripts of an environment name its folder: one that was moved or lost its Python is made anew.
WHOLE := $(shell [ "$$(cat $(VENV)/.place 2>/dev/null)" = "$$(pwd -P)" ] && \
	$(BIN)/python -SIc "" 2>/dev/null && echo yes)
ifneq ($(WHOLE),yes)
.PHONY: $(STAMP)
endif

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 18

.PHONY: serve
serve: $(STAMP) ## Check and publish the seed, then serve it on http://127.0.0.1:8000
	@exec $(BIN)/opendata-api serve $(ARGS)

.PHONY: check-seed
check-seed: $(STAMP) ## Prove the seed: every figure in its source, every numeral accounted for
	@$(BIN)/opendata-api check

.PHONY: publish
publish: $(STAMP) ## Check the seed and publish it as the next release
	@$(BIN)/opendata-api publish $(ARGS)

.PHONY: new-report
new-report: $(STAMP) ## Make the folder of a further report: ID=cn450203-2024-rol TEXT=report.txt
	@$(BIN)/opendata-api new-report \
		"$${ID:?is missing: make new-report ID=cn450203-2024-rol TEXT=report.txt}" \
		"$${TEXT:?is missing: make new-report ID=cn450203-2024-rol TEXT=report.txt}"

.PHONY: test
test: check ## Everything that must hold: the checks, then all tests with branch coverage
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m compileall -q src # for the many processes that tests start
	$(BIN)/pytest --numprocesses=logical --dist=worksteal --cov --cov-report=term-missing:skip-covered $(ARGS)

.PHONY: check
check: $(TEST_STAMP) ## Format, lint, types, import order, dependencies, what is generated, the seed
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src bench
	$(BIN)/python scripts/check_repository.py
	@diff openapi/v1.json <($(BIN)/opendata-api openapi) || \
		{ echo "openapi/v1.json is not what the code gives: make openapi" >&2; exit 1; }
	@diff <(grep '^|' docs/settings.md) <($(BIN)/opendata-api settings) || \
		{ echo "docs/settings.md is not what opendata-api settings prints" >&2; exit 1; }
	$(BIN)/opendata-api check

.PHONY: format
format: $(TEST_STAMP) ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

.PHONY: openapi
openapi: $(TEST_STAMP) ## Write openapi/v1.json anew
	$(BIN)/opendata-api openapi > openapi/v1.json

.PHONY: lock
lock: $(TEST_STAMP) ## Write the hash-locked requirements anew
	scripts/lock.sh $(BIN)

.PHONY: torture
torture: $(TEST_STAMP) ## Kill publishers 200 times on SQLite and 50 on PostgreSQL; try at length
	PYTHONPATH=tests $(BIN)/python scripts/torture.py
	OPENDATA_WHOLE_TESTS=1 $(BIN)/pytest --numprocesses=logical --dist=worksteal \
		tests/test_publishing_under_load.py tests/test_group_laws.py \
		tests/test_pages_in_a_browser.py tests/test_schemathesis.py tests/test_database_faults.py

.PHONY: bench
bench: $(TEST_STAMP) ## Measure beside Datasette, ROAPI and others, and write docs/performance.md
	@scripts/bench.sh $(VENV) one $(ARGS)

.PHONY: bench-full
bench-full: $(TEST_STAMP) ## Measure 100,000 to 10,000,000 observations; writes docs/performance.md too
	@scripts/bench.sh $(VENV) full $(ARGS)

.PHONY: libreoffice
libreoffice: $(TEST_STAMP) ## Open every workbook in LibreOffice and compare it (needs libreoffice-calc)
	@scripts/libreoffice_test.sh

.PHONY: pages-test
pages-test: $(TEST_STAMP) ## Check the HTML of every page, mark some by Lighthouse; writes docs/pages.md
	@PYTHONPATH=tests:. scripts/pages_test.sh $(BIN)

.PHONY: screenshots
screenshots: $(TEST_STAMP) ## Every page in pictures, in var/screenshots; ARGS="home" for some
	@PYTHONPATH=tests:. $(BIN)/python scripts/screenshots.py $(ARGS)

.PHONY: conformance
conformance: $(TEST_STAMP) ## Read the service with other portals' software; writes docs/conformance.md
	@PYTHONPATH=tests:. scripts/conformance.sh $(BIN)

.PHONY: image-test
image-test: ## Build the container image without a Docker engine and run it (Debian, as root)
	scripts/image_test.sh

.PHONY: clean
clean: ## Remove what the other commands made, but not the published data
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		.schemathesis .coverage .coverage.* tests/pages/node_modules

$(STAMP): $(LOCK) $(EXTRAS_LOCK) $(BUILD_LOCK) pyproject.toml scripts/install.sh
	@scripts/install.sh $(VENV) $(BUILD_LOCK) $(LOCK) $(EXTRAS_LOCK)
	@touch $@

$(TEST_STAMP): $(STAMP) $(TEST_LOCK)
	@scripts/install.sh $(VENV) $(BUILD_LOCK) $(LOCK) $(EXTRAS_LOCK) $(TEST_LOCK)
	@touch $@
