"""Rendering the same edit by Vitascope, by moviepy and by the plain FFmpeg command line, in one run.

    python runs/bench_media.py --moviepy-python PATH --ffmpeg PATH [--size 1920x1080] [--seconds 40] [--json
    FILE]

The edit: eight shots of equal length. Five are cuts out of one film; one is a film of another size, scaled
up; one has that in a corner; one has a title. Under all of it the films' own sound and a second track, 12 dB
down. All use libx264 with the same preset and rate factor, AAC, and as many threads as they like; each runs
in a process of its own, and the seconds are those of the whole process, with its start. Goals: 10 times as
fast as moviepy, 0.8 times as fast as FFmpeg. "Copying" is Vitascope as it comes: what it doesn't touch is
taken over without being encoded again. "Vitascope" paints every frame, as the other two do.

Beside that: decode -> RGB -> encode against PyAV's plain loop, and the peak memory of a short and a long
render.

moviepy (2.2.1) has an interpreter of its own, for it wants an older Pillow; FFmpeg is any binary, such as the
one of imageio-ffmpeg. Without one of them its line is left out, and says so.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

RATE_FPS = 30
FIRST_STARTS = (0, 1.5, 3, 4.5, 6, 7.5, 9)  # of the shots out of the first film, in lengths of a shot
CRF = 18  # what media/encoders.py takes for H.264 where no quality is said
MOVIEPY = """
import json, sys
from moviepy import AudioFileClip, CompositeAudioClip, CompositeVideoClip, ImageClip, VideoFileClip
from moviepy import concatenate_videoclips
from moviepy.audio.fx import MultiplyVolume
said = json.loads(sys.argv[1])
W, H, part = said["width"], said["height"], said["part"]
first, second = VideoFileClip(said["first"]), VideoFileClip(said["second"])
def cut(start):
    return first.subclipped(start * part, (start + 1) * part)
corner = second.subclipped(part, 2 * part).without_audio().resized(tuple(said["corner_size"]))
title = ImageClip(said["title"]).with_duration(part).with_position(tuple(said["title_at"]))
shots = [
    cut(0),
    second.subclipped(0, part).resized((W, H)),
    cut(1.5),
    CompositeVideoClip([cut(3), corner.with_position(tuple(said["corner"]))]),
    cut(4.5),
    CompositeVideoClip([cut(6), title]),
    cut(7.5),
    cut(9),
]
film = concatenate_videoclips(shots)
music = AudioFileClip(said["music"]).subclipped(0, 8 * part).with_effects([MultiplyVolume(10 ** (-12 / 20))])
film = film.with_audio(CompositeAudioClip([film.audio, music]))
film.write_videofile(
    said["output"], fps=said["rate"], codec="libx264", preset=said["preset"], audio_codec="aac",
    audio_fps=48000, audio_bitrate="192k", ffmpeg_params=["-crf", str(said["crf"])], logger=None,
)
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="640x360", help="of the film, such as 1920x1080")
    parser.add_argument("--seconds", type=float, default=8, help="of the film, in eight equal shots")
    parser.add_argument("--preset", default="veryfast", help="of libx264, for all")
    parser.add_argument("--runs", type=int, default=1, help="each; the median counts")
    parser.add_argument("--moviepy-python", type=Path, default=Path("/work/cache/peers/bin/python"))
    parser.add_argument("--ffmpeg", type=Path, help="a binary; default: moviepy's own (imageio-ffmpeg)")
    parser.add_argument("--memory-seconds", type=float, nargs=2, default=(10, 60), metavar=("SHORT", "LONG"))
    parser.add_argument("--folder", type=Path, help="where the films made here stay, to be looked at")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--edit", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        ONE[options.one](json.loads(options.edit))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        bench(options, folder)


