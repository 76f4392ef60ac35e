"""What a tracker is: marks in one frame go in, and where they are in the frames after it comes out.

Knows no tracker's workings and imports nothing heavy; ours is footage/lucas_kanade.py. Time is the caller's:
"after" is the order in which frames are handed in, so a clip is followed backwards by handing it in so.

Places are in pixels from the top left corner of the frame: the middle of the first pixel is (0.5, 0.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import Frame
from vitascope.footage.parts import Part

Kind = Literal["point", "box", "plane"]
Places = NDArray[np.float64]
"""float64 [N, 2]: (x, y) in pixels."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mark:
    """What is to be followed: a point [1, 2], or the corners [4, 2] of a box or a plane, clockwise from the
    top left.

    A box is moved, turned and scaled as what is in it; a plane is seen in perspective.
    """

    kind: Kind
    corners_px: Places
    name: str = ""


class Seen(NamedTuple):
    """Where a mark is in a frame: places as in its Mark, how sure that is (0..1), and whether it is in sight.

    Out of sight the places are a guess from how it moved before.
    """

    corners_px: Places
    confidence: float
    visible: bool


class Following(Protocol):
    """Marks that are being followed."""

    def see(self, frame: Frame) -> list[Seen]:
        """Where each mark is in the next frame, uint8 [H, W, 3] of the size of the first."""
        ...


class Tracker(Protocol):
    """The role "tracker"."""

    def start(self, frame: Frame, marks: Sequence[Mark]) -> Following:
        """Begin with the frame that the marks were made in; see() then takes the frames after it.

        Raises FootageError for a mark with nothing in it to hold on to, naming it.
        """
        ...


LUCAS_KANADE = Part(
    name="lucas-kanade",
    role="tracker",
    summary="Lucas-Kanade flow held to how the mark first looked; finds it again after it was hidden.",
    target="vitascope.footage.lucas_kanade:LucasKanade",
    licence="Apache-2.0",
    packages=("cv2",),
)
