"""Labels: drawn where and when they should be, large enough, and kept in the metadata."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vitascope.media import MediaError, read_clip, write_video
from vitascope.media.label import CN_SHARE, label_metadata, labelled, read_label


def grey(count: int, height_px: int = 360, width_px: int = 640) -> list[np.ndarray]:
    return [np.full((height_px, width_px, 3), 128, np.uint8)] * count


def drawn(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Where something was drawn: [H, W] of bool."""
    return (before != after).any(2)


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (256, 256), (64, 64), (16, 16), (1, 1)])
@pytest.mark.parametrize("label", ["eu", "cn"])
def test_it_is_drawn_inside_any_frame(label: str, size: tuple[int, int]) -> None:
    [before] = grey(1, *size)
    [after] = labelled([before], 8, label)  # type: ignore[arg-type]
    assert after.shape == before.shape
    assert after.dtype == np.uint8
    assert drawn(before, after).any()
    assert (before == 128).all()  # the given frame is nobody's to draw on


@pytest.mark.parametrize("label", ["eu", "cn"])
def test_it_is_seen_where_the_picture_is_see_through(label: str) -> None:
    nothing = np.zeros((360, 640, 4), np.uint8)
    [marked] = labelled([nothing], 8, label)  # type: ignore[arg-type]
    [colours] = labelled([nothing[..., :3]], 8, label)  # type: ignore[arg-type]
    assert np.array_equal(marked[..., :3], colours)
    assert (marked[..., 3] > 0).sum() >= drawn(nothing[..., :3], colours).sum() > 0
    assert marked[0, 0, 3] == 0


def test_the_eu_mark_stands_in_a_corner_all_the_time() -> None:
    clip = grey(30)
    marked = list(labelled(clip, 8, "eu"))
    assert len(marked) == 30
    assert all(np.array_equal(frame, marked[0]) for frame in marked)
    rows, columns = np.nonzero(drawn(clip[0], marked[0]))
    assert rows.min() > 0.85 * 360
    assert columns.min() > 0.5 * 640


@pytest.mark.parametrize("rate", [Fraction(8), Fraction(30000, 1001)])
def test_the_chinese_label_stands_for_two_seconds_at_least(rate: Fraction) -> None:
    clip = grey(80)
    shown = [drawn(*pair).any() for pair in zip(clip, labelled(clip, rate, "cn"), strict=True)]
    count = sum(shown)
    assert shown == [True] * count + [False] * (80 - count)
    assert 2 <= count / rate < 2 + 1 / rate


@pytest.mark.parametrize("size", [(180, 320), (360, 640), (720, 1280), (640, 360)])
def test_its_signs_are_high_enough(size: tuple[int, int]) -> None:
    [before] = grey(1, *size)
    [after] = labelled([before], 8, "cn")
    ink = (after > 110).all(2) & drawn(before, after)  # white signs on a dark ground
    columns = np.flatnonzero(ink.any(0))
    signs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    heights = [np.ptp(np.flatnonzero(ink[:, sign[0] : sign[-1] + 1].any(1))) + 1 for sign in signs]
    wide = [height for sign, height in zip(signs, heights, strict=True) if len(sign) > min(size) * 0.03]
    assert len(wide) >= 4
    assert min(wide) >= CN_SHARE * min(size)


def test_memory_stays_flat() -> None:
    held = 0

    def frames() -> Iterator[np.ndarray]:
        nonlocal held
        for frame in grey(50, 64, 64):
            held += 1
            yield frame

    for number, _ in enumerate(labelled(frames(), 8, "cn"), 1):
        assert held == number


def test_none_changes_nothing_and_a_wrong_name_is_refused() -> None:
    clip = grey(3, 64, 64)
    assert all(a is b for a, b in zip(clip, labelled(clip, 8, "none"), strict=True))
    with pytest.raises(MediaError, match="none, eu, cn"):
        labelled(clip, 8, "uk")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["fox.mp4", "fox.mov", "fox.webm", "fox.mkv", "fox.png", "fox.jpg"])
def test_the_hidden_label_is_kept_by_the_file(tmp_path: Path, name: str) -> None:
    said = label_metadata("cn", "影像 studio", "job_7")
    assert list(said) == ["AIGC"]
    assert json.loads(said["AIGC"])["Label"] == "1"
    path = tmp_path / name
    write_video(path, grey(1 if path.suffix in (".png", ".jpg") else 4, 64, 64), 8, metadata=said)
    found = read_label(path)
    assert found is not None
    assert (found["Label"], found["ContentProducer"], found["ProduceID"]) == ("1", "影像 studio", "job_7")
    assert len(read_clip(path)) in (1, 4)


def test_only_cn_has_metadata() -> None:
    assert label_metadata("eu", "a", "b") == label_metadata("none", "a", "b") == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"Label": {"a": 1}}', "[" * 100_000, '{"x": "1"}', ""])
def test_a_strangers_field_is_read_with_care(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fox.png"
    write_video(path, grey(1, 8, 8), 8, metadata={"AIGC": text})
    assert read_label(path) is None


def test_a_strangers_words_cannot_steer_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    field = json.dumps({"Label": "1", "ContentProducer": "\x1b[31mred\u202e" + "x" * 1000})
    write_video(path, grey(1, 8, 8), 8, metadata={"AIGC": field})
    found = read_label(path)
    assert found is not None
    assert found["ContentProducer"].isprintable()
    assert len(found["ContentProducer"]) <= 300


def test_a_file_without_one_has_none(tmp_path: Path) -> None:
    path = tmp_path / "fox.gif"
    write_video(path, grey(2, 16, 16), 8)
    assert read_label(path) is None
    (tmp_path / "words.mp4").write_text("hello")
    with pytest.raises(MediaError):
        read_label(tmp_path / "words.mp4")
