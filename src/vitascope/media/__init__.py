"""Bytes <-> arrays: films, moving pictures, pictures, sound. Knows the canvas, and nothing above it."""

from vitascope.media.dubbing import dub, laid_over, played_s
from vitascope.media.encoders import CONTAINERS
from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError
from vitascope.media.pictures import WRITABLE, read_picture, read_picture_rgba, write_picture
from vitascope.media.probing import Info, probe
from vitascope.media.reading import Video, read_clip, read_video
from vitascope.media.saving import save
from vitascope.media.sound import SOUNDS, SoundStream, at_rate, read_sound, write_sound
from vitascope.media.uris import load_sound_uri, load_uri, save_frames, save_sound
from vitascope.media.writing import write_video

__all__ = [
    "CONTAINERS",
    "DEFAULT_LIMITS",
    "SOUNDS",
    "WRITABLE",
    "Info",
    "Limits",
    "MediaError",
    "SoundStream",
    "Video",
    "at_rate",
    "dub",
    "laid_over",
    "load_sound_uri",
    "load_uri",
    "played_s",
    "probe",
    "read_clip",
    "read_picture",
    "read_picture_rgba",
    "read_sound",
    "read_video",
    "save",
    "save_frames",
    "save_sound",
    "write_picture",
    "write_sound",
    "write_video",
]
