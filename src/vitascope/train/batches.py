"""Training batches: rendered scenes cut into tokens, with clocks as canvases would set them.

Which pixels are given is what `tasks` give (their canvases come through the engine's own tokens), and beside
it a start, an end, any frame, a sketch, or a time of its own for every moment. Knows the world, not the
network or the optimiser.

Axes: B canvases, N tokens, P numbers in a patch, T frames, H, W, C.
"""

import math
import random
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.canvas import Canvas
from vitascope.engine.tokens import PATCH_PX, TUBELET, given_tokens, layout_of
from vitascope.model import flow
from vitascope.model.layout import Layout
from vitascope.model.patches import patchify
from vitascope.tasks import image_to_video, text_to_image, text_to_video
from vitascope.train.scripts import Scripts
from vitascope.train.strange import Strangers
from vitascope.train.world.render import Render, render
from vitascope.train.world.scene import CAMERA
from vitascope.train.world.sprites import Atlas

__all__ = ["Batch", "Painter", "Plan"]

RATE_FPS = 8
_UNTOLD = torch.tensor([math.nan, -2.0, -2.0, -2.0, -2.0])  # a camera that nobody spoke of


@dataclass(frozen=True)
class Plan:
    """One kind of batch: `count` canvases of `rows` x `columns` patches, stills without tubelets."""

    count: int
    rows: int = 8
    columns: int = 8
    tubelets: int = 0
    pictured: bool = False  # a frame is given, carried by tokens of its own

    def canvas(self, given_frame: int = 0) -> Canvas:
        """Such a canvas as its task makes it, or with another frame given than the first."""
        width_px, height_px = self.columns * PATCH_PX, self.rows * PATCH_PX
        if not self.tubelets:
            return text_to_image("", size=(width_px, height_px))
        duration_s = Fraction(self.tubelets * TUBELET, RATE_FPS)
        picture = np.zeros((height_px, width_px, 3), np.uint8)
        if self.pictured and given_frame == 0:
            return image_to_video(picture, duration_s=duration_s, rate_fps=RATE_FPS)
        nothing = text_to_video("", duration_s=duration_s, size=(width_px, height_px), rate_fps=RATE_FPS)
        return nothing.with_picture(picture, at=given_frame) if self.pictured else nothing


