"""One file for each feature that needs one fill: a request becomes a Canvas. Only canvas is imported here."""

from .image_to_video import image_to_video
from .text_to_image import text_to_image
from .text_to_video import text_to_video

__all__ = ["image_to_video", "text_to_image", "text_to_video"]
