"""The promise: over every task and every filler, what was known comes back unchanged, to the bit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vitascope import tasks
from vitascope.canvas import Canvas
from vitascope.engine import (
    CannotFill,
    Capabilities,
    Filler,
    FillSettings,
    ToyFiller,
    fill,
    fillers,
    load_filler,
)

Picture = NDArray[np.uint8]


def picture(width_px: int, height_px: int, chance: int) -> Picture:
    """Noise: whatever is smoothed, shifted or rounded on the way shows."""
    return np.random.default_rng(chance).integers(0, 256, (height_px, width_px, 3), np.uint8)


# How to ask for each task: (size, seconds, chance) -> Canvas. A new task needs its line; a test sees to it.
REQUESTS: dict[str, Callable[[tuple[int, int], float, int], Canvas]] = {
    "text_to_video": lambda size, s, chance: tasks.text_to_video(
        "a fox", size=size, duration_s=s, seed=chance
    ),
    "text_to_image": lambda size, s, chance: tasks.text_to_image("a fox", size=size, seed=chance),
    "image_to_video": lambda size, s, chance: tasks.image_to_video(
        picture(*size, chance), "it rains", duration_s=s
    ),
}


def test_every_task_is_asked_for() -> None:
    assert set(REQUESTS) == set(tasks.__all__)


class Choosy(ToyFiller):
    """A toy that takes so little that every canvas must be fitted to it."""

    capabilities = Capabilities(
        name="choosy",
        summary="",
        size_multiple_px=16,
        min_side_px=32,
        max_side_px=64,
        frames_multiple=5,
        max_frames=20,
    )


def scattered(canvas: Canvas, chance: int) -> Canvas:
    """The canvas with some more of it known: single pixels, for good or by half, of noise."""
    rng = np.random.default_rng(chance)
    where = rng.choice(np.float32([0, 0, 0.5, 1]), canvas.known.shape)
    known = np.maximum(where, canvas.known)
    pixels = np.where(
        canvas.known[..., None] == 1, canvas.pixels, rng.integers(0, 256, canvas.pixels.shape, np.uint8)
    )
    return Canvas(pixels, known, canvas.rate_fps, canvas.words, seed=canvas.seed)


def comes_back(canvas: Canvas, filler: Filler, how: FillSettings = FillSettings()) -> None:
    result = fill(canvas, filler, how)
    assert result.pixels.shape == canvas.pixels.shape
    assert result.rate_fps == canvas.rate_fps
    assert (result.known == 1).all()
    held = canvas.known == 1
    assert np.array_equal(result.pixels[held], canvas.pixels[held])


@pytest.mark.parametrize("task", REQUESTS)
@pytest.mark.parametrize("filler", [ToyFiller(), Choosy()], ids=["toy", "choosy"])
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(
    size=st.tuples(st.integers(9, 90), st.integers(9, 90)),
    seconds=st.sampled_from([0.125, 0.5, 1.0, 2.0]),
    chance=st.integers(0, 2**31),
    more=st.booleans(),
)
def test_by_small_fillers(
    task: str, filler: Filler, size: tuple[int, int], seconds: float, chance: int, more: bool
) -> None:
    canvas = REQUESTS[task](size, seconds, chance)
    try:
        comes_back(scattered(canvas, chance) if more else canvas, filler)
    except CannotFill:
        assume(False)


@pytest.mark.weights
@pytest.mark.parametrize("task", REQUESTS)
@pytest.mark.parametrize("name", [name for name in fillers() if name != "toy"])
@pytest.mark.parametrize("more", [False, True], ids=["as asked", "scattered"])
def test_by_every_installed_filler(task: str, name: str, more: bool) -> None:
    """Two examples each, of odd sizes, in two steps: real networks are slow."""
    for size, seconds in (((72, 98), 0.5), ((131, 67), 0.25)):
        canvas = REQUESTS[task](size, seconds, 3)
        comes_back(scattered(canvas, 3) if more else canvas, load_filler(name), FillSettings(steps=2))
