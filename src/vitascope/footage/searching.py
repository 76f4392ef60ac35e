"""Where a patch that was lost may be: guesses, best first, for surfaces.registered() to check.

Knows how the patch first looked and where it was last guessed to be. Small patches are slid over the frame
(normalised correlation), large ones matched by SIFT features.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import cv2
import numpy as np

from vitascope.footage.spots import Spot
from vitascope.footage.surfaces import Surface
from vitascope.footage.warps import Grey, Places, Plane, Rect, Warp, around, carried, fitted, moved

SMALL_PX = 72  # patches below this have too few features
LIKELY = 0.6  # correlation below which a place isn't worth a look
TRIED = 3
WANDERS = 0.025  # of the frame's longer side: how much farther away it is sought with every frame
WIDEST_PX = 480  # a search window wider than this is looked through at half its size, and so on
RATIO = 0.8  # a feature's best match must be so much nearer than its second (Lowe 2004)
AGREE = 8


class Search:
    """Guesses for one patch."""

    def __init__(self, first: Surface | Spot) -> None:
        self._first = first
        self._side_px = float(min(first.rect.width, first.rect.height))

    def guesses(self, grey: Grey, last: Warp, middle: Places, frames_lost: int) -> Iterator[Warp]:
        """Warps from the first look into this frame, most likely first.

        `last` is the newest warp, `middle` where the patch's middle should be by now.
        """
        if self._side_px >= SMALL_PX:
            matched = self._by_features(grey, middle, frames_lost)
            if matched is not None:
                yield matched
        yield from self._by_sliding(grey, last, middle, frames_lost)

    def _by_sliding(self, grey: Grey, last: Warp, middle: Places, frames_lost: int) -> Iterator[Warp]:
        window = self._window(grey, middle, frames_lost)
        if window is None:
            return
        shrink = self._shrink(max(window.width, window.height))
        look = self._looking(moved((self._centre - carried(last, self._centre))[0]) @ last, shrink)
        field = cv2.resize(window.of(grey), None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
        if field.shape[0] < look.shape[0] or field.shape[1] < look.shape[1]:
            return
        scores = np.asarray(cv2.matchTemplate(field, look, cv2.TM_CCOEFF_NORMED), np.float32)
        for score, (x, y) in islice(_peaks(scores, look.shape), TRIED):
            if not score > LIKELY:
                return
            there = (np.array([x, y]) + np.array(look.shape[::-1]) / 2) * shrink + window.offset - 0.5
            yield moved(there - carried(last, self._centre)[0]) @ last

    def rival(self, grey: Grey) -> float:
        """How alike the patch is to what is most like it in its own first frame; at 1 they are the same."""
        shrink = self._shrink(max(grey.shape))
        look = self._looking(np.eye(3), shrink)
        size = (max(1, round(grey.shape[1] / shrink)), max(1, round(grey.shape[0] / shrink)))
        field = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        if field.shape[0] < look.shape[0] or field.shape[1] < look.shape[1]:
            return 0.0
        scores = np.asarray(cv2.matchTemplate(field, look, cv2.TM_CCOEFF_NORMED), np.float32)
        (_, _), (second, _) = [*islice(_peaks(scores, look.shape), 2)]
        return second

    def _shrink(self, longest_px: float) -> int:
        """By how much a picture is shrunk to be looked through, so that the patch can still be made out."""
        shrink = 1
        while longest_px / shrink > WIDEST_PX and self._side_px / shrink > 20:
            shrink *= 2
        return shrink

    def _window(self, grey: Grey, middle: Places, frames_lost: int) -> Rect | None:
        """Where to look: farther away the longer it is lost."""
        reach_px = 1.25 * self._side_px + WANDERS * max(grey.shape) * (frames_lost + 1)
        return around(middle[None], reach_px, grey.shape)

    @property
    def _centre(self) -> Places:
        rect = self._first.rect
        return rect.offset[None] + ((rect.width - 1) / 2, (rect.height - 1) / 2)

    def _looking(self, linear: Warp, shrink: int) -> Grey:
        """The patch as it was last turned and scaled, the inner part that is surely filled."""
        rect = self._first.rect
        into = moved(-rect.offset) @ linear @ moved(rect.offset)
        warped = cv2.warpPerspective(
            self._first.patch, into, (rect.width, rect.height), borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(
            cv2.resize(warped, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA), np.uint8
        )

    def _by_features(self, grey: Grey, middle: Places, frames_lost: int) -> Warp | None:
        window = self._window(grey, middle, frames_lost)
        if window is None:
            return None
        places, described = self._features
        found, descriptions = _features_of(window.of(grey), 1500)
        if described is None or descriptions is None or len(descriptions) < 2:
            return None
        pairs: Any = cv2.BFMatcher(cv2.NORM_L2).knnMatch(described, descriptions, k=2)
        sure = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
        if len(sure) < AGREE:
            return None
        start = places[[each.queryIdx for each in sure]]
        end = found[[each.trainIdx for each in sure]] + window.offset
        fit = fitted(self._first.model, start, end)
        return fit[0] if fit is not None and fit[1].sum() >= AGREE else None

    @cached_property
    def _features(self) -> tuple[Places, Any]:
        found, descriptions = _features_of(self._first.patch, 500)
        return found + self._first.rect.offset, descriptions


def _features_of(picture: Grey, most: int) -> tuple[Places, Any]:
    """SIFT's places [N, 2], and its descriptions, None if there are none."""
    found, descriptions = cv2.SIFT.create(most).detectAndCompute(picture, np.empty(0, np.uint8))
    return np.array([each.pt for each in found], np.float64).reshape(-1, 2), descriptions


def _peaks(scores: Plane, shape: tuple[int, ...]) -> Iterator[tuple[float, tuple[int, int]]]:
    """The highest scores and their (x, y), each at least half a patch from those before."""
    while True:
        _, score, _, (x, y) = cv2.minMaxLoc(scores)
        yield float(score), (int(x), int(y))
        reach_y, reach_x = shape[0] // 2, shape[1] // 2
        scores[max(0, y - reach_y) : y + reach_y + 1, max(0, x - reach_x) : x + reach_x + 1] = -1
