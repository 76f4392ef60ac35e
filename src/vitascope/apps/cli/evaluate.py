"""evaluate: how well a filler does what it's told, read back from what it paints.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.tables import show_table

if TYPE_CHECKING:
    from vitascope.evaluate.adherence import Adherence
    from vitascope.train.benchmark import Measure, Paint, Scores

SHOWN = 32  # clips on a contact sheet

Row = dict[str, Any]


def evaluate(
    filler: Annotated[str, typer.Option(help="Whom to examine.")] = "built-in",
    samples: Annotated[int, typer.Option(min=12, max=4096, help="How many clips to ask for.")] = 128,
    seed: Annotated[int, typer.Option(min=0, help="Another number, other questions.")] = 0,
    size_px: Annotated[
        int, typer.Option("--size", min=16, max=1024, help="The side of the clips in pixels.")
    ] = 64,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    json_file: o.JsonFile = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the tables to this file as Markdown, too.", show_default=False)
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(help=f"Write a contact sheet of {SHOWN} clips to this picture.", show_default=False),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Ask little: a first look within a minute or two.")
    ] = False,
) -> None:
    """Measure a filler: what it paints from words, read back, beside real renders of the same scenes."""
    from vitascope.apps.cli.progress import Display
    from vitascope.engine import FillSettings
    from vitascope.evaluate.reading import TrainedReader
    from vitascope.train.benchmark import Exam, examine

    _check_outputs(json_file, markdown, sheet)
    exam = Exam(samples, seed, size_px)
    if quick:
        exam = Exam(16, seed, size_px, quiet=4, prompts=2, takes=3)
    reader = TrainedReader.load()
    with Display() as display:
        display.say(f"Asking {filler} for {exam.samples} clips and what goes with them ...")
        scores = examine(
            _painter(filler, FillSettings(steps=steps, guidance=guidance)), exam, reader, display.report
        )
    _show(scores, json_file)
    if markdown:
        _write_markdown(scores, markdown)
    if sheet:
        _write_sheet(scores, sheet)


def _check_outputs(json_file: Path | None, markdown: Path | None, sheet: Path | None) -> None:
    """Finds out before minutes of work what would go wrong after them."""
    from vitascope.media import WRITABLE

    for option, path in (("--json", json_file), ("--markdown", markdown), ("--sheet", sheet)):
        if path and not path.parent.is_dir():
            message = f"the folder {path.parent} doesn't exist; make it first"
            raise typer.BadParameter(message, param_hint=option)
    if sheet and sheet.suffix.lower() not in WRITABLE:
        message = f"{sheet} is of no known format; end it in {', '.join(sorted(WRITABLE))}"
        raise typer.BadParameter(message, param_hint="--sheet")


def _painter(filler: str, settings: Any) -> Paint:
    from vitascope.engine import fill_many

    return lambda canvases, report: fill_many(canvases, filler, settings, report)


def _show(scores: Scores, json_file: Path | None) -> None:
    """The tables for people; into the JSON go all rows of all of them, each saying which it is of."""
    for kind, rows in scores.adherence.items():
        typer.echo(f"\nAdherence, {kind}")
        show_table([_adherence_row(row) for row in rows])
    typer.echo("\nMeasures")
    records = [
        {"table": "adherence", "kind": kind, **vars(row), "ratio": row.ratio, "standard_error": row.error}
        for kind, rows in scores.adherence.items()
        for row in rows
    ]
    records += [{"table": "measures", **vars(measure)} for measure in scores.measures]
    show_table([_measure_row(measure) for measure in scores.measures], json_file, records)


def _adherence_row(row: Adherence) -> Row:
    from vitascope.evaluate.tables import percent

    return {
        "attribute": row.attribute,
        "painted": f"{percent(row.painted)} ± {100 * row.error:.0f}",
        "ceiling": percent(row.ceiling),
        "of the ceiling": percent(row.ratio),
        "asked": row.asked,
    }


def _measure_row(measure: Measure) -> Row:
    painted, real = ("-" if value is None else f"{value:.4g}" for value in (measure.painted, measure.real))
    return {"measure": measure.name, "painted": painted, "real renders": real}


def _write_markdown(scores: Scores, path: Path) -> None:
    from vitascope.evaluate.tables import markdown

    parts = [
        f"Adherence, {kind}:\n\n{markdown([_adherence_row(row) for row in rows])}"
        for kind, rows in scores.adherence.items()
    ]
    parts.append(f"Measures:\n\n{markdown([_measure_row(measure) for measure in scores.measures])}")
    path.write_text("\n".join(parts), "utf-8")


def _write_sheet(scores: Scores, path: Path) -> None:
    """Clips from all over the exam, so that both kinds of questions are on the sheet."""
    import numpy as np

    from vitascope.evaluate.sheets import contact_sheet
    from vitascope.media import write_picture

    count = len(scores.captions)
    chosen = [int(i) for i in np.linspace(0, count - 1, min(SHOWN, count)).round()]
    write_picture(path, contact_sheet(scores.clips_BTHWC[chosen], [scores.captions[i] for i in chosen]))
