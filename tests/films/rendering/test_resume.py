"""What was finished before a kill isn't painted again; a cancel leaves nothing; memory stays flat."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from vitascope.films.rendering import RenderSettings, render
from vitascope.media import MediaError
from vitascope.media.timelines import Clip, PictureTrack, Timeline

SETTINGS = RenderSettings(copy=False, preset="ultrafast", quality=90)
SCRIPT = """
import os, signal, sys
from fractions import Fraction
from vitascope.films.rendering import RenderSettings, render
from vitascope.media.timelines import Clip, PictureTrack, Timeline

def report(progress):
    if progress.stage == "painting" and progress.done == int(sys.argv[3]):
        os.kill(os.getpid(), int(sys.argv[4]))

items = tuple(Clip(source=sys.argv[1], duration_s=Fraction(4), start_s=Fraction(4 * k)) for k in range(4))
timeline = Timeline(width_px=96, height_px=64, rate_fps=Fraction(5), tracks=(PictureTrack(items=items),))
settings = RenderSettings(copy=False, preset="ultrafast", quality=90)
render(timeline, sys.argv[2], settings=settings, report=report)
"""


def four_shots(source: str) -> Timeline:
    """16 s at 5 fps, in four shots that are in order: frame k shows number k."""
    items = tuple(Clip(source=source, duration_s=Fraction(4), start_s=Fraction(4 * k)) for k in range(4))
    return Timeline(width_px=96, height_px=64, rate_fps=Fraction(5), tracks=(PictureTrack(items=items),))


def killed(source: str, output: Path, at: int, how: signal.Signals = signal.SIGKILL) -> int:
    arguments = [sys.executable, "-c", SCRIPT, source, str(output), str(at), str(int(how))]
    return subprocess.run(arguments, capture_output=True, timeout=200, check=False).returncode


def test_after_a_kill_only_what_is_missing_is_painted(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 80, rate_fps=5)
    output = tmp_path / "out.mp4"
    assert killed(a, output, 55) == -signal.SIGKILL
    assert not output.exists()
    parts = list((tmp_path / ".out.mp4.parts").glob("*.mp4"))
    assert parts
    painted: list[int] = []
    done = render(
        four_shots(a),
        output,
        settings=SETTINGS,
        report=lambda progress: painted.append(progress.done) if progress.stage == "painting" else None,
    )
    assert done.found == 40  # of two parts of 40 frames, the first was finished
    assert done.painted == 40
    assert numbers(output) == list(range(80))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "out.mp4"]


def test_a_small_edit_paints_only_what_it_changes(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 80, rate_fps=5)
    output, settings = tmp_path / "out.mp4", replace(SETTINGS, keep_parts=True)
    film = four_shots(a)
    assert render(film, output, settings=settings).painted == 80
    items = film.tracks[0].items
    changed = replace(
        film, tracks=(PictureTrack(items=(*items[:3], replace(items[3], start_s=Fraction(1)))),)
    )
    done = render(changed, output, settings=settings)
    assert (done.found, done.painted) == (40, 40)
    assert numbers(output) == [*range(60), *range(5, 25)]
    again = render(changed, output, settings=settings)
    assert (again.found, again.painted) == (80, 0)


def test_a_source_that_changed_is_painted_anew(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 80, rate_fps=5)
    output, settings = tmp_path / "out.mp4", replace(SETTINGS, keep_parts=True)
    render(four_shots(a), output, settings=settings)
    numbered("a.mp4", 80, rate_fps=5, first=50)
    assert render(four_shots(a), output, settings=settings).painted == 80
    assert numbers(output) == list(range(50, 130))


class Stop(Exception):
    pass


@pytest.mark.parametrize("stage", ["looking at the media", "painting", "joining"])
def test_cancelling_stops_within_a_frame_and_leaves_nothing(tmp_path, numbered, stage):
    a = numbered("a.mp4", 80, rate_fps=5)
    before = sorted(tmp_path.iterdir())
    heard: list[int] = []

    def report(progress):
        if progress.stage == stage:
            heard.append(progress.done)
            if progress.done >= min(33, progress.total - 1):
                raise Stop

    with pytest.raises(Stop):
        render(four_shots(a), tmp_path / "out.mp4", settings=SETTINGS, report=report)
    assert len(heard) <= 34
    assert sorted(tmp_path.iterdir()) == before


def test_an_older_film_stays_until_the_new_one_is_whole(tmp_path, numbered):
    a = numbered("a.mp4", 80, rate_fps=5)
    (tmp_path / "out.mp4").write_bytes(b"old")

    def report(progress):
        if progress.stage == "joining":
            raise Stop

    with pytest.raises(Stop):
        render(four_shots(a), tmp_path / "out.mp4", settings=SETTINGS, report=report)
    assert (tmp_path / "out.mp4").read_bytes() == b"old"


def test_two_renders_of_one_film_do_not_meet(tmp_path, numbered):
    a = numbered("a.mp4", 80, rate_fps=5)
    said: list[str] = []

    def report(progress):
        if progress.stage == "painting" and not said:
            with pytest.raises(MediaError) as error:
                render(four_shots(a), tmp_path / "out.mp4", settings=SETTINGS)
            said.append(str(error.value))

    render(four_shots(a), tmp_path / "out.mp4", settings=SETTINGS, report=report)
    assert "is being rendered already" in said[0]
    assert (tmp_path / "out.mp4").exists()


MEMORY = """
import resource, sys
from fractions import Fraction
from vitascope.films.rendering import RenderSettings, render
from vitascope.media.timelines import *

seconds = int(sys.argv[3])
a, four = sys.argv[1], Fraction(4)
below = tuple(Clip(source=a, duration_s=four, start_s=Fraction(k % 3)) for k in range(seconds // 4))
corner = Look(x=0.5, y=0.5, width=0.5, height=0.5)
above = Clip(source=a, duration_s=Fraction(seconds), speed=Fraction(8, seconds), look=corner, level=None)
cues = tuple(Cue(start_s=Fraction(k), stop_s=Fraction(k + 1), text=f"caption {k}") for k in range(seconds))
tracks = PictureTrack(items=below), PictureTrack(items=(above,)), CaptionTrack(cues=cues)
how = {"width_px": 192, "height_px": 128, "rate_fps": Fraction(10)}
timeline = Timeline(**how, tracks=tracks, loudness=Loudness(lufs=-14))
render(timeline, sys.argv[2], settings=RenderSettings(copy=False, preset="ultrafast"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_is_as_flat_for_long_films(tmp_path, numbered, noise):
    a = numbered("a.mkv", 100, size=(192, 128), sound=noise(10))

    def peak_mib(seconds: int) -> int:
        arguments = [sys.executable, "-c", MEMORY, a, str(tmp_path / "out.mp4"), str(seconds)]
        ran = subprocess.run(arguments, capture_output=True, text=True, timeout=280, check=True)
        return int(ran.stdout)

    assert peak_mib(120) <= peak_mib(12) + 12
    assert not os.path.exists(tmp_path / ".out.mp4.parts")
