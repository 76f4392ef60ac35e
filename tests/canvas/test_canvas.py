"""A canvas is a value: edits return new ones, and what is known says so with 1."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import (
    Camera,
    Canvas,
    CanvasError,
    Ellipse,
    Rectangle,
    Region,
    Sound,
    Span,
    Words,
    everything_but,
)

from .strategies import canvases, noise, regions, shares


def small(frames: int = 4) -> Canvas:
    return Canvas.blank(frames, 6, 8, rate_fps=8)


PICTURE = noise((6, 8, 3), 1)
CLIP = noise((2, 6, 8, 3), 2)
EDITS: dict[str, Callable[[Canvas], Canvas]] = {
    "with_words": lambda c: c.with_words("a fox", Span(0, 1), 0.5),
    "with_negative": lambda c: c.with_negative(c.negative + "fog"),
    "with_picture": lambda c: c.with_picture(noise((c.height_px, c.width_px, 3), 3), "last", 0.125),
    "with_clip": lambda c: c.with_clip(noise((1, c.height_px, c.width_px, 3), 3), "first", 0.125),
    "with_clips": lambda c: c.with_clips([(noise((1, c.height_px, c.width_px, 3), 3), "last", 0.125)]),
    "with_known": lambda c: c.with_known(np.ones((c.height_px, c.width_px)), 0.125),
    "with_knowns": lambda c: c.with_knowns([(1.0, 0.125, None)]),
    "with_camera": lambda c: c.with_camera(Camera(pan=5)),
    "with_track": lambda c: c.with_track([("first", 0.5, 0.5), ("last", 0.5, 0.5)]),
    "with_cast": lambda c: c.with_cast("a fox", noise((2, 2, 3), 5)),
    "with_sound": lambda c: c.with_sound(Sound(np.zeros((9, 1), np.float32), 8000)),
    "with_unknown_sound": lambda c: c.with_unknown_sound(),
    "with_seed": lambda c: c.with_seed(c.seed + 1),
    "with_loop": lambda c: c.with_loop(not c.loop),
}


def test_every_edit_is_tried() -> None:
    assert set(EDITS) == {name for name in dir(Canvas) if name.startswith("with_")}


@pytest.mark.parametrize("edit", EDITS)
@given(canvas=canvases())
def test_an_edit_returns_a_new_value_and_leaves_the_old(edit: str, canvas: Canvas) -> None:
    pixels, known, copy = canvas.pixels.copy(), canvas.known.copy(), replace(canvas)
    edited = EDITS[edit](canvas)
    assert edited is not canvas
    assert edited != canvas
    assert canvas == copy
    assert np.array_equal(canvas.pixels, pixels)
    assert np.array_equal(canvas.known, known)
    assert EDITS[edit](canvas) == edited


@given(canvases())
def test_no_one_can_write_into_a_canvas(canvas: Canvas) -> None:
    for plane in (canvas.pixels, canvas.known):
        with pytest.raises(ValueError, match="read-only"):
            plane[:] = 1
    with pytest.raises(FrozenInstanceError):
        canvas.seed = 3  # type: ignore[misc]


def test_a_canvas_does_not_follow_the_arrays_it_was_made_of() -> None:
    pixels, known, picture = (
        np.zeros((1, 2, 2, 3), np.uint8),
        np.zeros((1, 2, 2)),
        np.full((2, 2, 3), 7, np.uint8),
    )
    canvas, edited = Canvas(pixels, known, Fraction(8)), Canvas.blank(1, 2, 2, 8).with_picture(picture)
    pixels[:], known[:], picture[:] = 9, 1, 9
    assert (canvas.pixels == 0).all()
    assert (canvas.known == 0).all()
    assert (edited.pixels == 7).all()


def test_an_empty_canvas_costs_no_memory() -> None:
    canvas = Canvas.empty(3600, 1920, 1080, 30)
    assert canvas.frames == 108_000
    assert canvas.pixels.base is not None
    assert not any((*canvas.pixels.strides, *canvas.known.strides))


def test_a_long_canvas_with_two_pictures_takes_the_memory_of_two() -> None:
    """In a process of its own, for the peak of this one may be high already."""
    code = """
