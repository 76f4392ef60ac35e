"""Regions cover a pixel wholly, not at all, or by its share; never nearly."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import (
    CanvasError,
    Ellipse,
    MaskPicture,
    Polygon,
    Rectangle,
    Region,
    Stroke,
    everything_but,
)

from .strategies import ellipses, mask_pictures, polygons, rectangles, regions, sizes, strokes

FINE = 24  # points asked in each pixel, along each axis


def shares_of(inside: Callable[[np.ndarray, np.ndarray], np.ndarray], height: int, width: int) -> np.ndarray:
    """The share of each pixel's points that are inside, its border included: the slow, plain way."""
    offsets = np.linspace(0, 1, FINE)
    y = (np.arange(height)[:, None] + offsets).reshape(height, 1, FINE, 1)
    x = (np.arange(width)[:, None] + offsets).reshape(1, width, 1, FINE)
    return inside(x / width, y / height).mean(axis=(2, 3))


def agrees(
    region: Region, inside: Callable[[np.ndarray, np.ndarray], np.ndarray], height: int, width: int
) -> None:
    coverage, share = region.coverage(height, width), shares_of(inside, height, width)
    assert coverage.shape == (height, width)
    assert coverage.dtype == np.float32
    assert (coverage[share == 1] == 1).all()
    assert ((coverage >= 0) & (coverage <= 1)).all()


@given(regions, sizes, sizes)
def test_a_region_and_its_rest_make_a_whole(region: Region, height: int, width: int) -> None:
    coverage = region.coverage(height, width)
    assert coverage.shape == (height, width)
    assert ((coverage >= 0) & (coverage <= 1)).all()
    assert (coverage + everything_but(region).coverage(height, width) == 1).all()
    assert everything_but(everything_but(region)) == region


@given(rectangles(), sizes, sizes)
def test_rectangle(region: Rectangle, height: int, width: int) -> None:
    coverage = region.coverage(height, width)
    edges = np.arange(width + 1) / width, np.arange(height + 1) / height
    full_x = (edges[0][:-1] >= region.left) & (edges[0][1:] <= region.right)
    full_y = (edges[1][:-1] >= region.top) & (edges[1][1:] <= region.bottom)
    none_x = (edges[0][1:] <= region.left) | (edges[0][:-1] >= region.right)
    none_y = (edges[1][1:] <= region.top) | (edges[1][:-1] >= region.bottom)
    assert (coverage[np.ix_(full_y, full_x)] == 1).all()
    assert (coverage[none_y] == 0).all()
    assert (coverage[:, none_x] == 0).all()


@pytest.mark.parametrize("edge", [0.1, 0.3, 0.7, 1 / 3, 0.6])
def test_an_edge_between_two_pixels_touches_neither(edge: float) -> None:
    """0.7 * 30 is 21.000000000000004 in floats: not a reason to half-know a pixel."""
    coverage = Rectangle(0, 0, edge, 1).coverage(1, 30)[0]
    assert coverage.tolist() == [1.0] * round(edge * 30) + [0.0] * (30 - round(edge * 30))


