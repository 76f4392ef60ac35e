"""What makes frames between two frames: the contract, and optical flow as the classical way to keep it.

Flow is sought both ways, once for a pair. At a moment each place is on the way of some point; both frames are
asked where that point comes from and goes to. What both show is mixed by nearness, what only one of them
shows (the other was or will be covered there) comes from that one. Does not know cuts, rates or files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from vitascope.footage.contracts import Frame
from vitascope.footage.parts import Part

if TYPE_CHECKING:
    from vitascope.footage.flow import Flows, Plane

ELSEWHERE_PX = 3.0  # what a frame says goes so far elsewhere counts half there
UNLIKE = 30.0  # mean colour difference (0..255) of places that are hardly the same thing
GONE_PX = 100.0  # how far elsewhere that is which lies outside of the frame


class Interpolator(Protocol):
    """Makes the frames between two frames of one size that belong to one shot."""

    def between(self, first: Frame, second: Frame, times: Sequence[float]) -> list[Frame]:
        """A new uint8 [H, W, 3] for each time, which is a share of the way: 0 < time < 1, in any order."""
        ...


DIS = Part(
    name="dis",
    role="interpolator",
    summary="DIS optical flow both ways, for small motion; quick, and invents nothing",
    target="vitascope.footage.interpolators:FlowInterpolator",
    licence="Apache-2.0",
    packages=("cv2",),
    rank=1,
)


class FlowInterpolator:
    """The Interpolator by DIS optical flow. The intermediate flows are those of Jiang et al. (arXiv
    1712.00080, equation 4), moved on to the places that they speak of.
    """

    def between(self, first: Frame, second: Frame, times: Sequence[float]) -> list[Frame]:
        """As the contract says."""
        from vitascope.footage.flow import flows

        both = flows(first, second)
        return [_at(first, second, both, time) for time in times]


def _at(first: Frame, second: Frame, both: Flows, time: float) -> Frame:
    import cv2
    import numpy as np

    from vitascope.footage.flow import carried, resized, scaled

    size_px = first.shape[1], first.shape[0]
    to_first, to_second = _ways(both, time)
    one = carried(np.ascontiguousarray(first), scaled(to_first, size_px))
    other = carried(np.ascontiguousarray(second), scaled(to_second, size_px))
    apart = np.asarray(resized(cv2.absdiff(one, other), both.size_px), np.float32).mean(-1)
    share = _share_of_second(both, (to_first, to_second), apart, time)
    of_second = np.asarray(resized(share, size_px), np.float32)
    return np.asarray(cv2.blendLinear(one, other, 1 - of_second, of_second), np.uint8)


def _ways(both: Flows, time: float) -> tuple[Plane, Plane]:
    """From each place at that moment to where its point is in the first frame, and in the second."""
    import numpy as np

    from vitascope.footage.flow import carried_flow

    u, v = time, 1 - time
    across = np.asarray(v * both.there - u * both.back, np.float32)
    # The flows above are those of the places in the frames, not at the moment: two looks along the way find
    # what passes here (0.5 dB better on things that move before others, 0.03 dB worse on plain pans).
    for _ in range(2):
        there, back = carried_flow(both.there, -u * across), carried_flow(both.back, v * across)
        across = np.asarray(v * there - u * back, np.float32)
    return -u * across, v * across


def _share_of_second(both: Flows, ways: tuple[Plane, Plane], apart: Plane, time: float) -> Plane:
    """How much of the second frame is seen at each place [H, W], 0..1; `apart` is how unlike the two are."""
    import numpy as np

    from vitascope.footage.flow import beyond, carried_flow, lengths, softened

    across = np.asarray(ways[1] - ways[0], np.float32)
    first_elsewhere = lengths(np.subtract(carried_flow(both.there, ways[0]), across))
    second_elsewhere = lengths(np.add(carried_flow(both.back, ways[1]), across))
    first_elsewhere[beyond(ways[0])] = GONE_PX
    second_elsewhere[beyond(ways[1])] = GONE_PX
    first, second = (
        0.02 + 1 / (1 + (away / ELSEWHERE_PX) ** 2) for away in (first_elsewhere, second_elsewhere)
    )
    unlike = (softened(apart, 5) / UNLIKE) ** 2
    picky = unlike / (1 + unlike)  # where both show the same there is nothing to choose
    chosen = np.asarray(picky * second / (first + second) + (1 - picky) / 2, np.float32)
    trust = softened(chosen, 3)
    odds = time / (1 - time) * trust / (1 - trust)
    return np.asarray(odds / (1 + odds), np.float32)
