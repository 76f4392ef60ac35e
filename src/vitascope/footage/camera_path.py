"""How the camera moved from frame to frame, and how it would have moved more quietly.

The whole frame is followed as one surface (footage/lucas_kanade.py); what moves by itself is outvoted, as
long as it is the smaller part. Where nothing of the frame before is found, a new shot begins. Knows nothing
of borders or of how frames are painted.

Warps are between whole frames in full size, in OpenCV's places (the middle of the first pixel is (0, 0)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Footage, FootageError, Frame, Report
from vitascope.footage.lucas_kanade import Manner, Patch
from vitascope.footage.warps import Greys, Model, Places, Warp

Warps = NDArray[np.float64]
Quads = NDArray[np.float64]
"""float64 [T, 4, 2]: where the four corners of each frame go, clockwise from the top left."""


@dataclass(frozen=True, eq=False)
class CameraPath:
    """`warps` [T, 3, 3] lead from a shot's first frame to each of its frames; `shots` are the stretches."""

    warps: Warps
    shots: tuple[range, ...]


def camera_path(footage: Footage, model: Model, report: Report, *, homing: bool) -> CameraPath:
    """The camera's path through the footage, in one look.

    `homing`: each frame is compared with the first of its shot as long as that is possible, so that nothing
    drifts; else with newer ones as they come, which leaves no steps.
    """
    manner = Manner(model=model, soft=True, homing=homing, leaving=0.6, most_points=200)
    warps: list[Warp] = []
    begins = [0]
    for number, (warp, new) in enumerate(_warps(footage, manner)):
        if new and number:
            begins.append(number)
        warps.append(warp)
        report("looking for the camera's path", number + 1, footage.count)
    if not warps:
        raise FootageError("there are no frames to stabilise")
    ends = [*begins[1:], len(warps)]
    return CameraPath(np.stack(warps), tuple(range(*each) for each in zip(begins, ends, strict=True)))


def _warps(footage: Footage, manner: Manner) -> Iterator[tuple[Warp, bool]]:
    """The warp from the shot's first frame to each frame, and whether a shot begins there."""
    patch: Patch | None = None
    before: Greys | None = None
    for frame in footage:
        greys = Greys(frame)
        if patch is not None and before is not None:
            patch.see(before, greys)
        new = patch is None or not patch.in_sight
        if new:
            patch = _whole(frame, greys, manner)
        before = greys
        yield (np.eye(3) if patch is None else patch.from_first), new
        # A frame without any texture is a shot of its own, until there is one with some.


def _whole(frame: Frame, greys: Greys, manner: Manner) -> Patch | None:
    try:
        return Patch(greys, frame_corners(frame.shape[1], frame.shape[0]) + 0.5, manner)
    except FootageError:
        return None


def frame_corners(width_px: int, height_px: int) -> Places:
    """The corners of a frame, [4, 2], clockwise from the top left."""
    return np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64) * (width_px, height_px) - 0.5


def quiet(path: CameraPath, corners: Places, reach: float) -> Quads:
    """Where a frame's corners go for the camera to move quietly.

    A place in a frame goes where it is, on the whole, in the frames up to `reach` before and after: a
    straight line is fitted to those places, weighted by a Gaussian of half the reach (the averaging of
    Matsushita et al., "Full-frame video stabilization with motion inpainting", 2006; the line keeps a shot's
    ends in place).
    """
    quads = np.repeat(corners[None], len(path.warps), 0)
    whole = max(1, round(reach))
    for shot in path.shots:
        for number in shot:
            near = np.arange(max(shot.start, number - whole), min(shot.stop, number + whole + 1))
            here: Warp = path.warps[number]
            there, sound = _through(path.warps[near] @ np.linalg.inv(here), corners)
            weights = _line_weights(near - number, reach / 2) if sound.all() else None
            if weights is None:  # a perspective that turns over within the reach: only what is sound
                weights = _line_weights((near - number)[sound], reach / 2)
                there = there[sound]
            quads[number] = np.einsum("k,kcd->cd", weights, there)
    return quads


def locked(path: CameraPath, corners: Places) -> Quads:
    """Where a frame's corners go for each shot to stand as still as its first frame."""
    inverse: Any = np.linalg.inv(path.warps)
    there, sound = _through(inverse, corners)
    return np.where(sound[:, None, None], there, corners)


def _through(warps: Warps, corners: Places) -> tuple[Quads, NDArray[np.bool_]]:
    """Corners through each warp [K, 4, 2], and where that is a view that can be."""
    places = np.append(corners, np.ones((4, 1)), 1)
    there = places @ warps.transpose(0, 2, 1)
    depth = there[..., 2] * np.sign(there[..., 2].mean(1, keepdims=True))
    sound = (depth > 0.2 * np.abs(depth).max(1, keepdims=True)).all(1)
    return there[..., :2] / np.where(np.abs(there[..., 2:]) > 1e-9, there[..., 2:], 1e-9), sound


def _line_weights(offsets: NDArray[np.int_], deviation: float) -> NDArray[np.float64]:
    """How each place counts for the value at 0 of the line that is fitted to all of them."""
    weights = np.exp(-0.5 * (offsets / max(deviation, 1e-6)) ** 2)
    sums = weights.sum(), (weights * offsets).sum(), (weights * offsets**2).sum()
    spread = sums[0] * sums[2] - sums[1] ** 2
    if spread < 1e-9:
        return weights / sums[0]
    return weights * (sums[2] - sums[1] * offsets) / spread