import resource
import numpy as np
from vitascope.canvas import Canvas
picture = np.full((360, 640, 3), 200, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
canvas = Canvas.empty(60, 640, 360, 24).with_picture(picture, 700).with_picture(picture, 10)
assert canvas.pixels.nbytes > 900e6 and canvas.known[700].all() and canvas.known[10].all()
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100  # MiB; written whole, pixels and known would be 2200


def test_sizes_and_times() -> None:
    canvas = Canvas.empty(2, width_px=20, height_px=10, rate_fps="30000/1001")
    assert (canvas.frames, canvas.height_px, canvas.width_px) == (60, 10, 20)
    assert canvas.size == (20, 10)
    assert canvas.duration_s == Fraction(60 * 1001, 30000)
    assert Canvas.empty().pixels.shape == (16, 256, 256, 3)


# known: 1 is given


@given(canvases(), st.data())
def test_known_1_is_given_and_0_is_to_be_invented(canvas: Canvas, data: st.DataObject) -> None:
    assert (Canvas.blank(canvas.frames, *canvas.size, 8).known == 0).all()
    frame = data.draw(st.integers(0, canvas.frames - 1))
    picture = noise((canvas.height_px, canvas.width_px, 3), 4)
    given_ = canvas.with_picture(picture, frame)
    assert (given_.known[frame] == 1).all()
    assert np.array_equal(given_.pixels[frame], picture)
    rest = np.arange(canvas.frames) != frame
    assert np.array_equal(given_.known[rest], canvas.known[rest])
    assert np.array_equal(given_.pixels[rest], canvas.pixels[rest])


@given(canvases(), regions, shares, st.data())
def test_with_known_sets_the_inside_and_leaves_the_outside(
    canvas: Canvas, region: Region, value: float, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, canvas.frames - 1))
    marked = canvas.with_known(region, value, Span(start))
    inside = region.coverage(canvas.height_px, canvas.width_px)
    assert (marked.known[start:, inside == 1] == np.float32(value)).all()
    assert np.array_equal(marked.known[:, inside == 0], canvas.known[:, inside == 0])
    assert np.array_equal(marked.known[:start], canvas.known[:start])
    assert np.array_equal(marked.pixels, canvas.pixels)
    low = np.minimum(canvas.known[start:], np.float32(value)) - 1e-6
    high = np.maximum(canvas.known[start:], np.float32(value)) + 1e-6
    assert ((marked.known[start:] >= low) & (marked.known[start:] <= high)).all()


def test_erase_is_known_but_for_a_region() -> None:
    region = Rectangle(0.25, 0, 0.75, 1)
    erased = small(2).with_clip(CLIP).with_known(region, 0.0)
    assert (erased.known[:, :, 2:6] == 0).all()
    assert (erased.known[:, :, :2] == 1).all()
    kept = small(2).with_clip(CLIP, known=everything_but(region))
    assert kept == erased


def test_known_may_be_a_number_a_region_or_an_array() -> None:
    flat, deep = noise((6, 8), 6) / np.float32(255), noise((2, 6, 8), 7) / np.float32(255)
    assert (small().with_clip(CLIP, 1, 0.4).known[1:3] == np.float32(0.4)).all()
    assert np.array_equal(small().with_clip(CLIP, 1, flat).known[2], flat)
    assert np.array_equal(small().with_clip(CLIP, 1, deep).known[1:3], deep)
    ellipse = Ellipse(0.5, 0.5, 0.4, 0.4)
    assert np.array_equal(small().with_picture(PICTURE, known=ellipse).known[0], ellipse.coverage(6, 8))
    assert np.array_equal(small().with_known(deep, 1.0, Span(2)).known[2:], deep)


def test_several_clips_and_marks_are_one_after_another() -> None:
    clips = [(CLIP, 0, 1.0), (PICTURE[None], 1, 0.5), (CLIP, "last", 0.25)]
    one_by_one = small()
    for clip, at, known in clips:
        one_by_one = one_by_one.with_clip(clip, at, known)
    assert small().with_clips(clips) == one_by_one
    marks = [(Rectangle(0, 0, 0.5, 1), 1.0, None), (Ellipse(0.5, 0.5, 0.3, 0.3), 0.2, Span(1, 3))]
    marked = one_by_one
    for where, value, span in marks:
        marked = marked.with_known(where, value, span)
    assert one_by_one.with_knowns(marks) == marked


def test_last_lets_a_clip_end_with_the_canvas() -> None:
    canvas = small().with_clip(CLIP, "last")
    assert np.array_equal(canvas.pixels[2:], CLIP)
    assert canvas.known[:, 0, 0].tolist() == [0, 0, 1, 1]


# Words and camera


def test_words_at_joins_those_that_hold() -> None:
    canvas = small().with_words("a fox").with_words(" at night ", Span(2)).with_words("unsaid", weight=0)
    assert [canvas.words_at(frame) for frame in range(4)] == ["a fox"] * 2 + ["a fox, at night"] * 2
    assert small().with_words("  ").words_at(-1) == ""


def test_camera_at_adds_up_and_stays_in_range() -> None:
    canvas = (
        small().with_camera(Camera(pan=80, tilt=-5)).with_camera(Camera(pan=40, zoom=10, span=Span(1, 2)))
    )
    assert canvas.camera_at(0) == (80, -5, 0, 0)
    assert canvas.camera_at(1) == (100, -5, 10, 0)
    assert small().camera_at(0) == (0, 0, 0, 0)


