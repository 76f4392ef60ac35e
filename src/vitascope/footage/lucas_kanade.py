"""Our tracker: every mark is a patch that is led from frame to frame and then held to how it first looked.

Leading (pyramidal Lucas-Kanade, there and back, Bouguet's "Pyramidal implementation of the affine Lucas
Kanade feature tracker", 2001) finds it under fast motion; holding it to its first look keeps errors from
adding up, and says when it is hidden. A mark that is out of sight is sought again by how it looked: small
ones by normalised correlation, large ones by their SIFT features. Where a look changes slowly, a newer one is
held to, until the first fits again.

Knows frames in the order in which they are handed in; not their times, and not why a mark is followed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitascope.footage.contracts import FootageError, Frame
from vitascope.footage.searching import Search
from vitascope.footage.spots import Spot, spot
from vitascope.footage.surfaces import Surface, surface
from vitascope.footage.trackers import Following, Mark, Seen
from vitascope.footage.warps import Fit, Grey, Greys, Model, Places, Warp, carried, moved

LARGEST_PX = 512  # a patch longer than this is followed in a frame of half the size, and so on
STEADY = 4  # frames in sight before a newer look may be held to
HOMING = 6  # so many frames lie between two tries of the first look
LEAST_INSIDE = 0.12  # less of a patch in the frame is out of sight
SLOWING = 0.85  # what is hidden is taken to come to rest
TRUST, FADING = 0.3, 0.9  # how sure a guess is, and how that falls with every frame
COMPANY_PX = 3.5  # a point's surroundings reach so many times as far as its patch
LEADS = 0.8  # the share of points that must agree on a step for it to be believed alone
LARGE_SURE = 0.55  # so alike must a box or a plane look that isn't where it should be
SURE = 0.93  # so alike must a point look where it has moved or turned as much as may be
RIVALS = 0.05  # and so much more than what in its first frame is most like it
PATIENCE = 6  # frames for which a point isn't believed to have left its surroundings
DOUBT = 0.15
TWISTED = 0.8  # more turn, stretch or shear than this at once isn't believed of a point
TOGETHER_PX = 1.5  # and move with it if they lead it to within this of where it goes


class LucasKanade:
    """The part "tracker.lucas-kanade"."""

    def start(self, frame: Frame, marks: Sequence[Mark]) -> Following:
        """A Following of these marks; FootageError for one that has nothing in it to hold on to."""
        greys = Greys(frame)
        return _Followed([_patch_of(mark, greys) for mark in marks], greys)


class _Followed:
    def __init__(self, patches: list[Patch], first: Greys) -> None:
        self._patches = patches
        self._before = first

    def see(self, frame: Frame) -> list[Seen]:
        greys = Greys(frame)
        seen = [patch.see(self._before, greys) for patch in self._patches]
        self._before = greys
        return seen


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a patch is followed, and how alike it must look for what; small patches are alike by chance."""

    model: Model
    soft: bool = False
    """Its look may change altogether: the step from frame to frame is believed where no look is found."""
    homing: bool = True
    """It is held to its first look again where that fits."""
    leaving: float = 0.0
    """A newer look is held to when less of it than this is in the frame."""
    most_points: int = 150
    stays: tuple[float, float] = (0.35, 0.3)
    """The share of it that must be alike to stay in sight, and its likeness."""
    returns: tuple[float, float] = (0.5, 0.5)
    """The same, to be found again."""
    renews: tuple[float, float] = (0.6, 0.72)
    """A newer look is held to if at least this share is alike and the likeness below this."""


MANNERS = {
    "point": Manner(model="similarity", stays=(0.6, 0.6), returns=(0.75, 0.75), renews=(0.75, 0.85)),
    "box": Manner(model="similarity", soft=True),
    "plane": Manner(model="homography"),
}
COMPANY = Manner(model="similarity", most_points=80, leaving=0.6)


