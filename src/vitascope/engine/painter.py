"""One canvas on its way through the built-in network: its windows, what is known of each, what is painted.

Knows canvases, the network and its planner; not who asks, nor how what was painted comes to its own size.

Axes: B canvases, T frames, H, W, C; N tokens, P numbers in a patch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.canvas import Canvas
from vitascope.engine.contracts import FillSettings, Progress, Report
from vitascope.engine.forecast import (
    Forecast,
    emptied,
    forecast,
    handing_over,
    portrayed,
    shaped,
    stands_still,
)
from vitascope.engine.halos import entering, without_halos
from vitascope.engine.seams import mend_seams
from vitascope.engine.tokens import (
    PATCH_PX,
    TIME_FPS,
    TRACKS,
    TUBELET,
    at_base,
    base_patches,
    cast_tokens,
    cutouts_of,
    given_tokens,
    layout_of,
    places_of,
    portraits_of,
    track_tokens,
)
from vitascope.engine.tubelet_joins import even_joins
from vitascope.engine.tubelet_windows import plan_windows
from vitascope.engine.ways import brushed, found_ways, planned_ways, tracked_ways
from vitascope.model import flow, samplers
from vitascope.model.bodies import ABSENT, Bodies, told
from vitascope.model.camera import View, camera_path
from vitascope.model.camera_words import CameraReader
from vitascope.model.context import UNTOLD_CAMERA, WORD_SLOTS, Context
from vitascope.model.finder import Finder
from vitascope.model.layout import Layout
from vitascope.model.network import Network, Tokens
from vitascope.model.patches import unpatchify
from vitascope.model.planner import MOST_THINGS
from vitascope.model.samplers import State
from vitascope.model.staging import Staging
from vitascope.model.thing_words import ThingReader
from vitascope.model.words import WordEncoder

STEPS, GUIDANCE = 8, 2.5


class Walk(NamedTuple):
    """How a canvas is walked from noise to pictures."""

    sample: samplers.Sampler
    shift: float


class _Scene(NamedTuple):
    """What is to be painted at once: frames that follow each other, how they are filmed (sliders [T, 4], None
    where nobody knows), where things go [1, T, K, 5], and how long a lap is if time is a circle.
    """

    frames: list[int]
    sliders: Tensor | None
    view: View
    ways: Tensor
    lap_frames: int | None


class Painter:
    """One canvas on its way through the network."""

    def __init__(
        self,
        network: Network,
        words: WordEncoder,
        canvas: Canvas,
        settings: FillSettings,
        report: Report,
        walk: Walk,
    ) -> None:
        self.network, self.words, self.canvas, self.report = network, words, canvas, report
        self.walk = walk
        self.settings = settings
        self.steps = settings.steps or STEPS
        self.guidance = GUIDANCE if settings.guidance is None else settings.guidance
        self.rows, self.columns = base_patches(canvas)
        self.pixels_THWC, self.known_THW = at_base(canvas, self.rows * PATCH_PX, self.columns * PATCH_PX)
        self.generator = torch.Generator().manual_seed(canvas.seed)
        self.portraits, self.cutouts = portraits_of(canvas), cutouts_of(canvas)
        self.planned: dict[int, Tensor] = {}  # of frames: poses [1, K, 5] on the screen

    def paint(self) -> np.ndarray:
        """The whole clip at the base size, uint8 [T, H, W, 3]."""
        windows = list(plan_windows(self._given(), self.canvas.loop))
        for number, window in enumerate(windows):
            frames = [frame for frame in window if frame < self.canvas.frames]  # a still has one
            painted = self._window(frames, number * self.steps, len(windows) * self.steps)
            self.pixels_THWC[frames], self.known_THW[frames] = painted, 1
        return _as_bytes(self.pixels_THWC)

    def _given(self) -> list[bool]:
        """Which tubelets are given whole."""
        whole = (self.known_THW == 1).flatten(1).all(1)
        tubelets = whole.view(-1, TUBELET).all(1) if len(whole) > 1 else whole
        return [bool(given) for given in tubelets]

    def _window(self, frames: list[int], before: int, total: int) -> Tensor:
        """Frames of one window [T, H, W, 3]; they follow each other, if need be across the end of a loop."""
        lap_frames = len(frames) if self.canvas.loop and len(frames) == self.canvas.frames else None
        rate_fps = float(self.canvas.rate_fps)
        sliders = self._sliders(frames)
        held = torch.zeros(len(frames), 4) if sliders is None else sliders
        side = min(self.rows, self.columns)
        view = View(camera_path(held[None], rate_fps, lap_frames), TIME_FPS / rate_fps, side)
        planned = self._planned(frames)
        ways = self._ways(frames, lap_frames, view)
        from_words = not self.canvas.tracks and not self.known_THW[frames].any()
        cast = self.cutouts if from_words else []
        if cast:
            ways = shaped(ways[0], cast)[None]
        scene = _Scene(frames, sliders, view, ways, lap_frames)

        def tell(done: int, preview: np.ndarray) -> None:
            self.report(Progress("painting", before + done, total, preview))

        guess = portrayed(cast, ways[0], *self.pixels_THWC.shape[1:3]) if cast else self._forecast(scene)
        known, circle = self.known_THW[frames].numpy(), lap_frames is not None
        # What is painted window by window would copy its own mistakes: half a minute of that lost every
        # thing. So a clip that words go on with is painted anew, its forecast only seen at the join.
        anew = guess is not None and self._clip_given(frames) and bool(self.canvas.words_at(frames[0]))
        painted = self._painted(scene, None if anew else guess, tell)
        if from_words:
            painted = without_halos(painted, ways[0], view.camera_BT4[0])
        painted = painted.numpy()
        if circle or not from_words:
            # Clips from words alone would be calmed: of 100 actions 75 were read, not 78.
            painted = even_joins(painted, known, TUBELET, circle=circle)
        if guess is None or guess.rough or (anew and not planned):
            return torch.as_tensor(mend_seams(painted, known, rate_fps, circle=circle))
        share_T = handing_over(len(frames), self._whole(frames), rate_fps, lap=circle) if anew else None
        detailed = guess.detailed(torch.as_tensor(painted), share_T)
        if not circle:
            return detailed
        return torch.as_tensor(mend_seams(detailed.numpy(), known, rate_fps, circle=True))

    def _painted(
        self, scene: _Scene, guess: Forecast | None, tell: Callable[[int, np.ndarray], None]
    ) -> Tensor:
        """The frames of a scene as the network paints them [T, H, W, 3]."""
        frames, view = scene.frames, scene.view
        pixels, known = self.pixels_THWC[None, frames], self.known_THW[None, frames]
        layout = layout_of(known[0], scene.lap_frames is not None)
        rate_fps = float(self.canvas.rate_fps)
        places = places_of(layout, rate_fps)
        lap = scene.lap_frames and scene.lap_frames * TIME_FPS / rate_fps
        if guess is not None:
            nothing = known[0] == 0
            pixels = torch.where(nothing[..., None], guess.frames_THWC, pixels)
            known = torch.where(nothing, guess.known_THW, known)
        given = given_tokens(pixels, known, layout)
        bodies = Bodies(scene.ways, view.frame_step, view.per_height)
        staging = Staging.of(view, bodies, places, layout, PATCH_PX)
        white = [torch.randn(g.clean_BNP.shape, generator=self.generator) for g in given]
        noise = (white[0], staging.noise(white[1], layout.grid, self.generator))
        twice = staging.repeated(2)
        context, mask = self._context(layout, frames, scene.sliders, view)
        clean = tuple(g.clean_BNP for g in given)
        certain = torch.cat([g.known_BN for g in given], dim=1) == 1

        def predict(state: State, clock: Tensor, told: Context) -> State:
            tokens = Tokens(state[0], state[1], clock, places, layout.grid, twice, lap, context_mask_NM=mask)
            return self._predict(tokens, told)

        def denoise(state: State, clocks: tuple[Tensor, ...]) -> State:
            clock = torch.cat(clocks, dim=1)
            painted = predict(state, clock, context)
            scale = self.settings.picture_guidance
            if scale is None or scale == 1 or not certain.any() or certain.all():
                return painted
            # What would be painted if the given pictures were as noisy as all else.
            doubted = torch.where(certain, clock[~certain].amin(), clock)
            parts = torch.split(doubted, [part.shape[1] for part in state], dim=1)
            hazy = tuple(
                torch.where((c == 1)[..., None], flow.mix(x, n, d[..., None]), now)
                for x, n, c, d, now in zip(clean, noise, clocks, parts, state, strict=True)
            )
            return samplers.guided(predict(hazy, doubted, context), painted, scale)

        def show(done: int, clean: State) -> None:
            tell(done, _as_bytes(self._unpatch(clean, layout)[0]))

        state = self.walk.sample(denoise, given, noise, samplers.times(self.steps, self.walk.shift), show)
        painted = self._unpatch(state, layout)[0]
        if not layout.tubelets:
            return painted
        outside = (staging.put_BTS2[0].abs() > 1).any(-1).view(painted.shape[:3])
        return entering(painted, outside & (known[0] == 0), scene.ways[0])

    def _sliders(self, frames: list[int]) -> Tensor | None:
        """The camera's sliders at every frame [T, 4] in -1..1: the canvas's, or else what its words say.

        None where neither tells and footage is given, whose camera nobody knows.
        """
        canvas = self.canvas
        if canvas.camera:
            return torch.tensor([canvas.camera_at(frame) for frame in frames]) / 100
        said = [canvas.words_at(frame) for frame in frames]
        texts = list(dict.fromkeys(said))
        told = CameraReader.load().sliders(self.words.encode(texts))
        if len(frames) > 1 and not told.any() and (self.known_THW.flatten(1).amax(1) > 0).sum() > 1:
            return None
        return told[[texts.index(text) for text in said]]

    def _ways(self, frames: list[int], lap_frames: int | None, view: View) -> Tensor:
        """Where things are at every frame [1, T, K, 5], as far as that is known before it is painted."""
        canvas = self.canvas
        if canvas.tracks:
            return tracked_ways(canvas, frames)
        words = self.words.encode([canvas.words_at(frames[0])])
        known = None
        if self.known_THW[frames].any():
            known = self._known_ways(frames, told_words=bool(words.any()))
            if known is None:
                return torch.tensor(ABSENT).expand(1, len(frames), 1, 5)
        ways = planned_ways(
            words, len(frames), float(canvas.rate_fps), lap_frames, view, self.generator, known
        )
        self.planned |= {frame: ways[:, place] for place, frame in enumerate(frames)}
        return ways

    def _whole(self, frames: list[int]) -> list[int]:
        """Which of these frames are given as a whole: their places among them."""
        whole = (self.known_THW[frames] == 1).flatten(1).all(1).numpy()
        return [int(place) for place in np.flatnonzero(whole)]

    def _clip_given(self, frames: list[int]) -> bool:
        """Whether whole tubelets of these frames are given, and not single pictures only."""
        given = set(self._whole(frames))
        tubelets = range(0, len(frames) - TUBELET + 1, TUBELET)
        return any(given.issuperset(range(first, first + TUBELET)) for first in tubelets)

    def _planned(self, frames: list[int]) -> bool:
        """Whether the given ones of these frames were painted along a plan."""
        return all(frames[place] in self.planned for place in self._whole(frames))

    def _forecast(self, scene: _Scene) -> Forecast | None:
        """A first guess of the frames that aren't given, from those that are.

        None where none is; where tracks begin in other pictures; where a clip is given that nothing was found
        in; or where the place moves and nobody told how.
        """
        pixels = self.pixels_THWC[scene.frames]
        given = self._whole(scene.frames)
        words = bool(self.canvas.words_at(scene.frames[0]))
        known = self.known_THW[scene.frames]
        if not words and not self.canvas.tracks and not self.canvas.cast and _holes_within(known):
            return emptied(pixels, known)
        if not given or (self.canvas.tracks and (given != [0] or scene.frames[0] > 0)):
            return None
        if words and self._clip_given(scene.frames) and not told(scene.ways[0, 0]).any():
            return None
        if self.canvas.tracks:
            things = brushed(self.canvas.tracks, *pixels.shape[1:3])[None]
        else:
            things = Finder.load()(pixels[given]) > 0
        if scene.sliders is None and not stands_still(pixels[given], things):
            return None
        lap = scene.lap_frames is not None
        return forecast(pixels, given, things, scene.ways[0], scene.view.camera_BT4[0], lap=lap)

    def _known_ways(self, frames: list[int], *, told_words: bool) -> Tensor | None:
        """Poses at these frames as far as they are known, as planners want them: as planned before, or as
        found in given frames.

        None where nothing can be planned: only parts of frames are given, nothing is found in them, or a
        single picture is given and no word.
        """
        given = self._whole(frames)
        rest = self.known_THW[[frame for place, frame in enumerate(frames) if place not in given]]
        if (rest > 0).any() or (len(given) < 2 and not told_words):
            return None
        planned = [self.planned.get(frames[place]) for place in given]
        if planned[0] is None:
            return found_ways(self.pixels_THWC[[frames[place] for place in given]], given, len(frames))
        things = planned[0].shape[1]
        poses = torch.full((1, len(frames), MOST_THINGS, 5), math.nan)
        for place, pose in zip(given, planned, strict=True):
            if pose is not None and pose.shape[1] == things:
                poses[:, place] = torch.tensor(ABSENT)
                poses[:, place, :things] = pose
        return poses

    def _context(
        self, layout: Layout, frames: list[int], sliders_T4: Tensor | None, view: View
    ) -> tuple[Context, Tensor | None]:
        """Two rows, told nothing (or the negative words) and told all; and who may see which words."""
        canvas = self.canvas
        middles = [*layout.frame_times, *(TUBELET * i + TUBELET // 2 for i in range(layout.tubelets))]
        said = [canvas.words_at(frames[min(m, len(frames) - 1)]) for m in middles]
        texts = list(dict.fromkeys(said))
        vectors = self.words.encode([canvas.negative, *self._named(texts)])
        words = torch.cat(
            (vectors[:1].repeat(1, len(texts), 1), vectors[1:].reshape(1, -1, vectors.shape[-1]))
        )
        camera = torch.tensor(UNTOLD_CAMERA).repeat(2, 1, 1)
        if sliders_T4 is not None:
            camera[1, 0, 1:] = sliders_T4.mean(0)
        told = torch.tensor([[False], [True]])
        cast = cast_tokens(self.portraits.expand(2, -1, -1, -1, -1), told.expand(2, self.portraits.shape[1]))
        moving_first = sorted(canvas.tracks, key=lambda track: track.frozen)
        paths = [torch.as_tensor(t.positions(canvas.frames, canvas.rate_fps))[frames] for t in moving_first]
        paths_KT2 = torch.stack(paths[:TRACKS]) if paths else torch.zeros(0, len(frames), 2)
        tracks = track_tokens(
            paths_KT2.expand(2, -1, -1, -1),
            told.expand(2, len(paths_KT2)),
            self.rows,
            self.columns,
            float(canvas.rate_fps),
        )
        mask = None
        if len(texts) > 1:
            index = torch.tensor([texts.index(text) for text in said]).repeat_interleave(layout.per_frame)
            mask = F.one_hot(index, len(texts)).bool().repeat_interleave(WORD_SLOTS, dim=1)
            mask = F.pad(mask, (0, cast[0].shape[1] + 1 + tracks.shape[1]), value=True)
        tracks_world = view.in_world(tracks[:1, :, 1:4]).expand(2, -1, -1)
        return Context(words.to(self.network.kind.dtype), *cast, camera, tracks, tracks_world), mask

    def _named(self, texts: list[str]) -> list[str]:
        """Texts that begin with the usual name of what they speak of: painted 79 of 100 times where 60 were
        without, in wordings that training never held. A cast's names are nobody's usual ones.
        """
        if self.canvas.cast:
            return texts
        heard = ThingReader.load().heard(self.words.encode(texts))
        return [f"{name}. {text}" if name else text for name, text in zip(heard, texts, strict=True)]

    @torch.inference_mode()
    def _predict(self, tokens: Tokens, context: Context) -> State:
        """The network's prediction, led away from what it predicts where it is told nothing."""
        twice = replace(
            tokens,
            frames_BNP=tokens.frames_BNP.repeat(2, 1, 1),
            tubelets_BNP=tokens.tubelets_BNP.repeat(2, 1, 1),
            clock_BN=tokens.clock_BN.repeat(2, 1),
        )
        without, told = zip(*(p.float().chunk(2) for p in self.network(twice, context)), strict=True)
        return samplers.guided(without, told, self.guidance)

    def _unpatch(self, state: State, layout: Layout) -> Tensor:
        if layout.tubelets:
            return unpatchify(state[1], TUBELET, PATCH_PX, self.rows, self.columns)
        return unpatchify(state[0], 1, PATCH_PX, self.rows, self.columns)


def _holes_within(known_THW: Tensor) -> bool:
    """Whether what is unknown lies inside the pictures: it reaches across them neither way."""
    unknown = (known_THW == 0).any(0)
    across, down = unknown.any(0), unknown.any(1)
    return bool(unknown.any()) and not (across.all() or down.all())


def _as_bytes(pixels: Tensor) -> np.ndarray:
    return ((pixels.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).numpy()