def bench(options: argparse.Namespace, folder: Path) -> None:
    # Made in a process of its own: a child's peak is said to be at least that of the one that started it.
    wanted = {key: getattr(options, key) for key in ("size", "seconds", "preset", "memory_seconds")}
    measured(alone("make", wanted | {"folder": str(folder)}))
    edit = json.loads((folder / "edit.json").read_text())
    ffmpeg = options.ffmpeg or ffmpeg_of(options.moviepy_python)
    rows = []
    for name, command in commands(edit, options.moviepy_python, ffmpeg):
        if command is None:
            print(f"{name}: not here, left out")
            continue
        runs = [measured(command) for _ in range(options.runs)]
        wall_s, processor_s, peak_mib = (statistics.median(values) for values in zip(*runs, strict=True))
        rows.append([name, wall_s, processor_s, peak_mib])
    frames = round(options.seconds * RATE_FPS)
    ours_s = rows[0][1]
    table = [
        {
            "what": name,
            "seconds": round(wall_s, 2),
            "frames/s": round(frames / wall_s, 1),
            "processor s": round(processor_s, 2),
            "peak MiB": round(peak_mib),
            "Vitascope is faster by": "" if "Vitascope" in name else round(wall_s / ours_s, 2),
        }
        for name, wall_s, processor_s, peak_mib in rows
    ]
    loops = loop_rows(edit, frames // 2, options.runs)
    memory = memory_rows(edit, options.memory_seconds)
    from vitascope.apps.cli.tables import show_table

    print(machine())
    print(f"{options.size} at {RATE_FPS} fps, {options.seconds:g} s, libx264 {options.preset} crf {CRF}")
    everything: list[dict[str, object]] = [*table, *loops, *memory]
    show_table(table, None)
    show_table(loops, None)
    show_table(memory, None)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "rows": everything}, indent=2))


# What is edited


