"""Footage of every kind in a film: turned, see-through, of more bits, of odd sizes, HDR."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vitascope.films.rendering import RenderSettings, render
from vitascope.media import probe, read_clip, write_video
from vitascope.media.timelines import Clip, Colour, Look, PictureTrack, Timeline, Title

ONE = Fraction(1)
PAINTED = RenderSettings(copy=False)
RED, BLUE = (200, 30, 30), (30, 30, 200)


def film(*tracks: PictureTrack, size: tuple[int, int] = (96, 64)) -> Timeline:
    return Timeline(width_px=size[0], height_px=size[1], rate_fps=Fraction(10), tracks=tracks)


def one(item: Clip | Colour | Title) -> PictureTrack:
    return PictureTrack(items=(item,))


def halves(
    left: tuple[int, ...], right: tuple[int, ...], height_px: int = 64, width_px: int = 96
) -> np.ndarray:
    picture = np.empty((height_px, width_px, len(left)), np.uint8)
    picture[:, : width_px // 2], picture[:, width_px // 2 :] = left, right
    return picture


def near(found: np.ndarray, wanted: tuple[int, ...], by: int = 6) -> bool:
    return bool(np.abs(found.astype(int).mean((0, 1)) - wanted).max() <= by)


@pytest.mark.parametrize("name", ["out.mp4", "out.mov"])
def test_a_turned_film_stands_upright(tmp_path: Path, name: str) -> None:
    lying = tmp_path / "phone.mp4"
    with av.open(str(lying), "w") as output:
        stream = output.add_stream("libx264", rate=10, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_rotation(-90)
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(halves(RED, BLUE), format="rgb24")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    wanted = read_clip(lying)[5]
    assert wanted.shape == (96, 64, 3)
    render(film(one(Clip(source=str(lying), duration_s=ONE)), size=(64, 96)), tmp_path / name)
    found = read_clip(tmp_path / name)[5]
    assert near(found[4:40, 4:60], tuple(wanted[4:40, 4:60].mean((0, 1))))
    assert near(found[56:92, 4:60], tuple(wanted[56:92, 4:60].mean((0, 1))))
    assert not near(found[4:40, 4:60], tuple(found[56:92, 4:60].mean((0, 1))))


@pytest.mark.parametrize("name", ["cut.webm", "cut.mov", "cut.webp"])
@pytest.mark.parametrize("output", ["out.mp4", "out.mov"])
def test_a_see_through_film_shows_what_is_below(tmp_path: Path, name: str, output: str) -> None:
    write_video(tmp_path / name, [halves((*RED, 255), (*RED, k % 2)) for k in range(10)], 10)
    assert probe(tmp_path / name).alpha
    below, above = (
        one(Colour(colour="#1e1ec8", duration_s=ONE)),
        one(Clip(source=str(tmp_path / name), duration_s=ONE)),
    )
    render(film(below, above), tmp_path / output, settings=PAINTED)
    found = read_clip(tmp_path / output)[5]
    assert near(found[4:60, 4:40], RED, 10)
    assert near(found[4:60, 56:92], BLUE, 10)


def test_colours_stay_what_they_are_in_every_format(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", [halves(RED, BLUE)] * 10, 10, quality=95)
    half = Look(x=0.5, width=0.5, fit="stretch")
    for name in ("out.mp4", "out.mov", "out.webm"):
        clip = Clip(source=str(tmp_path / "a.mp4"), duration_s=ONE)
        white = one(Colour(colour="#ffffff80", duration_s=ONE, look=half))
        render(film(one(clip), white), tmp_path / name, settings=PAINTED)
        found = read_clip(tmp_path / name)[5]
        assert near(found[4:60, 4:40], RED)
        assert near(found[4:60, 56:92], (143, 143, 228))


def test_round_corners_let_what_is_below_through(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", [halves(RED, RED)] * 10, 10, quality=95)
    look = Look(x=0.25, y=0.25, width=0.5, height=0.5, corner_radius=0.5, fit="cover")
    above = one(Clip(source=str(tmp_path / "a.mp4"), duration_s=ONE, look=look))
    render(film(one(Colour(colour="#1e1ec8", duration_s=ONE)), above), tmp_path / "out.mp4", settings=PAINTED)
    found = read_clip(tmp_path / "out.mp4")[5]
    assert near(found[24:40, 40:56], RED)
    assert near(found[16:19, 24:28], BLUE, 12)


def test_odd_sizes_and_other_pixels_fill_the_frame(tmp_path: Path) -> None:
    write_video(tmp_path / "odd.mp4", [halves(RED, BLUE, 63, 95)] * 10, 10, quality=95)
    with av.open(str(tmp_path / "deep.mkv"), "w") as output:
        stream = output.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv444p10le"
        for number in range(10):
            picture = av.VideoFrame.from_ndarray(halves(RED, BLUE), format="rgb24")
            frame = picture.reformat(format="yuv444p10le", dst_colorspace="itu601")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    for name in ("odd.mp4", "deep.mkv"):
        clip = Clip(source=str(tmp_path / name), duration_s=ONE, look=Look(fit="stretch"))
        render(film(one(clip)), tmp_path / "out.mp4", settings=PAINTED)
        found = read_clip(tmp_path / "out.mp4")[5]
        assert near(found[2:62, 2:40], RED, 8)
        assert near(found[2:62, 56:94], BLUE, 8)


def test_bright_footage_comes_down_as_it_is_read_elsewhere(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "hdr.mp4"), "w") as output:
        stream = output.add_stream("libx265", rate=10, options={"x265-params": "log-level=error"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1
        for number in range(10):
            frame = av.VideoFrame(96, 64, "yuv420p10le")
            for plane, value in zip(frame.planes, (500, 512, 512), strict=True):
                plane.update(np.full(plane.buffer_size // 2, value, np.uint16).tobytes())
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    render(film(one(Clip(source=str(tmp_path / "hdr.mp4"), duration_s=ONE))), tmp_path / "out.mp4")
    wanted = read_clip(tmp_path / "hdr.mp4")[5]
    assert near(read_clip(tmp_path / "out.mp4")[5], tuple(wanted.mean((0, 1))), 3)
