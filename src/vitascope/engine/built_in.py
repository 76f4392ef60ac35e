"""The door of the built-in filler: what it can do, as data. Its code is imported when it's first used."""

from __future__ import annotations

from fractions import Fraction

from vitascope.engine.contracts import Capabilities
from vitascope.engine.plugins import LazyFiller

CAPABILITIES = Capabilities(
    name="built-in",
    summary="Vitascope's own small model; its weights are in the package",
    size_multiple_px=8,
    min_side_px=64,
    max_side_px=1024,
    max_area_px=512 * 512,
    frames_multiple=4,
    max_frames=256,
    own_rate_fps=Fraction(8),
    words=True,
    tracks=True,
    max_tracks=8,
    cast=True,
    max_cast=2,
    camera=True,
    loop=True,
    sharp_side_px=512,  # it paints at 64 px and makes four times as much of it; beyond that it enlarges
    licence="Apache-2.0",
    needs="any CPU, 2 GiB",
)

built_in = LazyFiller(CAPABILITIES, "vitascope.engine.built_in_filler:BuiltInFiller")
