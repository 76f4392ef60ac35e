"""stabilise: a shaky clip made quiet, held still, or held at a point. Two looks: one finds the path, one
paints.

Knows camera paths, borders and warped frames. Rolling shutter is left alone: each frame is moved as a whole,
so the wobble within a frame that a fast shake leaves stays in it. Blur from shaking stays, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from vitascope.footage.camera_path import Quads, camera_path, frame_corners, locked, quiet
from vitascope.footage.contracts import Footage, Frame, Made, Report, Tool
from vitascope.footage.corner_pin import covered
from vitascope.footage.moments import MomentText
from vitascope.footage.track import PointText, Track
from vitascope.footage.warps import Places

UNSEEN_PX = (
    0.1  # corrections that stay below this all through the clip aren't made: painting anew costs sharpness
)
CUBIC_PX = 1.5  # so near to its border a warped frame is mixed with what isn't there
HALVINGS = 30
EASING_S = 0.5


class Stabilise(Tool):
    """Take the shaking out of a clip."""

    name: ClassVar[str] = "stabilise"

    mode: Annotated[
        Literal["smooth", "locked", "point"],
        Field(
            description="smooth: the camera moves as before, but quietly; locked: it stands still, as on a"
            " tripod; point: a point of the picture stays where it is."
        ),
    ] = "smooth"
    seconds: Annotated[
        float, Field(gt=0, le=30, description="smooth: over how long, before and after, it is made even.")
    ] = 1.0
    motion: Annotated[
        Literal["similarity", "homography"],
        Field(
            description="What is undone: shifts, turns and zooms; or perspective, too, for views of"
            " something flat or far away."
        ),
    ] = "similarity"
    border: Annotated[
        Literal["crop", "mirror", "blank"],
        Field(
            description="Where nothing was filmed: crop zooms in until none of it is seen; mirror fills it"
            " with the mirrored picture; blank leaves it see-through."
        ),
    ] = "crop"
    most_zoom: Annotated[
        float,
        Field(ge=1, le=3, description="crop: at most so much; where that isn't enough, less is undone."),
    ] = 1.25
    point: Annotated[PointText | None, Field(description='point: the one that stays: "x,y".')] = None
    at: Annotated[MomentText, Field(description="point: when it is there.")] = "first"
    tracker: Annotated[str | None, Field(description="point: which tracker; the best if none.")] = None

    @model_validator(mode="after")
    def _pointed(self) -> Stabilise:
        if (self.mode == "point") != (self.point is not None):
            raise ValueError('mode "point" goes with a point "x,y", and no other mode has one')
        return self

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """The quiet clip, streamed; the path is known when this returns. With border "blank" it has alpha."""
        quads, zoom = self.corrections(footage, report)
        return Made(
            frames=self._painted(footage, quads, zoom, report),
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=footage.rate_fps,
            count=len(quads),
            alpha=self.border == "blank",
        )

    def corrections(self, footage: Footage, report: Report) -> tuple[Quads, float]:
        """Where the corners of each frame go (OpenCV's places), and by how much that is then magnified."""
        corners = frame_corners(footage.width_px, footage.height_px)
        less, quads = self._wanted(footage, corners, report)
        if np.abs(quads - corners).max() < UNSEEN_PX:
            return np.repeat(corners[None], len(quads), 0), 1.0
        if self.border != "crop":
            return quads, 1.0
        made = np.repeat(corners[None], len(quads), 0)
        easing = round(EASING_S * footage.rate_fps)
        for wish in (less, quads):
            made = eased_within(wish, made, corners, self.most_zoom, easing)
        return made, least_zoom(made, corners, self.most_zoom)

    def _wanted(self, footage: Footage, corners: Places, report: Report) -> tuple[Quads, Quads]:
        """Where the corners should go; before it what is the next best, where that shows too much border."""
        if self.point is None:
            path = camera_path(footage, self.motion, report, homing=self.mode == "locked")
            smooth = quiet(path, corners, self.seconds * float(footage.rate_fps))
            return smooth, locked(path, corners) if self.mode == "locked" else smooth
        track = Track(points=(self.point,), at=self.at, tracker=self.tracker)
        found = track.make(footage, report, {})
        places = np.array([(each.x_px, each.y_px) for each in found.tracks[0].frames])
        kept = corners + (places[found.at_frame] - places)[:, None]
        return kept, kept

    def _painted(self, footage: Footage, quads: Quads, zoom: float, report: Report) -> Iterator[Frame]:
        corners = frame_corners(footage.width_px, footage.height_px)
        middle = corners.mean(0)
        for number, (frame, quad) in enumerate(zip(footage, quads, strict=False)):
            if zoom == 1 and (quad == corners).all():
                yield np.dstack([frame, np.full(frame.shape[:2], 255, np.uint8)]) if self._alpha else frame
            else:
                yield self._moved(frame, corners, (quad - middle) * zoom + middle)
            report("stabilising", number + 1, len(quads))

    @property
    def _alpha(self) -> bool:
        return self.border == "blank"

    def _moved(self, frame: Frame, corners: Places, quad: Places) -> Frame:
        warp = cv2.getPerspectiveTransform(corners.astype(np.float32), quad.astype(np.float32))
        size = (frame.shape[1], frame.shape[0])
        border = cv2.BORDER_CONSTANT if self._alpha else cv2.BORDER_REFLECT_101
        moved = np.asarray(
            cv2.warpPerspective(frame, warp, size, flags=cv2.INTER_CUBIC, borderMode=border), np.uint8
        )
        if not self._alpha:
            return moved
        known = covered(quad + 0.5, frame.shape, 2 * CUBIC_PX) >= 1
        return np.dstack([np.where(known[..., None], moved, 0), known * np.uint8(255)]).astype(np.uint8)


def eased_within(wish: Quads, fallback: Quads, corners: Places, most_zoom: float, easing: int) -> Quads:
    """What is wished for; where the largest zoom would show a border, so much of the way there from the
    fallback (which shows none) as it allows, falling and rising over `easing` frames on either side.
    """
    if _hides(wish, corners, most_zoom).all():
        return wish
    low, high = np.zeros(len(wish)), np.ones(len(wish))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        fits = _hides(fallback + middle[:, None, None] * (wish - fallback), corners, most_zoom)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    share = eased(np.where(_hides(wish, corners, most_zoom), 1.0, low), easing)
    return fallback + share[:, None, None] * (wish - fallback)


def least_zoom(quads: Quads, corners: Places, most_zoom: float) -> float:
    """The smallest zoom with which no border is seen in any frame."""
    small, large = 1.0, most_zoom
    for _ in range(HALVINGS):
        zoom = (small + large) / 2
        small, large = (small, zoom) if _hides(quads, corners, zoom).all() else (zoom, large)
    return large


def eased(share: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """A curve that lies nowhere above this one, without its steps: the mean of the least values around."""
    if reach < 1:
        return share
    padded = np.pad(share, 2 * reach, mode="edge")
    least = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(1)
    kernel = np.hanning(2 * reach + 3)[1:-1]
    return np.asarray(np.convolve(least, kernel / kernel.sum(), mode="valid"), np.float64)


def _hides(quads: Quads, corners: Places, zoom: float) -> NDArray[np.bool_]:
    """Whether each frame covers the whole picture when its corners go there and all is magnified."""
    middle = corners.mean(0)
    shown = (corners - middle) / zoom + middle
    # The picture's corners must lie within each of the frame's edges; half a pixel is left for filtering.
    sides = np.roll(quads, -1, 1) - quads
    length = np.maximum(np.linalg.norm(sides, axis=2), 1e-9)
    offset = shown[None, None] - quads[:, :, None]
    inner = sides[:, :, None, 0] * offset[..., 1] - sides[:, :, None, 1] * offset[..., 0]
    margin = 0.5 if zoom > 1 else 0.0
    return (inner / length[..., None] >= margin - 1e-9).all((1, 2))
