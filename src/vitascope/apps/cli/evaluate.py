"""evaluate: how well a filler does what it's told, read back from what it paints.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.feature_tables import show_sections, write_sections, write_sheets
from vitascope.apps.cli.tables import show_table

if TYPE_CHECKING:
    from vitascope.engine import FillSettings
    from vitascope.evaluate.adherence import Adherence
    from vitascope.train.benchmark import Measure, Paint, Scores
    from vitascope.train.features import FeatureExam, Section

SHOWN = 32  # clips on a contact sheet
FEWEST = 12

Row = dict[str, Any]


def evaluate(
    filler: Annotated[str, typer.Option(help="Whom to examine.")] = "built-in",
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=4096,
            help="How many clips to ask for; with --features, of each.",
            show_default="128; with --features 8",
        ),
    ] = None,
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
        typer.Option(
            help=f"Write a contact sheet of {SHOWN} clips to this picture; with --features, one for each.",
            show_default=False,
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Ask little: a first look within a minute or two.")
    ] = False,
    features: Annotated[
        bool, typer.Option("--features", help="Measure each feature by its own goals instead.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option(help='With --features, only these: "extend,loop".', show_default="all of them"),
    ] = None,
    drift: Annotated[
        str, typer.Option(help='With --features, after how many seconds to look for drift: "10,60,240".')
    ] = "10",
) -> None:
    """Measure a filler: what it paints, read back and compared, beside real renders of the same scenes."""
    from vitascope.apps.cli.progress import Display
    from vitascope.engine import FillSettings
    from vitascope.evaluate.reading import TrainedReader
    from vitascope.train.benchmark import Exam, examine

    _check_outputs(json_file, markdown, sheet)
    settings = FillSettings(steps=steps, guidance=guidance)
    if features:
        exam = _feature_exam(2 if quick and samples is None else samples, seed, size_px, drift)
        sections = _examine_features(filler, settings, exam, _named(only))
        show_sections(sections, json_file)
        if markdown:
            write_sections(sections, markdown)
        if sheet:
            write_sheets(sections, sheet)
        return
    if only is not None:
        raise typer.BadParameter("is for --features", param_hint="--only")
    samples = 128 if samples is None else samples
    if samples < FEWEST:
        message = f"{samples} are too few to tell anything; ask for {FEWEST} or more"
        raise typer.BadParameter(message, param_hint="--samples")
    exam = Exam(samples, seed, size_px)
    if quick:
        exam = Exam(16, seed, size_px, quiet=4, prompts=2, takes=3)
    reader = TrainedReader.load()
    with Display() as display:
        display.say(f"Asking {filler} for {exam.samples} clips and what goes with them ...")
        scores = examine(_painter(filler, settings), exam, reader, display.report)
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


def _named(only: str | None) -> list[str]:
    """The features of "extend,loop", or none for all."""
    from vitascope.train.features import FEATURES

    names = [name.strip().lower() for name in (only or "").split(",") if name.strip()]
    for name in names:
        if name not in FEATURES:
            message = f'"{name}" is no feature that is measured; there are {", ".join(FEATURES)}'
            raise typer.BadParameter(message, param_hint="--only")
    return names


def _feature_exam(samples: int | None, seed: int, size_px: int, drift: str) -> FeatureExam:
    from vitascope.train.features import FeatureExam

    try:
        seconds = tuple(int(part) for part in drift.split(","))
        return FeatureExam(8 if samples is None else samples, seed, size_px, drift_s=seconds)
    except ValueError as error:
        message = f'write whole seconds from 4 on, "10,60,240", not "{drift}"'
        raise typer.BadParameter(message, param_hint="--drift") from error


def _examine_features(
    filler: str, settings: FillSettings, exam: FeatureExam, only: list[str]
) -> list[Section]:
    from vitascope.apps.cli.progress import Display
    from vitascope.engine import live, stream
    from vitascope.evaluate.reading import TrainedReader
    from vitascope.train.features import examine_features

    reader = TrainedReader.load()
    with Display() as display:
        display.say(f"Asking {filler} for what each feature does ...")
        return examine_features(
            _painter(filler, settings),
            exam,
            reader,
            display.report,
            only=only,
            stream=lambda canvas: stream(canvas, filler, settings),
            live=lambda first, words: live(first, words, filler, settings),
            after=lambda section: display.say(f"{section.feature}: {_said(section)}"),
        )


def _said(section: Section) -> str:
    if section.refused:
        return f"refused. {section.refused}"
    goals = [row.met for row in section.rows if row.met is not None]
    return f"{len(section.rows)} rows, {sum(goals)} of {len(goals)} goals met"


def _painter(filler: str, settings: FillSettings) -> Paint:
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
