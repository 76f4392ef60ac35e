"""Text -> image: nothing is known but the words, and time is one frame. Knows no filler."""

from __future__ import annotations

from vitascope.canvas import Canvas


def text_to_image(
    text: str, *, size: tuple[int, int] = (256, 256), seed: int = 0, negative: str = ""
) -> Canvas:
    """A canvas of one frame to be invented from words; size is (width_px, height_px)."""
    width_px, height_px = size
    return (
        Canvas.blank(1, height_px, width_px, rate_fps=8, seed=seed).with_words(text).with_negative(negative)
    )
