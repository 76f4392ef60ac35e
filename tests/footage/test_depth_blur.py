"""A background out of focus: more so further away, without the subject's colours."""

import numpy as np
import pytest

from vitascope.footage.depth_blur import depth_beside, out_of_focus

SUBJECT = np.s_[30:60, 60:90]


def _alpha() -> np.ndarray:
    alpha = np.zeros((90, 160), np.float32)
    alpha[SUBJECT] = 1
    return alpha


def test_the_subject_stays_to_the_bit_and_the_rest_is_blurred() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8)
    made = out_of_focus(frame, _alpha(), "gaussian", 0.5)
    assert np.array_equal(made[SUBJECT], frame[SUBJECT])
    near, far = made[30:60, 92:98].std(), made[:, 135:].std()
    assert far < near < 0.6 * frame.std()


def test_the_subjects_colours_do_not_run_out() -> None:
    frame = np.zeros((90, 160, 3), np.uint8)
    frame[..., 2] = 200
    frame[SUBJECT] = (255, 0, 0)
    made = out_of_focus(frame, _alpha(), "gaussian", 1.0)
    outside = _alpha() == 0
    assert made[outside][:, 0].max() <= 2
    assert made[outside][:, 2].min() >= 198


def test_depth_grows_away_from_the_subject() -> None:
    depth = depth_beside(_alpha())
    assert (np.diff(depth[45, 92:150]) >= -1e-3).all()
    assert depth[45, 92] < 0.45
    assert depth[45, 155] == pytest.approx(1, abs=0.01)
    assert (depth_beside(np.zeros((9, 16), np.float32)) == 1).all()


@pytest.mark.parametrize("style", ["pixelate", "solid"])
def test_other_styles_cover_all_but_the_subject(style: str) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8)
    made = out_of_focus(frame, _alpha(), style, 0.5)
    assert np.array_equal(made[SUBJECT], frame[SUBJECT])
    assert made[_alpha() == 0].std() < 0.5 * frame.std()
    everything = out_of_focus(frame, np.ones((90, 160), np.float32), style, 0.5)
    assert np.array_equal(everything, frame)