@dataclass
class Batch:
    """Clean patches (uint8), clocks, weights and conditions of one training step; empty where not used."""

    frames_BNP: Tensor
    tubelets_BNP: Tensor
    clock_BN: Tensor
    weight_BN: Tensor
    places_N3: Tensor
    words_BLW: Tensor
    camera_BC5: Tensor

    def to(self, device: str) -> "Batch":
        """The same batch on another device."""
        return Batch(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


class Painter:
    """Draws batches without end; every rendered clip serves `uses` times, with other clocks and noise.

    Pictures are painted on `device`, where the atlas must be; what is drawn by chance is drawn on the CPU, so
    that a seed means the same everywhere.
    """

    def __init__(
        self,
        scripts: Scripts,
        atlas: Atlas,
        seed: int,
        thing_weight: float = 2.0,
        uses: int = 2,
        device: str = "cpu",
    ) -> None:
        self.scripts, self.atlas, self.thing_weight, self.uses, self.device = (
            scripts,
            atlas,
            thing_weight,
            uses,
            device,
        )
        self.generator, self.rng = torch.Generator().manual_seed(seed), random.Random(seed)
        self._strangers: Strangers | None = None  # made when first wanted: it takes seconds
        self._painted: dict[Plan, list[tuple[Tensor, Tensor, Tensor, Tensor]]] = {}

    def draw(self, plan: Plan) -> Batch:
        """The next batch of this kind."""
        pixels_BTHWC, things_BTHW, words, camera = self._pictures(plan)
        B, T = pixels_BTHWC.shape[:2]
        given = 0 if self.rng.random() < 0.8 else self.rng.randrange(T)
        known_THW = torch.from_numpy(np.array(plan.canvas(given).known))
        layout = layout_of(known_THW)
        picture = pixels_BTHWC[:, given : given + 1] if layout.frame_times else pixels_BTHWC[:, :0]
        seen = things_BTHW[:, given : given + 1] if layout.frame_times else things_BTHW[:, :0]
        clip = pixels_BTHWC if plan.tubelets else pixels_BTHWC[:, :0]
        clip_seen = things_BTHW if plan.tubelets else things_BTHW[:, :0]
        weight = torch.cat((_share(seen, 1), _share(clip_seen, TUBELET)), dim=1).cpu()
        dropped = torch.rand(B, generator=self.generator) < 0.1
        return Batch(
            frames_BNP=patchify(picture, 1, PATCH_PX),
            tubelets_BNP=patchify(clip, TUBELET, PATCH_PX),
            clock_BN=self._clocks(plan, layout, known_THW, B),
            weight_BN=1 + self.thing_weight * weight,
            places_N3=layout.places(),
            words_BLW=torch.where(dropped[:, None, None], 0.0, words),
            camera_BC5=torch.where(dropped[:, None, None], _UNTOLD, camera),
        )

    def _pictures(self, plan: Plan) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Clips [B, T, H, W, C], where their things are [B, T, H, W], words, camera moves: new or used."""
        stock = self._painted.setdefault(plan, [])
        if not stock:
            rows = torch.randint(len(self.scripts), (plan.count * 2,), generator=self.generator)
            scenes = self.scripts.scenes[rows].second_take(self.generator).to(self.device)
            still = not plan.tubelets
            drawn = render(
                scenes,
                self.atlas,
                frames=1 if still else plan.tubelets * TUBELET,
                height_px=plan.rows * PATCH_PX,
                width_px=plan.columns * PATCH_PX,
                rate_fps=RATE_FPS,
                start_s=torch.rand(len(rows), generator=self.generator).to(self.device) * 2 if still else 0.0,
                truth=True,
            )
            assert drawn.masks_BTHW is not None
            pixels, things, words = drawn.pixels_BTHWC, drawn.masks_BTHW >= 0, self.scripts.words_BLW[rows]
            told = torch.rand(len(rows), generator=self.generator) < 0.25
            if plan.pictured:
                pixels, words, told = self._estranged(drawn, words, told)
            camera = _camera_token(scenes.camera_B.cpu(), told)
            for _ in range(self.uses):
                for half in torch.randperm(len(rows), generator=self.generator).chunk(2):
                    there = half.to(self.device)
                    stock.append((pixels[there], things[there], words[half], camera[half]))
        return stock.pop()

    def _estranged(self, drawn: Render, words: Tensor, told: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Half of the clips with pictures that the world never paints; half of those alone and wordless."""
        if self._strangers is None:
            self._strangers = Strangers(self.generator)
        assert drawn.masks_BTHW is not None
        chance = torch.rand(len(words), generator=self.generator)
        strange, bare = chance < 0.5, chance < 0.25
        clips = self._strangers.clips(drawn.pixels_BTHWC, drawn.masks_BTHW >= 0, drawn.camera_BT3, bare)
        pixels = torch.where(strange.to(clips.device)[:, None, None, None, None], clips, drawn.pixels_BTHWC)
        return pixels, torch.where(bare[:, None, None], 0.0, words), told | bare

    def _clocks(self, plan: Plan, layout: Layout, known_THW: Tensor, B: int) -> Tensor:
        """Each token's clock: a common time on top of what is known, or a time of its own for each moment."""
        moments = len(layout.frame_times) + layout.tubelets
        time = flow.random_time((B, 1), self.generator).expand(B, moments)
        tokens = given_tokens(torch.zeros(1, *known_THW.shape, 3), known_THW[None], layout)
        by_task = torch.cat([part.known_BN for part in tokens], dim=1)[:, :: layout.per_frame]
        known = by_task.expand(B, moments)
        if plan.tubelets:
            own = flow.random_time((B, moments), self.generator)
            kind = torch.rand(B, 1, generator=self.generator)
            time = torch.where(kind < 0.15, own, time)
            tubelet = torch.arange(moments) - len(layout.frame_times)
            split = torch.randint(1, max(2, layout.tubelets), (B, 1), generator=self.generator)
            start, end = (tubelet >= 0) & (tubelet < split), tubelet >= split
            known = torch.where((kind > 0.15) & (kind < 0.25) & start, 1.0, known)
            known = torch.where((kind > 0.25) & (kind < 0.30) & end, 1.0, known)
            known = torch.where(
                (kind > 0.30) & (kind < 0.35), torch.rand(B, 1, generator=self.generator) * 0.7, known
            )
        if plan.pictured:
            # Now and then the picture is as noisy as any moment: what guidance by pictures compares with.
            doubted = torch.rand(B, 1, generator=self.generator) < 0.1
            known = torch.where(doubted, 0.0, torch.maximum(known, by_task))
            time = torch.where(doubted, flow.random_time((B, moments), self.generator), time)
        return flow.clock_at(time, known).repeat_interleave(layout.per_frame, dim=1)


def _share(things_BTHW: Tensor, frames: int) -> Tensor:
    """How much of each token's pixels are things: [B, T, H, W] -> [B, N]."""
    B = things_BTHW.shape[0]
    if not things_BTHW.numel():
        return torch.zeros(B, 0, device=things_BTHW.device)
    pooled = F.avg_pool3d(things_BTHW.float().unsqueeze(1), (frames, PATCH_PX, PATCH_PX))
    return pooled.flatten(1)


def _camera_token(camera_B: Tensor, told: Tensor) -> Tensor:
    """[B, 1, 5]: no time (the whole clip), pan, tilt, zoom, roll in -1..1; all moves are -2 where untold."""
    moves = torch.zeros(len(camera_B), 4)
    for name, (axis, sign) in {
        "pan left": (0, -1.0),
        "pan right": (0, 1.0),
        "tilt up": (1, 1.0),
        "tilt down": (1, -1.0),
        "zoom in": (2, 1.0),
        "zoom out": (2, -1.0),
    }.items():
        moves[camera_B == CAMERA[name], axis] = 0.5 * sign
    told = told & (camera_B != CAMERA["follow"])
    moves = torch.cat((torch.full((len(camera_B), 1), math.nan), moves), dim=1)
    return torch.where(told[:, None], moves, _UNTOLD).unsqueeze(1)
