"""Lucy Edit: a clip redrawn as the words say; how far is up to the words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import pictures, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Pipeline, Way


IN_32_BITS = ("vae",)
"""Networks that its makers run in 32 bits beside a denoiser in 16."""


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For LucyEditPipeline."""
    assert request.pixels is not None
    return plain(request) | {"video": pictures(request.pixels)}
