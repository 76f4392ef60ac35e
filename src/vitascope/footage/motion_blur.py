"""The tool "motion-blur": what an open shutter would have drawn out, made from optical flow.

The shutter is open around each frame's own moment: half of the time before it, half after. For a number of
moments in that time the frame is carried along its flow, and their mean is what is seen. A place takes the
colour of what moves into it then, so that a fast thing is drawn out over a background that stands still,
too.

Not known: what a moving thing hides in this frame, and turning (things go straight while the shutter is
open). Nothing is drawn across a cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitascope.footage.contracts import Footage, Frame, Made, Report, Tool
from vitascope.footage.flow import carried, carried_flow, flows, scaled
from vitascope.footage.pairs import Pair

Flow = NDArray[np.float32]
"""float32 [H, W, 2]: how many pixels right and down each place goes in one frame."""

_STEP_PX = 1.5  # between two samples along the way


class MotionBlur(Tool):
    """Draws moving things out as an open shutter does."""

    name: ClassVar[str] = "motion-blur"

    shutter: Annotated[
        float,
        Field(
            gt=0,
            le=360,
            description="How long the shutter is open, in degrees: 180 is half of a frame's time.",
        ),
    ] = 180.0
    samples: Annotated[
        int, Field(ge=3, le=64, description="At most so many moments a frame; fewer where little moves.")
    ] = 24

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> Made:
        """Frames of the same size, rate and number."""
        return Made(
            frames=self._drawn_out(footage, report),
            width_px=footage.width_px,
            height_px=footage.height_px,
            rate_fps=footage.rate_fps,
            count=footage.count,
        )

    def _drawn_out(self, footage: Footage, report: Report) -> Iterator[Frame]:
        before: Flow | None = None
        frame: Frame | None = None
        done = 0
        for following in footage:
            following = following.copy()  # its owner may draw the next one into the same array
            if frame is not None:
                back, on = _between(frame, following)
                yield self._open(frame, before, on)
                done += 1
                report("blurring", done, footage.count)
                before = back
            frame = following
        if frame is not None:
            yield self._open(frame, before, None)
            report("blurring", done + 1, footage.count)

    def _open(self, frame: Frame, before: Flow | None, after: Flow | None) -> Frame:
        """`before` is the flow to the frame before, `after` to the one after; one of them serves for both."""
        if before is None and after is None:
            return frame
        back = before if before is not None else _turned(after)
        on = after if after is not None else _turned(before)
        return exposed(frame, back, on, self.shutter / 360, self.samples)


def exposed(frame: Frame, back: Flow, on: Flow, open_frames: float, most_samples: int) -> Frame:
    """A frame uint8 [H, W, 3] with the shutter open for `open_frames` around its moment.

    `back` leads to where things are a frame earlier, `on` a frame later, both at any one size and in its
    pixels. After the gathering reconstruction of McGuire et al. 2012 ("A reconstruction filter for plausible
    motion blur"), with the flow itself, looked up where the colour would come from, in the place of its depth
    test.
    """
    half = open_frames / 2
    size_px = frame.shape[1], frame.shape[0]
    farthest = max(float(np.abs(flow).max()) for flow in (back, on)) * half * size_px[0] / on.shape[1]
    count = min(most_samples, 2 * math.ceil(farthest / _STEP_PX) + 1) | 1
    if farthest < 0.25:
        return frame
    total = np.zeros(frame.shape, np.float32)
    sides = [(flow, _fastest_near(flow, half)) for flow in (back, on)]
    for moment in (np.arange(count) + 0.5) / count * 2 - 1:
        flow, fastest = sides[0 if moment < 0 else 1]
        time = abs(float(moment)) * half
        motion = scaled(_arriving(flow, fastest, time), size_px)
        total += carried(frame, np.float32(-time) * motion)
    return np.rint(total / count).clip(0, 255).astype(np.uint8)


def _arriving(flow: Flow, fastest: Flow, time: float) -> Flow:
    """The flow of what is at each place at a time: that of the place it came from.

    Begun with the fastest nearby, which lies in front more often than not; where what came from there doesn't
    move so, the second look finds that out.
    """
    motion = fastest
    for _ in range(2):
        motion = carried_flow(flow, np.float32(-time) * motion)
    return motion


def _fastest_near(flow: Flow, half: float) -> Flow:
    """At each place the fastest flow that could reach it while the shutter is open; sought in tiles."""
    import cv2

    speed = np.hypot(flow[..., 0], flow[..., 1])
    reach_px = max(1, math.ceil(float(speed.max()) * half))
    tile_px = max(1, reach_px // 4)
    height_px, width_px = speed.shape
    down, across = -(-height_px // tile_px), -(-width_px // tile_px)
    padded = np.pad(flow, ((0, down * tile_px - height_px), (0, across * tile_px - width_px), (0, 0)), "edge")
    tiles = padded.reshape(down, tile_px, across, tile_px, 2).swapaxes(1, 2).reshape(down, across, -1, 2)
    best = np.take_along_axis(
        tiles, np.hypot(tiles[..., 0], tiles[..., 1]).argmax(2)[..., None, None], axis=2
    )[:, :, 0]
    for _ in range(-(-reach_px // tile_px)):
        best = _fastest_of_neighbours(best)
    large: Any = cv2.resize(best, (across * tile_px, down * tile_px), interpolation=cv2.INTER_NEAREST)
    return large[:height_px, :width_px]


def _fastest_of_neighbours(flow: Flow) -> Flow:
    padded = np.pad(flow, ((1, 1), (1, 1), (0, 0)), "edge")
    height, width = flow.shape[:2]
    near = np.stack([padded[dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3)], axis=2)
    fastest = np.hypot(near[..., 0], near[..., 1]).argmax(2)
    return np.take_along_axis(near, fastest[..., None, None], axis=2)[:, :, 0]


def _turned(flow: Flow | None) -> Flow:
    assert flow is not None  # one of the two sides always has a flow
    return -flow


def _between(before: Frame, after: Frame) -> tuple[Flow | None, Flow | None]:
    """The flow from `after` back to `before` and from `before` on to `after`; None across a cut."""
    pair = Pair(before, after)
    if pair.cut:
        return None, None
    found = flows(before, after)
    return found.back, found.there
