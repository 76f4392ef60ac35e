"""The open-weights models that are known by name: plain data, from which `vitascope fillers` and pull read.

Nothing heavy is imported here. A model is one or more pipelines of the diffusers library over weights of one
or several repositories; `ways` says which of them takes what. Parameters are in billions, of the denoiser and
of the text encoder, as their makers publish them; what a model needs on disk is asked of the hub when it is
pulled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from vitascope.engine.contracts import Capabilities, Filler, Pattern
from vitascope.engine.open_weights.composing import composed_known, composed_words

Way = Literal["words", "first", "first-last", "frames", "regions", "soft"]
"""What a pipeline takes natively: words alone; and a first picture; and a last one; clips at any frame; parts
of frames too; a clip that is to be redrawn."""

APACHE, OPENRAIL = "Apache-2.0", "OpenRAIL-M"


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A class of diffusers, by name, and the weights it runs on ("" for the model's own)."""

    kind: str
    repo: str = ""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model: what it is, what its licence asks, what it makes, and by which pipelines."""

    name: str
    family: str
    """The module of families/ that knows its pipelines."""
    summary: str
    repo: str
    ways: Mapping[Way, Pipeline]
    parameters_b: float
    text_parameters_b: float
    licence: str
    terms: str = ""
    size_multiple_px: int = 16
    min_side_px: int = 256
    max_area_px: int = 480 * 832
    frames_step: int = 4
    """It makes 1 + frames_step * n frames."""
    max_frames: int = 81
    rate_fps: Fraction | None = Fraction(16)
    steps: int = 50
    guidance: float = 5.0
    languages: tuple[str, ...] = ("en",)
    cast: bool = False
    words: bool = True
    sound: bool = False
    """It makes sound with the picture, for a canvas that asks for both: families/ has heard()."""
    max_sound_s: Fraction | None = None
    """It makes sound and no pictures, at most so long."""
    min_sound_s: Fraction = Fraction(0)
    """What is to be shorter is cut off so much: it learnt nothing shorter."""
    sound_rate_hz: int | None = None
    negative: bool = True
    """It takes negative words."""
    adapter: str = ""
    """A second repository that its pipelines are put together with."""
    shared: bool = False
    """Several GPUs can share a clip: the library has a plan for its denoiser that holds here (sharing.py)."""
    leaves_out: bool = True
    """Blocks of its denoiser can be left out at some steps (quickening.py): the caching library knows its
    class, and it is asked once a step, or once for each half of guidance."""
    composites: bool = False
    """Its latents can be written to at each step, so parts of frames can be held: families/ has encode()."""
    index: str = ""
    """The pipeline that its model_index.json names, where that is none of `ways`: one with the same parts."""
    marks: tuple[str, ...] = ()
    """Settings in its model_index.json that others with the same pipeline lack."""
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    """Further arguments of its pipelines."""

    @property
    def still(self) -> bool:
        """It makes single pictures only."""
        return self.max_frames == 1

    @cached_property
    def capabilities(self) -> Capabilities:
        """What it says it can do, composed ways included."""
        if self.max_sound_s is not None:
            return self._of_sound(self.max_sound_s)
        known: frozenset[Pattern] = composed_known(self)
        return Capabilities(
            name=self.name,
            summary=self.summary,
            size_multiple_px=self.size_multiple_px,
            min_side_px=self.min_side_px,
            max_area_px=self.max_area_px,
            max_frames=self.max_frames,
            rates_fps=None if self.rate_fps is None else (self.rate_fps,),
            stills=self.still or ("words" in self.ways and not self.sound),
            known=known,
            words=self.words,
            languages=self.languages,
            open_vocabulary=True,
            cast=self.cast,
            max_cast=1 if self.cast else None,
            loop=bool({"first-last", "frames", "regions"} & set(self.ways)),
            sound_with_pictures=self.sound,
            sound_rate_hz=self.sound_rate_hz,
            composed=composed_words(self),
            licence=self.licence,
            terms=self.terms,
            needs=self.needs,
            gpus=1,
            shared=self.shared,
            on_request=True,
            rank=-10,
        )

    def _of_sound(self, max_sound_s: Fraction) -> Capabilities:
        return Capabilities(
            name=self.name,
            summary=self.summary,
            pictures=False,
            makes_sound=True,
            max_sound_s=max_sound_s,
            sound_rate_hz=self.sound_rate_hz,
            negative=self.negative,
            languages=self.languages,
            open_vocabulary=True,
            licence=self.licence,
            terms=self.terms,
            needs=self.needs,
            gpus=1,
            on_request=True,
            rank=-10,
        )

    @property
    def needs(self) -> str:
        """The machine, for people: the weights in 16 bit, and where less memory is enough."""
        weights_gb = 2 * (self.parameters_b + self.text_parameters_b)
        return f"a GPU; {weights_gb:.0f} GB of weights in 16 bit, less with --memory"

    def __call__(self) -> Filler:
        """The filler; nothing is loaded before it fills."""
        return self.filler()

    def filler(self, where: Path | None = None) -> Filler:
        """The filler over the weights of a folder; None: those that were pulled."""
        from vitascope.engine.open_weights.filler import OpenWeights
        from vitascope.engine.open_weights.sounding import SoundWeights

        return OpenWeights(self, where) if self.max_sound_s is None else SoundWeights(self, where)


# What several licences have in common, in words; the licence itself is shown before a first download.
_TERRITORY = "not for the European Union, the United Kingdom and South Korea; further terms above 100 M users"
_STABILITY_REVENUE = "free for people and companies under 1 M USD a year; larger ones need a paid licence"
_NON_COMMERCIAL = "not for commercial use"

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
ltx_video = Model(
    name="ltx-video",
    family="ltx",
    summary="LTX-Video 0.9.5: fast, and clips given at any frame",
    repo="Lightricks/LTX-Video-0.9.5",
    ways={way: Pipeline(kind="LTXConditionPipeline") for way in ("words", "frames")},
    parameters_b=1.9,
    text_parameters_b=4.7,
    licence=OPENRAIL,  # 0.9.5's own (its makers' notes of 5 March 2025); from 0.9.6 on they have another
    terms="not for the uses that its licence names",
    size_multiple_px=32,
    max_area_px=768 * 1216,
    frames_step=8,
    max_frames=161,
    rate_fps=Fraction(25),
    steps=40,
    guidance=3.0,
)
ltx_2 = Model(
    name="ltx-2",
    family="ltx_2",
    summary="LTX-2: sound and picture together, clips given at any frame",
    repo="Lightricks/LTX-2",
    index="LTX2Pipeline",
    ways={way: Pipeline(kind="LTX2ConditionPipeline") for way in ("words", "frames")},
    parameters_b=19.0,
    text_parameters_b=12.2,
    licence="LTX-2 Community",
    terms="free for companies under 10 M USD a year; larger ones need a paid licence",
    size_multiple_px=32,
    max_area_px=512 * 768,
    frames_step=8,
    max_frames=121,
    rate_fps=Fraction(24),
    steps=30,
    guidance=3.0,
    sound=True,
    sound_rate_hz=24000,
    leaves_out=False,
)
hunyuan_15_t2v = Model(
    name="hunyuanvideo-1.5-480p-t2v",
    family="hunyuan",
    summary="HunyuanVideo 1.5, from words",
    repo="hunyuanvideo-community/HunyuanVideo-1.5-480p_t2v",
    ways={"words": Pipeline(kind="HunyuanVideo15Pipeline")},
    parameters_b=8.3,
    text_parameters_b=7.8,
    licence="Tencent Hunyuan Community",
    terms=_TERRITORY,
    languages=("en", "zh"),
    max_frames=121,
    rate_fps=Fraction(24),
    guidance=6.0,
)
hunyuan_15_i2v = Model(
    name="hunyuanvideo-1.5-480p-i2v",
    family="hunyuan",
    summary="HunyuanVideo 1.5, from a picture",
    repo="hunyuanvideo-community/HunyuanVideo-1.5-480p_i2v",
    ways={"first": Pipeline(kind="HunyuanVideo15ImageToVideoPipeline")},
    parameters_b=8.3,
    text_parameters_b=7.8,
    licence="Tencent Hunyuan Community",
    terms=_TERRITORY,
    languages=("en", "zh"),
    max_frames=121,
    rate_fps=Fraction(24),
    guidance=6.0,
)
cogvideox_2b = Model(
    name="cogvideox-2b",
    family="cogvideox",
    summary="CogVideoX, from words, for small cards",
    repo="THUDM/CogVideoX-2b",
    ways={
        "words": Pipeline(kind="CogVideoXPipeline"),
        "soft": Pipeline(kind="CogVideoXVideoToVideoPipeline"),
    },
    parameters_b=1.7,
    text_parameters_b=4.7,
    licence=APACHE,
    max_area_px=480 * 720,
    frames_step=8,
    max_frames=49,
    rate_fps=Fraction(8),
    guidance=6.0,
)
cogvideox_15_i2v = Model(
    name="cogvideox-1.5-5b-i2v",
    family="cogvideox",
    summary="CogVideoX 1.5, from a picture of any size",
    repo="THUDM/CogVideoX1.5-5B-I2V",
    ways={"first": Pipeline(kind="CogVideoXImageToVideoPipeline")},
    parameters_b=5.6,
    text_parameters_b=4.7,
    licence="CogVideoX",
    terms="commercial use must be registered with its makers, and ends above 1 M visits a month",
    max_area_px=768 * 1360,
    frames_step=8,
    max_frames=81,
    rate_fps=Fraction(16),
    guidance=6.0,
)
skyreels_df = Model(
    name="skyreels-v2-df-1.3b",
    family="skyreels",
    summary="SkyReels V2, diffusion forcing: from words, a first and a last picture",
    repo="Skywork/SkyReels-V2-DF-1.3B-540P-Diffusers",
    ways={
        "words": Pipeline(kind="SkyReelsV2DiffusionForcingPipeline"),
        "first": Pipeline(kind="SkyReelsV2DiffusionForcingImageToVideoPipeline"),
        "first-last": Pipeline(kind="SkyReelsV2DiffusionForcingImageToVideoPipeline"),
    },
    parameters_b=1.4,
    text_parameters_b=5.7,
    licence="Skywork Community",
    terms="commercial use under the conditions of the Skywork community licence",
    max_area_px=544 * 960,
    max_frames=97,
    rate_fps=Fraction(24),
    steps=30,
    guidance=6.0,
)
helios = Model(
    name="helios",
    family="helios",
    summary="Helios: 14 B in real time on a large GPU; from words or a picture",
    repo="BestWishYsh/Helios-Base",
    shared=True,
    ways={"words": Pipeline(kind="HeliosPipeline"), "first": Pipeline(kind="HeliosPipeline")},
    parameters_b=14.3,
    text_parameters_b=5.7,
    licence=APACHE,
    max_area_px=384 * 640,
    max_frames=129,
    frames_step=1,
    rate_fps=Fraction(24),
)
sana_video = Model(
    name="sana-video-2b",
    family="sana",
    summary="SANA-Video: linear attention; from words or a picture",
    repo="Efficient-Large-Model/SANA-Video_2B_480p_diffusers",
    ways={"words": Pipeline(kind="SanaVideoPipeline"), "first": Pipeline(kind="SanaImageToVideoPipeline")},
    parameters_b=2.1,
    text_parameters_b=2.6,
    licence="as its card says",
    terms="earlier SANA weights were for research only: read the card before commercial use",
    size_multiple_px=32,
    guidance=6.0,
    leaves_out=False,
)
lucy_edit = Model(
    name="lucy-edit",
    family="lucy",
    shared=True,
    summary="Lucy Edit: a clip redrawn as the words say",
    repo="decart-ai/Lucy-Edit-Dev",
    ways={"soft": Pipeline(kind="LucyEditPipeline")},
    parameters_b=5.0,
    text_parameters_b=5.7,
    licence="Lucy Edit Dev Non-Commercial",
    terms=_NON_COMMERCIAL,
    size_multiple_px=32,
    rate_fps=Fraction(24),
)
kandinsky_t2v = Model(
    name="kandinsky-5-lite-t2v",
    family="kandinsky",
    summary="Kandinsky 5 Lite, from words",
    repo="kandinskylab/Kandinsky-5.0-T2V-Lite-sft-5s-Diffusers",
    ways={"words": Pipeline(kind="Kandinsky5T2VPipeline")},
    parameters_b=2.0,
    text_parameters_b=8.4,
    licence="MIT",
    languages=("en", "ru"),
    max_area_px=512 * 768,
    max_frames=121,
    rate_fps=Fraction(24),
)
kandinsky_i2v = Model(
    name="kandinsky-5-pro-i2v",
    family="kandinsky",
    summary="Kandinsky 5 Pro, from a picture",
    repo="kandinskylab/Kandinsky-5.0-I2V-Pro-sft-5s-Diffusers",
    ways={"first": Pipeline(kind="Kandinsky5I2VPipeline")},
    parameters_b=19.0,
    text_parameters_b=8.4,
    licence="MIT",
    languages=("en", "ru"),
    max_area_px=512 * 768,
    max_frames=121,
    rate_fps=Fraction(24),
)
stable_video = Model(
    name="stable-video-diffusion",
    family="stable_video",
    summary="Stable Video Diffusion XT: a picture moves, without words",
    repo="stabilityai/stable-video-diffusion-img2vid-xt",
    ways={"first": Pipeline(kind="StableVideoDiffusionPipeline")},
    parameters_b=1.5,
    text_parameters_b=0.6,
    licence="Stability AI Community",
    terms=_STABILITY_REVENUE,
    size_multiple_px=64,
    max_area_px=576 * 1024,
    frames_step=1,
    max_frames=25,
    rate_fps=Fraction(7),
    steps=25,
    guidance=3.0,
    words=False,
    leaves_out=False,
)
animatediff = Model(
    name="animatediff",
    family="animatediff",
    summary="AnimateDiff: motion for Stable Diffusion 1.5",
    repo="stable-diffusion-v1-5/stable-diffusion-v1-5",
    adapter="guoyww/animatediff-motion-adapter-v1-5-3",
    ways={
        "words": Pipeline(kind="AnimateDiffPipeline"),
        "soft": Pipeline(kind="AnimateDiffVideoToVideoPipeline"),
    },
    parameters_b=1.3,
    text_parameters_b=0.1,
    licence=f"{OPENRAIL}, {APACHE}",
    terms="not for the uses that CreativeML OpenRAIL-M names",
    size_multiple_px=64,
    max_area_px=512 * 512,
    frames_step=1,
    max_frames=16,
    rate_fps=Fraction(8),
    steps=25,
    guidance=7.5,
    leaves_out=False,
)


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


def _sound(name: str, summary: str, repo: str, kind: str, sizes_b: tuple[float, float], **more: Any) -> Model:
    return Model(
        name=name,
        family="sound",
        summary=summary,
        repo=repo,
        ways={"words": Pipeline(kind=kind)},
        parameters_b=sizes_b[0],
        text_parameters_b=sizes_b[1],
        rate_fps=None,
        **more,
    )


stable_audio_open = _sound(
    "stable-audio-open",
    "Stable Audio Open: noises and short music, in stereo",
    "stabilityai/stable-audio-open-1.0",
    "StableAudioPipeline",
    (1.2, 0.1),
    licence="Stability AI Community",
    terms=_STABILITY_REVENUE,
    max_sound_s=Fraction(1024 * 2048, 44100),
    sound_rate_hz=44100,
    steps=100,
    guidance=7.0,
)
ace_step = _sound(
    "ace-step-1.5",
    "ACE-Step 1.5 XL: music in stereo, without voices",
    "ACE-Step/acestep-v15-xl-base-diffusers",
    "AceStepPipeline",
    (5.0, 0.6),
    licence="MIT",
    languages=("en", "zh"),
    max_sound_s=Fraction(600),
    min_sound_s=Fraction(10),
    sound_rate_hz=48000,
    negative=False,
    steps=50,
    guidance=7.0,
    options={"lyrics": "[Instrumental]"},
    leaves_out=False,
)
ace_step_turbo = _sound(
    "ace-step-1.5-turbo",
    "ACE-Step 1.5 XL Turbo: music in stereo in 8 steps, without voices",
    "ACE-Step/acestep-v15-xl-turbo-diffusers",
    "AceStepPipeline",
    (5.0, 0.6),
    licence="MIT",
    languages=("en", "zh"),
    max_sound_s=Fraction(600),
    min_sound_s=Fraction(10),
    sound_rate_hz=48000,
    negative=False,
    steps=8,
    guidance=1.0,
    options={"lyrics": "[Instrumental]"},
    leaves_out=False,
)

MODELS: dict[str, Model] = {
    model.name: model for model in list(globals().values()) if isinstance(model, Model)
}
"""Every model of the catalogue by name, in the order in which they stand here."""
