"""People, by MediaPipe's selfie segmentation: two small networks, Apache-2.0. Knows no clip and no mark.

They are files inside the package `mediapipe`; only those are read, the package itself is never imported.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vitascope.footage.contracts import FootageError, Frame
from vitascope.footage.edges import Plane, as_plane
from vitascope.footage.matters import GET_MEDIAPIPE

PEOPLE_SHA256 = {
    "selfie_segmentation": "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    "selfie_segmentation_landscape": "a77d03f4659b9f6b6c1f5106947bf40e99d7655094b6527f214ea7d451106edd",
}
_DOUBT = 0.2  # an answer so near to no or yes is one: what is left grey is flags and badges, not hair
_WIDE = 1.35  # width by height from which the network for landscapes sees more
_GRID = (
    8  # of the frame's sides: to which the closer look is rounded, so that it seldom moves between two frames
)
_ROOM = 0.12  # of the frame, around whom was found, for the closer look
_CLOSE = 0.6  # of the frame: a closer look at more than this would show no more


class People:
    """Everyone in the frame, with what they wear and hold."""

    begins = False

    def __init__(self) -> None:
        self._square = _Network("selfie_segmentation")
        self._wide = _Network("selfie_segmentation_landscape")

    def alpha(self, frame: Frame) -> Plane:
        """float32 [H, W] in 0..1: one look at all of the frame, and one at where somebody is."""
        whole = self._look(frame)
        window = _closer(whole)
        if window is None:
            return whole
        near = self._look(np.ascontiguousarray(frame[window]))
        share = _inner(near.shape)
        whole[window] += share * (near - whole[window])
        return whole

    def _look(self, frame: Frame) -> Plane:
        height_px, width_px = frame.shape[:2]
        network = self._wide if width_px > _WIDE * height_px else self._square
        return network.seen(frame)


class _Network:
    """One of MediaPipe's, run by LiteRT on one thread: 1 to 3 ms a frame."""

    def __init__(self, name: str) -> None:
        from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]

        self._network: Any = Interpreter(model_content=_file_of(name), num_threads=1)
        self._network.allocate_tensors()
        self._input: Any = self._network.get_input_details()[0]
        self._output: Any = self._network.get_output_details()[0]

    def seen(self, frame: Frame) -> Plane:
        _, height_px, width_px, _ = self._input["shape"]
        small = cv2.resize(frame, (int(width_px), int(height_px)), interpolation=cv2.INTER_AREA)
        self._network.set_tensor(self._input["index"], as_plane(small)[None] / np.float32(255))
        self._network.invoke()
        seen = as_plane(self._network.get_tensor(self._output["index"]))[0, :, :, 0]
        sure = np.clip((seen - _DOUBT) / (1 - 2 * _DOUBT), 0, 1)
        return as_plane(cv2.resize(sure, frame.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _file_of(name: str) -> bytes:
    """A network's file inside the package, without importing that; FootageError if it is another."""
    found = find_spec("mediapipe")
    places = list(found.submodule_search_locations or ()) if found else []
    for place in places:
        path = Path(place) / "modules" / "selfie_segmentation" / f"{name}.tflite"
        if path.is_file() and hashlib.sha256(data := path.read_bytes()).hexdigest() == PEOPLE_SHA256[name]:
            return data
    raise FootageError(
        f"the installed mediapipe doesn't hold the network {name} that is known here; `{GET_MEDIAPIPE}` does"
    )


def _closer(alpha: Plane) -> tuple[slice, slice] | None:
    """The window around whom was found, if that is much less than the frame."""
    spans: list[slice] = []
    share = 1.0
    for axis, side in ((1, alpha.shape[0]), (0, alpha.shape[1])):
        found = np.flatnonzero((alpha > 0.5).any(axis=axis))
        if len(found) < 2:
            return None
        first = max(0, int((found[0] / side - _ROOM) * _GRID) / _GRID)
        last = min(1, -int(-(found[-1] / side + _ROOM) * _GRID // 1) / _GRID)
        spans.append(slice(int(first * side), max(int(first * side) + 2, round(last * side))))
        share *= last - first
    return (spans[0], spans[1]) if share < _CLOSE else None


def _inner(shape: tuple[int, ...]) -> Plane:
    """1 inside of a window, falling to 0 at its edges, where it sees less than the whole picture shows."""
    ramps = [
        np.minimum(1, (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5) / max(1, n / 10)) for n in shape
    ]
    return np.outer(*ramps).astype(np.float32)
