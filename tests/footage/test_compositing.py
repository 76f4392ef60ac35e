"""Over, clean colours and backdrops: what is kept is kept to the bit, what is mixed is mixed right."""

from fractions import Fraction

import numpy as np
import pytest
from tests.footage.cutouts import clip, footage, texture

from vitascope.footage import Footage
from vitascope.footage.compositing import Behind, Blurred, Plain, clean_colours, levels, over, with_alpha

SUBJECT, BACK = (190, 120, 60), (60, 90, 130)
FRAME, ALPHA = next(clip(2))


def test_over_keeps_either_side_to_the_bit_and_mixes_between() -> None:
    backdrop = np.full_like(FRAME, 200)
    mixed = over(FRAME, ALPHA, backdrop)
    assert np.array_equal(mixed[levels(ALPHA) == 0], backdrop[levels(ALPHA) == 0])
    assert np.array_equal(mixed[levels(ALPHA) == 255], FRAME[levels(ALPHA) == 255])
    share = levels(ALPHA)[..., None] / 255
    assert np.abs(mixed - (FRAME * share + backdrop * (1 - share))).max() <= 0.5 + 1e-6
    assert (backdrop == 200).all()  # the backdrop itself stays


def test_the_old_background_goes_out_of_a_soft_edge() -> None:
    """Two plain colours and a ramp between: the clean colour is the subject's wherever it is seen."""
    ramp = np.clip((60 - np.arange(120)) / 20 + 0.5, 0, 1).astype(np.float32)
    alpha = np.repeat(ramp[None], 80, 0)
    mixed = alpha[..., None] * np.array(SUBJECT) + (1 - alpha[..., None]) * np.array(BACK)
    clean = clean_colours(np.rint(mixed).astype(np.uint8), alpha).astype(int)
    seen = alpha > 0.2
    assert np.abs(clean[seen] - SUBJECT).max() <= 20
    raw = np.abs(mixed[seen] - SUBJECT).mean()
    assert np.abs(clean[seen] - SUBJECT).mean() < 0.15 * raw


def test_a_whole_subject_keeps_its_colours_to_the_bit() -> None:
    clean = clean_colours(FRAME, ALPHA)
    assert np.array_equal(clean[ALPHA == 1], FRAME[ALPHA == 1])
    assert np.array_equal(clean_colours(FRAME, np.ones_like(ALPHA)), FRAME)
    assert clean_colours(FRAME, np.zeros_like(ALPHA)).shape == FRAME.shape


def test_put_back_over_its_own_background_it_is_the_same() -> None:
    """Which is why pictures are mixed as they are stored."""
    back = np.asarray(texture(BACK, 2, 260), np.float32)[20:110, 10:170]
    clean = clean_colours(FRAME, ALPHA)
    again = over(clean, ALPHA, np.rint(back).astype(np.uint8)).astype(int)
    assert np.abs(again - FRAME).mean() < 2.5  # noise of 1.5 levels is in the frame alone


def test_with_alpha() -> None:
    picture = with_alpha(FRAME, ALPHA)
    assert picture.shape == (*FRAME.shape[:2], 4)
    assert np.array_equal(picture[..., 3], levels(ALPHA))


def test_a_colour_behind() -> None:
    assert (Plain((1, 2, 3)).behind(FRAME, ALPHA) == (1, 2, 3)).all()


def test_a_blurred_background_holds_nothing_of_the_subject() -> None:
    soft = Blurred().behind(FRAME, ALPHA).astype(int)
    assert np.abs(soft - BACK).mean() < 25
    assert soft[..., 0].max() < 130  # the subject's red is 190
    assert np.diff(soft, axis=1).std() < 0.4 * np.diff(FRAME.astype(int), axis=1)[:, 90:].std()


def levels_of(behind: Behind, count: int) -> list[int]:
    return [int(behind.behind(FRAME, ALPHA)[0, 0, 0]) for _ in range(count)]


@pytest.mark.parametrize(
    ("rate_fps", "expected"),
    [(24, [0, 1, 2, 3, 0, 1, 2]), (48, [0, 2, 0, 2, 0, 2, 0]), (12, [0, 0, 1, 1, 2, 2, 3])],
)
def test_a_clip_behind_runs_at_its_own_speed_and_begins_anew(rate_fps: int, expected: list[int]) -> None:
    frames = [np.full((40, 30, 3), index, np.uint8) for index in range(4)]
    back = Footage(frames=frames, width_px=30, height_px=40, rate_fps=Fraction(rate_fps), count=4)
    assert levels_of(Behind(back, Fraction(24)), 7) == expected


def test_a_picture_behind_stays_and_is_made_to_fit() -> None:
    picture = texture((50, 200, 90), 4, 60).astype(np.uint8)
    behind = Behind(footage([picture]), Fraction(24))
    first = behind.behind(FRAME, ALPHA).copy()
    assert first.shape == FRAME.shape
    assert np.array_equal(behind.behind(FRAME, ALPHA), first)
