"""A tiny model of every family, and a canvas that it can fill."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vitascope.canvas import Canvas
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import text_to_image

from . import checks, tiny, tiny_lucy, tiny_wan
from .tiny_animatediff import animatediff
from .tiny_cogvideox import cogvideox
from .tiny_helios import distilled, helios
from .tiny_hunyuan import hunyuan, hunyuan_1
from .tiny_kandinsky import kandinsky
from .tiny_ltx import ltx
from .tiny_ltx_2 import ltx_2
from .tiny_sana import sana
from .tiny_skyreels import skyreels
from .tiny_stable_video import stable_video
from .tiny_stills import flux, klein, qwen_image, sdxl, stable_diffusion, z_image

FOLDERS: dict[str, Callable[[Path], Path]] = {
    "wan2.1-t2v-1.3b": tiny.wan,
    "wan2.1-vace-1.3b": functools.partial(tiny.wan, kind="WanVACEPipeline"),
    "wan2.1-i2v-14b-480p": functools.partial(tiny_wan.with_an_eye, ends=1),
    "wan2.2-t2v-a14b": tiny_wan.two_experts,
    "wan2.2-ti2v-5b": tiny_wan.by_latent,
    "ltx-video": ltx,
    "ltx-2": ltx_2,
    "hunyuanvideo-1.5-480p-t2v": hunyuan,
    "hunyuanvideo-t2v": hunyuan_1,
    "cogvideox-2b": cogvideox,
    "skyreels-v2-df-1.3b": skyreels,
    "helios": helios,
    "helios-distilled": distilled,
    "sana-video-2b": sana,
    "lucy-edit": tiny_lucy.lucy,
    "kandinsky-5-lite-t2v": kandinsky,
    "stable-video-diffusion": stable_video,
    "animatediff": animatediff,
    "stable-diffusion-1.5": stable_diffusion,
    "sdxl": sdxl,
    "z-image-turbo": z_image,
    "qwen-image": qwen_image,
    "flux.1-schnell": flux,
    "flux.2-klein-4b": functools.partial(klein, distilled=True),
}
"""What makes a folder of weights like those of that model."""

ONE_OF_EACH_SORT = {"wan2.1-vace-1.3b", "ltx-video", "sdxl"}


def some(names: Iterable[str]) -> list[Any]:
    """All of them, as parameters of a test: one of each sort by default, the others where slow tests run."""
    return [
        name if name in ONE_OF_EACH_SORT else pytest.param(name, marks=pytest.mark.slow) for name in names
    ]


def canvas_for(filler: OpenWeights) -> Canvas:
    """What a model of that kind can fill."""
    side_px = 64 if filler.model.name in {"ltx-2", "helios-distilled"} else 32
    if filler.model.still:
        return text_to_image("a fox", size=(64, 64))
    if "words" in filler.model.ways:
        return checks.words(filler, side_px=side_px)
    if "soft" in filler.model.ways:
        return checks.pattern(filler, "restyle")
    canvas = checks.from_picture(filler, side_px=64)
    return canvas if filler.model.words else replace(canvas, words=())
