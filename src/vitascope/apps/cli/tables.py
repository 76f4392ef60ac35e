"""Tables for people on stdout, and as JSON for programs. Knows nothing of what they are about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def show_table(
    rows: Sequence[Row], json_file: Path | None = None, records: Sequence[Row] | None = None
) -> None:
    """Print rows that share their keys, which head the columns; if json_file is given, write them there as
    JSON.

    `records` go into the JSON in place of the rows, where a program wants to know more than a person.
    """
    from rich.console import Console
    from rich.table import Table

    if json_file is not None:
        chosen = rows if records is None else records
        write_whole(json_file, json.dumps([dict(row) for row in chosen], indent=2, ensure_ascii=False) + "\n")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in rows[0] if rows else ():
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    Console(highlight=False, markup=False).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def write_whole(path: Path, text: str) -> None:
    """The text in a file that appears whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
