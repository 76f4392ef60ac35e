"""Regions and paths as people write them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import (
    CanvasError,
    Ellipse,
    EverythingBut,
    Heading,
    Polygon,
    Rectangle,
    Stroke,
    parse_path,
    parse_region,
)

from .strategies import ellipses, places, polygons, rectangles, strokes


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("rect:0.1,0.2,0.5,0.6", Rectangle(0.1, 0.2, 0.5, 0.6)),
        (" Rectangle : 10%, 20%, .5 0.6 ", Rectangle(0.1, 0.2, 0.5, 0.6)),
        ("rect:-0.5,0,1.5,1", Rectangle(-0.5, 0, 1.5, 1)),
        ("ellipse:0.5,0.4,0.2,30%", Ellipse(0.5, 0.4, 0.2, 0.3)),
        ("oval:0.5,0.4,0.2,0.3", Ellipse(0.5, 0.4, 0.2, 0.3)),
        ("polygon:0,0 1,0 50%, 1", Polygon(((0, 0), (1, 0), (0.5, 1)))),
        ("stroke:0.2,0.5 0.8,0.5;0.1", Stroke(((0.2, 0.5), (0.8, 0.5)), 0.2)),
        ("stroke:0.2,0.5", Stroke(((0.2, 0.5),), 0.05)),
        ("not:ellipse:0.5,0.4,0.2,0.3", EverythingBut(Ellipse(0.5, 0.4, 0.2, 0.3))),
        ("not: not:rect:0,0,1,1", Rectangle(0, 0, 1, 1)),
    ],
)
def test_parse_region(text: str, region: object) -> None:
    assert parse_region(text) == region


def written(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:.9f},{y:.9f}" for x, y in points)


@given(rectangles() | ellipses | polygons | strokes, st.booleans())
def test_what_is_written_covers_what_it_says(shape: object, turned: bool) -> None:
    match shape:
        case Rectangle():
            text = f"rect:{shape.left:.9f},{shape.top:.9f},{shape.right:.9f},{shape.bottom:.9f}"
        case Ellipse():
            text = f"ellipse:{shape.x:.9f},{shape.y:.9f},{shape.radius_x:.9f},{shape.radius_y:.9f}"
        case Polygon():
            text = f"polygon:{written(shape.points)}"
        case _:
            assert isinstance(shape, Stroke)
            text = f"stroke:{written(shape.points)};{shape.width / 2:.9f}"
    covered = parse_region("not:" * turned + text).coverage(24, 32)
    wanted = 1 - shape.coverage(24, 32) if turned else shape.coverage(24, 32)
    assert np.allclose(covered, wanted, atol=0.02)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'is no region; write "rect:0.1,0.2,0.5,0.6", "ellipse:'),
        ("here", '"here" is no region; write'),
        ("elipse:0.5,0.5,0.2,0.2", 'is no region; write "ellipse:0.5,0.5,0.2,0.3"'),
        ("rect:0.1,0.2,0.5", "4 numbers wanted, not 3; rect is left,top,right,bottom"),
        ("rect:0.1,0.2,0.5,wide", '"wide" is not a number; rect is'),
        ("rect:0.1,0.2,0.5,nan", '"nan" is not a number'),
        ("rect:10,20,50,60", "left: 10 is not in -1..2: places and sizes are fractions of the picture"),
        ("rect:0.5,0.2,0.1,0.6", "left must be less than right"),
        ("ellipse:0.5,0.5,0,0.2", "radius_x: 0 is not in"),
        ("polygon:0.1,0.1 0.9,0.1", "a polygon needs 3 points or more, not 2"),
        ("stroke:0.1,0.1;wide", '"wide" is not a number'),
        ("stroke:0.1,0.1;", "1 number wanted, not 0"),
        ("mask:fox.png", "a mask is a file, and none is read here; MaskPicture(array)"),
        ("not:" * 5000 + "x", "is no region"),
    ],
)
def test_what_is_no_region_is_refused(text: str, message: str) -> None:
    with pytest.raises(CanvasError) as caught:
        parse_region(text)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("0.5,0.6 0.8,0.3", ((None, 0.5, 0.6), (None, 0.8, 0.3))),
        (" 50%,0.6   80%, .3 ", ((None, 0.5, 0.6), (None, 0.8, 0.3))),
        ("1.5,-0.2", ((None, 1.5, -0.2),)),
        ("0,0@0.5 1,0 @ 1.5s", ((Fraction(1, 2), 0, 0), (Fraction(3, 2), 1, 0))),
        ("1,1@12f 0,0@last", ((12, 1, 1), ("last", 0, 0))),
        ("right 0.3", Heading(0.3, 0)),
        ("LEFT 30%", Heading(-0.3, 0)),
        ("up", Heading(0, -0.25)),
        ("up 0.2, right 0.1", Heading(0.1, -0.2)),
        ("down 0.1 and left", Heading(-0.25, 0.1)),
        ("right 0.3/s", Heading(0.3, 0, per_second=True)),
    ],
)
def test_parse_path(text: str, path: object) -> None:
    assert parse_path(text) == path


@given(st.lists(st.tuples(places, places), min_size=1, max_size=9))
def test_a_path_that_is_written_comes_back(points: list[tuple[float, float]]) -> None:
    path = parse_path(written(tuple(points)))
    assert isinstance(path, tuple)
    assert np.allclose([(x, y) for _, x, y in path], points, atol=1e-8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a path needs a point; write points"),
        ("0.5", "2 numbers wanted, not 1"),
        ("0.5,0.5 3,0.5", "x: 3 is not in -1..2"),
        ("0.5,0.5@soon", '"soon" is not a time'),
        ("sideways 0.3", '"sideways" is no way to go; write points ("0.5,0.6 0.8,0.3"'),
        ("right much", '"much" is no way to go'),
        ("right 50", "a distance is above 0 and at most 3 widths of the picture, not 50"),
        ("right 0", "a distance is above 0"),
        ("right 0.3/s up 0.1", '"/s" goes with every distance or with none'),
    ],
)
def test_what_is_no_path_is_refused(text: str, message: str) -> None:
    with pytest.raises(CanvasError) as caught:
        parse_path(text)
    assert message in str(caught.value)
