"""shots: a script with several shots becomes one film, written frame by frame as it is made."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.canvases import text_of
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.running import warn_of_unknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope.apps.cli.progress import Display
    from vitascope.engine import FillSettings

    Picture = NDArray[np.uint8]


def shots(
    script: Annotated[
        Path,
        typer.Argument(
            metavar="SCRIPT.json", help="The shots; their pictures lie beside it.", show_default=False
        ),
    ],
    output: o.Output = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
) -> None:
    """Make a film of several shots, with the same cast in each."""

    make_film(script, output, filler, fill_settings(steps, guidance))


def _counted(pictures: Iterator[Picture], total: int, display: Display) -> Iterator[Picture]:
    """The pictures, and a bar over all shots."""
    display.written(0, total)
    for done, picture in enumerate(pictures, 1):
        yield picture
        display.written(done, total)


def make_film(script: Path, output: Path | None, filler_name: str | None, settings: FillSettings) -> None:
    """Shoot what the script says, into the output or a file named after the script."""
    from vitascope.apps.cli.progress import Display
    from vitascope.engine import filler_for, load_filler
    from vitascope.films import shoot
    from vitascope.films import shots as shots_of
    from vitascope.media import load_uri, write_video

    began_s = time.monotonic()
    folder = script.parent
    said = text_of(script, "a script is a JSON document (docs/features/shots.md)", "SCRIPT.json")
    film = shots_of(said, lambda uri, rate_fps: load_uri(uri, folder, rate_fps=rate_fps))
    canvases = [shot.canvas for shot in film]
    first, frames = canvases[0], sum(canvas.frames for canvas in canvases)
    (path,) = outputs_for(output, script.stem, frames, 1)
    with Display() as display:
        pictures = shoot(film, filler_name, settings, display.report)  # what can't be filled is said here
        length = f"{len(film)} shots, {float(frames / first.rate_fps):g} s at {float(first.rate_fps):g} fps"
        choice = filler_for(first, filler_name)
        display.say(f"Shooting {first.width_px}x{first.height_px}, {length}, with {choice.name} ...")
        warn_of_unknown(load_filler(choice.name), canvases, choice, display.say)
        write_video(path, _counted(pictures, frames, display), first.rate_fps)
        typer.echo(f"{path}  {length}")
        display.say(f"Done in {time.monotonic() - began_s:.1f} s.")
