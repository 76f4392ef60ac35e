"""An imperceptible mark in the pixels: 32 bits that live through H.264, resizing and cropping.

A spread-spectrum mark, in blue against yellow, where eyes are dullest: in lightness the same strength was
plainly seen on skies. One square tile, repeated over the frame and the same in every frame, is a sum of waves
of middle frequency. The phases of some are known, which is how the reader finds where the tiles lie and how
large they are; the others carry the bits, each as a phase or its opposite, spread over the plane. A tile is
measured in 180ths of the frame's short side, so a resized frame needs no search; a cropped one does. The bits
are 32 of message and 16 of check, in four words of the extended Golay code [24, 12, 8], decoded softly. The
idea is that of Cox, Kilian, Leighton and Shamoon, "Secure Spread Spectrum Watermarking" (1997).

Knows nothing of files, nor of what the message means. It keeps no secret: whoever has this file can read the
mark, and could remove or forge it. What it survives: docs/provenance.md, from runs/bench_watermark.py.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitascope.media.limits import MediaError
from vitascope.media.pictures import checked_picture

SHORT_SIDE = 180  # units: the frame's height, or its width if that is less
MIN_SIDE_PX = 180  # below, the waves are finer than what H.264 keeps
TILE = 96  # units
LOOKED_AT = 32  # frames
_LONGEST = 8  # times as long as the short side
_LOW, _HIGH = 5, 13  # waves to a tile: periods of 19 to 7 units; shorter ones are lost to smaller sizes
_CODED = 96  # bits: four Golay words
_FLAT, _BUSY, _MOST = 2.0, 0.03, 3.0  # strength in levels: at least; for each of local deviation; at most
_NEAR, _WIDE = 2.0, 3.0  # units: what is local
_SURE_HERE, _SURE_ANYWHERE = (
    4.0,
    6.5,
)  # deviations above noise, at one place and at the best of some 5 million
_SCALES = np.exp(
    np.arange(0.0, np.log(0.5), -0.005)
)  # shares of the frame's short side that a crop may leave

# BT.709, uint8 RGB: lightness; blue against yellow; and what adds one level of that, and no lightness.
_LIGHT = np.array([0.2126, 0.7152, 0.0722], np.float32)
_BLUE = np.array([-0.1146, -0.3854, 0.5], np.float32)
_BLUER = np.array([0.0, -0.1873, 1.8556], np.float32)

Plane = NDArray[np.float32]
Waves = NDArray[np.complex128]


@dataclass(frozen=True)
class Watermark:
    """What a mark says: its 32 bits, and how far it stands out of the noise (deviations)."""

    message: int
    strength: float


def message_of(name: str) -> int:
    """The 32 bits that stand for a name (a job's id, say): the start of its SHA-256."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def watermarked(frames: Iterable[np.ndarray], message: int) -> Iterator[np.ndarray]:
    """Mark uint8 [H, W, 3] frames of one size with 32 bits, one frame held at a time.

    Raises MediaError for a message out of range, or frames under ``MIN_SIDE_PX`` a side.
    """
    if not 0 <= message < 1 << 32:
        raise MediaError(f"a watermark holds 32 bits, a number from 0 to {(1 << 32) - 1:,}, not {message}")
    return _watermarked(frames, _waves_of(_coded(message)))


def _watermarked(frames: Iterable[np.ndarray], waves: Waves) -> Iterator[np.ndarray]:
    pattern: Plane | None = None
    for index, frame in enumerate(frames):
        picture = checked_picture(frame, f"frame {index}")
        if min(picture.shape[:2]) < MIN_SIDE_PX:
            raise MediaError(
                f"a watermark needs {MIN_SIDE_PX} px or more a side, not"
                f" {picture.shape[1]}x{picture.shape[0]}"
            )
        if pattern is None or pattern.shape != picture.shape[:2]:
            pattern = _pattern(waves, picture.shape[0], picture.shape[1])
        near_px = _NEAR * min(picture.shape[:2]) / SHORT_SIDE
        light = (picture[..., :3] @ _LIGHT).astype(np.float32)
        strength = np.minimum(_FLAT + _BUSY * _deviation(light - _blurred(light, near_px), near_px), _MOST)
        marked = picture[..., :3] + (pattern * strength)[..., None] * _BLUER
        yield np.clip(np.rint(marked), 0, 255).astype(np.uint8)


def read_watermark(frames: Iterable[np.ndarray]) -> Watermark | None:
    """The mark in uint8 [H, W, 3] frames of one size, or None; it looks at the first 32 of them.

    Nothing else is needed: neither the unmarked frames nor the message. Frames may have been resized, keeping
    their proportions, or cropped down to half their short side.
    """
    total: Plane | None = None
    for frame in islice(frames, LOOKED_AT):
        short_px, long_px = sorted(frame.shape[:2])
        if short_px < MIN_SIDE_PX // 2 or long_px > _LONGEST * short_px:
            return None  # nothing of it could be left, and a ribbon would take memory without end
        residue = _residue(frame)
        total = residue if total is None else total + residue
    if total is None:
        return None
    # As it was made, no place needs to be found, and the check alone decides.
    return _decoded(_folded(total), (0, 0), _SURE_HERE) or _searched(total)


def _searched(total: Plane) -> Watermark | None:
    """Look for the tiles at any place, and any size that a crop may leave."""
    import cv2

    height, width = total.shape
    found: list[tuple[float, tuple[int, int], Waves]] = []
    for scale in _SCALES:
        size = round(width * float(scale)), round(height * float(scale))
        if min(size) < TILE:
            continue
        waves = _folded(cv2.resize(total, size, interpolation=cv2.INTER_AREA).astype(np.float32))
        peak, place = _peak(waves)
        found.append((peak, place, waves))
    found.sort(key=lambda one: -one[0])
    marks = (_decoded(waves, place, _SURE_ANYWHERE) for _, place, waves in found[:3])
    return next((mark for mark in marks if mark), None)


def _residue(frame: np.ndarray) -> Plane:
    """What of a frame may be the mark: its fine structure at 360 units, evened out between flat and busy."""
    import cv2

    blue = (checked_picture(frame, "a frame")[..., :3] @ _BLUE).astype(np.float32)
    height, width = blue.shape
    scale = SHORT_SIDE / min(height, width)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    at_units: Any = cv2.resize(blue, (round(width * scale), round(height * scale)), interpolation=how)
    fine = at_units - _blurred(at_units, _NEAR)
    return np.clip(fine / (_deviation(fine, _WIDE) + 2.0), -2.5, 2.5)


def _blurred(plane: Plane, deviation: float) -> Plane:
    import cv2

    return np.asarray(cv2.GaussianBlur(plane, (0, 0), deviation), np.float32)


def _deviation(fine: Plane, deviation: float) -> Plane:
    return np.sqrt(np.maximum(_blurred(fine * fine, deviation), 0))


@cache
def _plan() -> tuple[NDArray[np.intp], NDArray[np.intp], Waves, NDArray[np.intp]]:
    """The waves: rows and columns in a tile's FFT (one half of the plane), phases, and what each carries.

    That is a coded bit's number, or -1 for a wave that is known. It is drawn from SHAKE-128, so that no
    library's change of mind can make old marks unreadable.
    """
    y, x = np.mgrid[-_HIGH : _HIGH + 1, -_HIGH : _HIGH + 1]
    radius = np.hypot(y, x)
    half = (radius >= _LOW) & (radius <= _HIGH) & ((y > 0) | ((y == 0) & (x > 0)))
    rows, columns = y[half], x[half]
    drawn = np.frombuffer(hashlib.shake_128(b"vitascope watermark 1").digest(8 * len(rows)), "<u4")
    phases = np.exp(2j * np.pi * drawn[: len(rows)] / 2.0**32)
    order = np.argsort(drawn[len(rows) :], kind="stable")
    carries = np.full(len(rows), -1)
    for_bits = len(rows) * 3 // 5
    carries[order[:for_bits]] = np.arange(for_bits) % _CODED
    return rows, columns, phases, carries


def _waves_of(coded: NDArray[np.float64]) -> Waves:
    """[2 HIGH + 1, 2 HIGH + 1] the tile's waves for 96 signs, of unit power in all."""
    rows, columns, phases, carries = _plan()
    waves = np.zeros((2 * _HIGH + 1, 2 * _HIGH + 1), np.complex128)
    signs = np.where(carries < 0, 1.0, coded[carries])
    waves[rows + _HIGH, columns + _HIGH] = phases * signs * np.sqrt(2 / len(rows))
    return waves


def _pattern(waves: Waves, height_px: int, width_px: int) -> Plane:
    """[H, W] the tiles as they lie on a frame of this size."""
    scale = min(height_px, width_px) / SHORT_SIDE
    turns = 2j * np.pi / TILE * np.arange(-_HIGH, _HIGH + 1)
    down = np.exp(np.outer((np.arange(height_px) + 0.5) / scale - 0.5, turns))
    across = np.exp(np.outer(turns, (np.arange(width_px) + 0.5) / scale - 0.5))
    return (down @ waves @ across).real.astype(np.float32)


def _folded(plane: Plane) -> Waves:
    """The FFT of all of a plane's tiles laid over each other."""
    height, width = plane.shape
    whole = np.pad(plane, ((0, -height % TILE), (0, -width % TILE)))
    tiles = whole.reshape(whole.shape[0] // TILE, TILE, whole.shape[1] // TILE, TILE)
    waves = np.fft.fft2(tiles.sum((0, 2), dtype=np.float64))
    rows, columns, *_ = _plan()
    found = waves[rows, columns]
    # Pictures have long waves that are strong and short ones that are weak: each ring counts by its own mean.
    ring = np.rint(np.hypot(rows, columns)).astype(int)
    power = np.bincount(ring, np.abs(found) ** 2) / np.maximum(np.bincount(ring), 1)
    return found / (np.abs(found) + np.sqrt(power[ring]) + 1e-9)


def _peak(found: Waves) -> tuple[float, tuple[int, int]]:
    """Where the known waves lie best, and how many deviations that is above elsewhere."""
    rows, columns, phases, carries = _plan()
    known = carries < 0
    plane = np.zeros((TILE, TILE), np.complex128)
    plane[rows[known], columns[known]] = found[known] * phases[known].conj()
    likeness = np.fft.ifft2(plane).real
    y, x = divmod(int(likeness.argmax()), TILE)
    return float(likeness[y, x] / (likeness.std() + 1e-12)), (y, x)


def _decoded(found: Waves, place: tuple[int, int], sure: float) -> Watermark | None:
    """The mark whose tiles lie at a place, if the known waves and the check say that there is one."""
    rows, columns, phases, carries = _plan()
    turned = found * np.exp(2j * np.pi / TILE * (rows * place[0] + columns * place[1])) * phases.conj()
    known = carries < 0
    deviation = np.sqrt((np.abs(found[known]) ** 2).sum() / 2)
    strength = float(turned[known].real.sum() / (deviation + 1e-12))
    if strength < sure:
        return None
    soft = np.bincount(carries[~known], turned[~known].real, _CODED)
    words = (soft.reshape(4, 24) @ _golay().T).argmax(1)
    bits = int(words[0]) << 36 | int(words[1]) << 24 | int(words[2]) << 12 | int(words[3])
    message = bits >> 16
    return Watermark(message, strength) if bits & 0xFFFF == _check(message) else None


def _coded(message: int) -> NDArray[np.float64]:
    """The 96 signs of a message."""
    bits = message << 16 | _check(message)
    return np.concatenate([_golay()[bits >> shift & 0xFFF] for shift in (36, 24, 12, 0)])


def _check(message: int) -> int:
    return binascii.crc_hqx(message.to_bytes(4), 0xFFFF)


@cache
def _golay() -> NDArray[np.float64]:
    """[4096, 24] the words of the extended Golay code as signs."""
    generator = 0b110001110101  # x^11 + x^10 + x^6 + x^5 + x^4 + x^2 + 1
    words = np.arange(4096) << 11
    rest = words.copy()
    for shift in range(11, -1, -1):
        rest = np.where(rest >> (shift + 11) & 1, rest ^ (generator << shift), rest)
    words = words | rest
    bits = (words[:, None] >> np.arange(23)) & 1
    even = np.concatenate([bits, bits.sum(1, keepdims=True) & 1], 1)
    return np.where(even, -1.0, 1.0)
