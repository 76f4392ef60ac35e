"""Text -> video: nothing is known but the words."""

from fractions import Fraction

from vitascope.canvas import Camera
from vitascope.tasks import text_to_video


def test_nothing_is_known_but_the_words() -> None:
    canvas = text_to_video("a fox runs", duration_s=1.5, size=(320, 180), rate_fps=24, seed=5, negative="fog")
    assert (canvas.frames, canvas.size, canvas.duration_s) == (36, (320, 180), Fraction(3, 2))
    assert not canvas.known.any()
    assert [canvas.words_at(frame) for frame in (0, -1)] == ["a fox runs"] * 2
    assert (canvas.seed, canvas.negative, canvas.camera) == (5, "fog", ())


def test_the_camera_is_taken_along() -> None:
    assert text_to_video("a fox", camera=Camera(pan=-30)).camera == (Camera(pan=-30),)
