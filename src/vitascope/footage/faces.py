"""Where faces are in one frame: MediaPipe's two BlazeFace networks, over a pyramid of overlapping tiles.

Knows no time: a face here is a box and a score, and nobody's name. The networks come out of the mediapipe
0.10.21 wheel by their SHA-256 and run under LiteRT; mediapipe itself is never imported. Their answers are
decoded after the papers (BlazeFace, Bazarevsky et al. 2019, arXiv:1907.05047; SSD, Liu et al. 2016,
arXiv:1512.02325).

Not found: backs of heads, heads lying on their side (beyond about 45 degrees), faces below `smallest_px`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Box, FootageError, Frame, MissingPart
from vitascope.footage.parts import Part

if TYPE_CHECKING:
    from pathlib import Path

Floats = NDArray[np.float32]

LEAST_SCORE = 0.6
"""From here on a box counts as a face; below 0.5 the leaves and cups of photographs begin to."""
SMALLEST_PX = 24
"""Faces this small tell nobody whose they are."""


class Face(NamedTuple):
    """A face: its box, from the brows to the chin and from cheek to cheek, and how sure it is, 0..1."""

    box: Box
    score: float


class FaceFinder(Protocol):
    """The role "face-finder"."""

    def faces(self, frame: Frame, *, least_score: float = LEAST_SCORE) -> list[Face]:
        """All faces in uint8 [H, W, 3], the surest first; their boxes may reach out of the frame."""
        ...


BLAZEFACE = Part(
    name="blazeface",
    role="face-finder",
    summary="MediaPipe's BlazeFace, near and far, over tiles of the frame",
    target="vitascope.footage.faces:BlazeFace",
    licence="Apache-2.0",
    packages=("ai_edge_litert", "mediapipe", "cv2"),
    install="pip install ai-edge-litert && pip install --no-deps mediapipe==0.10.21",
)


@dataclass(frozen=True, kw_only=True)
class Anchors:
    """Where a network's answers stand: (stride_px, answers at each place) of every grid, in order."""

    file: str
    sha256: str
    side_px: int
    grids: tuple[tuple[int, int], ...]
    smallest: float
    """The least face that is surely found, as a share of the input's side: of a photographed face at 15 sizes
    and 5 places every score is 0.76 or more above it, and about 0.5 at 0.05 (far) and 0.12 (near)."""

    def centres(self) -> Floats:
        """float32 [N, 2]: the middle of every place (x, y), in shares of the side (SSD, section 2.2)."""
        grids: list[NDArray[np.float64]] = []
        for stride_px, answers in self.grids:
            count = math.ceil(self.side_px / stride_px)
            middles = (np.arange(count) + 0.5) / count
            y, x = np.meshgrid(middles, middles, indexing="ij")
            grids.append(np.repeat(np.stack((x.ravel(), y.ravel()), 1), answers, axis=0))
        return np.concatenate(grids).astype(np.float32)


NEAR = Anchors(
    file="face_detection_short_range.tflite",
    sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    side_px=128,
    grids=((8, 2), (16, 6)),
    smallest=0.16,
)
FAR = Anchors(
    file="face_detection_full_range_sparse.tflite",
    sha256="2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
    side_px=192,
    grids=((4, 1),),
    smallest=0.07,
)


class Tile(NamedTuple):
    """A square cut out of a frame, which may hang over its edges (there it is black)."""

    x_px: int
    y_px: int
    side_px: int


