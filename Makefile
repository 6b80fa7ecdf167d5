# Everything runs in .venv, which each target makes for itself: Python 3.11 or newer and make are enough.
PYTHON ?= python3
BIN := .venv/bin
# Hypothesis draws the same examples each time; more, and fresh ones from a seed that it tells:
# make test HYPOTHESIS_PROFILE=thorough
export HYPOTHESIS_PROFILE ?= default

.PHONY: mnist test docs lint clean

mnist: .venv/mnist
	$(BIN)/python examples/mnist.py $(ARGS)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

# The examples on all pages and in the docstrings that they show are run first.
docs: .venv/docs
	$(BIN)/python -m pytest docs README.md autograd_mini nn
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build
	@echo "the pages: docs/_build/index.html"

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/mnist: pyproject.toml .venv/bin/python
	$(BIN)/pip install --quiet -e '.[mnist]'
	@touch $@

.venv/dev: pyproject.toml .venv/bin/python
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet -e '.[mnist,testing,dot,mpi]' --group dev
	@touch $@

.venv/docs: .venv/dev
	$(BIN)/pip install --quiet --group docs
	@touch $@

clean:
	rm -rf .venv build dist docs/_build .hypothesis .mypy_cache .pytest_cache .ruff_cache
