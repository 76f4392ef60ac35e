"""One filler for every model of the catalogue. Knows families and loading; not what a pipeline takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.engine.contracts import Capabilities, FillSettings, Progress, Report
from vitascope.engine.open_weights.composed import Composed
from vitascope.engine.open_weights.composing import Call
from vitascope.engine.open_weights.families.pictures import frames_of
from vitascope.engine.open_weights.request import Made, Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Model, Way
    from vitascope.engine.open_weights.loading import How, Loaded


class OpenWeights(Composed):
    """Fills canvases with one model; its pipelines are loaded when first needed and kept."""

    def __init__(self, model: Model, where: Path | None = None) -> None:
        super().__init__(model)
        self.model, self.where = model, where
        self._pipes: dict[tuple[Way, How], Loaded] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What the model says it can do, composed ways included."""
        return self.model.capabilities

    def make(self, call: Call, request: Request, settings: FillSettings, report: Report, said: str) -> Made:
        """What the pipeline for that way makes."""
        import torch

        from vitascope.engine.open_weights.adapters import explained
        from vitascope.engine.open_weights.loading import family_of, how_of
        from vitascope.engine.open_weights.quickening import quickened
        from vitascope.engine.open_weights.stepping import held, reporting

        family, wanted, how = family_of(self.model), request, how_of(settings)
        pipe = self.awake(call.way, settings, report)
        if hasattr(family, "prepare"):
            request = family.prepare(pipe, request)
        asked = family.arguments(request, call.way, self.model.ways[call.way]) | dict(self.model.options)
        generator = torch.Generator("cpu").manual_seed(request.seed)
        hold = held(pipe, family.encode, request) if call.hold else None
        with (
            torch.no_grad(),
            quickened(pipe, how, guided=request.guidance > 1),
            explained(pipe, how),
            reporting(pipe, report, f"painting{said}", hold),
        ):
            answer = pipe(**asked, generator=generator, output_type="np")
        return Made(frames_of(answer, wanted), family.heard(pipe, answer) if request.sound else None)

    def awake(self, way: Way, settings: FillSettings, report: Report) -> Any:
        """The pipeline for a way, loaded if it isn't there yet."""
        from vitascope.engine.open_weights.loading import how_of, load

        report(Progress(f"waking {self.model.name}", 0, 1))
        how = how_of(settings)
        if (key := (way, how)) not in self._pipes:
            if any(other != how for _, other in self._pipes):
                self._pipes.clear()  # their networks were changed: adapters, 8 bits, caches
            loaded = list(self._pipes.values())
            self._pipes[key] = load(self.model, way, self.where, how, loaded)
            report(Progress(self._pipes[key].said, 1, 1))
        return self._pipes[key].pipe
