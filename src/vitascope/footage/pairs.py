"""What two frames in a row have to do with each other: the same, a cut, motion and its surety, noise.

Looked at small, so it costs little beside whatever is then done with the frames. Knows no tool.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from vitascope.footage.contracts import Frame
from vitascope.footage.flow import (
    LEAST_PX,
    STRAY_PX,
    STRAY_SHARE,
    Flows,
    Plane,
    carried,
    flows_of_grey,
    lengths,
    reached,
    resized,
    scaled,
    softened,
    sought_at,
    strayed,
)

# Of a cut: the share of points that lose their way, how wrong the carried picture is (as a share of its own
# contrast), and how little of the detail agrees (a correlation). 12 pairs of photographs have at least 0.95,
# 0.5 and at most 0.42; blobs of the same colours elsewhere 0.8, 0.38 and 0.6. Of 28 pairs of one scene, up to
# a second or a fifth of the width apart, none has more than 0.6 and 0.29 together.
LOST, WRONG, ALIKE = 0.6, 0.3, 0.3
LEAST_WRONG, OF_NOISE = 2.0, 3.0  # less than this (0..255), or than so many times what noise does, is no cut
PLAIN = 0.25  # the mean square of detail (0..255) below which there is none to compare
BLOCK_PX, QUIET = 16, 35  # a noise is sought in blocks of this side, at this percentile of them
NOISE_PX = 9  # means over so many pixels are compared: noise shall not look like a cut
DETAIL_PX = 31
MOST_STRAY_PX = 20.0  # a point that is lost is lost, however far


class Pair:
    """Two frames uint8 [H, W, 3] of one size. They are not kept changed by anybody: copy them first."""

    def __init__(self, first: Frame, second: Frame) -> None:
        self.first, self.second = first, second

    @cached_property
    def same(self) -> bool:
        """Whether the two are equal to the bit."""
        return np.array_equal(self.first, self.second)

    @property
    def cut(self) -> bool:
        """Whether the second frame belongs to another shot."""
        if self.same:
            return False
        wrong, alike = _agreement(*self._greys, self._flows)
        if wrong < max(LEAST_WRONG, OF_NOISE * self._wrong_by_noise()):
            return False
        contrast = float(np.mean([softened(each.astype(np.float32), NOISE_PX).std() for each in self._greys]))
        lost = (_lost(self._flows) + _lost(Flows(self._flows.back, self._flows.there))) / 2
        torn = wrong > WRONG * contrast and (lost > LOST or alike < ALIKE)
        return torn and not _panned(*self._greys, WRONG * contrast)

    def _wrong_by_noise(self) -> float:
        """How wrong noise alone makes the carried picture."""
        enlarged = min(self._flows.size_px) / min(self.first.shape[:2])
        averaged = max(1.0, NOISE_PX / enlarged) * np.sqrt(
            3
        )  # of the frame's own pixels, and of three colours
        noise = max(noise_within(self.first), noise_within(self.second))
        return float(noise * 2 / np.sqrt(np.pi) / averaged)

    @property
    def stray(self) -> float:
        """How far points end from their start there and back, on average, as a share of the shorter side."""
        both = self._flows
        away = (strayed(both.there, both.back), strayed(both.back, both.there))
        return float(np.mean([np.minimum(px, MOST_STRAY_PX).mean() for px in away]) / min(both.size_px))

    @property
    def motion(self) -> float:
        """How far the faster points go (19 of 20 go less far), as a share of the shorter side."""
        return float(np.percentile(lengths(self._flows.there), 95) / min(self._flows.size_px))

    def noise(self) -> float:
        """The standard deviation of the noise (0..255): what differs where the one is carried to the other.

        Of blocks of 16 x 16 pixels the quieter ones are asked, where nothing was covered and little is drawn.
        Within 12 % over 5 clips with white noise of 2 to 20; clean Big Buck Bunny has 1, its codec's.
        """
        height, width = self.first.shape[:2]
        flow = scaled(self._flows.there, (width, height))
        apart = np.asarray(
            cv2.absdiff(self.first, np.asarray(carried(self.second, flow), np.uint8)), np.float32
        )
        means = apart.mean(-1) / np.sqrt(1 + _left_of_noise(flow))
        blocks = resized(means, (max(1, width // BLOCK_PX), max(1, height // BLOCK_PX)))
        return float(np.percentile(blocks, QUIET) * np.sqrt(np.pi / 2))  # the mean size of white noise of 1

    @cached_property
    def _greys(self) -> tuple[Frame, Frame]:
        size = sought_at(self.first.shape[0], self.first.shape[1], LEAST_PX)
        return _small_grey(self.first, size), _small_grey(self.second, size)

    @cached_property
    def _flows(self) -> Flows:
        return flows_of_grey(*self._greys)


def noise_within(frame: Frame) -> float:
    """The noise of a frame by itself, by the median of its finest diagonal details (Donoho 1994)."""
    height, width = (side // 2 * 2 for side in frame.shape[:2])
    if not height or not width:
        return 0.0
    x = frame[:height, :width].astype(np.float32)
    details = (x[::2, ::2] - x[1::2, ::2] - x[::2, 1::2] + x[1::2, 1::2]) / 2
    return float(np.median(np.abs(details)) / 0.6745)


def _small_grey(frame: Frame, size_px: tuple[int, int]) -> Frame:
    small = np.ascontiguousarray(resized(frame, size_px), np.uint8)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _left_of_noise(flow: Plane) -> Plane:
    """What is left of the variance of noise where the flow reaches between pixels, and they are mixed [H,
    W]."""
    left = [(place % 1) ** 2 + (1 - place % 1) ** 2 for place in reached(flow)]
    return np.asarray(left[0] * left[1], np.float32)


def _lost(both: Flows) -> float:
    """The share of points that don't come back to where they began."""
    may = STRAY_PX + STRAY_SHARE * lengths(both.there)
    return float((strayed(both.there, both.back) > may).mean())


