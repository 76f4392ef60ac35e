"""The verb: fill(), and the door through which fillers come. Knows no feature's name and no file."""

from vitascope.engine.contracts import (
    ANY_PATTERN,
    BrokenFiller,
    Cancelled,
    CannotFill,
    Capabilities,
    EngineError,
    Filler,
    FillerEntry,
    FillSettings,
    Pattern,
    Progress,
    ReadsWords,
    Report,
    StreamsFrames,
    UnknownFiller,
)
from vitascope.engine.fill import Choice, fill, fill_many, filler_for
from vitascope.engine.plugins import LazyFiller, Listed, admit, fillers, load_filler
from vitascope.engine.rolling import in_windows, live, stream
from vitascope.engine.toy import ToyFiller

__all__ = [
    "ANY_PATTERN",
    "BrokenFiller",
    "Cancelled",
    "CannotFill",
    "Capabilities",
    "Choice",
    "EngineError",
    "FillSettings",
    "Filler",
    "FillerEntry",
    "LazyFiller",
    "Listed",
    "Pattern",
    "Progress",
    "ReadsWords",
    "Report",
    "StreamsFrames",
    "ToyFiller",
    "UnknownFiller",
    "admit",
    "fill",
    "fill_many",
    "filler_for",
    "fillers",
    "in_windows",
    "live",
    "load_filler",
    "stream",
]
