"""A filler that makes the sound of canvases whose pixels are known: one call of a pipeline for each.

Knows families and loading; not what a pipeline takes.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from vitascope.canvas import Canvas, Sound
from vitascope.engine.contracts import CannotFill, FillSettings, Report
from vitascope.engine.open_weights.composed import words_in
from vitascope.engine.open_weights.filler import OpenWeights

if TYPE_CHECKING:
    from vitascope.engine.open_weights.families.sound import Wish


class SoundWeights(OpenWeights):
    """Fills canvases that ask for a sound, with one model."""

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        """One sound after the other, each as long as its canvas to the sample."""
        return [canvas.with_sound(self._sound_of(canvas, settings, report)) for canvas in canvases]

    def _sound_of(self, canvas: Canvas, settings: FillSettings, report: Report) -> Sound:
        import torch

        from vitascope.engine.open_weights.adapters import explained
        from vitascope.engine.open_weights.families import sound as family
        from vitascope.engine.open_weights.loading import how_of
        from vitascope.engine.open_weights.quickening import quickened
        from vitascope.engine.open_weights.stepping import reporting

        with _quiet():
            pipe = self.awake("words", settings, report)
        rate_hz = family.rate_hz(pipe)
        count = round(canvas.duration_s * rate_hz)
        wish = self._wish(canvas, settings, max(Fraction(count, rate_hz), self.model.min_sound_s))
        most_s = family.longest_s(pipe)
        if most_s is not None and wish.duration_s > most_s:  # these weights may have learnt less than others
            raise CannotFill(
                f"these weights of {self.model.name} make at most {float(most_s):g} s of sound, and this is"
                f" {float(canvas.duration_s):g} s; ask for less"
            )
        asked = family.arguments(wish, self.model.ways["words"], rate_hz) | dict(self.model.options)
        generator = torch.Generator("cpu").manual_seed(canvas.seed)
        with (
            torch.no_grad(),
            quickened(pipe, how_of(settings), guided=wish.guidance > 1),
            explained(pipe, how_of(settings)),
            reporting(pipe, report, "making the sound", None),
            _quiet(),
        ):
            made = pipe(**asked, generator=generator, output_type="np").audios[0]
        return family.sound_of(np.asarray(made)[:, :count], rate_hz)

    def _wish(self, canvas: Canvas, settings: FillSettings, duration_s: Fraction) -> Wish:
        from vitascope.engine.open_weights.families.sound import Wish

        return Wish(
            text=words_in(canvas, range(canvas.frames)),
            negative=canvas.negative,
            duration_s=duration_s,
            steps=settings.steps or self.model.steps,
            guidance=self.model.guidance if settings.guidance is None else settings.guidance,
        )


@contextmanager
def _quiet() -> Generator[None]:
    """Within, the libraries don't warn of their own: an autoencoder's old weight norm, and a Brownian tree
    asked a last bit beyond its ends."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`torch.nn.utils.weight_norm`", FutureWarning)
        warnings.filterwarnings("ignore", "Should have t[ab]", UserWarning)
        yield
