# Every target works in .venv; `make setup` makes it.
BIN = .venv/bin

.PHONY: setup check test docs bench

setup:
	bash setup.sh dev

check:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright --warnings
	$(BIN)/lint-imports

test:
	$(BIN)/pytest

docs:  # the parts of docs/ that are written by the program itself
	$(BIN)/vitascope schema > docs/canvas.schema.json
	$(BIN)/vitascope schema shots > docs/shots.schema.json
	$(BIN)/typer vitascope.apps.cli utils docs --name vitascope --output docs/commands.md

bench:
	$(BIN)/python runs/bench.py
