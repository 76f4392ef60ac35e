"""upscale, denoise: the same clip or picture, larger or calmer."""

from __future__ import annotations

from typing import Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.edits import ClipFile


def upscale(
    clip: ClipFile,
    output: o.Output = None,
    scale: Annotated[
        str | None, typer.Option(help='How many times as wide and high: "2", "1.5".', show_default="2")
    ] = None,
    size: Annotated[
        str | None, typer.Option(help='In place of it: "1920x1080", "1080p" ...', show_default=False)
    ] = None,
    enlarger: Annotated[
        str | None, typer.Option(help="Who enlarges: span, lanczos ...", show_default="the best installed")
    ] = None,
) -> None:
    """Make a clip or a picture larger, with edges sharper than plain scaling leaves them."""
    from vitascope.apps.cli.footage import asked, output_of, run
    from vitascope.footage.upscale import Upscale

    with asked("upscale"):
        tool = Upscale(scale=scale, size=size, enlarger=enlarger)
    run(tool, clip, output_of(clip, output, f"upscaled {scale or size or ''}"))


def denoise(
    clip: ClipFile,
    output: o.Output = None,
    strength: Annotated[
        float,
        typer.Option(help="0 leaves all as it is, 50 takes out the noise that is measured, 100 twice that."),
    ] = 50,
    denoiser: Annotated[
        str | None, typer.Option(help="Who does it: flow ...", show_default="the best installed")
    ] = None,
) -> None:
    """Take noise and grain out of a clip or a picture."""
    from vitascope.apps.cli.footage import asked, output_of, run
    from vitascope.footage.denoise import Denoise

    with asked("denoise"):
        tool = Denoise(strength=strength, denoiser=denoiser)
    run(tool, clip, output_of(clip, output, "denoised"))
