"""High dynamic range and wide gamut -> the BT.709 that screens show. Knows curves, not decoders.

A table of 33x33x33 colours is computed here from the standards' own formulas and applied by FFmpeg's
``lut3d``. swscale could convert too, but takes 2 to 6 s to begin with and clips whatever is brighter than
white; this table takes 0.15 s, and bends highlights to fit.
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import VideoFrame
from av.filter import Graph
from av.video.format import VideoFormat

WORKING_FORMAT = "gbrp10le"  # planar, 10 bits: what the table takes and gives
_SIDE = 33
_WHITE_NITS = 203.0  # diffuse white of HDR footage (ITU-R BT.2408)
_HLG_PEAK_NITS = 1000.0
_SHOULDER = 0.6  # of white: below it light stays as it was, above it highlights are bent to fit below white
_BT2020_TO_BT709 = np.array(  # ITU-R BT.2087, both linear light
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)


class Table:
    """A colour table for one stream: ``curve`` is "pq", "hlg" or "sdr" (BT.2020 primaries only)."""

    def __init__(self, curve: str, width_px: int, height_px: int) -> None:
        self._graph = Graph()
        form = VideoFormat(WORKING_FORMAT, width_px, height_px)
        source = self._graph.add_buffer(
            width=width_px, height=height_px, format=form, time_base=Fraction(1, 1000)
        )
        with tempfile.TemporaryDirectory(prefix="vitascope-") as folder:
            cube = Path(folder) / "table.cube"
            cube.write_text(_cube_text(table(curve)))
            looked_up = self._graph.add("lut3d", f"file={cube}")
            self._graph.link_nodes(source, looked_up, self._graph.add("buffersink"))
            self._graph.configure()

    def apply(self, frame: VideoFrame) -> VideoFrame:
        """A frame in the working format, BT.2020 by its curve -> one in BT.709."""
        self._graph.vpush(frame)
        return self._graph.vpull()


def table(curve: str, side: int = _SIDE) -> np.ndarray:
    """The colours [R, G, B, 3] of a cube of BT.2020 signals in 0..1, as BT.709 signals in 0..1."""
    axis = np.linspace(0, 1, side)
    signal = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    light = _LIGHT[curve](signal) @ _BT2020_TO_BT709.T
    light = np.maximum(light, 0)  # colours that BT.709 has no room for
    if curve != "sdr":
        peak = np.maximum(light.max(axis=-1, keepdims=True), 1e-9)
        light *= _shouldered(peak) / peak  # one factor for all three keeps the hue
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clip(0, 1) ** (1 / 2.4) - 0.055).clip(
        0, 1
    )


def _shouldered(peak: np.ndarray) -> np.ndarray:
    room = 1 - _SHOULDER
    return np.where(
        peak < _SHOULDER, peak, _SHOULDER + room * (1 - np.exp(-(peak - _SHOULDER).clip(0) / room))
    )


def _pq_light(signal: np.ndarray) -> np.ndarray:
    """SMPTE ST 2084, relative to diffuse white."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = signal ** (1 / m2)
    return (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1) * 10_000 / _WHITE_NITS


def _hlg_light(signal: np.ndarray) -> np.ndarray:
    """ARIB STD-B67 and the system gamma of 1.2 for a screen of 1000 nits (ITU-R BT.2100)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luma = scene @ np.array([0.2627, 0.6780, 0.0593])
    return scene * luma[..., None] ** 0.2 * _HLG_PEAK_NITS / _WHITE_NITS


def _sdr_light(signal: np.ndarray) -> np.ndarray:
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


_LIGHT = {"pq": _pq_light, "hlg": _hlg_light, "sdr": _sdr_light}


def _cube_text(colours: np.ndarray) -> str:
    """The .cube format: red runs fastest."""
    rows = colours.transpose(2, 1, 0, 3).reshape(-1, 3)
    return f"LUT_3D_SIZE {len(colours)}\n" + "".join(f"{r:.6f} {g:.6f} {b:.6f}\n" for r, g, b in rows)
