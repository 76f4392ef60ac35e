"""matte: the subject of a clip without its background; and what stays where `background` paints another one.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.edits import ClipFile, frames_in
from vitascope.apps.cli.regions import alpha_of, read_region, together

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope.apps.cli.inputs import Clip
    from vitascope.canvas import Region
    from vitascope.footage import Footage, Made, Report
    from vitascope.footage.matte import CutOut, Matte

    Stays = Callable[[Clip, NDArray[np.uint8]], Region | NDArray[np.float32]]

_FOUND = ("people", "anything")
# From so large a part of a frame that surely is a person somebody is in it; a rolling ball is half a person.
_SOMEBODY, _SURE = 0.01, 0.9

# Alpha from which a pixel is known as it is, and up to which it isn't known at all. Between them it holds
# some of the old background: it is cleaned of that and, as a sketch, redrawn. Taken whole it would leave a
# rim of the old background, left out it would cut off hair.
_KNOWN, _UNKNOWN = 0.95, 0.5


def matte(
    clip: ClipFile,
    output: o.Output = None,
    subject: Annotated[
        list[str] | None,
        typer.Option(
            help='"people", "anything" (what stands out), or marks in one frame: a box "rect:0.3,0.1,0.7,1", '
            'an outline "polygon:x,y x,y x,y" or "ellipse:...", a point "0.5,0.4" or a scribble '
            '"stroke:x,y x,y" on it; "not:stroke:..." on what it isn\'t. Again for one more.',
            show_default="people",
        ),
    ] = None,
    at: Annotated[str, typer.Option(help='When the marks are right: "1.5", "12f", "last".')] = "first",
    over: Annotated[
        str | None,
        typer.Option(
            metavar="COLOUR|FILE|blur",
            help='What is seen behind it: "#00ff00", a picture, a clip, or "blur".',
            show_default="nothing: it is see-through",
        ),
    ] = None,
    grey: Annotated[
        bool, typer.Option("--grey", help="Write the matte itself: white is the subject.")
    ] = False,
    matter: Annotated[
        str | None,
        typer.Option(
            help='Who finds it: "people", "salient", "rembg:u2net" ...', show_default="by the subject"
        ),
    ] = None,
    soft: Annotated[float, typer.Option(help="How far the edge is feathered, in pixels.")] = 0,
    steady: Annotated[
        float, typer.Option(help="How firmly the edge holds still where the picture does, 0 to 0.95.")
    ] = 0.7,
    codec: Annotated[
        str | None, typer.Option(help='"prores", "vp9", "h265" ...', show_default="the format's own")
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write how surely it was seen in each frame to this file."),
    ] = None,
) -> None:
    """Cut a subject out of its background: see-through (.mov, .webm), or over something else."""
    from vitascope.apps.cli.footage import asked, run
    from vitascope.footage.matte import Matte, sightings_of
    from vitascope.media import probe

    behind, background = _behind(over, grey)
    with asked("matte", {"soft_px": "--soft", "output": "--over", "background": "--over"}):
        tool = Matte(
            subject=tuple(subject or ("people",)),
            at=at,
            matter=matter,
            soft_px=soft,
            steady=steady,
            output=behind,
            background=background,
        )
    place = _output_of(clip, output, codec, see_through=behind == "alpha")
    confidence: list[float] = []
    run(_noting(tool, confidence), clip, place, codec=codec)
    seen = sightings_of(confidence, probe(clip).rate_fps)
    for start_s, stop_s in seen.lost_s:
        typer.echo(f"The subject isn't seen from {start_s:.2f} s to {stop_s:.2f} s.", err=True)
    if json_file is not None:
        json_file.write_text(seen.model_dump_json(indent=1) + "\n")


def what_stays(subject: Sequence[str] | None, at: str | None) -> Stays:
    """How to tell what stays of a clip whose pictures are given: a region, or how known each pixel is.

    With words or a time it is cut out, and its soft edges are cleaned, in the pictures, of the old
    background. Raises a usage error for texts that say nothing.
    """
    if subject and at is None and not set(subject) & set(_FOUND):
        regions = [read_region(each, "--subject") for each in subject]
        return lambda footage, pictures: together(regions, frames_in(footage, len(pictures)))
    if subject:
        from vitascope.apps.cli.footage import asked
        from vitascope.footage.matte import Matte

        with asked("background"):
            tool = Matte(subject=tuple(subject), at=at or "first")
        return lambda footage, pictures: _cut(tool, footage, pictures)
    return _found


def _found(footage: Clip, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What isn't see-through; where all is opaque, whoever is in the first picture, or what stands out."""
    from vitascope.footage import FootageError
    from vitascope.footage.matte import Matte
    from vitascope.footage.matters import matter_named

    alpha = alpha_of(footage)
    if alpha is not None:
        return alpha
    try:
        somebody = float((matter_named("people").alpha(pictures[0]) > _SURE).mean()) > _SOMEBODY
    except FootageError:  # nothing to find people with
        somebody = False
    return _cut(Matte(subject=("people" if somebody else "anything",)), footage, pictures)


