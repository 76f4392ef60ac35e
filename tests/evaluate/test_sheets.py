"""Contact sheets: every clip is there, at its place, and long words don't run over."""

import numpy as np

from vitascope.evaluate.sheets import contact_sheet

COLOURS = np.array([[200, 10, 10], [10, 200, 10], [10, 10, 200], [200, 200, 10], [10, 200, 200]], np.uint8)


def plain_clips(height_px: int = 16, width_px: int = 16) -> np.ndarray:
    return np.broadcast_to(COLOURS[:, None, None, None], (5, 6, height_px, width_px, 3)).copy()


def test_clips_stand_in_rows() -> None:
    sheet = contact_sheet(plain_clips(), ["words"] * 5, columns=2, moments=3, side_px=20)
    width = 3 * 20 + 10
    height = 20 + 30 + 10
    assert sheet.shape == (3 * height + 10, 2 * width + 10, 3)
    for i, colour in enumerate(COLOURS):
        x, y = 10 + i % 2 * width, 10 + i // 2 * height
        assert (sheet[y : y + 20, x : x + 60] == colour).all()


def test_moments_go_from_first_to_last() -> None:
    clip = np.zeros((1, 9, 8, 8, 3), np.uint8)
    clip[0] = (np.arange(9) * 20)[:, None, None, None]
    sheet = contact_sheet(clip, ["words"], moments=3, side_px=8)
    assert [int(sheet[14, 10 + 8 * m + 4, 0]) for m in range(3)] == [0, 80, 160]


def test_words_are_drawn_and_stay_in_their_cell() -> None:
    clips = plain_clips()[:2]
    quiet = contact_sheet(clips, ["", ""], columns=2, side_px=32)
    spoken = contact_sheet(clips, ["a very long caption " * 20, ""], columns=2, side_px=32)
    changed = (quiet != spoken).any(-1)
    assert changed.any()
    rows, columns = changed.nonzero()
    assert columns.max() < 10 + 4 * 32 + 10
    assert rows.min() >= 10 + 32
    assert rows.max() < quiet.shape[0]


def test_wide_clips_keep_their_shape() -> None:
    sheet = contact_sheet(plain_clips(16, 32)[:1], ["x"], moments=2, side_px=20)
    assert sheet.shape == (20 + 30 + 10 + 10, 2 * 40 + 10 + 10, 3)
