"""The open-weights models that are known by name: plain data, from which `vitascope fillers` and pull read.

Nothing heavy is imported here. A model is one or more pipelines of the diffusers library over weights of one
or several repositories; `ways` says which of them takes what.
"""

from __future__ import annotations

from vitascope.engine.open_weights.catalogue import films, pictures, sounds, wan
from vitascope.engine.open_weights.catalogue.model import Model, Pipeline, Way

__all__ = ["MODELS", "Model", "Pipeline", "Way"]

MODELS: dict[str, Model] = {
    model.name: model
    for part in (wan, films, pictures, sounds)
    for model in vars(part).values()
    if isinstance(model, Model)
}
"""Every model of the catalogue by name, in the order in which they stand there."""
