# Everything a person does with a checkout. `make demo` and `make test` set themselves up in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint format lock messages rules-readme dictionary datasette accuracy soak bench clean
.DEFAULT_GOAL := demo

demo: .venv/.run
	$(BIN)/xuncha demo

test: .venv/.dev
	$(BIN)/pytest --numprocesses=logical --dist=loadfile

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# rules/README.md is generated from the rules' docstrings.
rules-readme: .venv/.dev
	$(BIN)/xuncha explain --all > rules/README.md

# reports/README.md, the data dictionary, is generated from findings.schema.json.
dictionary: .venv/.dev
	$(BIN)/python -m reports.dictionary > reports/README.md

# Browse the database of the data folder in Datasette, on the loopback: make datasette DATA=other-data
DATA ?= xuncha-data
datasette: .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "datasette>=0.65"
	$(BIN)/python -m xuncha.browsing $(DATA)/xuncha.db > .venv/datasette.json
	$(BIN)/datasette serve $(DATA)/xuncha.db --metadata .venv/datasette.json --open

# What the English catalogue still lacks.
messages: .venv/.dev
	$(BIN)/python -m reports.language --missing

# How often the rules are right, over sites and pages whose faults are known: writes the tables of ACCURACY.md.
accuracy: .venv/.dev
	$(BIN)/python tests/accuracy/report.py

# A hundred days of `xuncha watch` over the portal by a simulated clock, in a few minutes (Linux): make soak DAYS=100
DAYS ?= 100
soak: .venv/.dev
	$(BIN)/python tests/xuncha/cycle/quarter.py $(DAYS)

# Measure against other link checkers, about half an hour; options: make bench BENCH="--sites pg --repeats 5 --dry".
bench: .venv/.run
	$(BIN)/python bench/compare.py $(BENCH)

# Resolve the dependencies of pyproject.toml anew into the two lock files.
lock: .venv/.dev
	$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --no-emit-index-url \
	  --custom-compile-command "make lock" --python-version 3.11 --group build -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --no-emit-index-url \
	  --custom-compile-command "make lock" --python-version 3.11 --group dev -o requirements-dev.lock pyproject.toml

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "xuncha needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "This Python has no venv module; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: .venv/.python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.python requirements-dev.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
