"""The picture at a moment between two frames, by how things move from the one to the other.

Optical flow is sought both ways, once for a pair. At a moment, points of both frames are on their way; where
several meet, what moves against the whole is in front. What both frames show is mixed from both, what only
one of them shows comes from that one. Where they show different things the nearer frame counts for more, and
after a cut it alone does. Does not know who painted the frames, nor what is known of them.

Axes: H, W, C. Flows are float32 [H, W, 2], in pixels of the size at which they are sought.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from vitascope.engine.bends import Bend, Turn
from vitascope.engine.contracts import EngineError
from vitascope.engine.optical_flow import (
    beyond,
    carried,
    grey,
    lengths,
    lost_way,
    mended,
    reached,
    resized,
    scaled,
    seeker,
    softened,
)

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

# The short side where flow is sought, and the long one at most. DIS looks at patches of eight pixels, so
# small pictures are enlarged before it looks.
LEAST_PX, MOST_PX, LONGEST_PX = 256, 512, 1024
# How far from its start a point of a sure flow may end, there and back: in px, and as a share of the way.
STRAY_PX, STRAY_SHARE = 1.5, 0.05
FARTHEST_PX = 16.0  # what is further off than this is simply elsewhere
ELSEWHERE_PX = 3.0  # what goes so far from where this moment's flow says counts half
UNLIKE = 30.0  # mean colour difference (0..255) of points that are hardly the same
# Of a cut: the share of points that get lost, and how wrong the carried picture is. 48 pairs of different
# scenes have at least 0.82 and 19; of 72 of one scene, 1/8 s or 1 s apart, none has lost more than 0.76.
CUT_SHARE, CUT_ERROR = 0.8, 12.0
DOUBTED = 15.0  # of 84: the misfit from which a flow is more its neighbours' than its own
# The short side of the largest pictures that are mixed as was learnt, not by rule: it was learnt from 64 px.
# Photographs, panned, gained 0.1 to 1.3 dB at 64 px, -0.2 to 0.6 at 96, and -0.3 to 0.2 at 128; renders lost
# 0.8 at 256 px.
LEARNT_PX = 96
NEARER = 1.0  # how strongly the nearer frame is preferred where the two are unlike and neither is surer


def inbetween(first_HWC: Bytes, second_HWC: Bytes, share: float) -> Bytes:
    """uint8 [H, W, 3]: the picture at `share` (0..1) of the way from the first frame to the second.

    At 0 and at 1 it is that frame to the bit. For several moments between the same two, keep a Pair. Raises
    EngineError for frames of two sizes, and for a share outside 0..1.
    """
    return Pair(first_HWC, second_HWC).at(share)


class Pair:
    """Two frames uint8 [H, W, 3] of one size; how they move is found out when it's first needed."""

    def __init__(self, first_HWC: Bytes, second_HWC: Bytes) -> None:
        if first_HWC.shape != second_HWC.shape:
            one, other = (f"{frame.shape[1]}x{frame.shape[0]}" for frame in (first_HWC, second_HWC))
            raise EngineError(f"only frames of one size have something between them: {one} and {other} px")
        self.first, self.second = np.ascontiguousarray(first_HWC), np.ascontiguousarray(second_HWC)

    def at(self, share: float, earlier: Pair | None = None, later: Pair | None = None) -> Bytes:
        """uint8 [H, W, 3]: the picture at `share` of the way; as inbetween() makes it.

        `earlier` ends with this pair's first frame and `later` begins with its second, each as long a moment
        apart: they say how ways are bent. Without them, and after cuts, ways are straight.
        """
        if not 0 <= share <= 1:
            raise EngineError(f"a moment between two frames is a share of the way in 0..1, not {share:g}")
        if share in (0, 1) or self.same or self.cut:
            return (self.first if share < 0.5 else self.second).copy()
        if min(self.first.shape[:2]) <= LEARNT_PX:
            return self._learnt(share, self.guesses(share, self._size, earlier, later))
        moment, _ = self._moves.at(share, *self._bends(earlier, later))
        size = self._size
        ways = (scaled(way, size) for way in moment.ways(share))
        seen = [carried(frame, way) for frame, way in zip((self.first, self.second), ways, strict=True)]
        weights = (np.ascontiguousarray(resized(weight, size)) for weight in moment.weights(share))
        return np.asarray(cv2.blendLinear(*seen, *weights), np.uint8)

    def guesses(
        self,
        share: float,
        size: tuple[int, int],
        earlier: Pair | None = None,
        later: Pair | None = None,
    ) -> Floats:
        """float32 [h, w, 15] at that (width, height): what is thought of a moment before a picture is made.

        Three flows from first to second, (x, y) in px of that size: the one that is believed, then what the
        first and what the second frame says. Then the first's weight in 0..1, and by how many px (at most
        FARTHEST_PX, of the size at which flow is sought) the first and the second disagree. At last by how
        far (x, y) those three ways are bent.
        """
        moment, claims = self._moves.at(share, *self._bends(earlier, later))
        flows = [scaled(flow, size) for flow in (moment.flow, *(flow for flow, _ in claims))]
        bends = [scaled(bend, size) for bend in (moment.bend, *(bend for _, bend in claims))]
        planes = [moment.weights(share)[0], moment.first_elsewhere, moment.second_elsewhere]
        rest = [resized(np.minimum(plane, FARTHEST_PX), size) for plane in planes]
        return np.dstack((*flows, *rest, *bends)).astype(np.float32)

    @property
    def _size(self) -> tuple[int, int]:
        return self.first.shape[1], self.first.shape[0]

    def _learnt(self, share: float, guesses: Floats) -> Bytes:
        """The picture as the network mixes it."""
        import torch  # here, and the network too: what is large does without them

        from vitascope.model.inbetweener import Inbetweener, seen

        planes_B15HW = torch.tensor(guesses).permute(2, 0, 1)[None]
        frames = torch.tensor(np.stack((self.first, self.second))).permute(0, 3, 1, 2).float() / 255
        first_B3HW, second_B3HW, share_B = frames[:1], frames[1:], torch.tensor([share])
        with torch.inference_mode():
            views = seen(first_B3HW, second_B3HW, planes_B15HW, share_B)
            mixing = Inbetweener.load()(views, planes_B15HW, share_B)
            made = mixing.picture(views, first_B3HW, second_B3HW, planes_B15HW, share_B)[0]
            return (made * 255 + 0.5).to(torch.uint8).permute(1, 2, 0).contiguous().numpy()

    def _bends(self, earlier: Pair | None, later: Pair | None) -> tuple[Bend | None, Bend | None]:
        """Of the ways of the first's and of the second's points."""
        there, back = self._moves.there, self._moves.back
        first = second = None
        if earlier is not None and not (earlier.same or earlier.cut):
            came = earlier._moves.back
            first = Turn.of(there.flow, there.sure, came.flow, came.sure)
        if later is not None and not (later.same or later.cut):
            goes = later._moves.there
            second = Turn.of(back.flow, back.sure, goes.flow, goes.sure)
        return (
            Bend.of(first, second and second.seen_from(there.flow)),
            Bend.of(first and first.seen_from(back.flow), second),
        )

    @cached_property
    def same(self) -> bool:
        """Whether the two are equal to the bit."""
        return np.array_equal(self.first, self.second)

    @cached_property
    def cut(self) -> bool:
        """Whether the two don't belong together: most points get lost, and carrying them explains little.

        Either alone isn't enough: in a plain sky any flow is as good, and a flash changes every colour.
        """
        there, back = self._moves.there, self._moves.back
        lost = 1 - (there.sure.mean() + back.sure.mean()) / 2
        wrong = (
            _apart(there.start, carried(back.start, there.flow)).mean()
            + _apart(back.start, carried(there.start, back.flow)).mean()
        ) / 2
        return bool(lost > CUT_SHARE and wrong > CUT_ERROR)

    @cached_property
    def _moves(self) -> _Moves:
        size = _sought_at(*self.first.shape[:2])
        first, second = resized(self.first, size), resized(self.second, size)
        plain = grey(first, size), grey(second, size)
        there, back = seeker().calc(*plain, None), seeker().calc(*plain[::-1], None)
        there, back = mended(first, second, there, back), mended(second, first, back, there)
        return _Moves(_Way.of(first, there, back), _Way.of(second, back, there))


