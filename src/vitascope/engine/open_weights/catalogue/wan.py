"""Wan of all kinds, as data."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vitascope.engine.open_weights.catalogue.model import APACHE, Model, Pipeline, Way

_HIGH = 720 * 1280


def _wan(name: str, summary: str, repo: str, size_b: float, ways: Mapping[Way, str], **more: Any) -> Model:
    more.setdefault("composites", True)
    more.setdefault("shared", ways is not _VACE)
    return Model(
        name=name,
        family="wan",
        summary=summary,
        repo=f"Wan-AI/{repo}",
        ways={way: Pipeline(kind=kind) for way, kind in ways.items()},
        parameters_b=size_b,
        text_parameters_b=5.7,
        licence=APACHE,
        languages=("en", "zh"),
        **more,
    )


_TEXT: Mapping[Way, str] = {"words": "WanPipeline", "soft": "WanVideoToVideoPipeline"}
_PICTURE: Mapping[Way, str] = {"first": "WanImageToVideoPipeline"}
_ENDS: Mapping[Way, str] = {"first": "WanImageToVideoPipeline", "first-last": "WanImageToVideoPipeline"}
_VACE: Mapping[Way, str] = {
    "words": "WanVACEPipeline",
    "frames": "WanVACEPipeline",
    "regions": "WanVACEPipeline",
}

wan21_t2v_1b = _wan("wan2.1-t2v-1.3b", "Wan 2.1, from words", "Wan2.1-T2V-1.3B-Diffusers", 1.4, _TEXT)
wan21_t2v_14b = _wan(
    "wan2.1-t2v-14b", "Wan 2.1, from words", "Wan2.1-T2V-14B-Diffusers", 14.3, _TEXT, max_area_px=_HIGH
)
wan21_i2v_480p = _wan(
    "wan2.1-i2v-14b-480p",
    "Wan 2.1, from a picture",
    "Wan2.1-I2V-14B-480P-Diffusers",
    16.4,
    _PICTURE,
    composites=False,
)
wan21_i2v_720p = _wan(
    "wan2.1-i2v-14b-720p",
    "Wan 2.1, from a picture",
    "Wan2.1-I2V-14B-720P-Diffusers",
    16.4,
    _PICTURE,
    composites=False,
    max_area_px=_HIGH,
)
wan21_flf2v = _wan(
    "wan2.1-flf2v-14b",
    "Wan 2.1, from a first and a last picture",
    "Wan2.1-FLF2V-14B-720P-diffusers",
    16.4,
    {"first-last": "WanImageToVideoPipeline"},
    composites=False,
    max_area_px=_HIGH,
)
wan21_vace_1b = _wan(
    "wan2.1-vace-1.3b",
    "Wan 2.1 VACE: whatever is given, and who must appear",
    "Wan2.1-VACE-1.3B-diffusers",
    2.2,
    _VACE,
    composites=False,
    cast=True,
)
wan21_vace_14b = _wan(
    "wan2.1-vace-14b",
    "Wan 2.1 VACE: whatever is given, and who must appear",
    "Wan2.1-VACE-14B-diffusers",
    17.3,
    _VACE,
    composites=False,
    cast=True,
    max_area_px=_HIGH,
)
wan22_t2v = _wan(
    "wan2.2-t2v-a14b",
    "Wan 2.2, from words; two experts of 14 B",
    "Wan2.2-T2V-A14B-Diffusers",
    28.6,
    {"words": "WanPipeline"},
    max_area_px=_HIGH,
    steps=40,
    guidance=4.0,
    options={"guidance_scale_2": 3.0},
    marks=("boundary_ratio",),
)
wan22_i2v = _wan(
    "wan2.2-i2v-a14b",
    "Wan 2.2, from a picture, or a first and a last one; two experts of 14 B",
    "Wan2.2-I2V-A14B-Diffusers",
    28.6,
    _ENDS,
    composites=False,
    max_area_px=_HIGH,
    steps=40,
    guidance=3.5,
    marks=("boundary_ratio",),
)
wan22_ti2v_5b = _wan(
    "wan2.2-ti2v-5b",
    "Wan 2.2, from words or a picture, 720p on one card",
    "Wan2.2-TI2V-5B-Diffusers",
    5.0,
    {"words": "WanPipeline", "first": "WanImageToVideoPipeline"},
    size_multiple_px=32,
    max_area_px=704 * 1280,
    max_frames=121,
    rate_fps=Fraction(24),
    marks=("expand_timesteps",),
)
