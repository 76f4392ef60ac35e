"""Frozen regions are given in every frame, to the bit, and nothing else is."""

from dataclasses import replace

import numpy as np

from vitascope.canvas import Camera, Canvas, Rectangle, Track
from vitascope.engine import ToyFiller, fill
from vitascope.engine.freezing import with_frozen_known

PICTURE = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
CANVAS = Canvas.empty(1, 48, 32).with_picture(PICTURE)


class Tracking(ToyFiller):
    """The toy, which takes tracks for once (and does nothing with them)."""

    capabilities = replace(ToyFiller.capabilities, tracks=True)


HELD = Track.freeze(Rectangle(0.25, 0.25, 0.75, 0.75))


def test_what_is_frozen_comes_back_in_every_frame() -> None:
    canvas = CANVAS.with_track(HELD.points, HELD.region)
    filled = fill(canvas, Tracking())
    inside = with_frozen_known(canvas).known[-1] == 1
    assert inside.sum() == 24 * 16
    assert (filled.pixels[:, inside] == PICTURE[inside]).all()
    assert not (filled.pixels[-1, ~inside] == PICTURE[~inside]).all()


def test_nothing_is_frozen_that_was_not_given_or_that_the_camera_moves() -> None:
    held = Canvas.empty(1, 48, 32).with_track(HELD.points, HELD.region)
    assert not with_frozen_known(held).known.any()
    panned = CANVAS.with_track(HELD.points, HELD.region).with_camera(Camera(pan=50))
    assert with_frozen_known(panned) is panned
    assert with_frozen_known(CANVAS) is CANVAS


def test_what_passes_in_front_of_what_is_frozen_is_seen() -> None:
    passing = Track((("first", 0.1, 0.5), ("last", 0.9, 0.5)), Rectangle(0, 0.45, 0.2, 0.55))
    canvas = CANVAS.with_track(HELD.points, HELD.region).with_track(passing.points, passing.region)
    known = with_frozen_known(canvas).known[-1]
    assert not known[15:17].any()
    assert (known[8:14, 12:36] == 1).all()
    assert (known[18:24, 12:36] == 1).all()
