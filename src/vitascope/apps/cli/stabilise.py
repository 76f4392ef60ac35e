"""stabilise: a shaky clip made quiet, held still, or held at a point.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.edits import ClipFile


def stabilise(
    clip: ClipFile,
    output: o.Output = None,
    mode: Annotated[
        Literal["smooth", "locked"],
        typer.Option(help="smooth: the camera moves as before, but quietly; locked: it stands on a tripod."),
    ] = "smooth",
    point: Annotated[
        str | None,
        typer.Option(
            help='In place of a mode: a point that stays where it is, "0.5,0.4".', show_default=False
        ),
    ] = None,
    at: Annotated[str, typer.Option(help='With --point, when it is there: "1.5", "12f".')] = "first",
    seconds: Annotated[
        float, typer.Option(help="smooth: over how long, before and after, the path is made even.")
    ] = 1.0,
    motion: Annotated[
        Literal["similarity", "homography"],
        typer.Option(help="What is undone: shifts, turns and zooms; or perspective too."),
    ] = "similarity",
    border: Annotated[
        Literal["crop", "mirror", "blank"],
        typer.Option(
            help="Where nothing was filmed: zoomed out of sight, mirrored, or see-through"
            " (.mov, .webm, PNGs)."
        ),
    ] = "crop",
    most_zoom: Annotated[
        float, typer.Option(help="crop: at most so much; where that isn't enough, less is undone.")
    ] = 1.25,
    codec: Annotated[
        str | None, typer.Option(help='"h265", "av1" ...', show_default="the format's own")
    ] = None,
) -> None:
    """Take the shaking out of a clip."""
    from vitascope.apps.cli.footage import asked, output_of, run
    from vitascope.footage.stabilise import Stabilise

    with asked("stabilise", {"seconds": "--seconds"}):
        tool = Stabilise(
            mode="point" if point else mode,
            point=point,
            at=at,
            seconds=seconds,
            motion=motion,
            border=border,
            most_zoom=most_zoom,
        )
    if border == "blank":
        output = output or Path(f"{clip.stem}-stabilised.mov")
        _check_alpha(output, codec)
    run(tool, clip, output_of(clip, output, "stabilised"), codec=codec)


def _check_alpha(output: Path, codec: str | None) -> None:
    """Refuse a film that has no place for what is see-through, before anything is looked at."""
    from vitascope.media import CONTAINERS
    from vitascope.media.encoders import container_for, encoder_for

    if output.suffix.lower() in CONTAINERS:
        encoder_for(container_for(output), codec, alpha=True)
