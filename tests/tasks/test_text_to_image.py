"""Text -> image: one frame."""

from vitascope.tasks import text_to_image


def test_one_frame_of_which_nothing_is_known() -> None:
    canvas = text_to_image("a fox", size=(64, 32), seed=3, negative="fog")
    assert (canvas.frames, canvas.size, canvas.seed) == (1, (64, 32), 3)
    assert not canvas.known.any()
    assert (canvas.words_at(0), canvas.negative) == ("a fox", "fog")
