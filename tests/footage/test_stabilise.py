"""stabilise: known shaking is taken out, borders stay out of sight, and what is still stays as it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import ValidationError
from tests.footage.filmed import HEIGHT_PX, WIDTH_PX, Warp, carried, film, footage, shifted, turned

from vitascope.footage import FootageError, Frame, Made, load_tool, unheard
from vitascope.footage.camera_path import camera_path, frame_corners
from vitascope.footage.stabilise import Stabilise, eased, eased_within, least_zoom

CORNERS = frame_corners(WIDTH_PX, HEIGHT_PX)
SPOTS = np.array([[50.0, 40], [110, 40], [110, 80], [50, 80]])


def shaken(frames: int, seed: int = 0, pan_px: float = 0.0) -> list[Warp]:
    random = np.random.default_rng(seed)
    offsets, turns = random.normal(0, 2, (frames, 2)), random.normal(0, 0.01, frames)
    offsets[0] = turns[0] = 0
    return [
        shifted(x + pan_px * n, y) @ turned(a)
        for n, ((x, y), a) in enumerate(zip(offsets, turns, strict=True))
    ]


def made(frames: list[Frame], **asked: object) -> Made:
    tool = Stabilise(**asked).make(footage(frames), unheard, {})  # pyright: ignore
    assert isinstance(tool, Made)
    return tool


def seen(warps: list[Warp], frames: list[Frame], **asked: object) -> np.ndarray:
    """Where four spots of the scene are in the stabilised clip, [T, 4, 2]: by the truth and corrections."""
    quads, zoom = Stabilise(**asked).corrections(footage(frames), unheard)  # pyright: ignore
    quads = (quads - CORNERS.mean(0)) * zoom + CORNERS.mean(0) + 0.5
    places: list[np.ndarray] = []
    for warp, quad in zip(warps, quads, strict=True):
        there = carried(warp, SPOTS) / (WIDTH_PX, HEIGHT_PX)
        # A shift, a turn and a zoom: the frame's corners say it linearly.
        places.append(quad[0] + there[:, :1] * (quad[1] - quad[0]) + there[:, 1:] * (quad[3] - quad[0]))
    return np.array(places)


def jitter_px(places: np.ndarray) -> float:
    """How far, on the mean, a spot is off the line between where it is before and after."""
    return float(np.sqrt((np.diff(places, 2, axis=0) ** 2).sum(2).mean()) / 2)


def test_what_stands_still_comes_back_to_the_bit() -> None:
    frames = film([np.eye(3)] * 5)
    for asked in ({}, {"mode": "locked"}, {"border": "mirror"}, {"mode": "point", "point": "80,60px"}):
        again = [frame.copy() for frame in made(frames, **asked).frames]
        assert np.array_equal(np.stack(again), np.stack(frames))
    blank = [frame.copy() for frame in made(frames, border="blank").frames]
    assert all((frame[..., 3] == 255).all() for frame in blank)


@pytest.mark.parametrize("motion", ["similarity", "homography"])
@pytest.mark.parametrize("mode", ["smooth", "locked"])
def test_known_shaking_is_taken_out(mode: str, motion: str) -> None:
    warps = shaken(24)
    frames = film(warps, noise=3)
    before = np.array([carried(warp, SPOTS) for warp in warps])
    after = seen(warps, frames, mode=mode, motion=motion, most_zoom=1.5)
    least = {("smooth", "similarity"): 0.12, ("locked", "similarity"): 0.05}.get((mode, motion), 0.15)
    assert jitter_px(after) < least * jitter_px(before)


def test_a_pan_goes_on_smoothly_and_locked_stands_still() -> None:
    warps = shaken(30, pan_px=1.5)
    frames = film(warps, noise=2)
    panned = seen(warps, frames, border="mirror").mean(1)[:, 0]
    assert panned[-1] - panned[0] == pytest.approx(1.5 * 29, abs=4)
    assert np.abs(np.diff(panned) - 1.5).max() < 0.8
    still = seen(warps, frames, mode="locked", border="mirror")
    assert np.abs(still - SPOTS).max() < 0.5
    # A tripod that would need more zoom than there may be gives way, without shaking again.
    bounded = seen(warps, frames, mode="locked", most_zoom=1.2)
    assert jitter_px(bounded) < 0.15 * jitter_px(np.array([carried(warp, SPOTS) for warp in warps]))


def test_locked_frames_are_those_of_a_camera_that_stood_still() -> None:
    warps = shaken(10)
    truth = film([np.eye(3)])[0].astype(float)
    clip = made(film(warps), mode="locked", border="blank")
    assert clip.alpha
    for frame in clip.frames:
        known = frame[..., 3] == 255
        assert known.mean() > 0.8
        assert not frame[~known].any()
        error = ((frame[..., :3] - truth)[known] ** 2).mean()
        assert 10 * np.log10(255**2 / max(error, 1e-9)) > 34


def test_a_point_stays_where_it_was() -> None:
    warps = shaken(12, pan_px=1)
    quads, _ = Stabilise(mode="point", point="80,60px", at="4f", border="mirror").corrections(
        footage(film(warps)), unheard
    )
    point = carried(np.linalg.inv(warps[4]), np.array([[80.0, 60]]))
    there = np.array(
        [carried(warp, point)[0] + quad[0] - CORNERS[0] for warp, quad in zip(warps, quads, strict=True)]
    )
    assert np.abs(there - (80, 60)).max() < 0.3


def test_a_cut_begins_a_new_path() -> None:
    frames = [*film(shaken(8), noise=2), *film(shaken(8, 1), seed=7, noise=2)]
    path = camera_path(footage(frames), "similarity", unheard, homing=False)
    assert path.shots == (range(8), range(8, 16))
    assert np.allclose(path.warps[[0, 8]], np.eye(3))


def test_something_that_moves_by_itself_is_outvoted() -> None:
    frames = film([np.eye(3)] * 8)
    for number, frame in enumerate(frames):
        frame[20:60, 10 + 8 * number : 50 + 8 * number] = film([np.eye(3)], seed=3)[0][20:60, 10:50]
    path = camera_path(footage(frames), "similarity", unheard, homing=True)
    assert np.abs(path.warps - np.eye(3)).max() < 0.25


def test_frames_without_anything_to_see_pass() -> None:
    black = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    frames = [black, black, *film(shaken(4)), black]
    assert len([frame.copy() for frame in made(frames).frames]) == 7
    again = [frame.copy() for frame in made([black] * 3).frames]
    assert not np.stack(again).any()
    one = np.zeros((1, 1, 3), np.uint8)
    assert [frame.shape for frame in made([one]).frames] == [(1, 1, 3)]


def test_a_clip_without_frames_is_refused() -> None:
    frames = footage(film([np.eye(3)]))
    empty = type(frames)(frames=(), width_px=160, height_px=120, rate_fps=frames.rate_fps)
    with pytest.raises(FootageError, match="no frames to stabilise"):
        Stabilise().make(empty, unheard, {})


def wholly_covered(quads: np.ndarray, zoom: float) -> bool:
    """Whether no border is seen, by painting: how much of each picture's corner pixels the frames cover."""
    from vitascope.footage.corner_pin import covered

    middle = CORNERS.mean(0)
    placed = (quads - middle) * zoom + middle + 0.5
    return all(covered(quad, (HEIGHT_PX, WIDTH_PX), 1e-3).min() == 1 for quad in placed)


