"""One file for each feature that needs one fill: a request becomes a Canvas. Only canvas is imported here."""

from .background import background
from .between import between
from .expand import expand
from .extend import extend
from .image_to_video import image_to_video
from .keyframes import keyframes
from .loop import loop
from .move import move
from .replace import replace
from .restyle import restyle
from .smooth import smooth
from .sound import sound
from .text_to_image import text_to_image
from .text_to_video import text_to_video

__all__ = [
    "background",
    "between",
    "expand",
    "extend",
    "image_to_video",
    "keyframes",
    "loop",
    "move",
    "replace",
    "restyle",
    "smooth",
    "sound",
    "text_to_image",
    "text_to_video",
]
