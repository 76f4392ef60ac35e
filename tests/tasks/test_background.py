"""New background: the subject is known to the bit, all else is unknown."""

import numpy as np
import pytest
from hypothesis import assume, given
from tests.canvas.strategies import regions

from vitascope.canvas import CanvasError, Rectangle, Region
from vitascope.tasks import background

CLIP = np.random.default_rng(3).integers(0, 256, (4, 18, 24, 3), np.uint8)


@given(regions)
def test_the_subject_is_known_and_nothing_else(subject: Region) -> None:
    whole = subject.coverage(18, 24) == 1
    assume(whole.any() and not whole.all())
    canvas = background(CLIP, subject, "on the moon", rate_fps=12, seed=2)
    assert np.array_equal(canvas.pixels, CLIP)
    assert (canvas.known == whole).all()
    assert (canvas.words_at(-1), canvas.rate_fps, canvas.seed) == ("on the moon", 12, 2)


@pytest.mark.parametrize("frames", [(), (4,)])
def test_alpha_is_taken_as_it_is(frames: tuple[int, ...]) -> None:
    alpha = np.random.default_rng(0).random((*frames, 18, 24), np.float32)
    assert np.allclose(background(CLIP, alpha, rate_fps=8).known, alpha)


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        (Rectangle(1.2, 0, 1.5, 1), "subject: it holds no pixel of the clip, so nothing would be kept"),
        (Rectangle(-0.1, -0.1, 1.1, 1.1), "subject: it holds every pixel"),
        (np.ones((3, 18, 24)), r"subject.where: wanted the shape \(4, 18, 24\)"),
    ],
)
def test_what_is_no_subject_is_refused(subject: Region, message: str) -> None:
    with pytest.raises(CanvasError, match=message):
        background(CLIP, subject, rate_fps=8)