@dataclass(frozen=True)
class _Way:
    """How the points of one frame go to the other."""

    start: Bytes
    flow: Floats
    sure: NDArray[np.bool_]
    from_back_to_front: NDArray[np.intp]
    """The points in order: those that get lost, then those that go as the picture does, then all else."""

    @staticmethod
    def of(start: Bytes, flow: Floats, back: Floats) -> _Way:
        sure = lost_way(flow, back) < STRAY_PX + STRAY_SHARE * lengths(flow)
        whole = np.median(flow[::4, ::4].reshape(-1, 2), axis=0)
        rank = np.where(sure, lengths(flow - whole), -1)
        return _Way(start, flow, sure, np.argsort(rank, axis=None, kind="stable"))

    def on_the_way(self, part: float, bend: Floats) -> tuple[Floats, Floats]:
        """The flow of what is seen at each place when `part` of the way is over, and its bend."""
        height, width = self.flow.shape[:2]
        x, y = (np.rint(place).astype(np.int32).ravel() for place in reached(part * self.flow + bend))
        order = self.from_back_to_front
        order = order[((x >= 0) & (x < width) & (y >= 0) & (y < height))[order]]
        places = y[order] * width + x[order]
        both = np.dstack((self.flow, bend))
        way, landed = np.zeros((height * width, 4), np.float32), np.zeros(height * width, np.float32)
        way[places] = both.reshape(-1, 4)[order]  # of several the last stays, the one in front
        landed[places] = 1
        way, landed = way.reshape(height, width, 4), landed.reshape(height, width)
        around = softened(landed, 5)
        filled = softened(way, 5) / np.maximum(around, 1e-6)[..., None]
        way = np.where(landed[..., None] > 0, way, np.where(around[..., None] > 0.01, filled, both))
        # Points land between the pixels: once more, from there.
        way = carried(both, -(np.float32(part) * way[..., :2] + way[..., 2:]).astype(np.float32))
        return way[..., :2], way[..., 2:]


