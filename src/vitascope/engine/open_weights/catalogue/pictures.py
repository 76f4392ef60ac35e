"""Models that make single pictures, as data."""

from __future__ import annotations

from typing import Any

from vitascope.engine.open_weights.catalogue.model import APACHE, OPENRAIL, Model, Pipeline


def _still(name: str, summary: str, repo: str, kind: str, sizes_b: tuple[float, float], **more: Any) -> Model:
    return Model(
        name=name,
        family="stills",
        summary=summary,
        repo=repo,
        ways={"words": Pipeline(kind=kind)},
        parameters_b=sizes_b[0],
        text_parameters_b=sizes_b[1],
        max_frames=1,
        rate_fps=None,
        **more,
    )


stable_diffusion = _still(
    "stable-diffusion-1.5",
    "Stable Diffusion 1.5: single pictures",
    "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "StableDiffusionPipeline",
    (0.9, 0.1),
    licence=OPENRAIL,
    terms="not for the uses that CreativeML OpenRAIL-M names",
    size_multiple_px=8,
    max_area_px=512 * 768,
    guidance=7.5,
    leaves_out=False,
)
sdxl = _still(
    "sdxl",
    "Stable Diffusion XL: single pictures",
    "stabilityai/stable-diffusion-xl-base-1.0",
    "StableDiffusionXLPipeline",
    (2.6, 0.8),
    licence="OpenRAIL++-M",
    terms="not for the uses that its licence names",
    size_multiple_px=8,
    max_area_px=1024 * 1024,
    leaves_out=False,
)
z_image = _still(
    "z-image-turbo",
    "Z-Image Turbo: single pictures in 9 steps, words in Chinese too",
    "Tongyi-MAI/Z-Image-Turbo",
    "ZImagePipeline",
    (6.2, 4.0),
    licence=APACHE,
    languages=("en", "zh"),
    max_area_px=1024 * 1024,
    steps=9,
    guidance=0.0,
)
qwen_image = _still(
    "qwen-image",
    "Qwen-Image: single pictures with legible text in them",
    "Qwen/Qwen-Image",
    "QwenImagePipeline",
    (20.4, 8.3),
    shared=True,
    licence=APACHE,
    languages=("en", "zh"),
    max_area_px=1328 * 1328,
    guidance=4.0,
)
flux_schnell = _still(
    "flux.1-schnell",
    "FLUX.1 schnell: single pictures in 4 steps",
    "black-forest-labs/FLUX.1-schnell",
    "FluxPipeline",
    (11.9, 4.9),
    shared=True,
    licence=APACHE,
    max_area_px=1024 * 1024,
    steps=4,
    guidance=0.0,
)
flux_2_klein = _still(
    "flux.2-klein-4b",
    "FLUX.2 klein: single pictures in 4 steps, on one small card",
    "black-forest-labs/FLUX.2-klein-4B",
    "Flux2KleinPipeline",
    (3.9, 4.0),
    shared=True,
    licence=APACHE,
    max_area_px=1024 * 1024,
    steps=4,
    guidance=1.0,
    negative=False,  # its pipeline has nowhere to put them
    marks=("is_distilled",),
)
flux_2_klein_base = _still(
    "flux.2-klein-base-4b",
    "FLUX.2 klein before it was distilled: single pictures, and what others trained on it",
    "black-forest-labs/FLUX.2-klein-base-4B",
    "Flux2KleinPipeline",
    (3.9, 4.0),
    shared=True,
    licence=APACHE,
    max_area_px=1024 * 1024,
    guidance=4.0,
    negative=False,
)
