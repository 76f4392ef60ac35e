"""What is frozen and was given once is given while it is frozen. Knows canvases; no filler, no feature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vitascope.canvas import Canvas


def with_frozen_known(canvas: Canvas) -> Canvas:
    """The canvas with every frozen region known in all frames, as its first frame shows it.

    Only pixels that the region covers wholly, that the first frame gives and that nothing moving passes in
    front of. Under a moving camera what rests does not stay in its place on the screen, so nothing is added
    there.
    """
    regions = [track.region for track in canvas.tracks if track.frozen and track.region is not None]
    if not regions or canvas.camera or canvas.frames == 1:
        return canvas
    covered = np.zeros((canvas.height_px, canvas.width_px), bool)
    for region in regions:
        covered |= region.coverage(canvas.height_px, canvas.width_px) == 1
    covered &= canvas.known[0] == 1
    for track in canvas.tracks:
        if not track.frozen:
            covered &= ~track.swept(canvas.frames, canvas.rate_fps, canvas.height_px, canvas.width_px)
    if not covered.any():
        return canvas
    pixels = np.where(covered[:, :, None] & (canvas.known < 1)[..., None], canvas.pixels[0], canvas.pixels)
    known = np.where(covered, np.float32(1), canvas.known)
    for plane in (pixels, known):
        plane.setflags(write=False)
    return replace(canvas, pixels=pixels, known=known)
