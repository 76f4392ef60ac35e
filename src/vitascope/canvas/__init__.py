"""The noun: a canvas, its planes, times, regions and JSON form. Knows no files, networks or features."""

from .brushes import Heading, parse_path, parse_region
from .camera import Camera, parse_camera
from .canvas import Canvas, Known
from .cast import Cast
from .errors import CanvasError
from .json import canvas_from_json, canvas_schema, canvas_to_json
from .regions import (
    Ellipse,
    EverythingBut,
    MaskPicture,
    Polygon,
    Rectangle,
    Region,
    Stroke,
    everything_but,
)
from .sizes import Fit, fit_picture, parse_size, size_within
from .sound import Sound
from .time import Span, Time, exact_rate, frame_at, frames_in, parse_time
from .tracks import Track
from .words import Words

__all__ = [
    "Camera",
    "Canvas",
    "CanvasError",
    "Cast",
    "Ellipse",
    "EverythingBut",
    "Fit",
    "Heading",
    "Known",
    "MaskPicture",
    "Polygon",
    "Rectangle",
    "Region",
    "Sound",
    "Span",
    "Stroke",
    "Time",
    "Track",
    "Words",
    "canvas_from_json",
    "canvas_schema",
    "canvas_to_json",
    "everything_but",
    "exact_rate",
    "fit_picture",
    "frame_at",
    "frames_in",
    "parse_camera",
    "parse_path",
    "parse_region",
    "parse_size",
    "parse_time",
    "size_within",
]
