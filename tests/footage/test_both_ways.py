"""A mark in any frame serves all frames, in order, and every frame is the clip's own."""

from collections.abc import Iterator

import numpy as np
import pytest
from tests.footage.cutouts import Picture, clip, footage, overlap

from vitascope.footage import Footage, FootageError, unheard
from vitascope.footage.both_ways import followed
from vitascope.footage.marks import cut_out, parse_mark

CLIP = list(clip(12))
FRAMES = [frame for frame, _ in CLIP]


def box_at(index: int):
    down, across = np.nonzero(CLIP[index][1] > 0.5)
    height_px, width_px = CLIP[index][1].shape
    edges = (across.min() - 3) / width_px, (down.min() - 3) / height_px
    ends = (across.max() + 4) / width_px, (down.max() + 4) / height_px
    mark = parse_mark("rect:" + ",".join(f"{value:.4f}" for value in (*edges, *ends)))
    return lambda small: cut_out(small, (mark,))


@pytest.mark.parametrize(("at", "index"), [("first", 0), ("5f", 5), ("0.25", 6), ("last", 11), ("-2f", 10)])
def test_a_mark_in_any_frame_finds_it_in_all(at: str, index: int) -> None:
    sights = list(followed(footage(FRAMES), at, box_at(index), unheard))
    assert all(np.array_equal(sight.frame, frame) for sight, frame in zip(sights, FRAMES, strict=True))
    assert min(overlap(sight.alpha, alpha) for sight, (_, alpha) in zip(sights, CLIP, strict=True)) > 0.9
    assert not any(sight.lost for sight in sights)


@pytest.mark.parametrize("count", [None, 40])
def test_the_last_frame_is_the_last_there_is_whatever_the_file_said(count: int | None) -> None:
    sights = list(followed(footage(FRAMES, count), "last", box_at(11), unheard))
    assert min(overlap(sight.alpha, alpha) for sight, (_, alpha) in zip(sights, CLIP, strict=True)) > 0.9


@pytest.mark.parametrize(
    ("at", "count", "reason"),
    [
        ("12f", 12, "after the last frame"),
        ("9", None, "ends after 12"),
        ("-2f", None, "count from the start"),
    ],
)
def test_a_time_outside_of_the_clip_is_refused(at: str, count: int | None, reason: str) -> None:
    with pytest.raises(FootageError, match=reason):
        next(followed(footage(FRAMES, count), at, box_at(0), unheard))


def test_frames_may_be_drawn_into_one_array() -> None:
    canvas = np.empty_like(FRAMES[0])

    class Redrawn:
        def __iter__(self) -> Iterator[Picture]:
            for frame in FRAMES:
                canvas[:] = frame
                yield canvas

    given = footage(FRAMES)
    redrawn = Footage(
        frames=Redrawn(),
        width_px=given.width_px,
        height_px=given.height_px,
        rate_fps=given.rate_fps,
        count=given.count,
    )
    for sight, (frame, alpha) in zip(followed(redrawn, "5f", box_at(5), unheard), CLIP, strict=True):
        assert np.array_equal(sight.frame, frame)
        assert overlap(sight.alpha, alpha) > 0.9


def test_it_says_how_far_it_is_and_can_be_stopped() -> None:
    told: list[str] = []

    def stop(stage: str, done: int, total: int | None) -> None:
        told.append(stage)
        if stage == "Following it back" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(followed(footage(FRAMES), "5f", box_at(5), stop))
    assert told == ["Looking for the subject"] * 6 + ["Following it back"] * 2
