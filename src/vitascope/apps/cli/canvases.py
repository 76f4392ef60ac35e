"""fill, schema: canvases as JSON documents, which can express whatever any other command makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vitascope.apps.cli import options as o
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
    from vitascope.engine import FillSettings
    from vitascope.media import load_sound_uri, load_uri

    folder = document.parent
    canvas = canvas_from_json(
        _text_of(document),
        lambda uri, rate_fps: load_uri(uri, folder, rate_fps=rate_fps),
        lambda uri: load_sound_uri(uri, folder),
    )
    outputs = outputs_for(output, document.stem, canvas.frames, variations)
    make(canvas, outputs, filler, FillSettings(steps=steps, guidance=guidance))


def _text_of(document: Path) -> str:
    try:
        return document.read_text("utf-8")
    except UnicodeDecodeError as error:
        message = f"{document} is not text; a canvas is a JSON document (docs/canvas.md)"
        raise typer.BadParameter(message, param_hint="CANVAS.json") from error


def schema() -> None:
    """Print the JSON schema of a canvas."""
    from vitascope.canvas import canvas_schema

    typer.echo(json.dumps(canvas_schema(), indent=2))
