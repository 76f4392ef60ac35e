"""What can be done to real frames without inventing them: frames -> frames, or what is seen in them.

Knows the canvas's regions and times; no file, no filler, no network of ours. Everything streams.
"""

from vitascope.footage.contracts import (
    Box,
    Findings,
    Footage,
    FootageError,
    Frame,
    Made,
    MissingPart,
    Report,
    Tool,
    unheard,
)
from vitascope.footage.parts import Part, load_part, parts
from vitascope.footage.tools import TOOLS, load_tool

__all__ = [
    "TOOLS",
    "Box",
    "Findings",
    "Footage",
    "FootageError",
    "Frame",
    "Made",
    "MissingPart",
    "Part",
    "Report",
    "Tool",
    "load_part",
    "load_tool",
    "parts",
    "unheard",
]
