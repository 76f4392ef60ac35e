"""captions: subtitles drawn into a clip, or beside it as a track of text; SRT becomes WebVTT and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitascope.apps.cli import options as o

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope.apps.cli.progress import Display
    from vitascope.media import Video
    from vitascope.media.timelines import CaptionTrack

_SUBTITLES = (".srt", ".vtt")


def captions(
    clip: Annotated[
        Path, typer.Argument(help="The clip; or an .srt or .vtt file, to convert it.", show_default=False)
    ],
    subtitles: Annotated[
        Path | None, typer.Argument(help="The .srt or .vtt file with the captions.", show_default=False)
    ] = None,
    output: o.Output = None,
    soft: Annotated[
        bool,
        typer.Option(
            "--soft", help="Add them as a text track that players show or hide; nothing is re-encoded."
        ),
    ] = False,
    text_size: Annotated[
        float, typer.Option(min=0.01, max=0.5, help="The letters' size, as a share of the height.")
    ] = 0.052,
    font: Annotated[
        str, typer.Option(help='A font family, such as "Noto Serif".', show_default="a plain one")
    ] = "",
    box: Annotated[bool, typer.Option("--box", help="A dark ground behind the words.")] = False,
    top: Annotated[bool, typer.Option("--top", help="At the top instead of the bottom.")] = False,
    language: Annotated[
        str,
        typer.Option(
            help='Of the captions: "ja", "zh-Hans"; for --soft into .mp4 "eng".',
            show_default="by the letters",
        ),
    ] = "",
    encoding: Annotated[
        str | None, typer.Option(help='Of the subtitle file, such as "cp1251".', show_default="found out")
    ] = None,
) -> None:
    """Draw subtitles into a clip, add them as a text track (--soft), or turn .srt into .vtt and back."""
    from vitascope.apps.cli.footage import output_of
    from vitascope.media.timelines.subtitles import read_subtitles, write_subtitles

    source = subtitles or clip
    if source.suffix.lower() not in _SUBTITLES:
        wrong = (
            "name the .srt or .vtt file with the captions"
            if subtitles is None
            else f"{source}: not .srt or .vtt"
        )
        raise typer.BadParameter(wrong, param_hint="SUBTITLES")
    if subtitles is None and (output is None or output.suffix.lower() not in _SUBTITLES):
        raise typer.BadParameter(
            "name the .srt or .vtt file to write; or a clip before the subtitles", param_hint="--output"
        )
    read = read_subtitles(source, encoding=encoding)
    for aside in read.aside:
        typer.echo(f"Left aside: {aside}.", err=True)
    track = replace(read.track, language=language or read.track.language)
    if subtitles is None:
        assert output is not None
        write_subtitles(output, track)
        typer.echo(f"{output}")
        return
    if soft:
        from vitascope.media.text_tracks import add_text_track

        target = output or clip.with_stem(f"{clip.stem}-captions")
        add_text_track(clip, track, target)
        typer.echo(f"{target}")
        return
    style = replace(track.style, size=text_size, font=font, down="top" if top else "bottom")
    if box:
        style = replace(style, box_colour="#000000a8", outline=0.0, shadow=0.0)
    _burn(clip, replace(track, style=style), output_of(clip, output, "captions"))


def _burn(clip: Path, track: CaptionTrack, target: Path) -> None:
    """Write the clip with the captions in its pictures, streaming, with its sound."""
    from vitascope.apps.cli.progress import Display
    from vitascope.media import read_video, write_video
    from vitascope.media.titles import check_captions

    began_s = time.monotonic()
    check_captions(track)  # a missing font is told before the first frame
    video = read_video(clip)
    with Display() as display:
        write_video(target, _captioned(video, track, display), video.rate_fps, sound=video.sound_stream())
        typer.echo(f"{target}")
        display.say(f"Done in {time.monotonic() - began_s:.1f} s.")


def _captioned(video: Video, track: CaptionTrack, display: Display) -> Iterator[NDArray[np.uint8]]:
    from vitascope.media.titles import caption_picture, laid_over

    total = video.info.frames
    for number, frame in enumerate(video):
        height_px, width_px = frame.shape[:2]
        cues = track.at(number / video.rate_fps)
        for drawn in caption_picture(cues, track.style, width_px, height_px, track.language) if cues else ():
            frame = laid_over(frame, drawn)
        display.written(number + 1, max(number + 1, total or number + 2))
        yield frame