def _agreement(first: Frame, second: Frame, both: Flows) -> tuple[float, float]:
    """How wrong each is when it is carried to the other (0..255), and how the details correlate (-1..1)."""
    one, other = (softened(grey.astype(np.float32), NOISE_PX) for grey in (first, second))
    to_one: Plane = np.asarray(carried(other, both.there), np.float32)
    to_other: Plane = np.asarray(carried(one, both.back), np.float32)
    wrong = (np.abs(one - to_one).mean() + np.abs(other - to_other).mean()) / 2
    pairs = [_correlation(one, to_one), _correlation(other, to_other)]
    return float(wrong), float(np.mean(pairs))


def _panned(first: Frame, second: Frame, wrong: float) -> bool:
    """Whether the second shows the first, shifted as a whole farther than flow finds, by less than so wrong.

    The shift is where the two correlate best by phase (Kuglin and Hines 1975); half of the frame must be in
    both.
    """
    one, other = (softened(grey.astype(np.float32), NOISE_PX) for grey in (first, second))
    height, width = one.shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    (right, down), _ = cv2.phaseCorrelate(first.astype(np.float32), second.astype(np.float32), window)
    x, y = round(right), round(down)
    if (width - abs(x)) * (height - abs(y)) < width * height / 2:
        return False
    ours = one[max(0, -y) : height - max(0, y), max(0, -x) : width - max(0, x)]
    theirs = other[max(0, y) : height - max(0, -y), max(0, x) : width - max(0, -x)]
    return bool(np.abs(ours - theirs).mean() < wrong)


def _correlation(one: Plane, other: Plane) -> float:
    details = [plane - softened(plane, DETAIL_PX) for plane in (one, other)]
    plain = [float(np.square(detail).mean()) < PLAIN for detail in details]
    if any(plain):  # a plain picture is like another plain one only: black, before and after a scene
        return float(all(plain))
    return float(np.corrcoef(details[0].ravel(), details[1].ravel())[0, 1])
