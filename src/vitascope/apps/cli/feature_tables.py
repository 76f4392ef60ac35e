"""What `vitascope evaluate --features` shows and writes: a table, JSON, Markdown, contact sheets.

Knows sections and their rows; not how they came about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from vitascope.apps.cli.tables import show_table

if TYPE_CHECKING:
    from vitascope.train.features import Row, Section

SHOWN = 16  # clips on a contact sheet
BEGIN, END = "<!-- features -->", "<!-- /features -->"
"""What lies between these two lines in a Markdown file is written anew; the rest stays."""


def show_sections(sections: Sequence[Section], json_file: Path | None) -> None:
    """All rows in one table; a feature that was refused says why."""
    rows = [_cells(section, row) for section in sections for row in section.rows]
    records = [record for section in sections for record in _records(section)]
    for section in sections:
        if section.refused:
            typer.echo(f"{section.feature}: refused. {section.refused}")
    show_table(rows, json_file, records)


def write_sections(sections: Sequence[Section], path: Path) -> None:
    """The table as Markdown: a new file, or the part between the two marks of one that has them."""
    from vitascope.evaluate.tables import markdown

    text = markdown([_cells(section, row) for section in sections for row in section.rows])
    for section in sections:
        if section.refused:
            text += f"\n*{section.feature}*: refused. {section.refused}\n"
    whole = path.read_text("utf-8") if path.exists() else ""
    if BEGIN in whole and END in whole:
        before, _, rest = whole.partition(BEGIN)
        text = f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}"
    path.write_text(text, "utf-8")


def write_sheets(sections: Sequence[Section], path: Path) -> None:
    """A picture for each feature beside `path`: sheet.png -> sheet-extend.png."""
    import numpy as np

    from vitascope.evaluate.sheets import contact_sheet
    from vitascope.media import write_picture

    for section in sections:
        chosen = _spread(section)
        if not chosen:
            continue
        sheet = contact_sheet(
            np.stack([item.clip_THWC for item in chosen]), [item.caption for item in chosen]
        )
        write_picture(path.with_name(f"{path.stem}-{section.feature}{path.suffix}"), sheet)


def _spread(section: Section) -> list[Any]:
    """Clips from all over a section that share the shape of its first."""
    alike = [item for item in section.shown if item.clip_THWC.shape == section.shown[0].clip_THWC.shape]
    step = max(1, -(-len(alike) // SHOWN))
    return alike[::step]


def _cells(section: Section, row: Row) -> dict[str, Any]:
    others = ", ".join(f"{name} {_number(value, row.unit)}" for name, value in row.baselines.items())
    goal = "-" if row.goal is None else f"{row.goal}"
    return {
        "feature": section.feature,
        "measure": row.measure,
        "painted": _number(row.painted, row.unit),
        "goal": goal,
        "met": {None: "-", True: "yes", False: "no"}[row.met],
        "without painting": others or "-",
        "real renders": "-" if row.real is None else _number(row.real, row.unit),
        "asked": row.asked,
    }


def _number(value: float, unit: str) -> str:
    plain = f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
    return re.sub(r"^-0$", "0", plain) + (f" {unit}" if unit else "")


def _records(section: Section) -> list[dict[str, Any]]:
    if section.refused:
        return [{"feature": section.feature, "refused": section.refused}]
    return [
        {
            "feature": section.feature,
            "measure": row.measure,
            "painted": row.painted,
            "unit": row.unit,
            "goal": None if row.goal is None else str(row.goal),
            "met": row.met,
            "baselines": dict(row.baselines),
            "real": row.real,
            "asked": row.asked,
        }
        for row in section.rows
    ]