@dataclass(frozen=True)
class _Moment:
    """What is where at a moment. All are [H, W]; the flow is from first to second."""

    flow: Floats
    bend: Floats  # by how far what is seen is beside its straight way
    apart: Floats  # mean colour difference of what it takes from the first and from the second
    first_elsewhere: Floats  # by how many px the first frame says otherwise of where its point goes
    second_elsewhere: Floats

    def ways(self, share: float) -> tuple[Floats, Floats]:
        """How far from each place the first and the second show what is there."""
        return _ways(self.flow, self.bend, share)

    def misfit(self) -> Floats:
        """How little speaks for the flow, around each place."""
        stray = sum(np.minimum(px, 2 * ELSEWHERE_PX) for px in (self.first_elsewhere, self.second_elsewhere))
        return softened(np.minimum(self.apart, 2 * UNLIKE) + 2 * stray, 5)

    def weights(self, share: float) -> tuple[Floats, Floats]:
        """How much of each frame is seen at each place; they add up to 1."""
        unlike = (softened(self.apart, 5) / UNLIKE) ** 2
        picky = unlike / (1 + unlike)  # where both show the same there's nothing to choose
        first, second = (
            0.02 + 1 / (1 + (px / ELSEWHERE_PX) ** 2) for px in (self.first_elsewhere, self.second_elsewhere)
        )
        trust = softened(picky * first / (first + second) + (1 - picky) / 2, 3)
        undecided = 1 - np.abs(2 * trust - 1)
        nearness = min((1 - share) / max(share, 1e-6), 1e6) ** (1 + NEARER * undecided * picky**2)
        odds = nearness * trust / (1 - trust)
        of_first = (odds / (1 + odds)).astype(np.float32)
        return of_first, 1 - of_first


@dataclass(frozen=True)
class _Moves:
    """The ways of the points of both frames."""

    there: _Way
    back: _Way

    def at(
        self, share: float, there_bend: Bend | None, back_bend: Bend | None
    ) -> tuple[_Moment, tuple[tuple[Floats, Floats], ...]]:
        """Of what the two frames claim of a moment, at each place that which fits better; and both claims."""
        flow, bend = self.there.on_the_way(share, self._bent(there_bend, share))
        back, back_bent = self.back.on_the_way(1 - share, self._bent(back_bend, share))
        claims = (flow, bend), (-back, back_bent)
        one, other = (self._judged(*claim, share) for claim in claims)
        misfits = one.misfit(), other.misfit()
        second = (misfits[1] < misfits[0])[..., None]
        flow, bend = np.where(second, other.flow, one.flow), np.where(second, other.bend, one.bend)
        # Where little speaks for either, neighbours go different ways, and the picture would fall to grains.
        doubt = (softened(np.minimum(*misfits), 7) / DOUBTED) ** 2
        doubt = (doubt / (1 + doubt))[..., None].astype(np.float32)
        flow, bend = (plane + doubt * (softened(plane, 9) - plane) for plane in (flow, bend))
        return self._judged(flow, bend, share), claims

    def _bent(self, bend: Bend | None, share: float) -> Floats:
        return np.zeros_like(self.there.flow) if bend is None else bend.at(share)

    def _judged(self, flow: Floats, bend: Floats, share: float) -> _Moment:
        first, second = _ways(flow, bend, share)
        apart = _apart(carried(self.there.start, first), carried(self.back.start, second))
        first_elsewhere = lengths(carried(self.there.flow, first) - flow)
        second_elsewhere = lengths(carried(self.back.flow, second) + flow)
        first_elsewhere[beyond(first)] = 100
        second_elsewhere[beyond(second)] = 100
        return _Moment(flow, bend, apart, first_elsewhere, second_elsewhere)


def _ways(flow: Floats, bend: Floats, share: float) -> tuple[Floats, Floats]:
    """How far from each place at a moment its point is in the first and in the second frame."""
    return -share * flow - bend, (1 - share) * flow - bend


def _sought_at(height: int, width: int) -> tuple[int, int]:
    """(width, height) at which flow is sought."""
    short, long = sorted((height, width))
    scale = min(min(max(short, LEAST_PX), MOST_PX) / short, LONGEST_PX / long)
    return max(16, round(width * scale)), max(16, round(height * scale))


def _apart(one: Bytes, other: Bytes) -> Floats:
    """Mean colour difference [H, W] in 0..255."""
    return np.asarray(cv2.absdiff(one, other), np.float32).mean(-1)
