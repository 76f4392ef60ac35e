"""The promise: over every task and every filler, what was known comes back unchanged, to the bit."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.engine.humming import Humming

from vitascope import tasks
from vitascope.canvas import Canvas, Ellipse, everything_but
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
from vitascope.engine.matching import reasons_against

Picture = NDArray[np.uint8]


def picture(width_px: int, height_px: int, chance: int) -> Picture:
    """Noise: whatever is smoothed, shifted or rounded on the way shows."""
    return np.random.default_rng(chance).integers(0, 256, (height_px, width_px, 3), np.uint8)


def clip(width_px: int, height_px: int, chance: int, frames: int = 3) -> Picture:
    """Frames of noise."""
    return np.random.default_rng(chance).integers(0, 256, (frames, height_px, width_px, 3), np.uint8)


SPOT = Ellipse(0.5, 0.5, 0.3, 0.3)

# How to ask for each task: (size, seconds, chance) -> Canvas. A new task needs its line; a test sees to it.
REQUESTS: dict[str, Callable[[tuple[int, int], float, int], Canvas]] = {
    "text_to_video": lambda size, s, chance: tasks.text_to_video(
        "a fox", size=size, duration_s=s, seed=chance
    ),
    "text_to_image": lambda size, s, chance: tasks.text_to_image("a fox", size=size, seed=chance),
    "image_to_video": lambda size, s, chance: tasks.image_to_video(
        picture(*size, chance), "it rains", duration_s=s
    ),
    "extend": lambda size, s, chance: tasks.extend(
        clip(*size, chance), rate_fps=8, duration_s=s, direction=("forward", "backward", "both")[chance % 3]
    ),
    "loop": lambda size, s, chance: tasks.loop(picture=picture(*size, chance), duration_s=max(s, 0.5)),
    "between": lambda size, s, chance: tasks.between(
        picture(*size, chance), picture(*size, chance + 1), duration_s=s + 0.5
    ),
    "keyframes": lambda size, s, chance: tasks.keyframes(
        [("first", picture(*size, chance)), (Fraction(s), picture(*size, chance + 1))]
    ),
    "smooth": lambda size, s, chance: tasks.smooth(clip(*size, chance), rate_fps=4, to_rate_fps=12),
    "expand": lambda size, s, chance: tasks.expand(
        clip(*size, chance), size=(size[0] + chance % 40, size[1] + chance % 30), at=(0.3, 1)
    ),
    "replace": lambda size, s, chance: tasks.replace(clip(*size, chance), SPOT, "a fox", rate_fps=24),
    "background": lambda size, s, chance: tasks.background(clip(*size, chance), SPOT, "a fox", rate_fps=24),
    "restyle": lambda size, s, chance: tasks.restyle(clip(*size, chance), "as clay", rate_fps=12),
    "sound": lambda size, s, chance: tasks.sound("rain", clip(*size, chance), rate_fps=12, seed=chance),
    "move": lambda size, s, chance: tasks.move(
        picture(*size, chance), [(SPOT, "right 0.2")], freeze=[everything_but(SPOT)], duration_s=s + 0.25
    ),
}


def test_every_task_is_asked_for() -> None:
    assert set(REQUESTS) == set(tasks.__all__)


class Choosy(ToyFiller):
    """A toy that takes so little that every canvas must be fitted to it; it takes tracks but follows none."""

    capabilities = Capabilities(
        name="choosy",
        summary="",
        size_multiple_px=16,
        min_side_px=32,
        max_side_px=64,
        frames_multiple=5,
        max_frames=20,
        tracks=True,
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
    filler = filler if canvas.sound_known else Humming()
    try:
        comes_back(scattered(canvas, chance) if more else canvas, filler)
    except CannotFill:
        assume(False)


def _asked_unnamed() -> list[str]:
    """Installed fillers but for the toy and those whose weights are no part of the house."""
    known = {name: item.entry.capabilities for name, item in fillers().items() if item.entry}
    return [name for name, can in known.items() if name != "toy" and not can.on_request]


@pytest.mark.weights
@pytest.mark.parametrize("task", REQUESTS)
@pytest.mark.parametrize("name", _asked_unnamed())
@pytest.mark.parametrize("more", [False, True], ids=["as asked", "scattered"])
def test_by_every_installed_filler(task: str, name: str, more: bool) -> None:
    """Two examples each, of odd sizes, in two steps: real networks are slow."""
    for size, seconds in (((72, 98), 0.5), ((131, 67), 0.25)):
        canvas = REQUESTS[task](size, seconds, 3)
        canvas, filler = scattered(canvas, 3) if more else canvas, load_filler(name)
        asks = canvas.known.min() < 1 or not canvas.sound_known
        if asks and (reasons := reasons_against(canvas, filler.capabilities)):
            pytest.skip(f"it {reasons[0]}")
        comes_back(canvas, filler, FillSettings(steps=2))
