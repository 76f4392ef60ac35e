"""What is declared of a model: what it takes and makes, what its licence asks, by which pipelines.

Nothing heavy is imported here. Parameters are in billions, of the denoiser and of the text encoder, as their
makers publish them; what a model needs on disk is asked of the hub when it is pulled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal

from vitascope.engine.contracts import Capabilities, Filler, Pattern
from vitascope.engine.open_weights.composing import composed_known, composed_words

Way = Literal["words", "first", "first-last", "frames", "regions", "soft"]
"""What a pipeline takes natively: words alone; and a first picture; and a last one; clips at any frame; parts
of frames too; a clip that is to be redrawn."""

# Licences that several have, and what they have in common, in words; the licence itself is shown before a
# first download.
APACHE, OPENRAIL = "Apache-2.0", "OpenRAIL-M"
TERRITORY = "not for the European Union, the United Kingdom and South Korea; further terms above 100 M users"
STABILITY_REVENUE = "free for people and companies under 1 M USD a year; larger ones need a paid licence"
NON_COMMERCIAL = "not for commercial use"


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
            negative=self.negative,
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
