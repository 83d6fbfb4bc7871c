# The commands of the house. Each target's line after ## is its help.
.DEFAULT_GOAL := help
.PHONY: help run install test test-all test-nightly faults check bench format lock clean test-dates figures pictures

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## start the product on this machine: web, worker and beat
	@.ci/install run
	@exec .ci/start

install: ## install what checking and testing need
	@.ci/install test

test: install ## run the ordinary tests, in five minutes
	@.ci/test

test-all: install ## run all that must hold before a change is taken
	@.ci/test-all

test-nightly: install ## run everything on both databases, and every fault case
	@.ci/test-nightly

faults: install ## break real processes in every way we know: all cases, or CASE=F4
	@.ci/faults

test-dates: install ## run the ordinary tests on many days, or with DATES="2026-12-31 2028-02-29" on these
	@.ci/test-dates

bench: install ## speed and memory against the goals, SIZES=15000,150000
	@.venv/bin/python -m bench $(if $(SIZES),--sizes $(SIZES))

check: install ## run every static gate
	@.ci/check

figures: install ## count lines, files and how far an act runs through them
	@.venv/bin/python .ci/figures.py

pictures: install ## make the pictures of README and docs/tour.md anew, from a demonstration of their own
	@PYTHONPATH=. .venv/bin/python .ci/pictures.py

format: install ## put code and templates into their format
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
	@find templates -name '*.html' | xargs --no-run-if-empty .venv/bin/djade --target-version 5.2

lock: install ## write the lock files anew from requirements.in and requirements-dev.in
	@.ci/lock

clean: ## remove what was installed, cached and built; the database in var/ stays
	@rm -rf .venv node_modules var/static test-results htmlcov .coverage \
	  .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
