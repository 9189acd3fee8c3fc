# Two commands do all the set-up: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV ?= uv

.PHONY: demo test check format docs lock bench clean

demo: $(VENV)/runtime
	@$(BIN)/xds-adapter demo

# Many tests wait for servers and disks, so there is one process more than cores on a small machine. A module stays in one
# process: its servers are started once.
test: $(VENV)/test
	$(BIN)/python -m pytest --numprocesses=3 --dist=loadfile --cov --cov-report=term:skip-covered -q

check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

format: $(VENV)/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/test
	$(BIN)/python docs/generate.py

# The locks hold names, versions and hashes, no address.
lock:
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --extra test pyproject.toml -o requirements-test.lock

bench: $(VENV)/test
	$(BIN)/python -m benchmarks.iti41
	$(BIN)/python -m benchmarks.large_document
	$(BIN)/python -m benchmarks.documents
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.signature

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "the venv module is needed (on Debian: apt-get install python3-venv)" >&2; exit 1; }

# The locks are complete: with --no-deps nothing is resolved anew when a library has a release.
$(VENV)/runtime: $(BIN)/python requirements.lock pyproject.toml
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/test: $(BIN)/python requirements-test.lock pyproject.toml
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-test.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@ $(VENV)/runtime
