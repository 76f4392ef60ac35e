"""Films as documents: what is seen and heard when, on one rational clock. Renders nothing."""

from vitascope.media.text_styles import CAPTION_STYLE, TITLE_STYLE, TextStyle
from vitascope.media.timelines.documents import Loudness, Marker, Moment, Timeline
from vitascope.media.timelines.errors import TimelineError
from vitascope.media.timelines.items import (
    Clip,
    Colour,
    Fill,
    Gap,
    Item,
    Level,
    Look,
    Still,
    Title,
    Transition,
)
from vitascope.media.timelines.tracks import (
    CaptionTrack,
    Cue,
    Duck,
    Layer,
    PictureTrack,
    Placed,
    Seen,
    SoundTrack,
    Track,
)

__all__ = [
    "CAPTION_STYLE",
    "TITLE_STYLE",
    "CaptionTrack",
    "Clip",
    "Colour",
    "Cue",
    "Duck",
    "Fill",
    "Gap",
    "Item",
    "Layer",
    "Level",
    "Look",
    "Loudness",
    "Marker",
    "Moment",
    "PictureTrack",
    "Placed",
    "Seen",
    "SoundTrack",
    "Still",
    "TextStyle",
    "Timeline",
    "TimelineError",
    "Title",
    "Track",
    "Transition",
]
