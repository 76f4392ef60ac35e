"""A subject over another background: clean colours, backgrounds that fit, and the sum of the two.

Alpha is straight, never multiplied in, and pictures are mixed as they are stored, not in linear light. Light
adds up linearly, so a blurred edge would be truer that way; but alpha was solved here from stored values, so
only the same sum puts a subject back where it came from unchanged, and it's what editors, browsers and FFmpeg
do with the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import fit_picture
from vitascope.footage.contracts import Footage, FootageError, Frame
from vitascope.footage.edges import Plane, as_bytes, as_plane, working

_RADII = (0.25, 0.06, 0.015)  # of the longest side, from far to near
_MIXED = 0.75
_BLUR = 0.02  # of the longest side: what a lens wide open does to a background


def clean_colours(picture: Frame, alpha: Plane) -> Frame:
    """The subject's own colours, uint8 [H, W, 3]: at soft edges without the background's, outside carried on.

    Blurred means of either side, from far to near, and then what the pixel itself says (Forte, "Approximate
    fast foreground colour estimation", ICIP 2021). Where alpha is 1 the picture comes back to the bit.
    """
    subject, around = _sides(picture, alpha)
    size = picture.shape[1], picture.shape[0]
    result = as_bytes(cv2.resize(np.rint(subject).clip(0, 255).astype(np.uint8), size))
    soft = (alpha > 0) & (alpha < 1)
    solid = alpha >= 1
    result[solid] = picture[..., :3][solid]
    if soft.any():
        own = as_plane(cv2.resize(subject, size))[soft]
        other = as_plane(cv2.resize(around, size))[soft]
        share = alpha[soft][:, None]
        seen = picture[..., :3][soft].astype(np.float32)
        own += share * (seen - share * own - (1 - share) * other)
        result[soft] = np.rint(own.clip(0, 255)).astype(np.uint8)
    return result


def _sides(picture: Frame, alpha: Plane) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The colours of the subject and of what is around it, each carried on everywhere: float32 [h, w, 3]."""
    small = working(picture).astype(np.float32)
    shares = as_plane(cv2.resize(alpha, small.shape[1::-1], interpolation=cv2.INTER_AREA))
    sides: list[NDArray[np.float32]] = []
    for side in (shares, 1 - shares):
        # Pixels that are hardly mixed tell a side's colour; a mean over the others would keep the old rim.
        share = as_plane(np.clip((side - _MIXED) / (1 - _MIXED), 0, 1))
        weighed = small * share[..., None]
        total = float(share.sum())
        known = np.broadcast_to(
            weighed.sum(axis=(0, 1)) / total if total > 1 else np.full(3, 128, np.float32), small.shape
        )
        for radius in _RADII:
            window = (2 * max(1, round(radius * max(small.shape[:2]))) + 1,) * 2
            near = as_plane(cv2.blur(share, window))[..., None]
            # Where a window holds nothing of this side, the wider one's answer stays.
            known = (as_plane(cv2.blur(weighed, window)) + 0.01 * known) / (near + 0.01)
        sides.append(as_plane(known))
    return sides[0], sides[1]


def with_alpha(colours: Frame, alpha: Plane) -> Frame:
    """Colours and alpha as uint8 [H, W, 4]."""
    return np.dstack([colours, levels(alpha)])


def levels(alpha: Plane) -> NDArray[np.uint8]:
    """Alpha as uint8 [H, W]."""
    return np.rint(alpha * 255).astype(np.uint8)


def over(colours: Frame, alpha: Plane, backdrop: Frame) -> Frame:
    """Straight-alpha colours over a backdrop, uint8 [H, W, 3]; outside of the subject it is as it was."""
    shares = levels(alpha)
    result = backdrop.copy()
    solid = shares == 255
    result[solid] = colours[solid]
    soft = (shares > 0) & ~solid
    share = shares[soft].astype(np.uint16)[:, None]
    mixed = colours[soft] * share + backdrop[soft] * (255 - share)
    result[soft] = ((mixed + 127) // 255).astype(np.uint8)
    return result


class Backdrop(Protocol):
    """What is seen behind the subject."""

    def behind(self, picture: Frame, alpha: Plane) -> Frame:
        """The backdrop of the next frame, whose picture and alpha these are: uint8 [H, W, 3]."""
        ...


class Plain:
    """One colour."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        self._colour = np.array(colour, np.uint8)

    def behind(self, picture: Frame, alpha: Plane) -> Frame:
        return np.broadcast_to(self._colour, (*alpha.shape, 3))


class Blurred:
    """What is there already, out of focus; without the subject, which would shine through around itself."""

    def behind(self, picture: Frame, alpha: Plane) -> Frame:
        small = working(picture).astype(np.float32)
        share = as_plane(cv2.resize(alpha, small.shape[1::-1], interpolation=cv2.INTER_AREA))[..., None]
        _, around = _sides(picture, alpha)
        seen = np.where(share < 0.02, small, around)
        soft = cv2.GaussianBlur(seen, (0, 0), max(1.0, _BLUR * max(small.shape[:2])))
        soft = np.rint(as_plane(soft)).clip(0, 255).astype(np.uint8)
        return as_bytes(cv2.resize(soft, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC))


class Behind:
    """A picture or a clip, made to fit ("cover"), at its own speed; a clip begins anew when it is over."""

    def __init__(self, footage: Footage, rate_fps: Fraction) -> None:
        self._footage = footage
        self._step = footage.rate_fps / rate_fps
        self._frames: Iterator[Frame] = iter(footage)
        self._index = -1
        self._shown = 0
        self._picture: Frame | None = None
        self._only = False

    def behind(self, picture: Frame, alpha: Plane) -> Frame:
        wanted = int(self._shown * self._step)
        self._shown += 1
        while self._index < wanted and not self._only:
            self._advance(alpha.shape)
        if self._picture is None:
            raise FootageError("the background holds no picture")
        return self._picture

    def _advance(self, shape: tuple[int, ...]) -> None:
        frame = next(self._frames, None)
        if frame is None:
            if self._index <= 0:  # a single picture, or nothing at all
                self._only = True
                return
            self._frames = iter(self._footage)
            frame = next(self._frames, None)
            if frame is None:
                raise FootageError("the background could be read only once")
        self._index += 1
        # A copy, for the owner may draw on into its own.
        self._picture = fit_picture(frame[..., :3], shape[1], shape[0]).copy()
