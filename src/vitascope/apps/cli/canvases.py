"""fill, schema: canvases as JSON documents, which can express whatever any other command makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.running import make


def fill(
    document: Annotated[
        Path,
        typer.Argument(metavar="CANVAS.json", help="A canvas; its media lie beside it.", show_default=False),
    ],
    output: o.Output = None,
    variations: o.Variations = 1,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
) -> None:
    """Fill a canvas that is written as JSON."""
    from vitascope.canvas import canvas_from_json
    from vitascope.media import load_sound_uri, load_uri

    folder = document.parent
    canvas = canvas_from_json(
        text_of(document, "a canvas is a JSON document (docs/canvas.md)", "CANVAS.json"),
        lambda uri, rate_fps: load_uri(uri, folder, rate_fps=rate_fps),
        lambda uri: load_sound_uri(uri, folder),
    )
    outputs = outputs_for(output, document.stem, canvas.frames, variations)
    make(canvas, outputs, filler, fill_settings(steps, guidance))


def text_of(document: Path, what: str, argument: str) -> str:
    """What a document says; `what` tells those who give something else what it should be."""
    try:
        return document.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{document} is not text; {what}", param_hint=argument) from error


def schema(
    of: Annotated[
        Literal["canvas", "shots"], typer.Argument(help="A canvas (fill), or a script of shots (shots).")
    ] = "canvas",
) -> None:
    """Print the JSON schema of a canvas, or of a script of shots."""
    from vitascope.canvas import canvas_schema
    from vitascope.films import script_schema

    typer.echo(json.dumps(canvas_schema() if of == "canvas" else script_schema(), indent=2))
