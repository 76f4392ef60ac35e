"""Colours are right on the way in and out, whatever the tags say."""

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from vitascope.media import probe, read_clip, write_video

TAGS = {  # matrix: (swscale's name for it, FFmpeg's tag)
    "BT.709": (Colorspace.ITU709, 1),
    "BT.601": (Colorspace.ITU601, 6),
    "BT.601 (PAL)": (Colorspace.ITU601, 5),
    "BT.2020": (Colorspace.BT2020, 9),
}


def coded(picture, matrix, full_range, pixel_format):
    """The picture as a camera's frame, by FFmpeg's own exact conversion."""
    return VideoReformatter().reformat(
        av.VideoFrame.from_ndarray(picture, format="rgb24"),
        format=pixel_format,
        dst_colorspace=matrix,
        dst_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
    )


@pytest.mark.parametrize(
    ("name", "codec", "levels"),
    [
        ("a.mp4", None, 3),
        ("a.mp4", "h265", 4),
        ("a.mp4", "av1", 6),
        ("a.webm", None, 4),
        ("a.mov", None, 1),
        ("a.gif", None, 4),
        ("a.webp", None, 6),
    ],
)
def test_a_chart_comes_back_through_every_codec(tmp_path, chart, chart_error, name, codec, levels):
    other = np.ascontiguousarray(chart[::-1])  # a second picture, or WebP makes one of all
    write_video(tmp_path / name, [chart, other, chart], 10, codec=codec)
    frames = read_clip(tmp_path / name)
    assert len(frames) == 3
    assert max(chart_error(frames[0]), chart_error(frames[1][::-1]), chart_error(frames[2])) <= levels


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", None), ("a.mp4", "h265"), ("a.mp4", "av1"), ("a.webm", None), ("a.mov", None)],
)
def test_what_is_written_is_tagged_bt709(tmp_path, chart, name, codec):
    write_video(tmp_path / name, [chart], 10, codec=codec)
    with av.open(str(tmp_path / name)) as container:
        frame = next(container.decode(video=0))
        tags = frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range
    assert tags == (1, 1, 1, 1)


@pytest.mark.parametrize("matrix", TAGS)
@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p", "yuv422p10le", "yuv420p10le"])
def test_tagged_footage_is_converted_by_its_tags(film, chart, chart_error, matrix, full_range, pixel_format):
    swscale, tag = TAGS[matrix]
    path = film(
        "in.mkv",
        [coded(chart, swscale, full_range, pixel_format) for _ in range(2)],
        pixel_format=pixel_format,
        tags={"colorspace": tag, "color_range": 2 if full_range else 1, "color_primaries": 1, "color_trc": 1},
        crf="4",
    )
    assert chart_error(read_clip(path)[0]) <= 3


def test_untagged_footage_is_bt601_if_small_and_bt709_if_large(film, chart, chart_error):
    untagged = {"colorspace": 2, "color_range": 0}
    small = film("small.mkv", [coded(chart, Colorspace.ITU601, False, "yuv420p")], tags=untagged, crf="4")
    assert chart_error(read_clip(small)[0]) <= 3
    wide = np.tile(chart, (1, 10, 1))
    large = film("large.mkv", [coded(wide, Colorspace.ITU709, False, "yuv420p")], tags=untagged, crf="4")
    assert chart_error(read_clip(large)[0][:, :128]) <= 3


def test_motion_jpeg_is_full_range_by_its_format(film, chart, chart_error):
    frames = [coded(chart, Colorspace.ITU601, True, "yuvj420p")]
    path = film("in.avi", frames, codec="mjpeg", pixel_format="yuvj420p", qmin="1", qmax="1")
    assert chart_error(read_clip(path)[0]) <= 6  # JPEG's own loss
    assert probe(path).codec == "mjpeg"


def test_rgb_footage_comes_back_to_the_bit(film, chart):
    frames = [av.VideoFrame.from_ndarray(chart, format="rgb24").reformat(format="bgr0")]
    path = film("in.mkv", frames, codec="ffv1", pixel_format="bgr0")
    assert np.array_equal(read_clip(path)[0], chart)
