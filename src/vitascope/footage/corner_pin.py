"""corner-pin: a picture or a clip that sticks to something in the footage: a plane, a box or a point.

On a plane it lies in perspective, in a box it turns and grows with it, at a point it stays upright. It is
hidden while what it sticks to is hidden. Two looks through the footage: one follows, one paints.

Knows tracks and how to paint an overlay into four corners; not what an overlay shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from vitascope.footage.contracts import Footage, FootageError, Frame, Made, Report, Tool
from vitascope.footage.moments import MomentText
from vitascope.footage.track import BoxText, PlaneText, PointText, Sighting, Track
from vitascope.footage.trackers import Kind, Places

Plane = NDArray[np.float32]
FADE = 3  # frames over which it goes and comes, so that nothing pops
LARGEST = 16.0  # times the frame's size: corners farther out are a plane seen from its edge


class CornerPin(Tool):
    """Pin a picture or a clip onto a plane, a box or a point of the footage, so that it moves with it."""

    name: ClassVar[str] = "corner-pin"
    media: ClassVar[tuple[str, ...]] = ("overlay",)
    see_through: ClassVar[tuple[str, ...]] = ("overlay",)

    overlay: Annotated[str, Field(description="The picture or clip to pin. A clip begins with the footage.")]
    plane: Annotated[
        PlaneText | None,
        Field(description='Where its corners go: "x,y x,y x,y x,y" from its top left, clockwise.'),
    ] = None
    box: Annotated[
        BoxText | None,
        Field(description='A thing it is laid over: "x,y,width,height"; it keeps its own shape.'),
    ] = None
    point: Annotated[PointText | None, Field(description='A point at which its middle stays: "x,y".')] = None
    at: Annotated[MomentText, Field(description='When that is marked so: "first", "1.5", "12f".')] = "first"
    width: Annotated[
        float, Field(gt=0, le=2, description="At a point: its width, as a share of the frame's width.")
    ] = 0.2
    shift: Annotated[
        tuple[Annotated[float, Field(ge=-2, le=2)], Annotated[float, Field(ge=-2, le=2)]],
        Field(description="Beside a point: how far right and down of it, as shares of the frame."),
    ] = (0.0, 0.0)
    opacity: Annotated[float, Field(ge=0, le=1, description="How much of what is below it hides.")] = 1.0
    edge_px: Annotated[float, Field(ge=1, le=200, description="How soft its edge is.")] = 1.5
    tracker: Annotated[str | None, Field(description="Which tracker; the best that is there if none.")] = None

    @model_validator(mode="after")
    def _one(self) -> CornerPin:
        if sum(each is not None for each in (self.plane, self.box, self.point)) != 1:
            raise ValueError("name one thing to pin it on: a plane, a box or a point")
        return self

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """The footage with the overlay in it, streamed; the following is done when this returns."""
        overlay = others["overlay"]
        tracks = Track(
            points=(self.point,) if self.point else (),
            boxes=(self.box,) if self.box else (),
            planes=(self.plane,) if self.plane else (),
            at=self.at,
            tracker=self.tracker,
        ).make(footage, report, {})
        followed = tracks.tracks[0]
        return Made(
            frames=self._painted(footage, overlay, followed.kind, followed.frames, report),
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=footage.rate_fps,
            count=len(followed.frames),
        )

    def _painted(
        self, footage: Footage, overlay: Footage, kind: Kind, seen: Sequence[Sighting], report: Report
    ) -> Iterator[Frame]:
        shown = fading([each.visible for each in seen])
        pictures = in_step(overlay, footage)
        painter = Painter(next(pictures))
        for number, (frame, sighting) in enumerate(zip(footage, seen, strict=False)):
            if number:
                painter.take(next(pictures))
            opacity = self.opacity * shown[number]
            if opacity > 0:
                frame = painter.painted(
                    frame, self._corners(kind, sighting, footage, overlay), opacity, self.edge_px
                )
            yield frame
            report("pinning", number + 1, len(seen))

    def _corners(self, kind: Kind, seen: Sighting, footage: Footage, overlay: Footage) -> Places:
        if kind == "point":
            size_px = self.width * footage.width_px * np.array([1, overlay.height_px / overlay.width_px])
            middle_px = np.array([seen.x_px, seen.y_px]) + self.shift * np.array(
                [footage.width_px, footage.height_px]
            )
            return middle_px + np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * size_px
        corners = np.array(seen.corners_px)
        return fitting(corners, overlay.width_px / overlay.height_px) if kind == "box" else corners


def fading(visible: Sequence[bool]) -> list[float]:
    """How much is shown in each frame: nothing where it is hidden, and little just before and after."""
    shown = [FADE * (1.0 if each else 0.0) for each in visible]
    for order in (range(1, len(shown)), range(len(shown) - 2, -1, -1)):
        step = 1 if order.step < 0 else -1
        for number in order:
            shown[number] = min(shown[number], shown[number + step] + 1)
    return [min(1.0, each / FADE) for each in shown]


def in_step(overlay: Footage, footage: Footage) -> Iterator[Frame]:
    """The overlay's picture for each frame of the footage, by the clock; the last one stays."""
    frames = iter(overlay)
    picture = next(frames, None)
    if picture is None:
        raise FootageError("the overlay has no pictures")
    picture, shown, number = picture.copy(), 0, 0
    while True:
        due = int(number / footage.rate_fps * overlay.rate_fps)
        while shown < due:
            following = next(frames, None)
            if following is None:
                break
            picture, shown = following.copy(), shown + 1
        yield picture
        number += 1


