"""extend, loop, smooth: a clip goes on, closes on itself, or gets frames between its frames.

Their functions have more than seven arguments because a Typer command's arguments are its options.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.best import best_of
from vitascope.apps.cli.cast import with_cast
from vitascope.apps.cli.inputs import LONGEST_SIDE_PX, OwnSize, file_meant, open_clip, read_photo
from vitascope.apps.cli.model_options import fill_settings
from vitascope.apps.cli.outputs import outputs_for
from vitascope.apps.cli.running import make

if TYPE_CHECKING:
    from vitascope.apps.cli.inputs import Clip
    from vitascope.canvas import Canvas
    from vitascope.media import Video

ClipFile = Annotated[
    Path, typer.Argument(help="A video, a GIF, or a folder of pictures.", show_default=False)
]


def extend(
    clip: ClipFile,
    text: Annotated[str, typer.Argument(help="What happens there, in plain words.", show_default=False)] = "",
    output: o.Output = None,
    seconds: Annotated[
        str, typer.Option(help='How much longer, on each side that is extended: "2", "12f".')
    ] = "2",
    direction: Annotated[
        Literal["forward", "backward", "both"], typer.Option(help="After the clip, before it, or both.")
    ] = "forward",
    size: OwnSize = None,
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    keep: o.Keep = None,
    json_file: o.Why = None,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    camera: o.CameraMove = None,
) -> None:
    """Let a clip go on after its end, or begin before its beginning."""
    from vitascope.tasks import extend as extended

    camera_move, best = o.read_camera(camera), best_of(variations, keep, json_file)
    footage = _open_moving(clip, size)
    duration_s = o.read_duration(seconds, footage.rate_fps)
    name, count = f"{clip.stem} extended {text}", keep or variations
    outputs = outputs_for(output, name, footage.frames_said, count)
    pictures = footage.pictures()
    canvas = extended(
        pictures,
        text,
        rate_fps=footage.rate_fps,
        duration_s=duration_s,
        direction=direction,
        seed=seed,
        camera=camera_move,
        sound=footage.sound(len(pictures)),
    )
    canvas, settings = with_cast(canvas, cast), fill_settings(steps, guidance)
    make(canvas, outputs, filler, settings, footage.note, best)


def loop(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WORDS|FILE",
            help="What to see; or a picture to begin with, or a clip to be closed.",
            show_default=False,
        ),
    ],
    text: Annotated[
        str, typer.Argument(help="With a file: what happens, in plain words.", show_default=False)
    ] = "",
    output: o.Output = None,
    seconds: Annotated[
        str | None,
        typer.Option(
            help="How long; with a clip: what is painted from its end to its beginning.",
            show_default="2, or about that with a clip",
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            help='"256", "1280x720", "720p", "16:9".',
            show_default=f"256, or the file's own, at most {LONGEST_SIDE_PX} px a side",
        ),
    ] = None,
    rate: Annotated[
        str | None, typer.Option(help="Frames a second.", show_default="8, or the clip's own")
    ] = None,
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    keep: o.Keep = None,
    json_file: o.Why = None,
    cast: o.CastPictures = None,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
    camera: o.CameraMove = None,
) -> None:
    """Make a video without a seam: from words, from a picture, or from a clip."""
    from vitascope.media import DEFAULT_LIMITS
    from vitascope.media.moving_pictures import is_single_picture
    from vitascope.tasks import loop as looped

    camera_move, best = o.read_camera(camera), best_of(variations, keep, json_file)
    file = file_meant(what)
    name = what if file is None else f"{file.stem} loop {text}"
    rate_fps = o.read_rate(rate) if rate else None
    own_rate_fps = rate_fps or Fraction(8)
    note = ""
    if file is None:
        if text:
            message = f'there is no file "{what}"; words are given once'
            raise typer.BadParameter(message, param_hint="WORDS|FILE")
        duration_s, size_px = o.read_duration(seconds or "2", own_rate_fps), o.read_size(size or "256")
        words = o.read_text(what)
        canvas = looped(words, duration_s=duration_s, size=size_px, rate_fps=own_rate_fps, seed=seed)
    elif is_single_picture(file, DEFAULT_LIMITS):
        duration_s = o.read_duration(seconds or "2", own_rate_fps)
        picture, size_px, note = read_photo(file, size)
        canvas = looped(
            text, picture=picture, duration_s=duration_s, size=size_px, rate_fps=own_rate_fps, seed=seed
        )
    else:
        footage = open_clip(file, size, rate_fps)
        note = footage.note
        o.read_duration(seconds or "2", footage.rate_fps)
        outputs_for(output, name, footage.frames_said, keep or variations)  # before it is read
        canvas = _loop_of_clip(footage, text, seconds, seed, filler)
    canvas = with_cast(canvas.with_camera(camera_move) if camera_move else canvas, cast)
    outputs = outputs_for(output, name, canvas.frames, keep or variations)
    make(canvas, outputs, filler, fill_settings(steps, guidance), note, best)


def _loop_of_clip(footage: Clip, text: str, seconds: str | None, seed: int, filler: str | None) -> Canvas:
    """The clip, its sound, and a bridge: as long as said, else of about two seconds that close the loop."""
    from vitascope.canvas import frames_in
    from vitascope.tasks import loop as looped

    rate_fps, pictures = footage.rate_fps, footage.pictures()
    bridge = frames_in(o.read_duration(seconds or "2", rate_fps), rate_fps)
    if seconds is None:
        bridge = _closing_bridge(footage, len(pictures), bridge, rate_fps, filler) or bridge
    canvas = looped(text, clip=pictures, duration_s=bridge / rate_fps, rate_fps=rate_fps, seed=seed)
    _check_it_closes(canvas, footage, bridge, filler)
    return canvas.with_sound(footage.sound(len(pictures)))


def _check_it_closes(canvas: Canvas, footage: Clip, bridge: int, filler: str | None) -> None:
    """Refuse a loop of a length that nobody can close, saying what bridge would do: a person chooses that,
    and the engine's error speaks of the whole.
    """
    from vitascope.engine import CannotFill, filler_for

    try:
        filler_for(canvas, filler)
        return
    except CannotFill as error:
        refusal = str(error)
    given, rate_fps = canvas.frames - bridge, footage.rate_fps
    length = f"{float(given / rate_fps):.4g} s of it are the clip"
    if closing := _closing_bridge(footage, given, bridge, rate_fps, filler):
        if closing == bridge:  # it isn't the length
            raise CannotFill(refusal)
        raise CannotFill(f'{refusal} ({length}: --seconds "{closing}f" would do)')
    whole_fps = Fraction(max(1, round(rate_fps)))
    if whole_fps != rate_fps and _closing_bridge(footage, given, bridge, whole_fps, filler):
        rate = f"{float(rate_fps):.4g}"
        raise CannotFill(
            f"{refusal} ({length}; at its {rate} fps no length does, at --rate {whole_fps} some do)"
        )
    raise CannotFill(refusal)


def _closing_bridge(
    footage: Clip, given: int, asked: int, rate_fps: Fraction, filler: str | None
) -> int | None:
    """The number of frames, nearest to `asked`, with which a loop of `given` frames more can be filled.

    None if there is none within ten seconds.
    """
    from vitascope.canvas import Canvas
    from vitascope.engine import CannotFill, filler_for

    width_px, height_px = footage.size_px
    for bridge in sorted(range(1, asked + round(10 * rate_fps)), key=lambda frames: abs(frames - asked)):
        blank = Canvas.blank(given + bridge, height_px, width_px, rate_fps).with_loop()
        try:
            filler_for(blank, filler)
        except CannotFill:
            continue
        return bridge
    return None


def smooth(
    context: typer.Context,
    clip: ClipFile,
    text: Annotated[
        str, typer.Argument(help="What is to be seen: then a model paints it.", show_default=False)
    ] = "",
    rate: Annotated[
        str | None,
        typer.Option(
            help='Frames a second to come to: "60", "59.94", "60000/1001".', show_default="the clip's own"
        ),
    ] = None,
    output: o.Output = None,
    slow: Annotated[
        str | None, typer.Option(help='Slow motion: how many times as long, "2", "2.5".', show_default=False)
    ] = None,
    interpolator: Annotated[
        str | None,
        typer.Option(help="Who makes the frames between: dis, rife ...", show_default="chosen for each pair"),
    ] = None,
    sound: Annotated[
        Literal["stretch", "keep", "drop"],
        typer.Option(help="In slow motion: stretched at its pitch, as fast as it was, or left out."),
    ] = "stretch",
    size: Annotated[
        str | None, typer.Option(help='Scale and crop to "1280x720", "720p" ...', show_default="its own")
    ] = None,
    seed: o.Seed = 0,
    variations: o.Variations = 1,
    filler: o.Filler = None,
    steps: o.Steps = None,
    guidance: o.Guidance = None,
) -> None:
    """More frames a second, or slow motion: new frames between a clip's own.

    Made of the clip's own frames, at any size and length; with words or a filler, a model paints them.
    """
    if filler or text:
        _refuse(context, "a model that paints takes a --rate only", "slow", "interpolator", "sound")
        if rate is None:
            raise typer.BadParameter("a model that paints needs the rate to come to", param_hint="--rate")
        settings = _Painting(text, filler, seed, variations, steps, guidance)
        _smooth_by_painting(clip, rate, output, size, settings)
        return
    why = "it is for a model that paints; name one with --filler, or say what is to be seen"
    _refuse(context, why, "seed", "variations", "steps", "guidance")
    from vitascope.apps.cli.footage import asked, output_of, run
    from vitascope.footage.interpolate import Interpolate
    from vitascope.media import read_video

    with asked("smooth"):
        tool = Interpolate(rate=rate, slow=slow, interpolator=interpolator, sound=sound)
    size_px = o.read_size(size) if size else None
    _refuse_picture(clip, read_video(clip))
    name = " ".join(["smooth", *([rate] if rate else []), *(["slow", slow] if slow else [])])
    run(tool, clip, output_of(clip, output, name), size_px=size_px)


class _Painting(NamedTuple):
    """What smooth is told about painting."""

    text: str
    filler: str | None
    seed: int
    variations: int
    steps: int | None
    guidance: float | None


def _smooth_by_painting(
    clip: Path, rate: str, output: Path | None, size: str | None, painting: _Painting
) -> None:
    from vitascope.tasks import smooth as smoothed
    from vitascope.tasks.smooth import whole_multiple

    text, filler, seed, variations, steps, guidance = painting
    to_rate_fps = o.read_rate(rate)
    footage = _open_moving(clip, size)
    with o.reading("--rate"):
        footage.check_length(footage.frames_said * whole_multiple(footage.rate_fps, to_rate_fps))
    outputs = outputs_for(output, f"{clip.stem} smooth {rate} {text}", footage.frames_said, variations)
    pictures = footage.pictures()
    canvas = smoothed(pictures, rate_fps=footage.rate_fps, to_rate_fps=to_rate_fps, text=text, seed=seed)
    canvas = canvas.with_sound(footage.sound(len(pictures)))
    make(canvas, outputs, filler, fill_settings(steps, guidance), footage.note)


def _refuse(context: typer.Context, why: str, *names: str) -> None:
    """Refuse options that were written and would be left unheard."""
    for name in names:
        source = context.get_parameter_source(name)
        if source and source.name == "COMMANDLINE":
            raise typer.BadParameter(why, param_hint=f"--{name}")


def _open_moving(path: Path, size: str | None) -> Clip:
    """open_clip, for what makes no sense of a picture."""
    footage = open_clip(path, size)
    _refuse_picture(path, footage.video)
    return footage


def _refuse_picture(path: Path, video: Video) -> None:
    if video.info.frames == 1:
        raise typer.BadParameter(
            f"{path} is a single picture; `vitascope animate` makes it move", param_hint="CLIP"
        )