@given(ellipses, sizes, sizes)
def test_ellipse(region: Ellipse, height: int, width: int) -> None:
    def inside(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return ((x - region.x) / region.radius_x) ** 2 + ((y - region.y) / region.radius_y) ** 2 <= 1

    agrees(region, inside, height, width)
    # Wholly outside: the point of the pixel nearest to the centre is.
    near_x = np.clip(region.x, np.arange(width) / width, (np.arange(width) + 1) / width)[None, :]
    near_y = np.clip(region.y, np.arange(height) / height, (np.arange(height) + 1) / height)[:, None]
    assert (region.coverage(height, width)[~inside(near_x, near_y)] == 0).all()


@given(polygons, sizes, sizes)
def test_polygon(region: Polygon, height: int, width: int) -> None:
    """Against the plain crossing count at each scan line's middle, a way that shares no code."""
    coverage = region.coverage(height, width)
    y = (np.arange(height * 16) + 0.5) / 16
    x = (np.arange(width * 64) + 0.5) / 64
    odd = np.zeros((len(y), len(x)), bool)
    corners = [(px * width, py * height) for px, py in region.points]
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        between = (y0 <= y) != (y1 <= y)
        with np.errstate(divide="ignore", invalid="ignore"):
            cross = x0 + (y - y0) * np.divide(x1 - x0, y1 - y0)
        odd ^= between[:, None] & (x[None, :] > cross[:, None])
    share = odd.reshape(height, 16, width, 64).mean(axis=(1, 3))
    assert np.abs(coverage - share).max() <= len(corners) / 64 + 1e-6
    assert ((coverage >= 0) & (coverage <= 1)).all()


def test_a_square_as_a_polygon_is_the_rectangle() -> None:
    square = Polygon(((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)))
    for size in (4, 8, 10, 33):
        assert (
            np.abs(square.coverage(size, size) - Rectangle(0.25, 0.25, 0.75, 0.75).coverage(size, size)).max()
            < 0.05
        )
    assert np.array_equal(square.coverage(8, 8), Rectangle(0.25, 0.25, 0.75, 0.75).coverage(8, 8))


@given(strokes, sizes, sizes)
def test_stroke(region: Stroke, height: int, width: int) -> None:
    radius = region.width * min(height, width) / 2

    def distance(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """To the path, in pixels: by many points along it."""
        path = np.array(region.points) * (width, height)
        along = np.linspace(0, 1, 200)[:, None]
        dots = [a + (b - a) * along for a, b in zip(path, path[1:] if len(path) > 1 else path, strict=False)]
        nearest = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf)
        for dot_x, dot_y in np.concatenate(dots):
            nearest = np.minimum(nearest, np.hypot(x * width - dot_x, y * height - dot_y))
        return nearest

    middles = (np.arange(width)[None, :] + 0.5) / width, (np.arange(height)[:, None] + 0.5) / height
    away = distance(*middles)
    coverage = region.coverage(height, width)
    step = 2.2 * max(height, width) / 199  # how far apart the points of the path can be
    assert (coverage[away <= radius - 0.72] == 1).all()  # the whole pixel is inside
    assert (coverage[away >= radius + 0.72 + step] == 0).all()
    assert coverage.max() > 0 or away.min() > radius


def test_strokes_join_and_do_not_add_up() -> None:
    there_and_back = Stroke(((0.2, 0.5), (0.8, 0.5), (0.2, 0.5)), 0.3)
    assert np.array_equal(
        there_and_back.coverage(20, 20), Stroke(((0.2, 0.5), (0.8, 0.5)), 0.3).coverage(20, 20)
    )


@given(mask_pictures())
def test_a_mask_picture_at_its_own_size_is_itself(region: MaskPicture) -> None:
    assert np.array_equal(region.coverage(*region.picture.shape), region.picture)


@given(st.booleans(), sizes, sizes)
def test_an_even_mask_picture_is_even_at_every_size(full: bool, height: int, width: int) -> None:
    assert (MaskPicture(np.full((5, 7), full)).coverage(height, width) == full).all()


def test_a_mask_picture_larger_or_smaller_keeps_its_sides() -> None:
    left = np.zeros((16, 16), np.uint8)
    left[:, :8] = 255
    for size in (4, 8, 64):
        coverage = MaskPicture(left).coverage(size, size)
        assert (coverage[:, : size // 4] == 1).all()
        assert (coverage[:, -(size // 4) :] == 0).all()


@pytest.mark.parametrize(
    ("region", "centre"),
    [
        (Rectangle(0.2, 0.4, 0.4, 0.8), (0.3, 0.6)),
        (Ellipse(0.3, 0.6, 0.1, 0.1), (0.3, 0.6)),
        (Polygon(((0, 0), (1, 0), (1, 0.5))), (0.5, 0.25)),
        (Stroke(((0.1, 0.1), (0.5, 0.1))), (0.3, 0.1)),
        (MaskPicture(np.eye(4)[:1]), (0.125, 0.5)),
        (MaskPicture(np.zeros((2, 2))), (0.5, 0.5)),
        (everything_but(Ellipse(0.1, 0.1, 0.1, 0.1)), (0.5, 0.5)),
    ],
)
def test_centre(region: Region, centre: tuple[float, float]) -> None:
    assert region.centre == pytest.approx(centre)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Rectangle(0, 0, 640, 1),
            r"right: 640 is not in -1\.\.2: .* fractions of the picture .*, not pixels",
        ),
        (lambda: Rectangle(0.5, 0, 0.5, 1), "left must be less than right"),
        (lambda: Ellipse(0.5, float("nan"), 0.1, 0.1), "y: nan"),
        (lambda: Ellipse(0.5, 0.5, 0, 0.1), "radius_x: 0 is not in"),
        (lambda: Polygon(((0, 0), (1, 1))), "points: a polygon needs 3 points or more, not 2"),
        (lambda: Polygon(((0, 0), (1, 1), (9, 0))), r"points\[2\]\.x: 9 is not"),
        (lambda: Stroke(()), "needs 1 points or more"),
        (lambda: Stroke(((0, 0),), float("inf")), "width: inf"),
        (lambda: MaskPicture(np.zeros((2, 2, 3))), "axes H, W"),
        (
            lambda: MaskPicture(np.full((2, 2), 1.5)),
            r"picture: values go from 1.5 to 1.5, and must be in 0\.\.1",
        ),
        (lambda: MaskPicture(np.full((2, 2), np.nan)), "picture: values go from nan"),
    ],
)
def test_what_is_no_region_is_refused(make: Callable[[], Region], message: str) -> None:
    with pytest.raises(CanvasError, match=message):
        make()