def tiles(width_px: int, height_px: int, smallest_px: float, smallest: float) -> Iterator[Tile]:
    """Squares in which a face of `smallest_px` or more is at least the share `smallest` of the side.

    First one that holds the whole frame, then ever smaller ones; neighbours overlap by a third, so that a
    face on a seam is whole in one of them or is found in the size above.
    """
    side_px = max(width_px, height_px)
    yield Tile(-((side_px - width_px) // 2), -((side_px - height_px) // 2), side_px)
    larger_px = side_px
    side_px = min(width_px, height_px) if side_px > 1.2 * min(width_px, height_px) else side_px // 2
    while larger_px * smallest > smallest_px and side_px >= smallest_px:
        for y_px in _starts(height_px, side_px):
            for x_px in _starts(width_px, side_px):
                yield Tile(x_px, y_px, side_px)
        larger_px, side_px = side_px, side_px // 2


def _starts(length_px: int, side_px: int) -> list[int]:
    count = 1 + max(0, math.ceil((length_px - side_px) / (side_px * 2 / 3)))
    if count == 1:
        return [(length_px - side_px) // 2]
    return [round(index * (length_px - side_px) / (count - 1)) for index in range(count)]


class BlazeFace:
    """The Part "blazeface". `smallest_px` None: a thirtieth of the frame's longer side (64 px of 1920).

    A 1920x1080 frame takes 0.1 s on one core: 18 tiles of 6 ms for the far network, 3 of 0.7 ms for the
    near.
    """

    def __init__(self, smallest_px: float | None = None) -> None:
        folder = _folder()
        self._near, self._far = (_Network(folder, anchors) for anchors in (NEAR, FAR))
        self._smallest_px = smallest_px

    def faces(self, frame: Frame, *, least_score: float = LEAST_SCORE) -> list[Face]:
        """See FaceFinder."""
        height_px, width_px = frame.shape[:2]
        smallest_px = self._smallest_px or max(SMALLEST_PX, max(width_px, height_px) / 30)
        whole, *parts = tiles(width_px, height_px, smallest_px, FAR.smallest)
        found = self._near.faces(frame, whole, least_score) + self._far.faces(frame, whole, least_score)
        for tile in parts:
            if tile.side_px >= min(width_px, height_px):  # near faces are large: these tiles suffice for them
                found += self._near.faces(frame, tile, least_score)
            found += self._far.faces(frame, tile, least_score)
        return [face for face in joined(found) if face.box.width_px > smallest_px / 2]


def joined(found: Sequence[Face], overlap: float = 0.3) -> list[Face]:
    """One face for all boxes that lie over one another, the surest first: their mean, weighted by their
    scores.

    That is BlazeFace's own rule in place of plain non-maximum suppression: a box that is the mean of several
    trembles less. A box that lies mostly inside of another counts as the same face, too.
    """
    rest = sorted(found, key=lambda face: -face.score)
    result: list[Face] = []
    while rest:
        best = rest[0]
        same = [face for face in rest if _overlap(face.box, best.box) >= overlap]
        near = [face for face in same if iou(face.box, best.box) >= overlap]
        weights = np.array([face.score for face in near])
        mean = np.average(np.array([face.box for face in near]), axis=0, weights=weights)
        result.append(Face(Box(*(float(value) for value in mean)), best.score))
        rest = [face for face in rest if face not in same]
    return result


def iou(one: Box, other: Box) -> float:
    """What two boxes share of all that they cover, 0..1."""
    shared = _shared(one, other)
    return shared / max(1e-9, one.width_px * one.height_px + other.width_px * other.height_px - shared)


def _overlap(one: Box, other: Box) -> float:
    """iou, or 1 for boxes of which one holds most of the other."""
    least = min(one.width_px * one.height_px, other.width_px * other.height_px)
    return 1.0 if _shared(one, other) > 0.7 * least else iou(one, other)


def _shared(one: Box, other: Box) -> float:
    across = min(one.x_px + one.width_px, other.x_px + other.width_px) - max(one.x_px, other.x_px)
    down = min(one.y_px + one.height_px, other.y_px + other.height_px) - max(one.y_px, other.y_px)
    return max(0.0, across) * max(0.0, down)


class _Network:
    """One of the networks, loaded: a tile of a frame -> faces in the frame's pixels."""

    def __init__(self, folder: Path, anchors: Anchors) -> None:
        from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]

        self._anchors, self._centres = anchors, anchors.centres()
        self._interpreter: Any = Interpreter(
            model_content=read_network(folder / anchors.file, anchors.sha256), num_threads=1
        )
        self._interpreter.allocate_tensors()
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        outputs = sorted(self._interpreter.get_output_details(), key=lambda detail: detail["shape"][-1])
        self._scores, self._boxes = (int(detail["index"]) for detail in outputs)

    def faces(self, frame: Frame, tile: Tile, least_score: float) -> list[Face]:
        picture = cut(frame, tile, self._anchors.side_px)
        self._interpreter.set_tensor(self._input, picture.astype(np.float32)[None] / 127.5 - 1)
        self._interpreter.invoke()
        logits = np.clip(self._interpreter.get_tensor(self._scores)[0, :, 0], -80, 80)
        scores = 1 / (1 + np.exp(-logits))
        sure = np.flatnonzero(scores >= least_score)
        # Middle and size are offsets from the place, in the input's pixels.
        boxes = self._interpreter.get_tensor(self._boxes)[0, sure, :4] / self._anchors.side_px
        middles, sizes = self._centres[sure] + boxes[:, :2], boxes[:, 2:4]
        corners = (middles - sizes / 2) * tile.side_px + (tile.x_px, tile.y_px)
        return [
            Face(Box(*(float(value) for value in (*corner, *size))), float(score))
            for corner, size, score in zip(corners, sizes * tile.side_px, scores[sure], strict=True)
            if size.min() > 0
        ]


def cut(frame: Frame, tile: Tile, side_px: int) -> Frame:
    """A tile of the frame at another size, uint8 [side_px, side_px, 3], black where the frame ends."""
    import cv2

    height_px, width_px = frame.shape[:2]
    left, top = max(0, tile.x_px), max(0, tile.y_px)
    right, bottom = min(width_px, tile.x_px + tile.side_px), min(height_px, tile.y_px + tile.side_px)
    scale = side_px / tile.side_px
    x0, y0 = round((left - tile.x_px) * scale), round((top - tile.y_px) * scale)
    inner = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    smaller = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    result = np.zeros((side_px, side_px, 3), np.uint8)
    result[y0 : y0 + inner[1], x0 : x0 + inner[0]] = cv2.resize(
        frame[top:bottom, left:right, :3], inner, interpolation=smaller
    )[: side_px - y0, : side_px - x0]
    return result


def _folder() -> Path:
    """Where the installed mediapipe keeps its face networks; found without importing it."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("mediapipe")
    if spec is None or spec.origin is None:
        raise MissingPart(
            "the face-finder blazeface needs the networks of mediapipe 0.10.21;"
            " `pip install --no-deps mediapipe==0.10.21`"
        )
    return Path(spec.origin).parent / "modules" / "face_detection"


def read_network(file: Path, sha256: str) -> bytes:
    """A network as it was published. Raises MissingPart where it isn't, FootageError where it is another."""
    import hashlib

    if not file.is_file():
        raise MissingPart(
            f"{file.name} isn't in the installed mediapipe; 0.10.21 is the last release that holds it:"
            " `pip install --no-deps mediapipe==0.10.21`"
        )
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FootageError(f"{file} isn't the file that was published with mediapipe 0.10.21")
    return content
