"""A timeline -> a film: planned in parts, painted in the encoder's own planes, joined packet by packet."""

from vitascope.films.rendering.rendering import Rendered, render, resized
from vitascope.films.rendering.settings import RenderSettings

__all__ = ["RenderSettings", "Rendered", "render", "resized"]
