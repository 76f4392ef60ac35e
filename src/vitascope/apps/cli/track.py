"""track: where points, boxes and planes of a clip are in every frame, as a file; or something pinned onto
one.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from vitascope.apps.cli.edits import ClipFile

if TYPE_CHECKING:
    from vitascope.footage.track import Track, Tracks

TABLES = (".json", ".csv")
HEAD = (
    *("track", "kind", "frame", "time_s", "x_px", "y_px"),
    *(f"{axis}{corner}_px" for corner in (1, 2, 3, 4) for axis in "xy"),
    *("confidence", "visible"),
)
OPTIONS = {"points": "--point", "boxes": "--box", "planes": "--plane"}


def track(
    clip: ClipFile,
    point: Annotated[
        list[str] | None,
        typer.Option(
            help='A point: "0.5,0.4" in shares of the frame, "640,360px", or with a name: "nose=0.5,0.4".'
            " Again for more.",
            show_default=False,
        ),
    ] = None,
    box: Annotated[
        list[str] | None,
        typer.Option(help='A box: "x,y,width,height". Again for more.', show_default=False),
    ] = None,
    plane: Annotated[
        list[str] | None,
        typer.Option(
            help='Something flat: its corners "x,y x,y x,y x,y", clockwise from the top left.'
            " Again for more.",
            show_default=False,
        ),
    ] = None,
    at: Annotated[
        str, typer.Option(help='When they are there: "1.5", "12f". Followed forwards and backwards.')
    ] = "first",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The file to write: tracks as .json or .csv; with --overlay, a film.",
            show_default="CLIP-tracks.json; CLIP-pinned.mp4",
        ),
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(
            help="A picture or clip to pin onto the one thing that is followed; may be see-through.",
            show_default=False,
        ),
    ] = None,
    opacity: Annotated[float, typer.Option(help="Of the overlay: how much of what is below it hides.")] = 1.0,
    width: Annotated[
        float, typer.Option(help="Of the overlay at a point: its width, as a share of the frame's.")
    ] = 0.2,
    shift: Annotated[
        str, typer.Option(help="Of the overlay at a point: how far right and down of it, in shares.")
    ] = "0,0",
    tracker: Annotated[
        str | None, typer.Option(help="Which tracker.", show_default="the best that is there")
    ] = None,
) -> None:
    """Follow points, boxes and planes through a clip; write their tracks, or pin a picture onto one."""
    from vitascope.apps.cli.footage import asked, output_of, run

    with asked("track", OPTIONS):
        from vitascope.footage.track import Track

        tool = Track(
            points=tuple(point or ()),
            boxes=tuple(box or ()),
            planes=tuple(plane or ()),
            at=at,
            tracker=tracker,
        )
    if overlay is None:
        _write(tool, clip, _table_of(clip, output))
        return
    if len(tool.written()) != 1:
        message = "pins onto one thing; give one --point, --box or --plane"
        raise typer.BadParameter(message, param_hint="--overlay")
    with asked("track", OPTIONS):
        from vitascope.footage.corner_pin import CornerPin

        pin = CornerPin(
            overlay=str(overlay),
            point=next(iter(tool.points), None),
            box=next(iter(tool.boxes), None),
            plane=next(iter(tool.planes), None),
            at=at,
            opacity=opacity,
            width=width,
            shift=_read_shift(shift),
            tracker=tracker,
        )
    run(pin, clip, output_of(clip, output, "pinned"))


def _table_of(clip: Path, output: Path | None) -> Path:
    """The file for the tracks, checked."""
    path = output or Path(f"{clip.stem}-tracks.json")
    if path.suffix.lower() not in TABLES:
        message = f"{path}: tracks are written as .json or .csv; a film is made with --overlay"
        raise typer.BadParameter(message, param_hint="--output")
    if not path.parent.is_dir():
        message = f"the folder {path.parent} doesn't exist; make it first"
        raise typer.BadParameter(message, param_hint="--output")
    return path


def _read_shift(text: str) -> tuple[float, float]:
    try:
        right, down = (float(part) for part in text.split(","))
    except ValueError as error:
        message = f'write two shares of the frame, "0.1,-0.05", not "{text}"'
        raise typer.BadParameter(message, param_hint="--shift") from error
    return right, down


def _write(tool: Track, clip: Path, output: Path) -> None:
    """Follow, write the tracks, and say how each went."""
    from vitascope.apps.cli.footage import footage_of, reporter
    from vitascope.apps.cli.progress import Display
    from vitascope.apps.cli.tables import show_table
    from vitascope.media import read_video
    from vitascope.media.whole import whole_file

    with Display() as display:
        tracks = tool.make(footage_of(read_video(clip)), reporter(display), {})
        with whole_file(output) as part, part.open("w", encoding="utf-8", newline="") as file:
            if output.suffix.lower() == ".json":
                file.write(tracks.model_dump_json(indent=1) + "\n")
            else:
                write_csv(tracks, file)
        typer.echo(f"{output}")
    show_table(
        [
            {
                "track": each.name,
                "kind": each.kind,
                "in sight": f"{sum(seen.visible for seen in each.frames)} of {len(each.frames)} frames",
                "confidence": sum(seen.confidence for seen in each.frames) / len(each.frames),
            }
            for each in tracks.tracks
        ]
    )


def write_csv(tracks: Tracks, file: TextIO) -> None:
    """A row for every track and frame; a point's corners stay empty."""
    rows = csv.writer(file)
    rows.writerow(HEAD)
    for each in tracks.tracks:
        for seen in each.frames:
            corners = [value for corner in seen.corners_px or () for value in corner] or [""] * 8
            rows.writerow(
                (
                    *(each.name, each.kind, seen.frame, f"{seen.time_s:.6f}", seen.x_px, seen.y_px),
                    *corners,
                    *(seen.confidence, int(seen.visible)),
                )
            )
