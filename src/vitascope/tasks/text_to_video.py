"""Text -> video: nothing is known but the words. Knows no filler."""

from __future__ import annotations

from fractions import Fraction

from vitascope.canvas import Camera, Canvas


def text_to_video(
    text: str,
    *,
    duration_s: float | Fraction = 2,
    size: tuple[int, int] = (256, 256),
    rate_fps: float | Fraction | str = 8,
    seed: int = 0,
    camera: Camera | None = None,
    negative: str = "",
) -> Canvas:
    """A canvas to be invented from words; size is (width_px, height_px)."""
    canvas = Canvas.empty(duration_s, *size, rate_fps, seed).with_words(text).with_negative(negative)
    return canvas.with_camera(camera) if camera else canvas
