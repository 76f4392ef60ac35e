"""Where the camera is, and where in the world a token stands that is seen through it.

What stands still in the world keeps its place there while the camera moves. Rotary positions taken in the
world rather than on the screen let attention find it again: a pan is then as easy as a still camera. Before
it, after 127,000 clips, 3 of 100 asked-for camera moves were painted.

Axes: B canvases, T frames, N tokens. x goes right, y goes down. A frame height is the picture's shorter side.
A camera is [..., 4]: x and y of what it looks at in frame heights, log zoom, and how far it is turned
clockwise in radians; all 0 is the still camera.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = [
    "CLIP_S",
    "FOCUS",
    "NAMED",
    "PAN",
    "ROLL",
    "SWAY",
    "TILT",
    "ZOOM_LOG",
    "View",
    "around",
    "camera_path",
]

# What a slider at NAMED, that is a camera move in plain words, does in CLIP_S seconds.
CLIP_S = 2.0
NAMED = 0.5
PAN, TILT = 0.46, 0.42  # frame heights
ZOOM_LOG = 0.58  # a factor of 1.8
ROLL = math.pi / 8
FOCUS = 0.1  # how far under the middle the point is that a zoom keeps in place: where subjects stand
SWAY = 0.4  # of a lap's seconds are told, there and back


def camera_path(sliders_BT4: Tensor, rate_fps: float, lap_frames: int | None = None) -> Tensor:
    """Sliders at every frame -> cameras [B, T, 4].

    Sliders are pan, tilt, zoom and roll in -1..1: + is right, up, in, clockwise. The camera is upright at
    first, and half way it looks at (0, 0), without a zoom. In a lap it goes there and back.
    """
    pace = sliders_BT4.new_tensor((PAN, -TILT, ZOOM_LOG, ROLL)) / NAMED / CLIP_S / rate_fps
    steps = (sliders_BT4 * pace)[:, :-1]
    if lap_frames is not None:
        phase = (torch.arange(steps.shape[1], device=steps.device) + 0.5) * (2 * math.pi / lap_frames)
        steps = steps * (SWAY * math.pi * phase.cos())[:, None]
    path = torch.nn.functional.pad(steps.cumsum(1), (0, 0, 1, 0))
    x, y, log_zoom, _ = (path - path.mean(1, keepdim=True)).unbind(-1)
    roll = path[..., 3]
    return torch.stack((x, y + FOCUS * (1 - torch.exp(-log_zoom)), log_zoom, roll), -1)


@dataclass(frozen=True)
class View:
    """How a clip sees the world: where its camera is at each of its T frames.

    frame_step: how much time there is from one frame to the next, in whatever unit places count it; between
    frames the camera is in between. per_height: how many patches a frame height has.
    """

    camera_BT4: Tensor
    frame_step: float
    per_height: int

    def in_world(self, places: Tensor) -> Tensor:
        """Places on the screen -> in the world, as the camera in the middle of the clip sees them: [B, N, 3].

        places: time, row and column in patches from the centre, [B, N, 3], or [N, 3] for all alike.
        """
        places = places.expand(self.camera_BT4.shape[0], *places.shape[-2:])
        x, y, size, angle = self._at(places[..., 0])
        there = _turned(places[..., 2] * size, places[..., 1] * size, angle)
        return torch.stack((places[..., 0], there[1] + y, there[0] + x), -1)

    def passing(self, places: Tensor) -> Tensor:
        """How fast the camera passes by the world at places on the screen: rows and columns of patches there
        from one frame to the next, [B, N, 2].
        """
        (B, T), half = self.camera_BT4.shape[:2], self.frame_step / 2
        places = places.expand(B, *places.shape[-2:])
        if T == 1:
            return places.new_zeros(B, places.shape[-2], 2)
        times = places[..., :1].nan_to_num().clamp(half, (T - 1) * self.frame_step - half)
        later, earlier = (
            self.in_world(torch.cat((times + step, places[..., 1:]), -1)) for step in (half, -half)
        )
        down, right = (later - earlier)[..., 1:].unbind(-1)
        _, _, size, angle = self._at(times[..., 0])
        right, down = _turned(right / size, down / size, -angle)
        return torch.stack((down, right), -1)

    def _at(self, times_BN: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The camera as seen by that in the middle of the clip, [B, N] each: x and y of what it looks at in
        patches, how large a patch of its screen is there, and how far it is turned.
        """
        T = self.camera_BT4.shape[1]
        first, second, share = around(times_BN, self.frame_step, T)
        before, after = (
            self.camera_BT4.gather(1, frame[..., None].expand(-1, -1, 4)) for frame in (first, second)
        )
        x, y, log_zoom, roll = before.lerp(after, share[..., None]).unbind(-1)
        middle = self.camera_BT4[:, (T - 1) // 2 : T // 2 + 1].mean(1, keepdim=True)
        middle_x, middle_y, middle_zoom, middle_roll = middle.unbind(-1)
        right, down = _turned(x - middle_x, y - middle_y, -middle_roll)
        unit = torch.exp(middle_zoom) * self.per_height
        return right * unit, down * unit, torch.exp(middle_zoom - log_zoom), roll - middle_roll


def around(times: Tensor, frame_step: float, frames: int) -> tuple[Tensor, Tensor, Tensor]:
    """The frames before and after each time, and how far it is from the one to the other in 0..1.

    A time beyond the clip is at its end, none (NaN) at its start.
    """
    at = (times.nan_to_num() / frame_step).clamp(0, frames - 1)
    first = at.floor().long().clamp(max=max(0, frames - 2))
    return first, (first + 1).clamp(max=frames - 1), at - first


def _turned(x: Tensor, y: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    """The point (x, y) turned clockwise on the screen around (0, 0)."""
    cos, sin = torch.cos(angle), torch.sin(angle)
    return cos * x - sin * y, sin * x + cos * y
