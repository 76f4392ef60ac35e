"""A video at a larger size: redrawn by the learned upscaler, then scaled as asked, frame by frame.

Runs in the painting process. Knows no filler, for nothing is filled.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vitascope.apps.server.jobs.finishing import hidden_label, marked
from vitascope.apps.server.jobs.painting import FILM, Made, Order, Teller
from vitascope.apps.server.jobs.sizing import enlarged

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.requests import EnlargeVideo
    from vitascope.apps.server.settings import Settings


def enlarge(order: Order, request: EnlargeVideo, settings: Settings, teller: Teller) -> list[Made]:
    """Write the enlarged film into the order's folder, with its sound. May raise ServerError, MediaError."""
    from vitascope.canvas import fit_picture
    from vitascope.media import read_video, write_video
    from vitascope.model.upscaler import load_upscaler, upscale

    video = read_video(order.given[request.video].path)
    own = video.info.width_px, video.info.height_px
    size = enlarged(request, own)
    total = video.info.frames or math.ceil((video.info.duration_s or 1) * video.rate_fps)
    network, count = load_upscaler(), 0
    times = 2 if max(size[0] / own[0], size[1] / own[1]) <= 2 else 4

    def frames() -> Iterator[Any]:
        nonlocal count
        for picture in video:
            teller.tell("enlarging", count / max(1, total))
            yield fit_picture(upscale(picture[None], times, network=network)[0], *size)
            count += 1

    seen, said = marked(frames(), video.rate_fps, order, settings), hidden_label(order, settings)
    write_video(order.folder / FILM, seen, video.rate_fps, sound=video.sound_stream(), metadata=said)
    seconds = float(count / video.rate_fps)
    return [Made(FILM, "part", "video/mp4", *size, count, str(video.rate_fps), seconds)]
