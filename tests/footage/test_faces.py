"""Faces in one frame: where they are, how small they may be, and what isn't one."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.footage import Box, FootageError, MissingPart, load_part
from vitascope.footage.faces import FAR, Face, FaceFinder, iou, joined, read_network, tiles

cv2 = pytest.importorskip("cv2")
FACE = Box(175, 75, 100, 100)  # of the astronaut


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    try:
        return load_part("face-finder")
    except MissingPart as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return pytest.importorskip("skimage.data").astronaut()


def test_a_face_is_found_once_where_it_is(finder: FaceFinder, astronaut: np.ndarray) -> None:
    found = finder.faces(astronaut)
    assert len(found) == 1
    assert found[0].score > 0.8
    assert iou(found[0].box, FACE) > 0.7


@pytest.mark.parametrize(("face_px", "x_px", "y_px"), [(48, 1500, 700), (60, 30, 20), (120, 933, 500)])
def test_small_faces_are_found_anywhere_in_1080p(
    finder: FaceFinder, astronaut: np.ndarray, face_px: int, x_px: int, y_px: int
) -> None:
    head = astronaut[:240, 80:370]
    scale = face_px / FACE.width_px
    small = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.full((1080, 1920, 3), 127, np.uint8)
    frame[y_px : y_px + small.shape[0], x_px : x_px + small.shape[1]] = small
    truth = Box(x_px + (FACE.x_px - 80) * scale, y_px + FACE.y_px * scale, face_px, face_px)
    found = finder.faces(frame)
    assert len(found) == 1
    assert iou(found[0].box, truth) > 0.5


@pytest.mark.parametrize("name", ["coffee", "rocket"])
def test_what_is_no_face_is_none(finder: FaceFinder, name: str) -> None:
    assert finder.faces(getattr(pytest.importorskip("skimage.data"), name)()) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (700, 3, 3)])
def test_frames_of_any_shape_can_be_searched(finder: FaceFinder, shape: tuple[int, ...]) -> None:
    assert finder.faces(np.zeros(shape, np.uint8)) == []


@given(st.integers(64, 4000), st.integers(64, 4000), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_every_face_is_large_enough_in_a_tile_that_holds_it(
    width_px: int, height_px: int, size: float, x: float, y: float
) -> None:
    smallest_px = max(24, max(width_px, height_px) / 30)
    most_px = min(width_px, height_px) / 3
    if most_px < smallest_px:
        return
    size_px = smallest_px + size * (most_px - smallest_px)
    left, top = x * (width_px - size_px), y * (height_px - size_px)
    assert any(
        tile.x_px <= left + 1
        and tile.y_px <= top + 1
        and left + size_px <= tile.x_px + tile.side_px + 1
        and top + size_px <= tile.y_px + tile.side_px + 1
        and size_px >= FAR.smallest * tile.side_px
        for tile in tiles(width_px, height_px, smallest_px, FAR.smallest)
    )


def test_boxes_that_lie_over_one_another_are_one_face() -> None:
    boxes = [Face(Box(10, 10, 20, 20), 0.9), Face(Box(12, 10, 20, 20), 0.6), Face(Box(60, 10, 20, 20), 0.7)]
    one, other = joined(boxes)
    assert one.score == 0.9
    assert one.box.x_px == pytest.approx(10.8)
    assert other.box == pytest.approx(boxes[2].box)


def test_a_network_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    file = tmp_path / FAR.file
    with pytest.raises(MissingPart, match=r"0\.10\.21"):
        read_network(file, FAR.sha256)
    file.write_bytes(b"another")
    with pytest.raises(FootageError, match="isn't the file"):
        read_network(file, FAR.sha256)
