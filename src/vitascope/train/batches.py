"""Training batches: rendered scenes cut into tokens, with clocks as canvases would set them.

Which pixels are given is what `tasks` give (their canvases come through the engine's own tokens), and beside
it parts of frames, a start, an end, any frame, or a time of its own for every moment. Beside words a batch
tells of cast, camera and tracks, each to some of its clips. Knows the world, not the network or the
optimiser.

Axes: B canvases, N tokens, P numbers in a patch, T frames, H, W, C, K things; S portrait patches, R track
points.
"""

import math
import random
from dataclasses import dataclass, fields, replace
from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.canvas import Canvas
from vitascope.engine.tokens import (
    CAST_MEMBERS,
    PATCH_PX,
    TIME_FPS,
    TRACKS,
    TUBELET,
    cast_tokens,
    given_tokens,
    layout_of,
    places_of,
    track_tokens,
)
from vitascope.model import flow
from vitascope.model.bodies import ABSENT, Bodies
from vitascope.model.camera import View
from vitascope.model.context import UNTOLD_CAMERA
from vitascope.model.layout import Layout
from vitascope.model.patches import patchify
from vitascope.model.staging import Staging
from vitascope.tasks import image_to_video, text_to_image, text_to_video
from vitascope.train.portraits import portraits
from vitascope.train.scripts import Scripts
from vitascope.train.strange import Strangers
from vitascope.train.world.render import Render, render
from vitascope.train.world.scene import ACTION, CAMERA, Mix, Scenes
from vitascope.train.world.sprites import Atlas

__all__ = ["Batch", "Painter", "Plan"]

RATE_FPS = 8
# A model this small learns what things look like from scenes that resemble each other, and only then what
# varies: after 18,000 stills of these, foxes and penguins could be told, which 310,000 of everything had not
# taught.
PLAIN = 0.5  # of the scenes have one named thing, as it is, under a clear sky
USUAL, TAKES = 0.4, 4  # so many of them are staged in one of so many ways
TOLD = 0.85  # of the cameras are told, as they are when words or sliders speak of them; footage doesn't say
WAYS_TOLD = (0.85, 0.45)  # of clips is known where their things go: from words, and from pictures
_UNTOLD = torch.tensor(UNTOLD_CAMERA)  # a camera that nobody spoke of


@dataclass(frozen=True)
class Plan:
    """One kind of batch: `count` canvases of `rows` x `columns` patches, stills without tubelets.

    keys: so many frames are given, each carried by tokens of its own. loop: time is a circle, whose first
    frame has tokens of its own and is given to half of the canvases.
    """

    count: int
    rows: int = 8
    columns: int = 8
    tubelets: int = 0
    keys: int = 0
    rate_fps: int = RATE_FPS
    loop: bool = False

    @property
    def frames(self) -> int:
        """T; 1 for a still."""
        return max(1, self.tubelets * TUBELET)

    def canvas(self, keys: tuple[int, ...] = ()) -> Canvas:
        """Such a canvas as its task makes it, with those frames given."""
        size = (self.columns * PATCH_PX, self.rows * PATCH_PX)
        if not self.tubelets:
            return text_to_image("", size=size)
        duration_s = Fraction(self.frames, self.rate_fps)
        picture = np.zeros((size[1], size[0], 3), np.uint8)
        if keys == (0,):
            canvas = image_to_video(picture, duration_s=duration_s, rate_fps=self.rate_fps)
        else:
            canvas = text_to_video("", duration_s=duration_s, size=size, rate_fps=self.rate_fps)
            canvas = canvas.with_clips([(picture[None], key, 1.0) for key in keys]) if keys else canvas
        return canvas.with_loop(self.loop)