@given(arrays(np.float64, (9, 3), elements=st.floats(-1, 1)), st.floats(1.05, 1.6))
def test_cropping_shows_no_border_whatever_the_path(path: np.ndarray, most_zoom: float) -> None:
    wish = np.array(
        [carried(shifted(40 * x, 40 * y) @ turned(0.4 * a), CORNERS + 0.5) - 0.5 for x, y, a in path]
    )
    still = np.repeat(CORNERS[None], len(wish), 0)
    quads = eased_within(wish, still, CORNERS, most_zoom, 2)
    zoom = least_zoom(quads, CORNERS, most_zoom)
    assert zoom <= most_zoom
    assert wholly_covered(quads, zoom)
    assert zoom < 1.1 or not wholly_covered(quads, 1 + (zoom - 1) * 0.75)  # and it is about the smallest


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1)), st.integers(0, 8))
def test_an_eased_curve_is_nowhere_above_it(share: np.ndarray, reach: int) -> None:
    curve = eased(share, reach)
    assert curve.shape == share.shape
    assert (curve <= share + 1e-12).all()
    assert curve.min() >= share.min() - 1e-12


def test_what_goes_together_is_checked() -> None:
    for asked in ({"mode": "point"}, {"point": "0.5,0.5"}):
        with pytest.raises(ValidationError, match='mode "point" goes with a point'):
            Stabilise(**asked)
    with pytest.raises(ValidationError):
        Stabilise(seconds=0)
    assert load_tool("stabilise") is Stabilise