def _cut(tool: Matte, footage: Clip, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How known each pixel is by the tool's cut; the pictures' soft edges are cleaned where they stand."""
    import numpy as np

    from vitascope.apps.cli.footage import reporter
    from vitascope.apps.cli.progress import Display
    from vitascope.footage import Footage
    from vitascope.footage.compositing import clean_colours

    count, height_px, width_px, _ = pictures.shape
    whole = Footage(
        frames=pictures, width_px=width_px, height_px=height_px, rate_fps=footage.rate_fps, count=count
    )
    known = np.empty((count, height_px, width_px), np.float32)
    with Display() as display:
        for index, cut in enumerate(tool.cut_outs(whole, reporter(display))):
            known[index] = np.clip((cut.alpha - _UNKNOWN) / (_KNOWN - _UNKNOWN), 0, 1)
            soft = (known[index] < 1) & (cut.alpha > 0)
            # The tool has its own small copy of the frame by now.
            pictures[index][soft] = clean_colours(cut.frame, cut.alpha)[soft]
    return known


def _behind(over: str | None, grey: bool) -> tuple[str, str | None]:
    """The tool's output, and the file behind the subject, that --over and --grey mean."""
    if grey:
        if over is not None:
            raise typer.BadParameter("the matte itself has nothing behind it", param_hint="--grey")
        return "matte", None
    if over is None:
        return "alpha", None
    if over == "blur" or over.startswith("#"):
        return over, None
    if not Path(over).exists():
        raise typer.BadParameter(
            f'{over}: no such file; or write a colour, "#00ff00", or "blur"', param_hint="--over"
        )
    return "background", over


def _output_of(clip: Path, output: Path | None, codec: str | None, see_through: bool) -> Path:
    """The file to write, checked: also for whether it holds alpha, where that is wanted."""
    from vitascope.apps.cli.outputs import outputs_for
    from vitascope.media import CONTAINERS, MediaError, read_video
    from vitascope.media.encoders import container_for, encoder_for

    frames = read_video(clip).info.frames
    if output is None and see_through and frames != 1:
        output = Path(f"{clip.stem}-cut-out.mov")
    place = outputs_for(output, f"{clip.stem} cut out", 1 if frames == 1 else max(2, frames or 2), 1)[0]
    try:
        if place.suffix.lower() in CONTAINERS:
            encoder_for(container_for(place), codec, alpha=see_through)
        elif see_through and place.suffix.lower() in (".jpg", ".jpeg", ".bmp"):
            raise MediaError(f"{place.suffix} files can't hold alpha; write .png or .webp")
    except MediaError as error:
        raise typer.BadParameter(
            f'{error}; or say what is seen behind the subject: --over "#00ff00"'
            if see_through
            else str(error),
            param_hint="--output",
        ) from error
    return place


def _noting(tool: Matte, confidence: list[float]) -> Matte:
    """The same tool, which writes down how sure it is of each frame."""
    from vitascope.footage.matte import Matte

    class Noting(Matte):
        def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
            def noted() -> Iterator[CutOut]:
                for cut in self.cut_outs(footage, report):
                    confidence.append(cut.confidence)
                    yield cut

            return self.made(footage, noted(), others)

    fields: dict[str, Any] = tool.model_dump()
    return Noting(**fields)
