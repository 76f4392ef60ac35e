"""The door of the stills filler: what it can do, as data. Its code is imported when it's first used."""

from __future__ import annotations

from vitascope.engine.contracts import Capabilities
from vitascope.engine.plugins import LazyFiller

CAPABILITIES = Capabilities(
    name="stills",
    summary="camera moves with parallax, light and floating things over given pictures; no network",
    known=frozenset({"frames"}),
    camera=True,
    loop=True,
    streams=True,
    sharp_side_px=4096,
    sees_motion=False,
    licence="Apache-2.0",
    needs="any CPU, 1 GiB at 1080p",
    rank=-1,
)

stills = LazyFiller(CAPABILITIES, "vitascope.engine.stills.filler:StillsFiller")
