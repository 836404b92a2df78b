# The one entry point for people: `make help`. It needs make and Python 3.11 or newer, no more.

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && exit; done; echo python3)
PY := .venv/bin/python

.DEFAULT_GOAL := help
# The web app is built in the environment that its neighbour makes.
.NOTPARALLEL:
.PHONY: help demo smoke test check mutants bench soak docs pin clean dev-environment demo-environment webapp

help: ## Say what there is to make
	@echo "Fieldbook (外勤簿): an offline-first field sales app for bank account managers."
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s  %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: demo-environment webapp ## Start a branch with sample customers and print where to open it
	@$(PY) -m fieldbook demo --data build/demo --webapp build/webapp $(ARGS)

smoke: demo-environment ## Server and device end to end on this machine, without a browser
	@$(PY) -m fieldbook smoke

test: dev-environment webapp ## Every test; ARGS="-k sync" picks some
	@$(PY) -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

check: dev-environment ## Lint, format, types, import contracts, documents
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m tools.docs --check

mutants: dev-environment ## Plant known sync bugs one by one; show how each is found
	@$(PY) -m tests.sync.hunt

bench: dev-environment ## Measure this machine against the figures to hold
	@$(PY) -m bench $(ARGS)

soak: dev-environment ## Break processes, networks, disks and requests for hours; ARGS picks parts
	@$(PY) -m tests.soak $(ARGS)

docs: dev-environment ## Write the documents that follow from the code
	@$(PY) -m tools.docs

pin: dev-environment ## Resolve requirements/*.txt anew, with hashes (needs a package index)
	@$(PY) -m tools.pin
	@$(PYTHON) tools/environment.py dev
	@$(PY) -m bundle pins

clean: ## Remove everything made here: environment, web app, demo data, caches
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

webapp:
	@$(PY) -m bundle build --out build/webapp

demo-environment dev-environment: %-environment:
	@command -v $(PYTHON) >/dev/null || { echo "Fieldbook needs Python 3.11 or newer; install it and run make again."; exit 1; }
	@$(PYTHON) tools/environment.py $*