def make_edit(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Two films and a tone of our own making, a title's picture, and where everything goes."""
    from PIL import Image

    from vitascope.media.text_styles import TITLE_STYLE
    from vitascope.media.titles import title_picture

    width, height = (int(side) for side in options.size.split("x"))
    small = width * 2 // 3 // 2 * 2, height * 2 // 3 // 2 * 2
    part = options.seconds / 8
    longest = 10 * max(part, max(options.memory_seconds) / 8)
    make_film(folder / "first.mp4", (width, height), "testsrc2", longest, 440)
    make_film(folder / "second.mp4", small, "mandelbrot", 2 * part, 660)
    make_tone(folder / "music.m4a", max(options.seconds, *options.memory_seconds), 220)
    drawn = title_picture("Say it, see it", TITLE_STYLE, width, height)
    Image.fromarray(drawn.rgba).save(folder / "title.png")
    corner = width // 4 // 2 * 2, height // 4 // 2 * 2
    return {
        "folder": str(folder),
        "first": str(folder / "first.mp4"),
        "second": str(folder / "second.mp4"),
        "music": str(folder / "music.m4a"),
        "title": str(folder / "title.png"),
        "title_at": [drawn.left_px, drawn.top_px],
        "width": width,
        "height": height,
        "corner": [width - corner[0] - 32, 32],
        "corner_size": list(corner),
        "part": part,
        "preset": options.preset,
        "crf": CRF,
        "rate": RATE_FPS,
    }


def make_film(path: Path, size: tuple[int, int], source: str, seconds: float, tone_hz: int) -> None:
    """A film of one of FFmpeg's own sources, with a tone."""
    import av
    from av.filter import Graph

    from vitascope.media.colour import tag_bt709

    graph = Graph()
    count = round(seconds * RATE_FPS)
    unique = min(count, 10 * RATE_FPS)  # then it begins again: drawing takes longer than encoding
    source_node = graph.add(source, f"size={size[0]}x{size[1]}:rate={RATE_FPS}")
    form = graph.add("format", "yuv420p")
    graph.link_nodes(source_node, form, graph.add("buffersink")).configure()
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("libx264", rate=RATE_FPS, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.gop_size = 60
        tag_bt709(stream.codec_context)
        voice: Any = output.add_stream("aac", rate=48_000, layout="stereo")
        kept = []
        for index in range(count):
            if index < unique:
                kept.append(graph.vpull())
            frame = kept[index % unique]
            frame.pts, frame.time_base, frame.pict_type = index, Fraction(1, RATE_FPS), 0
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        for block in tones(seconds, tone_hz):
            output.mux(voice.encode(block))
        output.mux(voice.encode(None))


def make_tone(path: Path, seconds: float, tone_hz: int) -> None:
    """A sound file."""
    import av

    with av.open(str(path), "w", format="mp4") as output:
        voice: Any = output.add_stream("aac", rate=48_000, layout="stereo")
        for block in tones(seconds, tone_hz):
            output.mux(voice.encode(block))
        output.mux(voice.encode(None))


def tones(seconds: float, tone_hz: int) -> Iterator[Any]:
    """A tone as FFmpeg wants it, second by second."""
    import numpy as np

    from vitascope.media.sound import sound_frame

    done, samples = 0, round(seconds * 48_000)
    while done < samples:
        at = np.arange(done, min(done + 48_000, samples))
        wave = (0.2 * np.sin(2 * np.pi * tone_hz * at / 48_000)).astype(np.float32)
        yield sound_frame(np.stack([wave, wave], 1), done, 48_000)
        done += len(at)


# Who edits


def commands(
    edit: dict[str, Any], moviepy: Path, ffmpeg: Path | None
) -> Iterator[tuple[str, list[str] | None]]:
    """What each peer is called, and its command line; None: it isn't here."""
    folder = Path(edit["folder"])
    yield "Vitascope", alone("paint", edit | {"output": str(folder / "ours.mp4")})
    yield "Vitascope, copying", alone("copy", edit | {"output": str(folder / "copied.mp4")})
    said = json.dumps(edit | {"output": str(folder / "moviepy.mp4")})
    yield "moviepy", [str(moviepy), "-c", MOVIEPY, said] if moviepy.exists() else None
    yield "FFmpeg", ffmpeg_command(edit, ffmpeg, folder / "ffmpeg.mp4") if ffmpeg else None


def alone(what: str, edit: dict[str, Any]) -> list[str]:
    """This script, doing one thing in a process of its own."""
    return [sys.executable, __file__, "--one", what, "--edit", json.dumps(edit)]


def ffmpeg_command(edit: dict[str, Any], ffmpeg: Path, output: Path) -> list[str]:
    """The same edit as one command: every shot an input of its own, wound to by the index."""
    part, width, height = edit["part"], edit["width"], edit["height"]
    corner_w, corner_h = edit["corner_size"]
    left, top = edit["corner"]
    title_left, title_top = edit["title_at"]
    inputs: list[str] = []
    for start in FIRST_STARTS:
        inputs += ["-ss", str(start * part), "-t", str(part), "-i", edit["first"]]
    for start in (0, 1):
        inputs += ["-ss", str(start * part), "-t", str(part), "-i", edit["second"]]
    inputs += ["-i", edit["title"], "-t", str(8 * part), "-i", edit["music"]]
    graph = (
        f"[7:v]scale={width}:{height},setsar=1[scaled];[8:v]scale={corner_w}:{corner_h}[small];"
        f"[2:v][small]overlay={left}:{top}[inset];[4:v][9:v]overlay={title_left}:{title_top}[titled];"
        "[0:v][0:a][scaled][7:a][1:v][1:a][inset][2:a][3:v][3:a][titled][4:a][5:v][5:a][6:v][6:a]"
        "concat=n=8:v=1:a=1[joined][said];[joined]format=yuv420p[picture];"
        "[10:a]volume=-12dB[music];[said][music]amix=inputs=2:duration=first:normalize=0[sound]"
    )
    return [
        str(ffmpeg),
        *("-v", "error", "-y"),
        *inputs,
        *("-filter_complex", graph, "-map", "[picture]", "-map", "[sound]"),
        *("-c:v", "libx264", "-preset", edit["preset"], "-crf", str(edit["crf"])),
        *("-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", str(output)),
    ]


def edit_as_timeline(edit: dict[str, Any]) -> Any:
    """The same edit as a timeline."""
    from vitascope.media.timelines import Clip, Gap, Level, Look, PictureTrack, SoundTrack, Timeline, Title

    part = Fraction(edit["part"]).limit_denominator(1000)
    width, height = edit["width"], edit["height"]
    first, second = edit["first"], edit["second"]
    corner = Look(
        x=edit["corner"][0] / width,
        y=edit["corner"][1] / height,
        width=edit["corner_size"][0] / width,
        height=edit["corner_size"][1] / height,
    )
    shots = [Clip(source=first, duration_s=part, start_s=Fraction(start) * part) for start in FIRST_STARTS]
    scaled = Clip(source=second, duration_s=part, look=Look(fit="stretch"))
    below = (shots[0], scaled, *shots[1:])
    above = (
        Gap(duration_s=3 * part),
        Clip(source=second, duration_s=part, start_s=part, look=corner, level=None),
        Gap(duration_s=part),
        Title(text="Say it, see it", duration_s=part),
    )
    music = SoundTrack(items=(Clip(source=edit["music"], duration_s=8 * part),), level=Level(gain_db=-12))
    tracks = PictureTrack(items=below), PictureTrack(items=above), music
    return Timeline(width_px=width, height_px=height, rate_fps=Fraction(edit["rate"]), tracks=tracks)


def render_edit(edit: dict[str, Any], copy: bool) -> None:
    from vitascope.films.rendering import RenderSettings, render

    render(edit_as_timeline(edit), edit["output"], settings=RenderSettings(preset=edit["preset"], copy=copy))


# Decode -> RGB -> encode


def plain_loop(edit: dict[str, Any]) -> None:
    """What PyAV's own documentation does."""
    import av

    with av.open(edit["first"]) as source, av.open(edit["output"], "w") as output:
        options = {"preset": edit["preset"], "crf": str(edit["crf"])}
        stream: Any = output.add_stream("libx264", rate=RATE_FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = edit["width"], edit["height"], "yuv420p"
        source.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(source.decode(video=0)):
            if number == edit["frames"]:
                break
            picture = frame.to_ndarray(format="rgb24")
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))


def read_and_write(edit: dict[str, Any]) -> None:
    """The same through media: BT.709 kept and tagged, every limit checked."""
    from itertools import islice

    from vitascope.media import encoders, read_video, write_video

    encoders.ENCODERS["h264"].options["preset"] = edit["preset"]
    write_video(edit["output"], islice(read_video(edit["first"]), edit["frames"]), RATE_FPS)


def loop_rows(edit: dict[str, Any], frames: int, runs: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    folder = Path(edit["folder"])
    for name, what in (("read_video -> write_video", "loop"), ("PyAV's plain loop", "plain")):
        command = alone(what, edit | {"frames": frames, "output": str(folder / f"{what}.mp4")})
        wall_s = statistics.median(measured(command)[0] for _ in range(runs))
        rows.append(
            {
                "decode -> RGB -> encode": name,
                "seconds": round(wall_s, 2),
                "frames/s": round(frames / wall_s, 1),
            }
        )
    return rows


def memory_rows(edit: dict[str, Any], lengths_s: tuple[float, float]) -> list[dict[str, object]]:
    """The same edit in two lengths."""
    rows: list[dict[str, object]] = []
    for seconds in lengths_s:
        longer = edit | {
            "part": seconds / 8,
            "output": str(Path(edit["folder"]) / "memory.mp4"),
            "preset": "ultrafast",
        }
        peak_mib = measured(alone("long", longer))[2]
        rows.append({"length, s": seconds, "peak MiB": round(peak_mib)})
    return rows


def render_long(edit: dict[str, Any]) -> None:
    """As long as asked: the second film is held where it is over."""
    from dataclasses import replace

    from vitascope.films.rendering import RenderSettings, render
    from vitascope.media import probe

    timeline = edit_as_timeline(edit)
    short_s = probe(edit["second"]).duration_s or Fraction(1)
    tracks = []
    for track in timeline.tracks:
        items = tuple(
            replace(item, start_s=Fraction(0), speed=min(Fraction(1), short_s / item.duration_s))
            if getattr(item, "source", "") == edit["second"]
            else item
            for item in track.items
        )
        tracks.append(replace(track, items=items))
    render(
        replace(timeline, tracks=tuple(tracks)),
        edit["output"],
        settings=RenderSettings(preset=edit["preset"], copy=False),
    )


def make(wanted: dict[str, Any]) -> None:
    """Make what is edited, and say in edit.json what it is."""
    folder = Path(wanted["folder"])
    edit = make_edit(folder, argparse.Namespace(**wanted))
    (folder / "edit.json").write_text(json.dumps(edit))


ONE: dict[str, Callable[[dict[str, Any]], None]] = {
    "make": make,
    "paint": lambda edit: render_edit(edit, copy=False),
    "copy": lambda edit: render_edit(edit, copy=True),
    "loop": read_and_write,
    "plain": plain_loop,
    "long": render_long,
}


def measured(command: list[str]) -> tuple[float, float, float]:
    """Run a command: seconds by the clock, seconds of processor, peak memory of its largest process, MiB."""
    began_s = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed:\n{said[-3000:]}")
    return time.perf_counter() - began_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ffmpeg_of(python: Path) -> Path | None:
    """The binary that moviepy uses."""
    if not python.exists():
        return None
    asked = [str(python), "-c", "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())


def machine() -> str:
    """What this runs on."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
