"""What the built-in network is told of a canvas: portraits, tracks, places in time."""

import numpy as np
import torch

from vitascope.canvas import Canvas
from vitascope.engine.tokens import (
    cast_tokens,
    cutouts_of,
    layout_of,
    places_of,
    portraits_of,
    track_tokens,
)


def test_a_faster_clip_has_its_moments_closer_together() -> None:
    layout = layout_of(torch.zeros(8, 64, 64))
    times = places_of(layout, 48)[:, 0].unique()
    torch.testing.assert_close(times, torch.tensor([1.5, 5.5]) / 6)


def test_a_loop_always_has_a_first_frame_of_its_own() -> None:
    assert layout_of(torch.zeros(16, 64, 64), loop=True).frame_times == (0,)
    assert layout_of(torch.zeros(16, 64, 64)).frame_times == ()


def test_a_portrait_is_cut_to_what_alpha_shows() -> None:
    picture = np.zeros((100, 200, 4), np.uint8)
    picture[20:60, 100:140] = (255, 0, 0, 255)
    portraits = portraits_of(Canvas.empty(1, 64, 64).with_cast("red", picture))
    torch.testing.assert_close(portraits, torch.tensor([1.0, -1, -1]).expand(1, 1, 32, 32, 3))


def test_a_subject_is_cut_out_by_alpha_or_from_a_plain_ground() -> None:
    clear = np.zeros((100, 200, 4), np.uint8)
    clear[20:60, 100:140] = (255, 0, 0, 255)
    plain = np.full((100, 200, 3), 250, np.uint8)
    plain[:40, 100:140] = (255, 0, 0)  # it touches a side
    busy = np.random.default_rng(0).integers(0, 255, (100, 200, 3), np.uint8)
    for picture in (clear, plain):
        (cutout,) = cutouts_of(Canvas.empty(1, 64, 64).with_cast("red", picture))
        assert cutout.shape == (40, 40, 4)
        torch.testing.assert_close(cutout, torch.tensor([1.0, 0, 0, 1]).expand(40, 40, 4))
    assert cutouts_of(Canvas.empty(1, 64, 64).with_cast("busy", busy)) == []


def test_absent_cast_and_tracks_are_marked_empty() -> None:
    present = torch.tensor([[True], [False]])
    patches, places = cast_tokens(torch.ones(2, 1, 32, 32, 3), present)
    assert places[0, :16, 0].eq(0).all()
    assert places[0, 16:, 0].eq(-1).all()
    assert places[1, :, 0].eq(-1).all()
    assert patches[0, :16].eq(1).all()
    assert not patches[1].any()
    tracks = track_tokens(torch.rand(2, 1, 16, 2), present, 8, 8, 8.0)
    assert tracks[0, :4, -1].eq(1).all()
    assert not tracks[0, 4:].any()
    assert not tracks[1].any()


def test_a_track_says_when_where_and_from_where() -> None:
    path = torch.stack((torch.linspace(0.5, 1, 16), torch.full((16,), 0.25)), -1)
    tracks = track_tokens(path[None, None], torch.tensor([[True]]), 8, 16, 16.0)[0, :4]
    assert tracks[:, 1].tolist() == [0, 2.5, 5, 7.5]  # in frames of an eighth of a second
    assert tracks[:, 2].tolist() == [-2] * 4
    torch.testing.assert_close(tracks[:, 3], torch.tensor([0, 8 / 3, 16 / 3, 8]))
    assert tracks[:, 5].tolist() == [0] * 4
