"""match: a clip gets the colours of another clip or picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.edits import ClipFile


def match(
    clip: ClipFile,
    reference: Annotated[
        Path, typer.Argument(help="The clip or picture whose colours are wanted.", show_default=False)
    ],
    output: o.Output = None,
    strength: Annotated[
        float, typer.Option(min=0, max=1, help="0 leaves the clip as it is, 1 goes all the way.")
    ] = 1.0,
) -> None:
    """Give a clip the colours of another one, the same way in every frame."""
    from vitascope.apps.cli.footage import asked, output_of, run
    from vitascope.footage.match import Match

    with asked("match"):
        tool = Match(reference=str(reference), strength=strength)
    run(tool, clip, output_of(clip, output, "matched"))
