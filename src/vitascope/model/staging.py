"""All that is known of where things and the camera are, as the network and its noise take it: worked out once
for a clip, before the first step.

Axes: B canvases, N tokens (Nf of them of single frames), T frames of tubelets, M tubelets, S pixels of a
frame.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from vitascope.model.bodies import ABSENT, Bodies
from vitascope.model.camera import View
from vitascope.model.carrying import nearest, side_of, taken, ways
from vitascope.model.layout import Layout
from vitascope.model.shared_noise import SHARE, clip_noise, spots

__all__ = ["Staging", "still"]


@dataclass(frozen=True)
class Staging:
    """What tokens are told of the world beneath them.

    world_BN3: their places in it, for what is near to what. passing_BN2: how fast the camera passes by there.
    facts_BNX: of the thing they lie on (`Bodies.facts`). taken_BTS, put_BTS2: `carrying.ways` of the
    tubelets. spots_BMS: the noise that they share.
    """

    world_BN3: Tensor
    passing_BN2: Tensor
    facts_BNX: Tensor
    taken_BTS: Tensor
    put_BTS2: Tensor
    spots_BMS: Tensor

    @classmethod
    def of(cls, view: View, bodies: Bodies, places_N3: Tensor, layout: Layout, side: int) -> "Staging":
        """The staging of a layout's tokens at these places; side: of a patch in pixels."""
        moments = places_N3[layout.frame_tokens :]
        return cls(
            bodies.in_world(places_N3, view.in_world(places_N3)),
            view.passing(places_N3),
            bodies.facts(places_N3),
            *ways(view, bodies, moments, layout.grid, layout.tubelet_frames, side),
            spots(view, bodies, moments, layout.grid, side),
        )

    def noise(
        self,
        white_BNP: Tensor,
        grid: tuple[int, int],
        generator: torch.Generator | None = None,
        frames: int = 4,
        share: float = SHARE,
    ) -> Tensor:
        """White numbers -> the tubelets' noise, of which a part moves as the world and its things do."""
        noise = clip_noise(white_BNP, self.spots_BMS, grid, generator, frames, share)
        if not noise.shape[1]:
            return noise
        return taken(noise, nearest(self.put_BTS2, grid, side_of(noise, frames)), grid, frames)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """In order, as `Staging(...)` takes them."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def to(self, device: str) -> "Staging":
        """The same on another device."""
        return Staging(*(tensor.to(device) for tensor in self.tensors))

    def repeated(self, times: int) -> "Staging":
        """The same for each of so many predictions."""
        return Staging(*(torch.cat([tensor] * times) for tensor in self.tensors))


def still(layout: Layout, clips: int, side: int = 8) -> Staging:
    """That of clips of which nothing is known, and whose camera stands still."""
    frames = max(1, layout.tubelets * layout.tubelet_frames)
    view = View(torch.zeros(clips, frames, 4), 1.0, min(layout.grid))
    bodies = Bodies(torch.tensor(ABSENT).expand(clips, frames, 1, 5), 1.0, min(layout.grid))
    return Staging.of(view, bodies, layout.places(), layout, side)
