"""Streams of known colours and blurs."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from vitascope.evaluate.drift import drift, moments, sharpness


def chunks(lengths: list[int]) -> Iterator[np.ndarray]:
    """Frames that are as bright as their number, in chunks."""
    at = 0
    for length in lengths:
        yield np.stack([np.full((4, 4, 3), at + t, np.uint8) for t in range(length)])
        at += length


def test_moments_are_found_across_chunks() -> None:
    found = moments(chunks([5, 1, 7, 20]), [0, 4, 11], 4)
    assert [clip[:, 0, 0, 0].tolist() for clip in found] == [[0, 1, 2, 3], [4, 5, 6, 7], [11, 12, 13, 14]]


def test_no_more_is_read_than_needed() -> None:
    stream = chunks([4, 4, 4, 4])
    moments(stream, [0, 3], 4)
    assert next(stream)[0, 0, 0, 0] == 8


def test_a_moment_past_the_end_is_left_out() -> None:
    assert len(moments(chunks([6]), [0, 4], 4)) == 1


def test_colour_and_sharpness_by_a_known_amount() -> None:
    rng = np.random.default_rng(0)
    first = rng.integers(60, 180, (4, 64, 64, 3)).astype(np.uint8)
    assert drift(first, first).colour == 0
    assert drift(first, first).sharpness == 1
    assert drift(first, first + 9).colour == pytest.approx(9)
    assert drift(first, first + 9).sharpness == pytest.approx(1)
    soft = np.stack([cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in first])
    assert drift(first, soft).sharpness < 0.1
    assert sharpness(np.full((2, 8, 8, 3), 7, np.uint8)) == 0