# What is wrong, and where


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Canvas.empty().with_words("a").with_words("b", Span(0, 3.0)),
            'words[1].span: stop 3 s is after the end of the canvas (2 s); use "last" or at most 2 s',
        ),
        (lambda: small().with_words(3), "words[0]: the text must be text, not int"),
        (lambda: small().with_words("a", weight=11), "words[0].weight: weight must be in 0..10, not 11"),
        (
            lambda: small().with_camera(Camera(span=Span(9))),
            "camera[0].span: start frame 9 is not before the end",
        ),
        (
            lambda: small().with_track([(0, 0.5, 0.5)]),
            "tracks[0].points: a track needs two points or more, not 1",
        ),
        (
            lambda: small().with_track([(0, 0, 0), (9, 1, 1)]),
            'tracks[0].points[1]: frame 9 is after the last frame (frame 3); use "last"',
        ),
        (lambda: small().with_cast("a"), "cast[0].pictures: a cast needs at least one picture"),
        (lambda: small().with_cast("a", CLIP), "cast[0].pictures[0]: wanted a uint8 array with axes H, W, C"),
        (
            lambda: small().with_picture(PICTURE, 4),
            'at: frame 4 is after the last frame (frame 3); use "last"',
        ),
        (
            lambda: small().with_picture(PICTURE / 255),
            "picture: wanted a uint8 array with axes H, W, C and 3 colour",
        ),
        (
            lambda: small().with_picture(PICTURE[:3]),
            "clip: it is 8x3 and the canvas 8x6; fit_picture() makes it fit",
        ),
        (lambda: small(1).with_clip(CLIP), "clip: it has 2 frames and the canvas 1"),
        (
            lambda: small().with_clip(CLIP, 3),
            "at: 2 frames from frame 3 on go past the end of the canvas (4 frames)",
        ),
        (lambda: small().with_clips([(CLIP, 0, 1), (CLIP, 0, 2)]), "clips[1].known: values go from 2 to 2"),
        (
            lambda: small().with_knowns([(1.0, 0.5, None), (1.0, -1, None)]),
            "known[1].value: values go from -1",
        ),
        (lambda: small().with_known(np.ones((3, 3)), 1), "where: wanted the shape (6, 8), got (3, 3)"),
        (lambda: small().with_known(np.full((6, 8), np.nan), 1), "where: values go from nan to nan"),
        (
            lambda: small().with_known(np.ones((6, 8)), 1, Span(4)),
            "span: start frame 4 is not before the end",
        ),
        (lambda: small().with_seed(-1), "seed: a seed is a whole number in 0..9223372036854775807, not -1"),
        (lambda: small().with_seed(1.5), "seed: a seed is a whole number"),
        (lambda: small().with_negative("a\0b"), "negative: the text holds broken characters"),
        (lambda: Canvas.blank(0, 1, 1, 8), "frames: must be 1 or more, not 0"),
        (lambda: Canvas.empty(width_px=0), "width_px: must be 1 or more, not 0"),
        (lambda: Canvas.empty(rate_fps=0), "rate_fps: a frame rate is above 0"),
        (lambda: Canvas.empty(duration_s=float("nan")), "duration_s: nan is not a time"),
        (
            lambda: Canvas(CLIP, np.zeros((1, 6, 8)), Fraction(8)),
            "known: wanted the shape (2, 6, 8), got (1, 6, 8)",
        ),
        (
            lambda: Canvas(CLIP[0], np.zeros((2, 6)), Fraction(8)),
            "pixels: wanted a uint8 array with axes T, H, W, C",
        ),
        (lambda: replace(small(), words="fox"), "words[0]: wanted Words, got str"),
    ],
)
def test_errors_say_where_and_what_would_be_right(make: Callable[[], Canvas], message: str) -> None:
    with pytest.raises(CanvasError) as caught:
        make()
    assert str(caught.value).startswith(message)


def test_a_canvas_is_equal_by_what_it_holds() -> None:
    assert small().with_picture(PICTURE) == small().with_picture(PICTURE.copy())
    assert small().with_picture(PICTURE) != small().with_picture(255 - PICTURE)
    assert small() != "a canvas"
    assert replace(small(), words=[Words("a")]) == small().with_words("a")
    with pytest.raises(TypeError, match="unhashable"):
        hash(small())


def test_whole_frames_take_one_number_each() -> None:
    picture = np.full((9, 16, 3), 5, np.uint8)
    canvas = Canvas.blank(10, 9, 16, 8).with_picture(picture).with_picture(picture, at="last", known=0.5)
    canvas = canvas.with_clips([(picture[None], 4, 1.0), (picture[None], 5, 1)])
    assert canvas.known.strides == (4, 0, 0)
    assert canvas.known[:, 3, 3].tolist() == [1, 0, 0, 0, 1, 1, 0, 0, 0, 0.5]
    assert not canvas.known.flags.writeable
    part = canvas.with_picture(picture, at=1, known=np.eye(9, 16))
    assert part.known[1, 2, 2] == 1
    assert part.known[1, 2, 3] == 0
    assert part.known[0].min() == 1
