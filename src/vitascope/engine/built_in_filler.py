"""The built-in filler: canvases -> tokens -> the sampler and the network -> pixels.

It paints with 64 px on the short side and 8 frames a second, then enlarges with a learned upscaler. Longer
clips are painted in windows, each of which is given the last frames of the one before. Knows canvases and the
built-in network; no feature and no file format.

Axes: B canvases, T frames, H, W, C; N tokens, P numbers in a patch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.canvas import Canvas
from vitascope.engine.built_in import CAPABILITIES
from vitascope.engine.contracts import FillSettings, Progress, Report
from vitascope.engine.detail import carry_detail
from vitascope.engine.tokens import PATCH_PX, TUBELET, at_base, base_patches, given_tokens, layout_of
from vitascope.model import samplers
from vitascope.model.checkpoint import WEIGHTS, load_network
from vitascope.model.context import Context
from vitascope.model.layout import Layout
from vitascope.model.network import Network, Tokens
from vitascope.model.patches import unpatchify
from vitascope.model.samplers import State
from vitascope.model.vocabulary import Vocabulary
from vitascope.model.words import WordEncoder

WINDOW_FRAMES, OVERLAP_FRAMES = 16, 4
STEPS, GUIDANCE = 20, 2.5
UNTOLD = (math.nan, -2.0, -2.0, -2.0, -2.0)  # the camera token of a canvas that says nothing of the camera


class BuiltInFiller:
    """Fills canvases with Vitascope's own model."""

    capabilities = CAPABILITIES

    def __init__(self, network: Network | None = None, words: WordEncoder | None = None) -> None:
        self._network, self._words = network, words

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        """Paints one canvas after the other: batching gains nothing on a CPU and changes the last bits."""
        return [self._fill_one(canvas, settings, report) for canvas in canvases]

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words of the text that nothing in training resembled."""
        return Vocabulary.load(WEIGHTS / "words.safetensors").unknown(text, self._encoder())

    def _fill_one(self, canvas: Canvas, settings: FillSettings, report: Report) -> Canvas:
        from vitascope.model.upscaler import upscale

        report(Progress("waking the model", 0, 1))
        painter = _Painter(self._awake(settings), self._encoder(), canvas, settings, report)
        small_THWC = painter.paint()
        if canvas.height_px <= small_THWC.shape[1]:
            large = small_THWC
        else:
            large = upscale(
                small_THWC, report=lambda done, total: report(Progress("sharpening", done, total))
            )
        pixels = _resized(large, canvas.height_px, canvas.width_px)
        pixels = carry_detail(pixels, canvas.pixels, canvas.known)
        return replace(canvas, pixels=pixels, known=np.broadcast_to(np.float32(1), canvas.known.shape))

    def _awake(self, settings: FillSettings) -> Network:
        dtype = _precision(settings.precision)
        if self._network is None or self._network.kind.dtype != dtype:
            self._network = load_network(dtype=dtype) if self._network is None else self._network.to(dtype)
        return self._network

    def _encoder(self) -> WordEncoder:
        if self._words is None:
            self._words = WordEncoder.load()
        return self._words


class _Painter:
    """One canvas on its way through the network."""

    def __init__(
        self, network: Network, words: WordEncoder, canvas: Canvas, settings: FillSettings, report: Report
    ) -> None:
        self.network, self.words, self.canvas, self.report = network, words, canvas, report
        self.steps = settings.steps or STEPS
        self.guidance = GUIDANCE if settings.guidance is None else settings.guidance
        self.rows, self.columns = base_patches(canvas)
        self.pixels_THWC, self.known_THW = at_base(canvas, self.rows * PATCH_PX, self.columns * PATCH_PX)
        self.generator = torch.Generator().manual_seed(canvas.seed)

    def paint(self) -> np.ndarray:
        """The whole clip at the base size, uint8 [T, H, W, 3]."""
        frames = self.canvas.frames
        starts = list(range(0, max(1, frames - OVERLAP_FRAMES), WINDOW_FRAMES - OVERLAP_FRAMES))
        for number, start in enumerate(starts):
            window = slice(start, min(start + WINDOW_FRAMES, frames))
            self.pixels_THWC[window] = self._window(window, number * self.steps, len(starts) * self.steps)
            self.known_THW[window] = 1
        return _as_bytes(self.pixels_THWC)

    def _window(self, window: slice, before: int, total: int) -> Tensor:
        pixels, known = self.pixels_THWC[None, window], self.known_THW[None, window]
        if bool((known == 1).all()):
            return pixels[0]
        layout = layout_of(known[0])
        given = given_tokens(pixels, known, layout)
        noise = tuple(torch.randn(g.clean_BNP.shape, generator=self.generator) for g in given)
        places = layout.places()
        context, mask = self._context(layout, window)

        def denoise(state: State, clocks: tuple[Tensor, ...]) -> State:
            return self._predict(state, torch.cat(clocks, dim=1), places, context, mask)

        def tell(done: int, clean: State) -> None:
            preview = _as_bytes(self._unpatch(clean, layout)[0])
            self.report(Progress("painting", before + done, total, preview))

        state = samplers.dpm2m(denoise, given, noise, samplers.times(self.steps), tell)
        return self._unpatch(state, layout)[0]

    def _context(self, layout: Layout, window: slice) -> tuple[Context, Tensor | None]:
        """Two rows, without words (or with the negative ones) and with them; and who may see which words."""
        frames = range(window.start, window.stop)
        middles = [*layout.frame_times, *(TUBELET * i + TUBELET // 2 for i in range(layout.tubelets))]
        said = [self.canvas.words_at(window.start + min(m, len(frames) - 1)) for m in middles]
        texts = list(dict.fromkeys(said))
        vectors = self.words.encode([self.canvas.negative, *texts])
        words = torch.cat(
            (vectors[:1].repeat(1, len(texts), 1), vectors[1:].reshape(1, -1, vectors.shape[-1]))
        )
        camera = torch.tensor(UNTOLD).repeat(2, 1, 1)
        if self.canvas.camera:
            moves = torch.tensor([self.canvas.camera_at(frame) for frame in frames]).mean(0) / 100
            camera[1, 0, 1:] = moves
        mask = None
        if len(texts) > 1:
            index = torch.tensor([texts.index(text) for text in said]).repeat_interleave(layout.per_frame)
            mask = torch.nn.functional.one_hot(index, len(texts)).bool().repeat_interleave(32, dim=1)
            mask = torch.cat((mask, torch.ones(len(mask), 1, dtype=torch.bool)), dim=1)
        dtype = self.network.kind.dtype
        return Context(words.to(dtype), camera_BC5=camera), mask

    @torch.inference_mode()
    def _predict(
        self, state: State, clock_1N: Tensor, places: Tensor, context: Context, mask: Tensor | None
    ) -> State:
        lap = float(self.canvas.frames) if self.canvas.loop else None
        twice = [x.repeat(2, 1, 1) for x in state]
        tokens = Tokens(twice[0], twice[1], clock_1N.repeat(2, 1), places, lap, context_mask_NM=mask)
        predicted = self.network(tokens, context)
        without, told = zip(*(p.float().chunk(2) for p in predicted), strict=True)
        return samplers.guided(without, told, self.guidance)

    def _unpatch(self, state: State, layout: Layout) -> Tensor:
        if layout.tubelets:
            return unpatchify(state[1], TUBELET, PATCH_PX, self.rows, self.columns)
        return unpatchify(state[0], 1, PATCH_PX, self.rows, self.columns)


def _precision(wanted: str) -> torch.dtype:
    """bfloat16 where the processor multiplies it, unless the caller chose."""
    if wanted == "auto":
        return torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[wanted]


def _as_bytes(pixels: Tensor) -> np.ndarray:
    return ((pixels.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).numpy()


def _resized(pixels_THWC: np.ndarray, height_px: int, width_px: int) -> np.ndarray:
    """Frame by frame, so that memory stays flat."""
    if pixels_THWC.shape[1:3] == (height_px, width_px):
        return pixels_THWC
    result = np.empty((len(pixels_THWC), height_px, width_px, 3), np.uint8)
    for i, frame in enumerate(pixels_THWC):
        plane = torch.as_tensor(frame).permute(2, 0, 1)[None].float()
        scaled = F.interpolate(
            plane, (height_px, width_px), mode="bicubic", antialias=True, align_corners=False
        )
        result[i] = scaled[0].clamp(0, 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return result
