"""Where a clip's things are on the screen at every moment, each as a body that keeps its shape.

What a thing shows moves as the thing does. A token that lies on a thing is told where on it; and what is on a
thing keeps its place there, whatever way the thing goes (`in_world`, for attention), as what stands still in
the world keeps its own under a moving camera (`camera.py`). A thing's body is a rounded box around what is
seen of it.

Axes: B canvases, T frames, K things, the nearest first; N places. A pose is [..., 5]: x and y of the body's
middle in frame heights from that of the picture (x right, y down), how far it is turned clockwise in radians,
and the logarithms of half its width and half its height in frame heights.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from vitascope.model.camera import around
from vitascope.model.patches import fourier

__all__ = [
    "ABSENT",
    "FACTS",
    "Bodies",
    "Cover",
    "Plane",
    "covers",
    "filmed",
    "placed",
    "seen_on",
    "told",
    "unfilmed",
]

Plane = tuple[Tensor, Tensor]  # rows and columns apart, or down and right: twice as fast as side by side

ABSENT = (99.0, 99.0, 0.0, -9.0, -9.0)  # the pose of a thing of which nothing is known: it covers no place
USUAL_SIZE = -1.5  # the logarithm of half a usual body's side
RATES, HIGHEST = 3, 4.0  # how finely a place on a body is told
FACTS = 10 + 2 * 2 * RATES  # numbers that a token is told of the body that it lies on


@dataclass(frozen=True)
class Cover:
    """On which body each place lies: numbers_BN (-1: on none), there_BN2 as `seen_on` has it, and the
    body's pose at that moment and in the middle of the clip, [B, N, 5]."""

    number_BN: Tensor
    there_BN2: Tensor
    now_BN5: Tensor
    middle_BN5: Tensor

    @property
    def there(self) -> Plane:
        """There_BN2 apart."""
        return self.there_BN2[..., 0], self.there_BN2[..., 1]

    @property
    def on_BN(self) -> Tensor:
        """Whether a place lies on any."""
        return self.number_BN >= 0


