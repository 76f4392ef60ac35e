"""The built-in filler: canvases -> tokens -> the sampler and the network -> pixels.

It paints with 64 px on the short side, then enlarges with a learned upscaler. Longer clips are painted in
windows, each of which is given frames of those before. Knows canvases and the built-in network; no feature
and no file format.

Axes: T frames, H, W, C.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from vitascope.canvas import Canvas
from vitascope.engine.borders import meet_borders
from vitascope.engine.built_in import CAPABILITIES
from vitascope.engine.contracts import FillSettings, Progress, Report
from vitascope.engine.detail import carry_detail
from vitascope.engine.painter import Painter, Walk
from vitascope.model import samplers
from vitascope.model.checkpoint import WEIGHTS, load_network
from vitascope.model.network import Network
from vitascope.model.vocabulary import Vocabulary
from vitascope.model.words import WordEncoder

SHIFT = 2.5  # more steps near the noise, where it is decided what is where


class BuiltInFiller:
    """Fills canvases with Vitascope's own model.

    `sample` is who walks from noise to a picture, `shift` how many of its steps lie near the noise.
    """

    capabilities = CAPABILITIES

    def __init__(
        self,
        network: Network | None = None,
        words: WordEncoder | None = None,
        sample: samplers.Sampler = samplers.dpm2m,
        shift: float = SHIFT,
    ) -> None:
        self._network, self._words = network, words
        self._walk = Walk(sample, shift)

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        """Paints one canvas after the other: batching gains nothing on a CPU and changes the last bits."""
        return [self._fill_one(canvas, settings, report) for canvas in canvases]

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words of the text that nothing in training resembled."""
        return Vocabulary.load(WEIGHTS / "words.safetensors").unknown(text, self._encoder())

    def _fill_one(self, canvas: Canvas, settings: FillSettings, report: Report) -> Canvas:
        from vitascope.model.upscaler import upscale

        report(Progress("waking the model", 0, 1))
        painter = Painter(self._awake(settings), self._encoder(), canvas, settings, report, self._walk)
        small_THWC = painter.paint()
        if canvas.height_px <= small_THWC.shape[1]:
            large = small_THWC
        else:
            large = upscale(
                small_THWC, report=lambda done, total: report(Progress("sharpening", done, total))
            )
        pixels = _resized(large, canvas.height_px, canvas.width_px)
        pixels = carry_detail(pixels, canvas.pixels, canvas.known)
        if canvas.pixels.shape != small_THWC.shape:  # at its own size the painter has mended them itself
            pixels = meet_borders(pixels, canvas.pixels, canvas.known)
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


def _precision(wanted: str) -> torch.dtype:
    """bfloat16 where the processor multiplies it, unless the caller chose."""
    if wanted == "auto":
        return torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[wanted]


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