class Patch:
    """One mark's state from frame to frame."""

    def __init__(self, greys: Greys, corners_px: Places, manner: Manner) -> None:
        """Raises FootageError if nothing in the patch can be told apart."""
        span_px = float(np.ptp(corners_px, axis=0).max())
        self.level = 0
        while span_px / 2**self.level > LARGEST_PX:
            self.level += 1
        self.manner = manner
        grey = greys.at(self.level)
        self._corners = corners_px / 2**self.level - 0.5
        self._reach_px = round(8 + 0.012 * float(np.hypot(*grey.shape)))
        if len(corners_px) > 1:
            self._reach_px = max(self._reach_px, span_px / 2**self.level / 2)
        first = self._look(grey, self._corners, np.eye(3))
        if first is None:
            raise FootageError(
                "there is nothing in it to hold on to; mark something with corners and contrast"
            )
        self.first = self._held = first
        self._company: Patch | None = None
        self._beside: Warp | None = None
        self._search = Search(first)
        self._sure = SURE if len(corners_px) == 1 else LARGE_SURE
        if len(corners_px) == 1:
            self._sure = max(SURE, min(1.0, self._search.rival(grey) + RIVALS))
        self._warp: Warp = np.eye(3)
        self._good = np.ones(len(first.points), bool)
        self._velocity = np.zeros(2)
        self._lost = self._steady = 0
        self._since_first = 0

    def surround(self, greys: Greys) -> None:
        """Follow its surroundings too, for where it is while it's hidden; nothing if they are even."""
        reach_px = COMPANY_PX * self._reach_px
        square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64) * reach_px
        with contextlib.suppress(FootageError):
            self._company, self._beside = Patch(greys, self._corners + 0.5 + square, COMPANY), np.eye(3)

    @property
    def in_sight(self) -> bool:
        return not self._lost

    @property
    def total(self) -> Warp:
        """The warp from the frame of the mark to the frame seen last, at this patch's level."""
        return self._warp @ self._held.from_first

    @property
    def from_first(self) -> Warp:
        """The same between whole frames in full size."""
        grow = np.diag([2.0**self.level, 2.0**self.level, 1.0])
        to_full = moved(np.array([-0.5, -0.5])) @ grow @ moved(np.array([0.5, 0.5]))
        return to_full @ self.total @ np.linalg.inv(to_full)

    def see(self, before: Greys, after: Greys) -> Seen:
        """Where it is in the frame after."""
        if self._company is not None:
            self._company.see(before, after)
        greys = before.at(self.level), after.at(self.level)
        fit = self._led(greys) if self.in_sight else None
        if fit is None:
            fit = self._found(greys[1])
        if fit is None:
            return self._guessed()
        self._take(fit)
        if self._steady >= STEADY:
            self._renew(greys[1], fit)
        return Seen(self._places(), fit.alike * self._held.strength, visible=True)

    def _led(self, greys: tuple[Grey, Grey]) -> Fit | None:
        guess, held = self._guess(), self._held.from_first
        step = self._held.stepped(self._good, greys, self._warp, guess)
        fits = [self._held.registered(greys[1], step[0])] if step else []
        if (
            not fits
            or fits[0].share < self.manner.renews[0]
            or self._away(fits[0].warp @ held, guess @ held) > 0.5
        ):
            fits.append(self._held.registered(greys[1], guess))
        fit = max(fits, key=lambda each: each.alike)
        if _passes(fit, self.manner.stays) and self._believed(fit, self._held, self.manner.stays[1]):
            return fit
        if self.manner.soft and step and step[1] >= LEADS:
            led = self._held.registered(greys[1], step[0], rounds=0)
            if led.inside >= LEAST_INSIDE and self._renewed(greys[1], step[0]):
                return Fit(np.eye(3), 0.5 * step[1], 0.5, 1.0, np.ones(len(self._held.points), bool))
        return None

    def _found(self, grey: Grey) -> Fit | None:
        """Sought by its first look (what leaves the frame: its newest), around where it should be by now."""
        look = self._held if self.manner.leaving else self.first
        search = self._search if look is self.first else Search(look)
        total = self._guess() @ self._held.from_first
        middle = carried(total, self._corners).mean(0)
        guess = total @ np.linalg.inv(look.from_first)
        guesses = [guess, *search.guesses(grey, guess, middle, self._lost)]
        fits = [look.registered(grey, each, rounds=3) for each in guesses]
        fit = max(fits, key=lambda each: each.alike)
        if not _passes(fit, self.manner.returns) or not self._believed(fit, look, self.manner.returns[1]):
            return None
        self._held, self._since_first = look, 0
        return fit

    def _believed(self, fit: Fit, look: Surface | Spot, least: float) -> bool:
        """Whether it looks alike enough for how far it is from where it should be: small patches look like
        many others.
        """
        guess, there = self._guess() @ self._held.from_first, fit.warp @ look.from_first
        off = self._away(there, guess)
        if len(self._corners) > 1:
            return fit.alike >= least + (self._sure - least) * min(1.0, off)
        if off > 1 and self._accompanied and self._lost < PATIENCE:
            return False
        # An edge looks like any other once it is turned enough.
        turned = float(np.linalg.norm((there @ np.linalg.inv(guess) - np.eye(3))[:2, :2]))
        turned /= 1 + 0.05 * self._lost
        if self._lost:  # what says little about itself is found again only where it was expected
            least += DOUBT * (1 - self.first.strength)
        return turned < TWISTED and fit.alike >= least + (self._sure - least) * min(1.0, off + 2 * turned)

    def _away(self, total: Warp, guess: Warp) -> float:
        """How far apart two warps from the first frame lead the middle of the mark, in its own reach, which
        grows while it is lost.
        """
        apart = carried(total, self._corners).mean(0) - carried(guess, self._corners).mean(0)
        return float(np.linalg.norm(apart)) / (self._reach_px * (1 + 0.2 * self._lost))

    @property
    def _accompanied(self) -> bool:
        """Whether its surroundings are in sight and moved with it when it was seen last."""
        return self._company is not None and self._beside is not None and self._company.in_sight

    def _guess(self) -> Warp:
        """Where it should be in this frame, were it in sight."""
        if self._company is not None and self._beside is not None and self._company.in_sight:
            return self._company.total @ self._beside @ np.linalg.inv(self._held.from_first)
        return moved(self._velocity) @ self._warp

    def _guessed(self) -> Seen:
        self._lost += 1
        self._warp = self._guess()
        self._velocity = self._velocity * SLOWING
        return Seen(self._places(), TRUST * FADING**self._lost, visible=False)

    def _take(self, fit: Fit) -> None:
        if not self._lost:
            middle = carried(self._held.from_first, self._corners).mean(0)[None]
            newest = (carried(fit.warp, middle) - carried(self._warp, middle))[0]
            self._velocity = (self._velocity + newest) / 2
        self._steady = 0 if self._lost else self._steady + 1
        self._warp, self._good, self._lost = fit.warp, fit.good, 0
        self._keep_company()

    def _keep_company(self) -> None:
        """Remember how it stands to its surroundings, if they move together."""
        if self._company is None or not self._company.in_sight:
            self._beside = None
            return
        if self._beside is not None:
            led = self._company.total @ self._beside
            off_px = float(np.linalg.norm(carried(led, self._corners) - carried(self.total, self._corners)))
            if off_px > TOGETHER_PX:
                self._beside = None
                return
        self._beside = np.linalg.inv(self._company.total) @ self.total

    def _renew(self, grey: Grey, fit: Fit) -> None:
        """Hold to the newest look where the one held to fades, and to the first again where that fits."""
        self._since_first += 1
        if self._held is not self.first and self.manner.homing and self._since_first % HOMING == 0:
            total = self._warp @ self._held.from_first
            home = self.first.registered(grey, total)
            if home.share >= self.manner.renews[0] and home.alike > self.manner.renews[1]:
                self._held, self._warp, self._good = self.first, home.warp, home.good
                return
        # A weak look gone over into another is how a point slides away unseen.
        fades = fit.alike < self.manner.renews[1] and fit.share >= self.manner.renews[0]
        fades = fades and self.first.strength >= 1
        if fades or fit.inside < self.manner.leaving:
            self._renewed(grey, fit.warp)

    def _renewed(self, grey: Grey, warp: Warp) -> bool:
        total = warp @ self._held.from_first
        newer = self._look(grey, carried(total, self._corners), total)
        if newer is None:
            return False
        self._held, self._warp = newer, np.eye(3)
        self._good = np.ones(len(newer.points), bool)
        return True

    def _look(self, grey: Grey, corners: Places, from_first: Warp) -> Surface | Spot | None:
        if len(corners) == 1:
            return spot(grey, corners, reach_px=self._reach_px, from_first=from_first)
        manner = self.manner
        return surface(grey, corners, manner.model, from_first=from_first, most=manner.most_points)

    def _places(self) -> Places:
        there = carried(self.total, self._corners)
        return (there + 0.5) * 2**self.level


def _passes(fit: Fit, least: tuple[float, float]) -> bool:
    return fit.share >= least[0] and fit.alike >= least[1] and fit.inside >= LEAST_INSIDE


def _patch_of(mark: Mark, greys: Greys) -> Patch:
    try:
        patch = Patch(greys, mark.corners_px, MANNERS[mark.kind])
    except FootageError as error:
        raise FootageError(f"{mark.name or mark.kind}: {error}") from error
    if mark.kind == "point":
        patch.surround(greys)
    return patch
