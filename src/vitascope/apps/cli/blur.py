"""blur, motion-blur: faces, regions, what is followed or the background become unreadable; shutters stay
open.

Their functions have more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.edits import REGION_FORMS, ClipFile

_MASK = re.compile(r"\s*((?:not\s*:\s*)*)mask\s*:\s*(.+)", re.IGNORECASE)


def blur(
    clip: ClipFile,
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT", help=f'"faces", "background" (all but a subject), or a region: {REGION_FORMS}.'
        ),
    ] = "faces",
    output: o.Output = None,
    subject: Annotated[
        list[str] | None,
        typer.Option(
            help='With "background", what stays sharp: "people", "anything", or marks on it. '
            "Again for one more.",
            show_default="people",
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="The region marks something, and goes where that goes.")
    ] = False,
    at: Annotated[
        str, typer.Option(help='When what is to be followed, or the subject, is marked: "1.5", "12f".')
    ] = "first",
    start: Annotated[
        str | None, typer.Option("--from", help="When the blur begins.", show_default="the beginning")
    ] = None,
    stop: Annotated[str | None, typer.Option("--to", help="When it ends.", show_default="the end")] = None,
    but: Annotated[bool, typer.Option("--but", help="Blur everything but that.")] = False,
    style: Annotated[
        Literal["gaussian", "pixelate", "solid"],
        typer.Option(help="How; of what is solid (black) nothing can be won back."),
    ] = "gaussian",
    strength: Annotated[float, typer.Option(help="How much, above 0 and up to 1.")] = 0.5,
    padding: Annotated[
        float, typer.Option(min=0, max=3, help="How far it reaches out around a face, by its size.")
    ] = 0.3,
    shape: Annotated[Literal["ellipse", "box"], typer.Option(help="The shape over a face.")] = "ellipse",
) -> None:
    """Blur faces (found by themselves, in every frame), a region, something that moves, or the background."""
    from vitascope.apps.cli.footage import asked, output_of, run
    from vitascope.footage.blur import Blur

    match = _MASK.fullmatch(what)
    turned = match is not None and match[1].lower().count("not") % 2 == 1
    with asked("blur", {"start": "--from", "stop": "--to", "what": "WHAT", "mask": "WHAT"}):
        tool = Blur(
            what="mask" if match else what,
            mask=match[2].strip() if match else None,
            subject=tuple(subject or ("people",)),
            follow=follow,
            at=at,
            start=start,
            stop=stop,
            but=but != turned,
            style=style,
            strength=strength,
            padding=padding,
            shape=shape,
        )
    run(tool, clip, output_of(clip, output, "blurred"))


def motion_blur(
    clip: ClipFile,
    output: o.Output = None,
    shutter: Annotated[
        float, typer.Option(help="How long the shutter is open: 180 degrees are half of a frame's time.")
    ] = 180.0,
) -> None:
    """Draw out what moves, as a shutter does that stays open longer."""
    from vitascope.apps.cli.footage import asked, output_of, run
    from vitascope.footage.motion_blur import MotionBlur

    with asked("motion-blur"):
        tool = MotionBlur(shutter=shutter)
    run(tool, clip, output_of(clip, output, "motion blurred"))
