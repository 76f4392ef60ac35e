"""What is taken over comes packet for packet, and what is painted beside it joins without a seam."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vitascope.films.rendering import RenderSettings, render
from vitascope.films.rendering.parameter_sets import read_sets
from vitascope.media.timelines import Clip, Level, Look, PictureTrack, Timeline

SETTINGS = RenderSettings(preset="veryfast", quality=95)


def film(*items, rate_fps=10) -> Timeline:
    return Timeline(
        width_px=96, height_px=64, rate_fps=Fraction(rate_fps), tracks=(PictureTrack(items=items),)
    )


def packets(path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_a_whole_film_comes_bit_for_bit(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 60, bf="3")
    done = render(film(Clip(source=a, duration_s=Fraction(6))), tmp_path / "out.mp4", settings=SETTINGS)
    assert (done.copied, done.painted) == (60, 0)
    assert packets(tmp_path / "out.mp4") == packets(a)
    assert numbers(tmp_path / "out.mp4") == list(range(60))


@pytest.mark.parametrize("bframes", ["0", "3"])
def test_a_cut_within_a_group_paints_its_edges_only(tmp_path, numbered, numbers, bframes):
    a = numbered("a.mp4", 100, bf=bframes)
    done = render(
        film(Clip(source=a, duration_s=Fraction(5), start_s=Fraction(7, 10))),
        tmp_path / "out.mp4",
        settings=SETTINGS,
    )
    assert numbers(tmp_path / "out.mp4") == list(range(7, 57))
    assert done.copied >= 36
    own = set(packets(a))
    assert sum(packet in own for packet in packets(tmp_path / "out.mp4")) == done.copied


def test_two_films_of_one_encoder_and_painted_frames_are_one_track(tmp_path, numbered, numbers):
    a, b = numbered("a.mp4", 60), numbered("b.mp4", 60, first=100)
    items = (
        Clip(source=a, duration_s=Fraction(4), start_s=Fraction(5, 10)),
        Clip(source=b, duration_s=Fraction(2), speed=Fraction(2)),
        Clip(source=b, duration_s=Fraction(3), start_s=Fraction(12, 10)),
    )
    done = render(film(*items), tmp_path / "out.mp4", settings=SETTINGS)
    assert numbers(tmp_path / "out.mp4") == [*range(5, 45), *range(100, 140, 2), *range(112, 142)]
    assert done.copied > 50
    with av.open(str(tmp_path / "out.mp4")) as container:
        sets = read_sets(container.streams.video[0].codec_context.extradata)
        times = [packet.pts for packet in container.demux(video=0) if packet.size]
    assert sets is not None
    assert len(sets.sequences) == 2
    assert len(sets.numbers) == 4
    assert len(set(times)) == 90


def test_streams_that_mean_different_things_by_one_number_are_not_mixed(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 60)
    b = numbered("b.mp4", 40, first=100, profile="baseline", bf="0")
    items = Clip(source=a, duration_s=Fraction(6)), Clip(source=b, duration_s=Fraction(4))
    done = render(film(*items), tmp_path / "out.mp4", settings=SETTINGS)
    assert done.copied == 60  # the longer of the two
    assert numbers(tmp_path / "out.mp4") == [*range(60), *range(100, 140)]


def test_open_groups_are_not_cut_into(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 100, bf="3", **{"x264-params": "open-gop=1:scenecut=0"})
    done = render(
        film(Clip(source=a, duration_s=Fraction(5), start_s=Fraction(7, 10))),
        tmp_path / "out.mp4",
        settings=SETTINGS,
    )
    assert numbers(tmp_path / "out.mp4") == list(range(7, 57))
    assert done.copied == 0


@pytest.mark.parametrize(
    "change",
    [
        {"look": Look(opacity=0.9)},
        {"look": Look(width=0.5)},
        {"speed": Fraction(2), "duration_s": Fraction(3)},
    ],
)
def test_what_is_touched_is_painted(tmp_path, numbered, change):
    a = numbered("a.mp4", 60)
    items = {"source": a, "duration_s": Fraction(6)} | change
    assert render(film(Clip(**items)), tmp_path / "out.mp4", settings=SETTINGS).copied == 0


def test_another_rate_size_or_codec_is_painted(tmp_path, numbered):
    a, b = numbered("a.mp4", 60), numbered("b.mp4", 60, size=(192, 128))
    c = numbered("c.mp4", 60, codec="mpeg4")
    assert (
        render(
            film(Clip(source=a, duration_s=Fraction(6)), rate_fps=20), tmp_path / "o.mp4", settings=SETTINGS
        ).copied
        == 0
    )
    assert (
        render(film(Clip(source=b, duration_s=Fraction(6))), tmp_path / "o.mp4", settings=SETTINGS).copied
        == 0
    )
    assert (
        render(film(Clip(source=c, duration_s=Fraction(6))), tmp_path / "o.mp4", settings=SETTINGS).copied
        == 0
    )


def test_between_two_fades_a_shot_is_copied(tmp_path, numbered, numbers):
    a = numbered("a.mp4", 100)
    look = Look(fade_in_s=Fraction(1), fade_out_s=Fraction(1))
    done = render(
        film(Clip(source=a, duration_s=Fraction(10), look=look)), tmp_path / "out.mp4", settings=SETTINGS
    )
    assert done.copied > 60
    assert numbers(tmp_path / "out.mp4")[10:90] == list(range(10, 90))


def test_vp9_is_copied_too(tmp_path, numbered):
    a = numbered("a.webm", 40, codec="libvpx-vp9", g="10", deadline="realtime")
    done = render(
        film(Clip(source=a, duration_s=Fraction(35, 10), start_s=Fraction(5, 10))), tmp_path / "out.webm"
    )
    assert done.copied >= 30
    with av.open(str(tmp_path / "out.webm")) as container:
        greys = [int(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]
    assert len(greys) == 35
    assert greys == sorted(greys)


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_a_click_is_heard_with_its_flash(tmp_path, numbered, numbers, name):
    burst = np.random.default_rng(1).normal(0, 0.2, 2400).astype(np.float32)
    sound = np.zeros((48_000 * 10, 2), np.float32)
    sound[48_000 * 6 : 48_000 * 6 + len(burst)] = burst[:, None]  # with frame 60
    a = numbered("a.mkv", 100, sound=sound)
    items = (
        Clip(source=a, duration_s=Fraction(33, 10), start_s=Fraction(0), level=None),
        Clip(source=a, duration_s=Fraction(3), start_s=Fraction(45, 10), level=Level()),
    )
    render(film(*items), tmp_path / name, settings=SETTINGS)
    frame = numbers(tmp_path / name).index(60)
    heard = samples(tmp_path / name)
    at = int(np.argmax(np.abs(np.correlate(heard, burst, "valid"))))
    assert abs(at - frame * 4800) <= (0 if name == "out.mkv" else 24)  # half a millisecond
    assert abs(len(heard) - 48_000 * 63 // 10) <= 1024


def samples(path) -> np.ndarray:
    """The left channel on the film's clock."""
    found: list[np.ndarray] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            block = frame.to_ndarray().astype(np.float64)
            block = block if frame.format.is_planar else block.reshape(-1, frame.layout.nb_channels).T
            start = round(frame.pts * frame.time_base * 48_000)
            found.append(block[0][max(0, -start) :])
            if len(found) == 1 and start > 0:
                found.insert(0, np.zeros(start))
    return np.concatenate(found)
