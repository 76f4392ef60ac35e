"""HDR footage looks right on a plain screen."""

import av
import numpy as np
import pytest

from vitascope.media import read_clip
from vitascope.media.hdr import table

BT709_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
LEVELS_NITS = [0, 5, 20, 50, 100, 203, 1000, 4000]


def pq_signal(nits):
    """SMPTE ST 2084's own formula, from light to signal."""
    power = (np.asarray(nits) / 10_000) ** (2610 / 16384)
    fraction = (3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)
    return fraction ** (2523 / 32)


def hlg_signal(scene):
    """ARIB STD-B67's own formula, from scene light in 0..1 to signal."""
    scene = np.asarray(scene)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def srgb(light):
    light = np.asarray(light)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def hdr_frame(signal):
    """Signals [H, W, 3] of BT.2020 in 0..1 as a 10-bit frame, limited range."""
    red, green, blue = np.moveaxis(signal, -1, 0)
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    planes = [64 + 876 * luma, 512 + 896 * (blue - luma) / 1.8814, 512 + 896 * (red - luma) / 1.4746]
    frame = av.VideoFrame(signal.shape[1], signal.shape[0], "yuv444p10le")
    for plane, values in zip(frame.planes, planes, strict=True):
        row = np.zeros((plane.height, plane.line_size // 2), np.uint16)
        row[:, : plane.width] = values.round()
        plane.update(row.tobytes())
    return frame


def bars(colours):
    return np.repeat(np.array(colours, float)[None], 16, axis=0).repeat(16, axis=1)


def seen(film, signal, curve):
    tags = {"colorspace": 9, "color_range": 1, "color_primaries": 9, "color_trc": curve}
    path = film("hdr.mkv", [hdr_frame(signal)], pixel_format="yuv444p10le", tags=tags, crf="1")
    return read_clip(path)[0][8, 8::16].astype(int)


def test_pq_keeps_dark_and_middle_light_and_bends_highlights(film):
    grey = seen(film, pq_signal(bars([[nits] * 3 for nits in LEVELS_NITS])), 16)
    assert np.abs(grey[:5] - srgb(np.array(LEVELS_NITS[:5]) / 203)[:, None]).max() <= 3
    assert 230 <= grey[5].min() <= grey[5].max() <= 245  # white leaves a little room for what is brighter
    assert (np.diff(grey[:, 1]) > 0).sum() >= 6
    assert grey[-1].min() >= 253


def test_pq_colours_are_turned_to_bt709(film):
    colours_nits = np.array([[100, 50, 20], [20, 40, 100], [50, 100, 50], [90, 20, 20]])
    got = seen(film, pq_signal(bars(colours_nits) @ BT709_TO_BT2020.T), 16)
    assert np.abs(got - srgb(colours_nits / 203)).max() <= 4


def test_hlg_grey_is_where_bt2408_puts_it(film):
    # 75 % HLG is diffuse white, 203 nits; half the light of the scene is 0.5 ** 1.2 of the screen's.
    white = hlg_signal([0.265])[0]
    assert abs(white - 0.75) < 0.01
    got = seen(film, bars([[white] * 3, [hlg_signal([0.265 / 4])[0]] * 3, [0] * 3]), 18)
    assert 230 <= got[0].min() <= got[0].max() <= 245
    assert np.abs(got[1] - srgb(0.25**1.2)).max() <= 4
    assert got[2].max() <= 1


def test_wide_gamut_without_hdr_is_turned_too(film):
    colours = np.array([[0.4, 0.2, 0.1], [0.1, 0.2, 0.4], [0.5, 0.5, 0.5]])
    signal = srgb(bars(colours) @ BT709_TO_BT2020.T) / 255
    assert np.abs(seen(film, signal, 14) - srgb(colours)).max() <= 4


@pytest.mark.parametrize("curve", ["pq", "hlg", "sdr"])
def test_tables_are_whole_and_grow_with_the_signal(curve):
    colours = table(curve, side=9)
    assert colours.shape == (9, 9, 9, 3)
    grey = colours[range(9), range(9), range(9)]
    assert grey[0].max() < 1e-6
    assert (np.diff(grey, axis=0) > -1e-9).all()
    assert 0 <= colours.min() <= colours.max() <= 1
    assert np.ptp(grey, axis=1).max() < 0.01  # grey stays grey
