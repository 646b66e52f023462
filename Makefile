# What a newcomer and a developer type. `make` alone prints this list.
.POSIX:
.PHONY: help venv demo test check bench docs clean
VENV = .venv
BIN = $(VENV)/bin

help: ## print this list
	@sed -n 's/^\([a-z][a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target what; do \
		printf '%-14s %s\n' "$$target" "$$what"; done

venv: $(VENV)/made ## make .venv with coedi and everything it needs (demo, test, check, bench and docs do it by themselves)

# made again whenever the requirements change; PYTHON=/path/to/python chooses another interpreter
$(VENV)/made: setup.cfg pyproject.toml
	@set -e; \
	test -x $(BIN)/python || { \
		for python in $(PYTHON) python3.12 python3.11 python3; do \
			if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
		done; \
		if test -z "$${found:-}"; then \
			echo "coedi needs Python 3.11 or newer; none was found. Name one: make venv PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
		echo "making $(VENV) with $$found"; \
		"$$found" -m venv $(VENV) || { rm -rf $(VENV); \
			echo "Python's venv module is incomplete; on Debian: apt-get install python3-venv" >&2; exit 1; }; \
	}
	@echo "installing coedi and its requirements into $(VENV)"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: venv ## samples through the whole pipeline: PDFs, receipts, what was refused and why
	@$(BIN)/coedi demo

test: venv ## the whole test suite; tests that need PostgreSQL or RabbitMQ say so when they skip
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: venv ## style, types, imports between packages, generated documentation
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

bench: venv ## what a certificate costs, measured on this machine
	@set -e; for file in bench/*.py; do echo "== $$file"; $(BIN)/python "$$file"; echo; done

docs: venv ## write the generated pages of docs/reference
	@$(BIN)/python docs/generate.py

clean: ## remove .venv and what the tools left behind
	rm -rf $(VENV) build dist *.egg-info .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
