"""Arrays as values: checked once, read-only from then on. Knows shapes and ranges, not meanings."""

from __future__ import annotations

import math
import mmap
import sys
from dataclasses import fields
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from .errors import CanvasError

Bytes: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float32]

_PLAIN_BYTES = 1 << 30


def kept(array: NDArray[Any]) -> NDArray[Any]:
    """The array, read-only: a writable one is copied, for its owner may go on writing to it."""
    if not array.flags.writeable:
        return array
    return sealed(array.copy())


def sealed(array: NDArray[Any]) -> NDArray[Any]:
    """An array of our own making, closed for writing, so that a canvas takes it without a copy."""
    array.setflags(write=False)
    return array.view()  # a view of a read-only array can't be made writable again by accident


def as_colours(array: Any, axes: str, channels: tuple[int, ...] = (3,)) -> Bytes:
    """The uint8 array, if it has these axes ("HWC", "THWC"), no side empty, C one of `channels`."""
    plane = np.asarray(array)
    wanted = (
        f"a uint8 array with axes {', '.join(axes)} and {' or '.join(map(str, channels))} colour channels"
    )
    if plane.dtype != np.uint8:
        hint = "; scale 0..1 by 255 and round first" if plane.dtype.kind == "f" else ""
        raise CanvasError(f"wanted {wanted}, got {plane.dtype} values{hint}")
    if plane.ndim != len(axes) or plane.shape[-1] not in channels or 0 in plane.shape:
        raise CanvasError(f"wanted {wanted}, got the shape {plane.shape}")
    return plane


def as_shares(array: Any, shape: tuple[int, ...] | None = None) -> Floats:
    """The array as float32, if it holds values in 0..1 in this shape; booleans and integers are converted."""
    plane = np.asarray(array)
    if shape is not None and plane.shape != shape:
        raise CanvasError(f"wanted the shape {shape}, got {plane.shape}")
    if plane.dtype != np.float32:
        if plane.dtype.kind not in "biuf":
            raise CanvasError(f"wanted numbers in 0..1, got {plane.dtype} values")
        plane = plane.astype(np.float32)
    low, high = (float(once(plane).min()), float(once(plane).max())) if plane.size else (0.0, 0.0)
    if not (low >= 0 and high <= 1):
        raise CanvasError(
            f"values go from {low:g} to {high:g}, and must be in 0..1 (0 = to be invented, 1 = given)"
        )
    return plane


def once(plane: NDArray[Any]) -> NDArray[Any]:
    """Each value of an array once: a broadcast view, that repeats them along an axis, has length 1 there."""
    return plane[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in plane.strides)]


def writable(plane: NDArray[Any]) -> NDArray[Any]:
    """A copy to write into that takes no memory for frames that are all zero (axes: T first).

    Zeroed memory costs nothing until it is written to, so a long canvas with one given picture stays small.
    """
    fresh = _zeros(plane.shape, plane.dtype)
    if not plane.strides[0] and not once(plane).any():
        return fresh
    for source, target in zip(plane, fresh, strict=True):
        if source.any():
            target[...] = source
    return fresh


def _zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Zeros, of which Linux reserves nothing before they are written to.

    It refuses a plain request for more than the machine has: a minute of 1080p at 60 fps is 22 GB, of which
    one picture is written.
    """
    count = math.prod(shape)
    if sys.platform != "linux" or count * dtype.itemsize < _PLAIN_BYTES:
        return np.zeros(shape, dtype)
    unreserved = getattr(mmap, "MAP_NORESERVE", 0x4000)  # Python names it from 3.13 on
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | unreserved
    return np.frombuffer(mmap.mmap(-1, count * dtype.itemsize, flags=flags), dtype).reshape(shape)


def alike(left: Any, right: Any) -> bool:
    """Equality of two dataclass values whose fields may be arrays: same type, every field the same."""
    return type(left) is type(right) and all(
        _same(getattr(left, field.name), getattr(right, field.name)) for field in fields(left)
    )


def _same(left: object, right: object) -> bool:
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        a, b = cast("NDArray[Any]", left), cast("NDArray[Any]", right)
        if a is b or a.dtype != b.dtype or a.shape != b.shape:
            return a is b
        # Frame by frame: comparing makes as many bytes again, and a canvas may fill most of the memory.
        return all(np.array_equal(*pair) for pair in zip(a, b, strict=True))
    if isinstance(left, tuple) and isinstance(right, tuple):
        a, b = cast("tuple[object, ...]", left), cast("tuple[object, ...]", right)
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(left == right)
