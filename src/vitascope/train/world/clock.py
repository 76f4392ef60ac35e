"""What time it is in every frame: seconds that go on, or a lap that comes back to where it began.

In a lap, what repeats by nature (a swing, a spin, rain) does so a whole number of times, and everything else
goes there and back without a jolt. Does not know what moves (mechanics.py) nor how a clip is drawn.

Axes: B scenes, T frames. Times in seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vitascope.model.camera import SWAY
from vitascope.train.world.scene import ACTION, Scenes

MIDDLE_S = 1.0  # of an ordinary clip: what a lap goes there and back around
_MIDDLES_S = {"bumps into": 0.75, "falls": 1.15}  # where two meet; where most of the fall is in the picture
LONGEST_LAP_S = 6.0  # a longer one goes there and back more than once
TURN = 0.2  # how long a walker takes to turn round


def frame_times(
    count: int, frames: int, rate_fps: float, start_s: float | Tensor, device: torch.device | str
) -> Tensor:
    """When each frame of so many clips is shown [B, T]; start_s is one time, or one for each clip [B]."""
    start_B = torch.as_tensor(start_s, dtype=torch.float32, device=device).expand(count)
    return start_B[:, None] + torch.arange(frames, device=device) / float(rate_fps)


@dataclass(frozen=True)
class Clock:
    """The time of every frame; in a lap, t_BT and t_BT + lap_s are one moment."""

    t_BT: Tensor  # as shown
    told_BT: Tensor  # how far the story is; in a lap it goes there and back
    lap_s: float | None = None
    begin_B1: Tensor | float = 0.0  # how far the story is at time 0

    @classmethod
    def of(cls, scenes: Scenes, t_BT: Tensor, lap_s: float | None = None) -> Clock:
        """A clock for these scenes at times t_BT. Raises ValueError for a lap of no length."""
        if lap_s is None:
            return cls(t_BT, t_BT)
        if not lap_s > 0:
            raise ValueError(f"a lap of {lap_s} s has no length; give one above 0")
        rounds = math.ceil(lap_s / LONGEST_LAP_S)
        middle = torch.full_like(t_BT[:, :1], MIDDLE_S)
        for name, middle_s in _MIDDLES_S.items():
            middle[scenes.action_B == ACTION[name]] = middle_s
        # A lap begins in the middle, on the way: so its seam has the most to join.
        way = torch.sin(2 * math.pi * rounds * _phase(t_BT, lap_s))
        return cls(t_BT, middle + SWAY / 2 * (lap_s / rounds) * way, lap_s, middle)

    def __getitem__(self, rows: Tensor) -> Clock:
        """The clock of the scenes at these rows."""
        begin = self.begin_B1[rows] if isinstance(self.begin_B1, Tensor) else self.begin_B1
        return Clock(self.t_BT[rows], self.told_BT[rows], self.lap_s, begin)

    def turns(self, per_s: float | Tensor) -> Tensor:
        """How often what repeats per_s times a second has repeated: [B, T, 1], or as per_s broadcasts.

        In a lap it repeats a whole number of times, at least once; the count begins anew with every lap.
        """
        t = self.t_BT[..., None]
        if self.lap_s is None:
            return per_s * t
        whole = torch.as_tensor(per_s * self.lap_s, device=t.device).round().clamp(min=1)
        return whole * _phase(t, self.lap_s)

    @property
    def since_BT(self) -> Tensor:
        """How much of the story has been told since time 0: what a camera that starts upright has rolled."""
        return self.told_BT - self.begin_B1

    @property
    def heading_BT(self) -> Tensor | None:
        """1 on the way there, -1 on the way back, in between while turning; None where no way leads back."""
        if self.lap_s is None:
            return None
        rounds = math.ceil(self.lap_s / LONGEST_LAP_S)
        speed = torch.cos(2 * math.pi * rounds * _phase(self.t_BT, self.lap_s))
        return speed * (1 + TURN**2) ** 0.5 / (speed**2 + TURN**2).sqrt()


def _phase(t: Tensor, lap_s: float) -> Tensor:
    return (t / lap_s) % 1.0
