"""The tool: what is asked, what comes out, and that it neither flickers nor fills the memory."""

import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from tests.footage.cutouts import Picture, clip, footage, overlap

from vitascope.footage import Footage, FootageError, Made, load_tool, unheard
from vitascope.footage.edges import guided
from vitascope.footage.matte import Calm, Matte, Sightings, colour_of

CLIP = list(clip(10))
FRAMES = [frame for frame, _ in CLIP]
BOX = "rect:0.12,0.18,0.48,0.82"


def frames_of(
    frames: list[Picture] = FRAMES, others: dict[str, Footage] | None = None, **asked: Any
) -> np.ndarray:
    made = Matte(**{"subject": BOX} | asked).make(footage(frames), unheard, others or {})
    assert isinstance(made, Made)
    shown = np.stack([frame.copy() for frame in made.frames])
    assert shown.shape == (len(frames), made.height_px, made.width_px, 4 if made.alpha else 3)
    return shown


def test_it_is_a_tool() -> None:
    assert load_tool("matte") is Matte


def test_a_marked_subject_comes_with_alpha() -> None:
    shown = frames_of()
    alphas = shown[..., 3] / np.float32(255)
    assert min(overlap(one, alpha) for one, (_, alpha) in zip(alphas, CLIP, strict=True)) > 0.9
    assert np.mean([np.abs(one - alpha).mean() for one, (_, alpha) in zip(alphas, CLIP, strict=True)]) < 0.01
    whole = shown[..., 3] == 255
    assert np.array_equal(shown[..., :3][whole], np.stack(FRAMES)[whole])
    assert ((alphas > 0.1) & (alphas < 0.9)).any(axis=(1, 2)).all()  # the edge is soft


def test_the_matte_is_grey() -> None:
    assert np.array_equal(frames_of(output="matte")[..., 1], frames_of()[..., 3])


def test_over_a_colour() -> None:
    shown = frames_of(output="#0f0")
    away = frames_of()[..., 3] == 0
    assert (shown[away] == (0, 255, 0)).all()
    assert colour_of("#12ABef") == (0x12, 0xAB, 0xEF)


def test_over_a_picture_or_a_clip() -> None:
    back = [np.full((90, 160, 3), 20 * index, np.uint8) for index in range(10)]
    shown = frames_of(background="any.mp4", others={"background": footage(back)})
    assert [int(frame[0, 0, 0]) for frame in shown] == [20 * index for index in range(10)]


def test_over_its_own_background_blurred() -> None:
    shown = frames_of(output="blur")
    away = frames_of()[..., 3] == 0
    rough = np.abs(np.diff(np.stack(FRAMES).astype(int), axis=2))[away[:, :, 1:]].mean()
    assert np.abs(np.diff(shown.astype(int), axis=2))[away[:, :, 1:]].mean() < 0.5 * rough


def test_a_feathered_edge_is_softer() -> None:
    def soft(shown: np.ndarray) -> float:
        return float(((shown[..., 3] > 20) & (shown[..., 3] < 235)).mean())

    assert soft(frames_of(soft_px=6)) > 1.5 * soft(frames_of())


def test_how_sure_it_is_and_when_it_is_lost() -> None:
    frames = [frame for frame, _ in clip(46, "out and back")]
    tool = Matte(subject="rect:0.32,0.18,0.68,0.82", output="confidence")
    seen = tool.make(footage(frames), unheard, {})
    assert isinstance(seen, Sightings)
    assert len(seen.confidence) == 46
    ((start_s, stop_s),) = seen.lost_s
    assert 0.2 < start_s < 0.7 < 1.2 < stop_s < 1.8  # of 1.9 s; out of sight from 0.45 to 1.45
    assert Sightings.model_validate_json(seen.model_dump_json()) == seen


def flicker(alphas: list[np.ndarray]) -> float:
    return float(np.mean([np.abs(one - other).mean() for one, other in pairwise(alphas)]))


def test_what_stands_still_does_not_flicker() -> None:
    """An unsure matter over noise changes much less when it is held; what moves still moves."""
    rng = np.random.default_rng(0)
    still = [(frame, alpha) for frame, alpha in clip(12, "still")]
    back = np.stack([frame for frame, _ in still]).mean(0)  # the background stands still, too
    frames = [np.clip(np.rint(back + rng.normal(0, 1.5, back.shape)), 0, 255).astype(np.uint8) for _ in still]
    unsure = [
        np.clip(alpha + 0.3 * (rng.random() - 0.5) * ((alpha > 0) & (alpha < 1)), 0, 1).astype(np.float32)
        for _, alpha in still
    ]
    calm = Calm(0.8)
    held = [calm.held(frame, alpha) for frame, alpha in zip(frames, unsure, strict=True)]
    assert flicker(held) < 0.4 * flicker(unsure)
    calm = Calm(0.8)
    moved = [calm.held(frame, alpha) for frame, alpha in CLIP]
    assert min(overlap(one, alpha) for one, (_, alpha) in zip(moved, CLIP, strict=True)) > 0.9


def test_edges_are_fitted_to_a_larger_picture() -> None:
    frame, alpha = CLIP[0]
    large = np.repeat(np.repeat(frame, 3, 0), 3, 1)
    fitted = guided((alpha > 0.5).astype(np.float32), frame, large)
    assert fitted.shape == large.shape[:2]
    assert np.abs(fitted - np.repeat(np.repeat(alpha, 3, 0), 3, 1)).mean() < 0.01


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"subject": "banana"}, "no region"),
        ({"subject": ("people", BOX)}, "stand alone"),
        ({"subject": "not:" + BOX}, "mark the subject, too"),
        ({"subject": ()}, "at least 1 item"),
        ({"at": "soon"}, "not a time"),
        ({"output": "greenish"}, "or a colour"),
        ({"output": "background"}, "a background is named with"),
        ({"output": "blur", "background": "a.png"}, "a background is named with"),
        ({"subject": BOX, "matter": "people"}, "marks need none"),
        ({"soft_px": -1}, "greater than or equal to 0"),
        ({"steady": 1}, "less than or equal to 0.95"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Matte(**asked)


def test_a_background_that_was_not_opened_is_refused() -> None:
    with pytest.raises(FootageError, match="wasn't opened"):
        Matte(subject=BOX, background="a.png").make(footage(FRAMES), unheard, {})


def test_it_can_be_stopped() -> None:
    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == "Cutting out" and done == 3:
            raise KeyboardInterrupt

    made = Matte(subject=BOX).make(footage(FRAMES), stop, {})
    assert isinstance(made, Made)
    with pytest.raises(KeyboardInterrupt):
        list(made.frames)


def peak_bytes(count: int) -> int:
    class Endless:
        def __iter__(self) -> Iterator[Picture]:
            return (frame for frame, _ in clip(count, "still"))

    given = Footage(frames=Endless(), width_px=160, height_px=90, rate_fps=Fraction(24), count=count)
    made = Matte(subject="rect:0.32,0.18,0.68,0.82", at="last").make(given, unheard, {})
    assert isinstance(made, Made)
    tracemalloc.start()
    for _ in made.frames:
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_is_flat_also_when_the_mark_is_in_the_last_frame() -> None:
    peak_bytes(3)
    assert peak_bytes(60) < peak_bytes(15) + 20 * 160 * 90 * 3  # a list would hold 45 more
