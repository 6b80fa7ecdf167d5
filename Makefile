# Everything runs in .venv, which each target makes for itself: Python 3.11 or newer and make are enough.
PYTHON ?= python3
BIN := .venv/bin
# Hypothesis draws the same examples each time; more, and fresh ones from a seed that it tells:
# make test HYPOTHESIS_PROFILE=thorough
export HYPOTHESIS_PROFILE ?= default

.PHONY: mnist check test versions docs lint size generated bench mutants clean

mnist: .venv/mnist
	$(BIN)/python examples/mnist.py $(ARGS)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What to run while working. OPS are words of the names of ops to be tested: make check OPS="tanh or relu"
OPS ?= tanh
check: lint
	$(BIN)/python -m pytest -n auto tests/test_backprop.py tests/test_value.py tests/test_layout.py \
		tests/test_ops.py -k "(not test_ops or $(OPS)) and not million" $(ARGS)

test: lint
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

# Engine, ops, programs and nn on the oldest and the newest Python and NumPy that can be had here.
versions:
	$(PYTHON) tests/versions.py

# The examples on all pages and in the docstrings that they show are run first.
docs: .venv/docs
	$(BIN)/python -m pytest docs README.md autograd_mini nn
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build
	@echo "the pages: docs/_build/index.html"

# The lines of each room, and how many it may have.
size:
	$(PYTHON) tests/rooms.py

# Everything in the repository that is made from the code.
generated: .venv/dev
	$(BIN)/python docs/op_table.py
	$(BIN)/python docs/stubs.py
	$(BIN)/python docs/notebooks.py
	$(BIN)/python docs/how_it_works.py
	$(BIN)/python docs/tutorial/make_pictures.py
	$(BIN)/python examples/draw_lesson.py docs/pictures svg
	$(BIN)/python examples/draw_diagnosis.py docs/pictures svg
	$(BIN)/python docs/beside_others.py

# Ratios to NumPy and to the libraries that are installed; tests/benchmarks/README.md has more.
BENCH ?= lesson_step compiled_step micrograd_demo scalar_chain import_time
bench: .venv/dev
	for each in $(BENCH); do $(BIN)/python tests/benchmarks/$$each.py $(ARGS) || exit 1; done

# Wrong rules that must be found: planted by hand, and every mechanical mutant (NAMES of ops, or all: hours).
mutants: .venv/dev
	$(BIN)/python -m pytest -n auto tests/test_planted_errors.py
	$(BIN)/python tests/mutants.py $(NAMES)

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/mnist: pyproject.toml .venv/bin/python
	$(BIN)/pip install --quiet -e '.[mnist]'
	@touch $@

.venv/dev: pyproject.toml .venv/bin/python
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet -e '.[all]' --group dev
	@touch $@

.venv/docs: .venv/dev
	$(BIN)/pip install --quiet --group docs
	@touch $@

clean:
	rm -rf .venv .versions build dist docs/_build .hypothesis .mypy_cache .pytest_cache .ruff_cache
