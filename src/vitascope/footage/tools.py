"""Which tools there are, by name; each is imported when it is asked for. Knows no tool's workings."""

from __future__ import annotations

import difflib
import importlib

from vitascope.footage.contracts import FootageError, Tool

TOOLS: dict[str, str] = {
    "interpolate": "vitascope.footage.interpolate:Interpolate",
    "upscale": "vitascope.footage.upscale:Upscale",
    "denoise": "vitascope.footage.denoise:Denoise",
    "matte": "vitascope.footage.matte:Matte",
    "blur": "vitascope.footage.blur:Blur",
    "motion-blur": "vitascope.footage.motion_blur:MotionBlur",
    "reframe": "vitascope.footage.reframe:Reframe",
    "scenes": "vitascope.footage.scenes:Scenes",
    "match": "vitascope.footage.match:Match",
    "track": "vitascope.footage.track:Track",
    "corner-pin": "vitascope.footage.corner_pin:CornerPin",
    "stabilise": "vitascope.footage.stabilise:Stabilise",
}
"""name -> "module:Class" of a Tool, in the order in which people read them."""


def load_tool(name: str) -> type[Tool]:
    """The tool's class. Raises FootageError, with the nearest name, for one that isn't there."""
    if name not in TOOLS:
        near = difflib.get_close_matches(name, TOOLS, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(TOOLS)}"
        raise FootageError(f'no tool is called "{name}"; {hint}')
    module, _, kind = TOOLS[name].partition(":")
    return getattr(importlib.import_module(module), kind)