@dataclass
class Batch:
    """Clean patches (uint8), clocks, weights and conditions of one training step; empty where not used."""

    frames_BNP: Tensor
    tubelets_BNP: Tensor
    clock_BN: Tensor
    weight_BN: Tensor
    places_N3: Tensor
    staging: Staging
    words_BLW: Tensor
    cast_BSP: Tensor
    cast_place_BS3: Tensor
    camera_BC5: Tensor
    tracks_BR7: Tensor
    tracks_world_BR3: Tensor
    grid: tuple[int, int]
    lap_frames: float | None = None

    def to(self, device: str) -> "Batch":
        """The same batch on another device."""
        moved = {
            field.name: value.to(device)
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), Tensor | Staging)
        }
        return replace(self, **moved)


@dataclass
class _Clips:
    """What was painted, and what may be said of it: all [B, ...]."""

    pixels_BTHWC: Tensor
    things_BTHW: Tensor  # where its things are
    words_BLW: Tensor
    camera_BC5: Tensor
    cast_BSP: Tensor
    cast_place_BS3: Tensor
    tracks_BR7: Tensor
    view: View  # where the camera is, as far as that is told; a still camera where it isn't
    bodies: Bodies  # where the things are, as far as that is told

    def __getitem__(self, rows: Tensor) -> "_Clips":
        values = {
            field.name: value[rows.to(value.device)]
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), Tensor)
        }
        view = replace(self.view, camera_BT4=self.view.camera_BT4[rows])
        return replace(self, **values, view=view, bodies=self.bodies[rows])


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
        self._plain_rows = _plain_rows(scripts.scenes)
        self._painted: dict[Plan, list[_Clips]] = {}

    def draw(self, plan: Plan) -> Batch:
        """The next batch of this kind."""
        clips = self._pictures(plan)
        pixels = clips.pixels_BTHWC
        B = len(pixels)
        keys = self._keys(plan)
        known_THW = torch.from_numpy(np.array(plan.canvas(keys).known))
        layout = layout_of(known_THW, plan.loop)
        apart, whole = list(layout.frame_times), slice(0, layout.tubelets * TUBELET)
        seen = [_share(clips.things_BTHW[:, apart], 1), _share(clips.things_BTHW[:, whole], TUBELET)]
        dropped = (torch.rand(B, generator=self.generator) < 0.1)[:, None, None]
        places = places_of(layout, plan.rate_fps)
        return Batch(
            frames_BNP=patchify(pixels[:, apart], 1, PATCH_PX),
            tubelets_BNP=patchify(pixels[:, whole], TUBELET, PATCH_PX),
            clock_BN=self._clocks(plan, layout, known_THW, clips.things_BTHW.cpu()),
            weight_BN=1 + self.thing_weight * torch.cat(seen, dim=1).cpu(),
            places_N3=places,
            staging=Staging.of(clips.view, clips.bodies, places, layout, PATCH_PX),
            words_BLW=torch.where(dropped, 0.0, clips.words_BLW),
            cast_BSP=torch.where(dropped, 0.0, clips.cast_BSP),
            cast_place_BS3=torch.where(dropped, -1.0, clips.cast_place_BS3),
            camera_BC5=torch.where(dropped, _UNTOLD, clips.camera_BC5),
            tracks_BR7=torch.where(dropped, 0.0, clips.tracks_BR7),
            tracks_world_BR3=clips.view.in_world(clips.tracks_BR7[..., 1:4]),
            grid=layout.grid,
            lap_frames=float(plan.frames) if plan.loop else None,
        )

    def _keys(self, plan: Plan) -> tuple[int, ...]:
        """The frames that are given: the first or any, the ends and one between, or every so many."""
        if plan.loop or plan.keys == 1:
            return (0,) if plan.loop or self.rng.random() < 0.8 else (self.rng.randrange(plan.frames),)
        if not plan.keys:
            return ()
        even = plan.frames // plan.keys
        if self.rng.random() < 0.5:
            start = self.rng.randrange(plan.frames - even * (plan.keys - 1))
            return tuple(start + even * i for i in range(plan.keys))
        between = self.rng.sample(range(1, plan.frames - 1), plan.keys - 2)
        return (0, *sorted(between), plan.frames - 1)

    def _pictures(self, plan: Plan) -> _Clips:
        """Clips to train on: new or used."""
        stock = self._painted.setdefault(plan, [])
        if not stock:
            clips = self._paint(plan, plan.count * 2)
            for _ in range(self.uses):
                order = torch.randperm(plan.count * 2, generator=self.generator)
                stock += [clips[half] for half in order.chunk(2)]
        return stock.pop()

    def _paint(self, plan: Plan, count: int) -> _Clips:
        rows = torch.randint(len(self.scripts), (count,), generator=self.generator)
        plain = self._plain_rows[torch.randint(len(self._plain_rows), (count,), generator=self.generator)]
        rows = torch.where(self._uniform(count) < PLAIN, plain, rows)
        scenes = self._by_usual_takes(self.scripts.scenes[rows].second_take(self.generator))
        still = not plan.tubelets
        slid, moves = self._slides(scenes, plan)
        carried, ways = self._carried(scenes, plan, slid)
        scenes.action_B[carried] = ACTION["stands still"]
        drawn = render(
            scenes.to(self.device),
            self.atlas,
            frames=plan.frames,
            height_px=plan.rows * PATCH_PX,
            width_px=plan.columns * PATCH_PX,
            rate_fps=plan.rate_fps,
            start_s=self._uniform(count).to(self.device) * 2 if still else 0.0,
            camera=moves.to(self.device),
            lap_s=plan.frames / plan.rate_fps if plan.loop else None,
            carry_BT2=ways.to(self.device),
            truth=True,
        )
        assert drawn.masks_BTHW is not None
        words = torch.where(carried[:, None, None], 0.0, self._forgotten(self.scripts.words_BLW[rows]))
        pixels, bare = drawn.pixels_BTHWC, torch.zeros(count, dtype=torch.bool)
        if plan.keys == 1:
            pixels, bare = self._estranged(drawn)
        told = (self._uniform(count) < TOLD) | bare | slid
        told &= scenes.camera_B != CAMERA["follow"]  # nobody knows beforehand where the subject goes
        camera = _camera_token(scenes.camera_B, told)
        camera[slid, 0, 1:] = moves[slid]
        cast = cast_tokens(*self._portraits(scenes, bare))
        tracked = (self._uniform(count) < (0.4 if plan.keys else 0.15)) & ~slid | carried
        tracks = self._tracks(drawn, plan, tracked & ~bare)
        words = torch.where(bare[:, None, None], 0.0, words)
        path = torch.cat((drawn.camera_BT3, drawn.roll_BT[..., None]), -1).cpu()
        path = torch.where(told[:, None, None], path, 0.0)
        units = TIME_FPS / plan.rate_fps, min(plan.rows, plan.columns)
        view, bodies = View(path, *units), Bodies(self._ways(drawn, plan, carried, bare), *units)
        return _Clips(pixels, drawn.masks_BTHW >= 0, words, camera, *cast, tracks, view, bodies)

    def _ways(self, drawn: Render, plan: Plan, carried: Tensor, bare: Tensor) -> Tensor:
        """Where things are [B, T, K, 5], of clips and of things of which that is known.

        It is planned for what is painted from words; of footage it is known now and then, and of what is
        carried along a path.
        """
        poses = drawn.poses_BTK5.cpu()
        B, K = len(poses), poses.shape[2]
        told = (self._uniform(B, 1) < WAYS_TOLD[plan.keys > 0]) & (self._uniform(B, K) < 0.95)
        told = (told | carried[:, None]) & ~bare[:, None]
        return torch.where(told[:, None, :, None], poses, poses.new_tensor(ABSENT))

    def _by_usual_takes(self, scenes: Scenes) -> Scenes:
        """Most scenes with the chance (where things stand, how large they are) of one of the usual takes."""
        count, numbers = scenes.noise_BP.shape
        usual = torch.rand(TAKES, numbers, generator=torch.Generator().manual_seed(7))
        takes = usual[torch.randint(TAKES, (count,), generator=self.generator)]
        noise_BP = torch.where(self._uniform(count, 1) < USUAL, takes, scenes.noise_BP)
        return replace(scenes, noise_BP=noise_BP)

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self.generator)

    def _slides(self, scenes: Scenes, plan: Plan) -> tuple[Tensor, Tensor]:
        """Which clips' cameras follow sliders [B], and the sliders [B, 4]; NaN elsewhere: the script's
        camera.
        """
        B = len(scenes)
        slid = (self._uniform(B) < 0.3) & (scenes.camera_B == CAMERA["static"]) & bool(plan.tubelets)
        moves = (self._uniform(B, 4) * 2 - 1) * (self._uniform(B, 4) < 0.4)
        return slid, torch.where(slid[:, None], moves, torch.nan)

    def _forgotten(self, words_BLW: Tensor) -> Tensor:
        """Some texts lose a tenth of their words, so that none is leant on too much."""
        lost = (self._uniform(*words_BLW.shape[:2]) < 0.1) & (self._uniform(len(words_BLW), 1) < 0.3)
        return torch.where(lost[..., None], 0.0, words_BLW)

    def _portraits(self, scenes: Scenes, bare: Tensor) -> tuple[Tensor, Tensor]:
        """Portraits of the first two different things; always of those that training has no name for."""
        unnamed = scenes.things_BK[:, 0] >= Mix.n_things
        shown = ((self._uniform(len(scenes)) < 0.3) | unnamed) & ~bare
        pair = (scenes.things_BK[:, 1] >= 0) & (scenes.things_BK[:, 1] != scenes.things_BK[:, 0])
        things = scenes.things_BK[:, :CAST_MEMBERS].clamp(min=0)
        pictures = portraits(self.atlas, things, self.generator)
        return pictures, torch.stack((shown, shown & pair), dim=1)

    def _carried(self, scenes: Scenes, plan: Plan, slid: Tensor) -> tuple[Tensor, Tensor]:
        """Whose first thing is carried about, as by a hand [B], and how far it is by each frame [B, T, 2].

        From rest at its place along a straight line or a bend, so that any path of a track is learnt and not
        only those that actions take.
        """
        B, T = len(scenes), plan.frames
        carried = (self._uniform(B) < 0.3) & (scenes.camera_B == CAMERA["static"]) & ~slid & (plan.keys == 1)
        angle = self._uniform(B, 1, 2) * 2 * math.pi
        reach = (0.1 + 0.5 * self._uniform(B, 1, 1)) * carried[:, None, None]
        first, second = (torch.stack((a.cos(), a.sin() * 0.7), -1) for a in angle.unbind(-1))
        bend = (self._uniform(B, 1, 1) < 0.4) * 1.0
        time = (torch.arange(T) / max(1, T - 1)).view(1, T, 1)
        return carried, reach * (first * time + bend * second * time * (1 - time))

    def _tracks(self, drawn: Render, plan: Plan, told: Tensor) -> Tensor:
        """Where the things go, where it's told; and with a still camera, that points of the place stay."""
        paths = drawn.tracks_BTK2.cpu().transpose(1, 2)
        B, K, T, _ = paths.shape
        told = (told & bool(plan.tubelets))[:, None]
        there = drawn.visible_BTK[:, 0].cpu() & told
        camera = drawn.camera_BT3.cpu()
        still = ((camera - camera[:, :1]).abs() < 1e-4).flatten(1).all(1)[:, None]
        fixed = self._uniform(B, TRACKS - K, 1, 2).expand(-1, -1, T, -1)
        held = told & still & (self._uniform(B, TRACKS - K) < 0.3)
        paths, there = torch.cat((paths, fixed), 1), torch.cat((there, held), 1)
        return track_tokens(paths, there, plan.rows, plan.columns, plan.rate_fps)

    def _estranged(self, drawn: Render) -> tuple[Tensor, Tensor]:
        """Two clips of five with pictures that the world never paints; which of those have no things."""
        if self._strangers is None:
            self._strangers = Strangers(self.generator)
        chance = self._uniform(len(drawn.pixels_BTHWC))
        strange, bare = chance < 0.4, chance < 0.2
        clips = self._strangers.clips(drawn, bare)
        chosen = strange.to(clips.device)[:, None, None, None, None]
        return torch.where(chosen, clips, drawn.pixels_BTHWC), bare

    def _clocks(self, plan: Plan, layout: Layout, known_THW: Tensor, things_BTHW: Tensor) -> Tensor:
        """Each token's clock: a common time on top of what is known, or a time of its own for each moment."""
        B, moments = len(things_BTHW), len(layout.frame_times) + layout.tubelets
        time = flow.random_time((B, 1), self.generator, layout.tubelets).expand(B, moments)
        tokens = given_tokens(torch.zeros(1, *known_THW.shape, 3), known_THW[None], layout)
        by_task = torch.cat([part.known_BN for part in tokens], dim=1)[:, :: layout.per_frame]
        known = by_task.expand(B, moments)
        kind = torch.rand(B, 1, generator=self.generator)
        if plan.tubelets and not plan.loop:
            own = flow.random_time((B, moments), self.generator, layout.tubelets)
            time = torch.where(kind < 0.08, own, time)
            tubelet = torch.arange(moments) - len(layout.frame_times)
            split = torch.randint(1, max(2, layout.tubelets), (B, 1), generator=self.generator)
            start, end = (tubelet >= 0) & (tubelet < split), tubelet >= split
            known = torch.where((kind > 0.08) & (kind < 0.16) & start, 1.0, known)
            known = torch.where((kind > 0.16) & (kind < 0.2) & end, 1.0, known)
        if layout.frame_times and plan.tubelets:
            # Now and then a picture is as noisy as any moment: what guidance by pictures compares with.
            doubted = self._uniform(B, 1) < (0.5 if plan.loop else 0.1)
            known = torch.where(doubted, 0.0, torch.maximum(known, by_task))
            if not plan.loop:
                time = torch.where(
                    doubted, flow.random_time((B, moments), self.generator, layout.tubelets), time
                )
        known_BN = known.repeat_interleave(layout.per_frame, dim=1)
        if plan.tubelets and not plan.keys and not plan.loop:
            part = self._parts(layout, things_BTHW)
            known_BN = torch.where((kind > 0.2) & (kind < 0.32) & part, 1.0, known_BN)
        return flow.clock_at(time.repeat_interleave(layout.per_frame, dim=1), known_BN)

    def _parts(self, layout: Layout, things_BTHW: Tensor) -> Tensor:
        """Tokens that are given where only a part of each frame is: all but a box, a box, or the things [B,
        N].
        """
        B, rows, columns = len(things_BTHW), layout.rows, layout.columns
        corner = self._uniform(B, 2) * torch.tensor((rows, columns)) * 0.75
        size = (0.2 + 0.6 * self._uniform(B, 2)) * torch.tensor((rows, columns))
        row, column = torch.arange(rows).view(1, -1, 1), torch.arange(columns).view(1, 1, -1)
        first, last = corner.floor()[..., None, None], (corner + size).ceil()[..., None, None]
        box = (row >= first[:, 0]) & (row < last[:, 0]) & (column >= first[:, 1]) & (column < last[:, 1])
        box_BN = box.flatten(1).repeat(1, layout.tubelets)
        subject_BN = _share(things_BTHW, TUBELET) > 0.6
        kind = self._uniform(B, 1)
        return torch.where(kind < 0.4, box_BN, torch.where(kind < 0.8, ~box_BN, subject_BN))


def _plain_rows(scenes: Scenes) -> Tensor:
    """Which scenes have one named thing, as it is, under a clear sky; all of them if none has."""
    plain = (scenes.style_B == 0) & (scenes.colour_B == 0) & (scenes.count_B == 1) & (scenes.relation_B == 0)
    plain &= (scenes.weather_B == 0) & (scenes.things_BK[:, 0] < Mix.n_things) & (scenes.things_BK[:, 1] < 0)
    rows = plain.nonzero()[:, 0]
    return rows if len(rows) else torch.arange(len(scenes))


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
    moves = torch.cat((torch.full((len(camera_B), 1), math.nan), moves), dim=1)
    return torch.where(told[:, None], moves, _UNTOLD).unsqueeze(1)
