"""Drawn canvases and their parts, for the property tests of this room."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from vitascope.canvas import (
    Camera,
    Canvas,
    Ellipse,
    MaskPicture,
    Polygon,
    Rectangle,
    Region,
    Span,
    Stroke,
    Track,
    everything_but,
)

shares = st.sampled_from([0.0, 0.25, 0.4, 1.0])
places = st.floats(-0.25, 1.25, width=32)
points = st.tuples(places, places)
sizes = st.integers(1, 24)
rates = st.sampled_from([Fraction(8), Fraction(24), Fraction(30000, 1001), Fraction(25, 2)])
seeds = st.integers(0, 2**32 - 1)


@st.composite
def rectangles(draw: st.DrawFn) -> Rectangle:
    left, top = draw(st.floats(-0.2, 0.9)), draw(st.floats(-0.2, 0.9))
    return Rectangle(left, top, left + draw(st.floats(0.01, 0.8)), top + draw(st.floats(0.01, 0.8)))


radii = st.floats(0.01, 0.9)
ellipses = st.builds(Ellipse, places, places, radii, radii)
polygons = st.builds(Polygon, st.lists(points, min_size=3, max_size=7).map(tuple))
strokes = st.builds(Stroke, st.lists(points, min_size=1, max_size=5).map(tuple), st.floats(0.01, 0.5))


@st.composite
def mask_pictures(draw: st.DrawFn) -> MaskPicture:
    shape = draw(st.tuples(sizes, sizes))
    return MaskPicture(np.random.default_rng(draw(seeds)).integers(0, 256, shape, np.uint8))


simple_regions = st.one_of(rectangles(), ellipses, polygons, strokes, mask_pictures())
regions: st.SearchStrategy[Region] = simple_regions | simple_regions.map(everything_but)


def noise(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@st.composite
def spans(draw: st.DrawFn, frames: int) -> Span:
    start = draw(st.integers(0, frames - 1))
    stop = draw(st.integers(start + 1, frames))
    return draw(
        st.sampled_from([Span(), Span(start), Span(start, stop), Span(start, "last"), Span(None, stop)])
    )


@st.composite
def tracks(draw: st.DrawFn, frames: int) -> Track:
    times = draw(st.lists(st.integers(0, frames - 1), min_size=2, max_size=5, unique=True).map(sorted))
    region = draw(st.none() | regions)
    return Track(tuple((time, draw(places), draw(places)) for time in times), region)


@st.composite
def canvases(draw: st.DrawFn) -> Canvas:
    """Canvases with anything in them, known evenly, by frames, or in masks of 255ths."""
    frames, height, width = draw(st.integers(1, 7)), draw(sizes), draw(sizes)
    canvas = Canvas.blank(frames, height, width, draw(rates), seed=draw(seeds))
    for at in draw(st.lists(st.integers(0, frames - 1), max_size=3)):
        canvas = canvas.with_picture(noise((height, width, 3), draw(seeds)), at, draw(shares))
    if draw(st.booleans()):
        mask = noise((frames, height, width), draw(seeds)) / np.float32(255)
        canvas = canvas.with_known(np.ones((height, width)), 0.0).with_known(mask.astype(np.float32), 1.0)
    for text in draw(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), max_size=2)
    ):
        canvas = canvas.with_words(text, draw(spans(frames)), draw(st.floats(0, 10)))
    if frames > 1 and draw(st.booleans()):
        track = draw(tracks(frames))
        canvas = canvas.with_track(track.points, track.region)
    if draw(st.booleans()):
        canvas = canvas.with_cast("fox", noise((3, 4, 4), draw(seeds)), noise((2, 2, 3), draw(seeds)))
    if draw(st.booleans()):
        move = st.floats(-100, 100)
        canvas = canvas.with_camera(
            Camera(draw(move), draw(move), draw(move), draw(move), draw(spans(frames)))
        )
    return canvas.with_loop(draw(st.booleans())).with_negative(draw(st.sampled_from(["", "rain"])))