def fitting(corners: Places, aspect: float) -> Places:
    """The largest middle part of four corners that has this aspect, where they are a turned box."""
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    own = float(np.linalg.norm(across) / max(1e-6, np.linalg.norm(down)))
    half_x, half_y = across / 2 * min(1, aspect / own), down / 2 * min(1, own / aspect)
    middle = corners.mean(0)
    return np.array(
        [
            middle - half_x - half_y,
            middle + half_x - half_y,
            middle + half_x + half_y,
            middle - half_x + half_y,
        ]
    )


class Painter:
    """Paints a picture into four corners of frames: filtered, in perspective, its edge blended."""

    def __init__(self, picture: Frame) -> None:
        self.take(picture)

    def take(self, picture: Frame) -> None:
        """From now on this picture, uint8 [H, W, 3] or [H, W, 4] with alpha."""
        if getattr(self, "_picture", None) is picture:
            return
        self._picture = picture
        self._halves: list[Plane] = []

    def painted(self, frame: Frame, corners_px: Places, opacity: float, edge_px: float) -> Frame:
        """A new frame with the picture between these corners, clockwise from its top left."""
        height, width = frame.shape[:2]
        size = np.array([width, height])
        low = np.floor(np.clip(corners_px.min(0) - 1, 0, size)).astype(int)
        high = np.ceil(np.clip(corners_px.max(0) + 1, 0, size)).astype(int)
        if (high <= low).any() or (np.abs(corners_px) > LARGEST * size.max()).any():
            return frame
        local = corners_px - low
        colour, alpha = self._warped(local, (int(high[0] - low[0]), int(high[1] - low[1])))
        cover = covered(local, alpha.shape, edge_px) * opacity
        result = frame.copy()
        below = frame[low[1] : high[1], low[0] : high[0]].astype(np.float32)
        # The colours are multiplied by their alpha already.
        mixed = below * (1 - alpha * cover)[..., None] + colour * cover[..., None]
        result[low[1] : high[1], low[0] : high[0]] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
        return result

    def _warped(self, corners: Places, size: tuple[int, int]) -> tuple[Plane, Plane]:
        sides = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
        height, width = self._picture.shape[:2]
        shrink = min(width / max(1, sides[[0, 2]].max()), height / max(1, sides[[1, 3]].max()))
        picture = self._half(max(0, int(np.floor(np.log2(max(1.0, shrink * 1.2))))))
        tall, wide = picture.shape[:2]
        start = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32) - 0.5
        warp = cv2.getPerspectiveTransform(start, (corners - 0.5).astype(np.float32))
        # covered() draws the edge; beyond it the picture's last pixels go on, so that it doesn't darken.
        warped = cv2.warpPerspective(
            picture, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(warped[..., :3], np.float32), np.asarray(warped[..., 3] / 255, np.float32)

    def _half(self, times: int) -> Plane:
        """The picture halved so many times, its colours multiplied by alpha: float32 [h, w, 4], 0..255."""
        if not self._halves:
            plane = self._picture.astype(np.float32)
            if plane.shape[2] == 3:
                plane = np.dstack([plane, np.full(plane.shape[:2], 255, np.float32)])
            else:
                plane[..., :3] *= plane[..., 3:] / 255
            self._halves = [plane]
        while len(self._halves) <= times and min(self._halves[-1].shape[:2]) > 2:
            last = self._halves[-1]
            size = (max(1, round(last.shape[1] / 2)), max(1, round(last.shape[0] / 2)))
            self._halves.append(np.asarray(cv2.resize(last, size, interpolation=cv2.INTER_AREA), np.float32))
        return self._halves[min(times, len(self._halves) - 1)]


def covered(corners: Places, shape: tuple[int, ...], edge_px: float) -> Plane:
    """How much of each pixel [H, W] lies within four corners: 0..1, from its distance to the nearest side.

    Half is on the side itself; the change takes `edge_px`.
    """
    columns, rows = np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5
    sides = np.roll(corners, -1, 0) - corners
    around = 1.0 if float(np.cross(np.append(sides[0], 0), np.append(sides[1], 0))[2]) > 0 else -1.0
    depth = np.full(shape[:2], np.inf, np.float32)
    for (x, y), (run, rise) in zip(corners, sides, strict=True):
        length = max(1e-6, float(np.hypot(run, rise)))
        distance = around * ((rows[:, None] - y) * run - (columns[None] - x) * rise) / length
        np.minimum(depth, distance, out=depth, casting="same_kind")
    return np.clip(depth / edge_px + 0.5, 0, 1).astype(np.float32)
