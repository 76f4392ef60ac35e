"""Where the camera is at every moment: centre, log zoom and roll, in frame heights and radians.

Knows the camera's name, or its sliders, and the subject's path; does not know what is seen through it.

Axes: B scenes, T frames. x goes right, y goes down; a still camera looks at (0, 0) with zoom 1. A frame
height is the picture's shorter side: a wider picture sees more to both sides, a taller one more above.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vitascope.model.camera import CLIP_S, FOCUS, NAMED, PAN, ROLL, TILT, ZOOM_LOG
from vitascope.train.world.clock import Clock
from vitascope.train.world.scene import CAMERA, Scenes


@dataclass(frozen=True)
class Window:
    """The picture's pixels as seen by a still camera."""

    height_px: int
    width_px: int

    @property
    def unit_px(self) -> int:
        """How many pixels a frame height has."""
        return min(self.height_px, self.width_px)

    @property
    def reach(self) -> tuple[float, float]:
        """How far it sees to the right and down from the middle, in frame heights."""
        return self.width_px / self.unit_px / 2, self.height_px / self.unit_px / 2

    def columns(self, device: torch.device) -> Tensor:
        """Where the columns' middles are, in frame heights."""
        return centres(self.width_px, device) * self.reach[0]

    def rows(self, device: torch.device) -> Tensor:
        """Where the rows' middles are, in frame heights."""
        return centres(self.height_px, device) * self.reach[1]


def centres(n: int, device: torch.device) -> Tensor:
    """The middles of n equal parts of -1..1."""
    return (torch.arange(n, device=device) + 0.5) * (2 / n) - 1


@dataclass(frozen=True)
class Moves:
    """What every camera does: its sliders, its own pace, and whether it follows the subject."""

    sliders_B4: Tensor  # pan, tilt, zoom, roll in -1..1: + is right, up, in, clockwise
    pace_B1: Tensor
    follows_B1: Tensor  # 0 or 1

    @classmethod
    def of(cls, scenes: Scenes, sliders_B4: Tensor | None = None) -> Moves:
        """The scenes' own cameras, but for those whose sliders are given; a row with a NaN is not.

        Raises ValueError for sliders of another shape or outside -1..1.
        """
        name = scenes.camera_B

        def slider(more: str, less: str) -> Tensor:
            return ((name == CAMERA[more]).float() - (name == CAMERA[less]).float()) * NAMED

        named = torch.stack(
            (
                slider("pan right", "pan left"),
                slider("tilt up", "tilt down"),
                slider("zoom in", "zoom out"),
                torch.zeros_like(name, dtype=torch.float32),
            ),
            1,
        )
        pace = 0.85 + 0.3 * scenes.noise_BP[:, 20:21]
        follows = (name == CAMERA["follow"]).float()[:, None]
        if sliders_B4 is None:
            return cls(named, pace, follows)
        if sliders_B4.shape != named.shape:
            raise ValueError(f"camera sliders are pan, tilt, zoom, roll of each scene: {tuple(named.shape)}")
        given = sliders_B4.to(named)
        if bool((given.abs() > 1).any()):
            raise ValueError("camera sliders are in -1..1")
        own = given.isnan().any(1, keepdim=True)
        sliders = torch.where(own, named, given)
        return cls(sliders, torch.where(own, pace, 1.0), torch.where(own, follows, 0.0))


def camera_path(moves: Moves, clock: Clock, subject_BT2: Tensor) -> Tensor:
    """Camera [B, T, 3] of (x, y, log zoom); a slider at 0.5 is as fast as the named camera on average."""
    right, up, closer, _ = (moves.sliders_B4 / NAMED)[:, :, None].unbind(1)
    span, follow = moves.pace_B1, moves.follows_B1
    u = clock.told_BT / CLIP_S - 0.5
    log_zoom = closer * ZOOM_LOG * span * u + closer.abs() * 0.04
    # A zoom keeps the subject's neighbourhood fixed on the screen.
    focus_y = FOCUS * (1 - torch.exp(-log_zoom))
    x = right * PAN * span * u + follow * subject_BT2[..., 0]
    tilt = -up * TILT * span * u - 0.1 * TILT * span * up.abs()
    y = tilt + focus_y + follow * (subject_BT2[..., 1] - 0.06) * 0.8
    y = torch.where(follow > 0, y.clamp(max=0.06), y)
    return torch.stack((x, y, log_zoom), -1)


def camera_roll(moves: Moves, clock: Clock) -> Tensor | None:
    """How far the camera is turned clockwise [B, T] in radians, or None where none ever is.

    It is upright at time 0 (so a clip that goes on from a picture begins with that picture); a slider at 1
    turns it by 45 degrees in CLIP_S. What it sees turns the other way.
    """
    roll = moves.sliders_B4[:, 3:]
    if not bool((roll != 0).any()):
        return None
    return roll / NAMED * ROLL / CLIP_S * clock.since_BT


def turned(x: Tensor, y: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    """The point (x, y) turned clockwise on the screen around (0, 0)."""
    cos, sin = torch.cos(angle), torch.sin(angle)
    return cos * x - sin * y, sin * x + cos * y
