"""render: a timeline becomes a film; what was finished before a kill isn't painted again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli import options as o

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitascope.films.rendering import Rendered
    from vitascope.media.timelines import Timeline


def render(
    timeline: Annotated[
        Path,
        typer.Argument(
            metavar="TIMELINE.otio",
            help="An OpenTimelineIO document; its media lie beside it, or where it says.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The film: .mp4, .mov, .webm, .mkv.", show_default="TIMELINE.mp4"
        ),
    ] = None,
    size: Annotated[
        str | None, typer.Option(help='Another size than the timeline\'s: "1280x720", "720p".')
    ] = None,
    codec: Annotated[
        str | None, typer.Option(help="h264, h265, av1, vp9, prores: what the file holds.")
    ] = None,
    quality: Annotated[
        int | None, typer.Option(min=1, max=100, help="More is better, and larger.", show_default=False)
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help='How hard the encoder tries, in its own words: "veryfast", "slow".')
    ] = None,
    loudness: Annotated[
        str | None,
        typer.Option(
            help='In LUFS: "-14" for the web, "-23" for broadcast, "off".', show_default="the timeline's"
        ),
    ] = None,
    filler: o.Filler = None,
    keep_parts: Annotated[
        bool, typer.Option("--keep-parts", help="Leave the finished parts for the next render of an edit.")
    ] = False,
    copy: Annotated[
        bool, typer.Option("--copy/--no-copy", help="Take over what is untouched without encoding it again.")
    ] = True,
) -> None:
    """Render a timeline: cuts, transitions, titles, captions, sound."""
    from vitascope.films.rendering import RenderSettings
    from vitascope.films.rendering import render as rendered
    from vitascope.media.timelines.otio import read_timeline
    from vitascope.media.timelines.sources import beside

    path = output or timeline.with_suffix(".mp4")
    settings = RenderSettings(
        codec=codec, quality=quality, preset=preset, copy=copy, keep_parts=keep_parts, filler=filler
    )
    resolve = beside(timeline, allow_absolute=True)
    opened = read_timeline(timeline, resolve=resolve)
    film = _as_asked(opened.timeline, size, loudness)
    _show(
        path,
        film,
        opened.aside,
        lambda report: rendered(film, path, resolve, settings, report),
    )


def _as_asked(timeline: Timeline, size: str | None, loudness: str | None) -> Timeline:
    """The timeline at the size and the loudness of the options."""
    from dataclasses import replace

    from vitascope.films.rendering import resized
    from vitascope.media import MediaError
    from vitascope.media.timelines import Loudness

    wanted = o.read_size(size) if size else (timeline.width_px, timeline.height_px)
    if size is None:  # what another editor left odd, codecs can't hold
        wanted = wanted[0] + wanted[0] % 2, wanted[1] + wanted[1] % 2
    timeline = resized(timeline, *wanted)
    if loudness == "off":
        return replace(timeline, loudness=None)
    if loudness is not None:
        try:
            return replace(timeline, loudness=Loudness(lufs=float(loudness)))
        except (ValueError, MediaError) as error:
            said = str(error) if isinstance(error, MediaError) else f"{loudness} is no number"
            raise typer.BadParameter(
                f'{said}; write "-14", "-23" or "off"', param_hint="--loudness"
            ) from error
    return timeline


def _show(
    path: Path, film: Timeline, aside: tuple[str, ...], work: Callable[[Callable[..., None]], Rendered]
) -> None:
    from vitascope.apps.cli.progress import Display

    began_s = time.monotonic()
    with Display() as display:
        for line in aside:
            display.say(f"Left out: {line}")
        length = f"{float(film.duration_s):g} s at {float(film.rate_fps):g} fps"
        display.say(f"Rendering {film.width_px}x{film.height_px}, {length} ...")
        done = work(display.report)
        said = [f"{done.painted} frames painted"]
        said += [f"{done.found} found finished"] if done.found else []
        said += [f"{done.copied} taken over as they were"] if done.copied else []
        typer.echo(f"{path}  {length}")
        display.say(f"Done in {time.monotonic() - began_s:.1f} s: {', '.join(said)}.")
