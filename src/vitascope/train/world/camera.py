"""Where the camera is at every moment: centre and log zoom, in frame heights.

Knows the camera's name and the subject's path; does not know what is seen through it.

Axes: B scenes, T frames. x goes right, y goes down; a still camera looks at (0, 0) with zoom 1. A frame
height is the picture's shorter side: a wider picture sees more to both sides, a taller one more above.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vitascope.train.world.scene import CAMERA, Scenes

PAN = 0.46  # frame heights in a clip of CLIP_S seconds
TILT = 0.42
ZOOM_LOG = 0.58  # a factor of 1.8
CLIP_S = 2.0


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


def camera_path(scenes: Scenes, t_BT: Tensor, subject_BT2: Tensor) -> Tensor:
    """Camera [B, T, 3] of (x, y, log zoom) at times t_BT in seconds."""
    name = scenes.camera_B[:, None]
    u = t_BT / CLIP_S - 0.5
    span = 0.85 + 0.3 * scenes.noise_BP[:, 20:21]
    right = (name == CAMERA["pan right"]).float() - (name == CAMERA["pan left"]).float()
    down = (name == CAMERA["tilt down"]).float() - (name == CAMERA["tilt up"]).float()
    closer = (name == CAMERA["zoom in"]).float() - (name == CAMERA["zoom out"]).float()
    follow = (name == CAMERA["follow"]).float()
    log_zoom = closer * ZOOM_LOG * span * u + closer.abs() * 0.04
    # A zoom keeps the subject's neighbourhood fixed on the screen.
    focus_y = 0.1 * closer.abs() * (1 - torch.exp(-log_zoom))
    x = right * PAN * span * u + follow * subject_BT2[..., 0]
    y = down * TILT * span * (u - 0.1 * down) + focus_y + follow * (subject_BT2[..., 1] - 0.06) * 0.8
    y = torch.where(follow > 0, y.clamp(max=0.06), y)
    return torch.stack((x, y, log_zoom), -1)