@dataclass(frozen=True)
class Bodies:
    """The things of B clips.

    frame_step: how much time there is from one frame to the next, in whatever unit places count it; between
    frames a thing is in between. per_height: how many patches a frame height has.
    """

    poses_BTK5: Tensor
    frame_step: float
    per_height: int

    def __getitem__(self, rows: Tensor) -> "Bodies":
        """Those of the clips at these rows."""
        return replace(self, poses_BTK5=self.poses_BTK5[rows])

    @cached_property
    def in_patches(self) -> Tensor:
        """[B, T, K, 5]: row and column of the middle in patches, the angle, and half the height and the width
        in patches.
        """
        x, y, angle, width, height = self.poses_BTK5.unbind(-1)
        unit = self.per_height
        return torch.stack((y * unit, x * unit, angle, height.exp() * unit, width.exp() * unit), -1)

    @cached_property
    def told_BK(self) -> Tensor:
        """Which of the things anything is known of."""
        return told(self.poses_BTK5[:, 0])

    def at(self, times: Tensor) -> Tensor:
        """Bodies at these times [n]: [B, n, K, 5], in patches."""
        first, second, share = around(times, self.frame_step, self.poses_BTK5.shape[1])
        return torch.lerp(self.in_patches[:, first], self.in_patches[:, second], share.view(1, -1, 1, 1))

    @cached_property
    def middle_BK5(self) -> Tensor:
        """Bodies in the middle of the clip, in patches."""
        T = self.poses_BTK5.shape[1]
        return self.in_patches[:, (T - 1) // 2 : T // 2 + 1].mean(1)

    def cover(self, places: Tensor) -> Cover:
        """Which body lies over each place (time, row, column): [N, 3], the same for all, or [B, N, 3]."""
        B, _, K, _ = self.poses_BTK5.shape
        places = places.expand(B, *places.shape[-2:])
        times, moment = places[0, :, 0].unique(return_inverse=True)
        bodies = self.at(times)[:, moment]
        number = torch.full(places.shape[:2], -1, device=places.device)
        there = places.new_zeros(*places.shape[:2], 2)
        now, middle = there.new_zeros(*number.shape, 5), there.new_zeros(*number.shape, 5)
        for k in reversed(range(K)):
            seen = seen_on((places[..., 1], places[..., 2]), bodies[:, :, k])
            on = covers(seen)
            number = torch.where(on, k, number)
            there = torch.where(on[..., None], torch.stack(seen, -1), there)
            now = torch.where(on[..., None], bodies[:, :, k], now)
            middle = torch.where(on[..., None], self.middle_BK5[:, None, k], middle)
        return Cover(number, there, now, middle)

    def in_world(self, places: Tensor, world_BN3: Tensor) -> Tensor:
        """Where in the world places on the screen are, if `world_BN3` is where they'd be on no thing: on a
        thing, where its body has them in the middle of the clip.
        """
        cover = self.cover(places)
        home = torch.stack((world_BN3[..., 0], *placed(cover.there, cover.middle_BN5)), -1)
        return torch.where(cover.on_BN[..., None], home, world_BN3)

    def facts(self, places: Tensor) -> Tensor:
        """What tokens are told of the bodies they lie on, [B, N, FACTS]; zeros where they lie on none.

        How much of the token does, whether it is the first thing, the angle, the size, how fast the thing
        moves there, and where on the body the token is.
        """
        cover = self.cover(places)
        corners = [places + places.new_tensor((0.0, a, b)) for a in (-0.25, 0.25) for b in (-0.25, 0.25)]
        share = torch.stack([self.cover(corner).on_BN for corner in corners]).float().mean(0)
        step = places.new_tensor((self.frame_step / 2, 0.0, 0.0))
        moved = self._carried(cover, places + step) - self._carried(cover, places - step)
        angle, height, width = cover.now_BN5[..., 2:].unbind(-1)
        size = torch.stack((height, width), -1).clamp(min=1e-6).div(self.per_height).log() - USUAL_SIZE
        first = (cover.number_BN == 0).float()
        pose = torch.stack((share, first, angle.cos(), angle.sin()), -1)
        facts = torch.cat((pose, size, moved, cover.there_BN2, fourier(cover.there_BN2, RATES, HIGHEST)), -1)
        return torch.where(cover.on_BN[..., None], facts, 0.0)

    def _carried(self, cover: Cover, places: Tensor) -> Tensor:
        """Where those spots of the bodies are at the places' times, [B, N, 2]."""
        B = len(self.poses_BTK5)
        times, moment = places.expand(B, *places.shape[-2:])[0, :, 0].unique(return_inverse=True)
        bodies = self.at(times)[:, moment]
        number = cover.number_BN.clamp(min=0)[..., None, None].expand(-1, -1, 1, 5)
        return torch.stack(placed(cover.there, bodies.gather(2, number)[:, :, 0]), -1)


def told(poses: Tensor) -> Tensor:
    """Of which things [..., 5] anything is known: those that aren't ABSENT."""
    return poses[..., 0] < ABSENT[0] / 2


def filmed(poses_BTK5: Tensor, camera_BT4: Tensor) -> Tensor:
    """Poses that a still camera sees -> as a moving one does (`camera.View` has its numbers)."""
    x, y, log_zoom, roll = camera_BT4[:, :, None].unbind(-1)
    right, down = poses_BTK5[..., 0] - x, poses_BTK5[..., 1] - y
    zoom, cos, sin = log_zoom.exp(), roll.cos(), roll.sin()
    seen = (
        (right * cos + down * sin) * zoom,
        (down * cos - right * sin) * zoom,
        poses_BTK5[..., 2] - roll,
        poses_BTK5[..., 3] + log_zoom,
        poses_BTK5[..., 4] + log_zoom,
    )
    return torch.where(told(poses_BTK5)[..., None], torch.stack(seen, -1), poses_BTK5)


def unfilmed(poses_BTK5: Tensor, camera_BT4: Tensor) -> Tensor:
    """The inverse of `filmed`."""
    x, y, log_zoom, roll = camera_BT4[:, :, None].unbind(-1)
    right, down = (poses_BTK5[..., i] * (-log_zoom).exp() for i in (0, 1))
    cos, sin = roll.cos(), roll.sin()
    still = (
        right * cos - down * sin + x,
        down * cos + right * sin + y,
        poses_BTK5[..., 2] + roll,
        poses_BTK5[..., 3] - log_zoom,
        poses_BTK5[..., 4] - log_zoom,
    )
    return torch.where(told(poses_BTK5)[..., None], torch.stack(still, -1), poses_BTK5)


def seen_on(place: Plane, bodies: Tensor) -> Plane:
    """Places (rows, columns) -> where on the bodies [..., 5] (in patches) they are: down and right in halves
    of the body, -1..1 inside.
    """
    row, column, angle, height, width = bodies.unbind(-1)
    down, right, cos, sin = place[0] - row, place[1] - column, angle.cos(), angle.sin()
    return down * (cos / height) - right * (sin / height), right * (cos / width) + down * (sin / width)


def placed(there: Plane, bodies: Tensor) -> Plane:
    """The inverse of `seen_on`."""
    row, column, angle, height, width = bodies.unbind(-1)
    cos, sin = angle.cos(), angle.sin()
    (down, right), (a, b) = there, (cos * height, sin * width)
    return row + down * a + right * b, column + right * (cos * width) - down * (sin * height)


def covers(there: Plane) -> Tensor:
    """Whether such places lie on the body: in a box with round corners."""
    return there[0].square().square() + there[1].square().square() < 1
