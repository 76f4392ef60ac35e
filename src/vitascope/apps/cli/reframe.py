"""reframe: a clip in another shape, in which the subject stays in sight.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from typing import Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.edits import ClipFile


def reframe(
    clip: ClipFile,
    size: Annotated[
        str, typer.Option(help='The new shape, "9:16", "1:1", "4:5" ..., or size, "1080x1920".')
    ] = "9:16",
    output: o.Output = None,
    subject: Annotated[
        str,
        typer.Option(
            help='What stays in sight: "auto", "faces", "people", "motion", or a region around it: '
            '"rect:0.1,0.2,0.5,0.6" (left, top, right, bottom).'
        ),
    ] = "auto",
    at: Annotated[
        str, typer.Option(help='With a region, when the subject is there: "1.5", "12f".')
    ] = "first",
    speed: Annotated[
        float, typer.Option(help="The picture moves at most so many of its widths a second.")
    ] = 2.0,
    ease: Annotated[float, typer.Option(help="How many seconds a movement takes to begin and to end.")] = 0.8,
) -> None:
    """Cut a clip to another shape, following its subject: 16:9 becomes 9:16."""
    from vitascope.apps.cli.footage import asked, output_of, run
    from vitascope.footage.reframe import Reframe

    with asked("reframe", {"ease_s": "--ease"}):
        tool = Reframe(size=size, subject=subject, at=at, speed=speed, ease_s=ease)
    run(tool, clip, output_of(clip, output, "reframed"))
