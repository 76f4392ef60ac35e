"""scenes: where a clip's shots begin and end, as a table, as JSON, or as a file for each.

Its function has more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli.edits import ClipFile

if TYPE_CHECKING:
    from vitascope.canvas import Sound
    from vitascope.footage.scenes import Scene, SceneList
    from vitascope.media import Video


def scenes(
    clip: ClipFile,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help='Write every scene to a file of its own: "scene_%03d.mp4".',
            show_default=False,
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write what was found to this file.", show_default=False)
    ] = None,
    finder: Annotated[
        str | None,
        typer.Option(help='Which cut-finder: "content", "transnet".', show_default="the best that is there"),
    ] = None,
    least_score: Annotated[
        float, typer.Option(min=0, max=1, help="Leave out changes that are less sure.")
    ] = 0.0,
    shortest: Annotated[float, typer.Option(min=0, help="No scene is shorter, in seconds.")] = 0.0,
) -> None:
    """Find a clip's cuts, dissolves and fades; list its scenes, or write each to a file."""
    from vitascope.apps.cli.footage import asked, footage_of, reporter
    from vitascope.apps.cli.progress import Display
    from vitascope.apps.cli.tables import show_table, write_whole
    from vitascope.footage.scenes import Scenes
    from vitascope.media import read_video

    with asked("scenes", {"shortest_s": "--shortest"}):
        tool = Scenes(finder=finder, least_score=least_score, shortest_s=shortest)
    if split is not None:
        _check_pattern(split)
    video = read_video(clip)
    with Display() as display:
        found = tool.make(footage_of(video), reporter(display), {})
        if split is not None:
            _split(video, found, split, display)
    if json_file is not None:
        write_whole(json_file, found.model_dump_json(indent=2) + "\n")
    show_table(_rows(found))


def _rows(found: SceneList) -> list[dict[str, object]]:
    ends = {(change.first_frame + change.alone_frame) // 2: change for change in found.changes}
    return [
        {
            "scene": number,
            "from": _clock(scene.start_s),
            "to": _clock(scene.stop_s),
            "frames": scene.stop_frame - scene.start_frame,
            "ends in": ends[scene.stop_frame].kind if scene.stop_frame in ends else "the end",
        }
        for number, scene in enumerate(found.scenes, 1)
    ]


def _clock(seconds: str) -> str:
    """0:00:12.042 of "289/24"."""
    whole = Fraction(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{float(rest):06.3f}"


def _check_pattern(pattern: str) -> None:
    """Refuse a name for scenes in which they would all be one file, or of no kind that can be written."""
    from vitascope.media import CONTAINERS

    suffix = Path(pattern).suffix.lower()
    try:
        differ = pattern % 1 != pattern % 2
    except (TypeError, ValueError):
        differ = False
    if not differ:
        raise typer.BadParameter('put a number into the name: "scene_%03d.mp4"', param_hint="--split")
    if suffix not in {*CONTAINERS, ".gif", ".webp"}:
        known = ", ".join([*CONTAINERS, ".gif", ".webp"])
        raise typer.BadParameter(
            f"{suffix or 'no ending'} is no film; end it in {known}", param_hint="--split"
        )
    if not Path(pattern).parent.is_dir():
        raise typer.BadParameter(
            f"the folder {Path(pattern).parent} doesn't exist; make it first", param_hint="--split"
        )


def _split(video: Video, found: SceneList, pattern: str, display: object) -> None:
    """Each scene as a file, in one look through the pictures and one through the sound."""
    from vitascope.apps.cli.footage import reporter
    from vitascope.media import write_video

    report = reporter(display)  # type: ignore[arg-type]
    pictures = iter(video)
    sounds = _sounds(video, found.scenes)
    done = 0
    for number, scene in enumerate(found.scenes, 1):
        part = islice(pictures, scene.stop_frame - scene.start_frame)
        write_video(pattern % number, part, video.rate_fps, sound=next(sounds))
        done += scene.stop_frame - scene.start_frame
        report("writing scenes", done, found.frames)


def _sounds(video: Video, scenes: Sequence[Scene]) -> Iterator[Sound | None]:
    """What is heard during each scene; one scene's sound is held at a time."""
    import numpy as np

    from vitascope.canvas import Sound

    stream = video.sound_stream()
    if stream is None:
        while True:
            yield None
    blocks, rest = iter(stream), np.zeros((0, stream.channels), np.float32)
    said = 0
    for scene in scenes:
        wanted = round(Fraction(scene.stop_s) * stream.rate_hz) - said
        parts, held = [rest], len(rest)
        while held < wanted and (block := next(blocks, None)) is not None:
            parts.append(block)
            held += len(block)
        heard = np.concatenate(parts)
        heard, rest = heard[:wanted], heard[wanted:]
        said += wanted
        yield Sound(heard, stream.rate_hz) if len(heard) else None
