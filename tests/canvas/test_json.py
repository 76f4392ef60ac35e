"""JSON says all that a canvas can, comes back the same, and takes nothing hostile."""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.canvas import (
    Camera,
    Canvas,
    CanvasError,
    Ellipse,
    MaskPicture,
    Polygon,
    Rectangle,
    Sound,
    Span,
    Stroke,
    Track,
    Words,
    canvas_from_json,
    canvas_to_json,
    everything_but,
)

from .strategies import canvases, noise

PICTURE, CLIP, MASK = noise((6, 8, 3), 1), noise((3, 6, 8, 3), 2), np.zeros((6, 8, 3), np.uint8)
MASK[:, 4:] = 255
CLEAR = np.dstack([MASK, MASK[..., 0]])  # as alpha: opaque on the right
SOUND = Sound(np.full((10, 2), 0.5, np.float32), 48_000)
MEDIA = {
    "a.png": PICTURE,
    "clip.mp4": CLIP,
    "mask.png": MASK,
    "clear.png": CLEAR,
    "big.png": noise((12, 12, 3), 3),
}


def load(uri: str, rate_fps: Fraction) -> np.ndarray:
    if uri not in MEDIA:
        raise FileNotFoundError("there is no such file")
    return MEDIA[uri]


def read(**document: Any) -> Canvas:
    return canvas_from_json({"width_px": 8, "height_px": 6, **document}, load, lambda uri: SOUND)


class Shelf:
    """Keeps what is saved under its URI, bit for bit."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def save(self, name: str, item: Any) -> str:
        assert name not in self.kept
        self.kept[name] = item
        return name

    def load(self, uri: str, rate_fps: Fraction | None = None) -> Any:
        return self.kept[uri]


# There and back


@given(canvases())
def test_there_and_back(canvas: Canvas) -> None:
    shelf = Shelf()
    document = canvas_to_json(canvas, shelf.save, shelf.save)
    back = canvas_from_json(json.dumps(document), shelf.load, shelf.load)
    assert np.array_equal(back.known, canvas.known)
    given_ = canvas.known.any(axis=(1, 2))
    assert np.array_equal(back.pixels[given_], canvas.pixels[given_])
    assert not back.pixels[~given_].any()
    for name in ("rate_fps", "words", "negative", "tracks", "cast", "camera", "sound", "seed", "loop"):
        assert getattr(back, name) == getattr(canvas, name), name
    # Once more changes nothing.
    again = Shelf()
    assert canvas_to_json(back, again.save) == document
    assert again.kept.keys() == shelf.kept.keys()


@given(st.floats(0, 1, width=32), st.integers(0, 2**32 - 1))
def test_soft_masks_keep_0_and_1_exactly_and_the_rest_nearly(share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = rng.choice(np.array([0, 1, share, 1e-6, 1 - 1e-6], np.float32), (2, 5, 5))
    canvas = Canvas(noise((2, 5, 5, 3), 1), known, Fraction(8))
    shelf = Shelf()
    back = canvas_from_json(canvas_to_json(canvas, shelf.save), shelf.load).known
    assert np.array_equal(back == 0, known == 0)
    assert np.array_equal(back == 1, known == 1)
    assert np.abs(back - known).max() <= 1 / 255


def test_sound_goes_along() -> None:
    shelf, canvas = Shelf(), Canvas.blank(1, 2, 2, 8).with_sound(SOUND)
    assert canvas_from_json(canvas_to_json(canvas, shelf.save, shelf.save), shelf.load, shelf.load) == canvas
    with pytest.raises(CanvasError, match="sound: there is no way to keep a sound here"):
        canvas_to_json(canvas, shelf.save)


def test_a_region_of_someone_elses_making_is_kept_as_it_lies() -> None:
    class Chequered:
        centre = (0.5, 0.5)

        def coverage(self, height_px: int, width_px: int) -> np.ndarray:
            return (np.indices((height_px, width_px)).sum(axis=0) % 2).astype(np.float32)

    canvas, shelf = Canvas.blank(2, 6, 8, 8).with_track([(0, 0, 0), (1, 1, 1)], Chequered()), Shelf()
    region = canvas_from_json(canvas_to_json(canvas, shelf.save), shelf.load).tracks[0].region
    assert region == MaskPicture(Chequered().coverage(6, 8))


# Reading what people write


def test_an_empty_document_is_the_empty_canvas() -> None:
    assert canvas_from_json({}, load) == Canvas.empty()
    assert canvas_from_json('{"duration_s": 1, "rate_fps": 24}', load) == Canvas.empty(1, rate_fps=24)


def test_a_document_with_everything() -> None:
    canvas = read(
        version=1,
        frames=8,
        rate_fps="30000/1001",
        seed=7,
        loop=True,
        negative="fog",
        clips=[{"uri": "a.png"}, {"uri": "clip.mp4", "at": "last", "known": 0.5}],
        known=[
            {"value": 0, "region": {"shape": "rectangle", "left": 0, "top": 0, "right": 0.5, "bottom": 1}}
        ],
        words=[{"text": "a fox"}, {"text": "it rains", "span": {"start": "4f"}, "weight": 2}],
        tracks=[
            {"points": [["first", 0, 0.5], ["last", 1, 0.5]]},
            {
                "points": [[0, 0, 0], [0.1, 1, 1]],
                "region": {"shape": "ellipse", "x": 0, "y": 0, "radius_x": 0.5, "radius_y": 0.5},
            },
        ],
        cast=[{"name": "fox", "pictures": ["a.png", "clear.png"]}],
        camera=[{"pan": -30, "span": {"stop": "4f"}}],
        sound={"uri": "clip.mp4"},
    )
    expected = (
        Canvas.blank(8, 6, 8, "30000/1001", seed=7)
        .with_picture(PICTURE)
        .with_clip(CLIP, "last", 0.5)
        .with_known(Rectangle(0, 0, 0.5, 1), 0)
        .with_words("a fox")
        .with_words("it rains", Span("4f"), 2)
        .with_track([("first", 0, 0.5), ("last", 1, 0.5)])
        .with_track([(Fraction(0), 0, 0), (Fraction(1, 10), 1, 1)], Ellipse(0, 0, 0.5, 0.5))
        .with_cast("fox", PICTURE, CLEAR)
        .with_camera(Camera(pan=-30, span=Span(None, "4f")))
        .with_sound(SOUND)
        .with_loop()
        .with_negative("fog")
    )
    assert [w.span.frames(8, canvas.rate_fps) for w in canvas.words] == [range(8), range(4, 8)]
    for name in ("pixels", "known"):
        assert np.array_equal(getattr(canvas, name), getattr(expected, name))
    for name in ("rate_fps", "negative", "tracks", "cast", "sound", "seed", "loop"):
        assert getattr(canvas, name) == getattr(expected, name), name
    assert canvas.words[0] == Words("a fox")
    assert [canvas.camera_at(f)[0] for f in (0, 3, 4)] == [-30, -30, 0]


@pytest.mark.parametrize(
    ("shape", "region"),
    [
        ({"shape": "rectangle", "left": 0, "top": 0, "right": 1, "bottom": 0.5}, Rectangle(0, 0, 1, 0.5)),
        (
            {"shape": "ellipse", "x": 0.5, "y": 0.5, "radius_x": 0.2, "radius_y": 0.3},
            Ellipse(0.5, 0.5, 0.2, 0.3),
        ),
        ({"shape": "polygon", "points": [[0, 0], [1, 0], [0, 1]]}, Polygon(((0, 0), (1, 0), (0, 1)))),
        ({"shape": "stroke", "points": [[0, 0], [1, 1]], "width": 0.2}, Stroke(((0, 0), (1, 1)), 0.2)),
        ({"shape": "picture", "uri": "mask.png"}, MaskPicture(MASK[..., 0])),
        ({"shape": "picture", "uri": "clear.png"}, MaskPicture(MASK[..., 0])),
        (
            {"shape": "everything_but", "region": {"shape": "stroke", "points": [[0, 0]]}},
            everything_but(Stroke(((0, 0),))),
        ),
    ],
)
def test_every_region(shape: dict[str, Any], region: Any) -> None:
    points = [["first", 0, 0], ["last", 1, 1]]
    assert read(tracks=[{"points": points, "region": shape}]).tracks == (
        Track((("first", 0, 0), ("last", 1, 1)), region),
    )
    assert read(known=[{"value": 1, "region": shape}]) == read().with_known(region, 1)
    expected = region.coverage(6, 8) * np.float32(0.5)
    assert np.array_equal(read(clips=[{"uri": "a.png", "known": 0.5, "region": shape}]).known[0], expected)


def test_a_number_is_seconds_whether_whole_or_not() -> None:
    for two in (2, 2.0, "2", "2s", "16f"):
        assert read(duration_s=3, words=[{"text": "a", "span": {"start": two}}]).words_at(15) == ""
        assert read(duration_s=3, words=[{"text": "a", "span": {"start": two}}]).words_at(16) == "a"


def test_the_size_is_the_first_clips_unless_given() -> None:
    assert canvas_from_json({"clips": [{"uri": "big.png"}]}, load).size == (12, 12)
    fitted = read(clips=[{"uri": "big.png", "fit": "cover"}])
    assert fitted.size == (8, 6)
    assert (fitted.known[0] == 1).all()


def test_whatever_is_loaded_is_asked_for_at_the_canvass_rate() -> None:
    asked: list[tuple[str, Fraction]] = []

    def load_and_tell(uri: str, rate_fps: Fraction) -> np.ndarray:
        asked.append((uri, rate_fps))
        return load(uri, rate_fps)

    document = {
        "rate_fps": 29.97,
        "clips": [{"uri": "clip.mp4"}, {"uri": "a.png", "region": {"shape": "picture", "uri": "clear.png"}}],
        "known": [{"value": 0, "clip": "mask.png"}],
        "cast": [{"name": "fox", "pictures": ["big.png"]}],
    }
    canvas_from_json(document, load_and_tell)
    assert {uri for uri, _ in asked} == set(MEDIA)
    assert {rate_fps for _, rate_fps in asked} == {Fraction(30000, 1001)}


def test_masks_by_clip() -> None:
    canvas = read(clips=[{"uri": "clip.mp4"}], known=[{"value": 0, "clip": "mask.png"}])
    assert (canvas.known[:3, :, :4] == 1).all()
    assert (canvas.known[:3, :, 4:] == 0).all()
    with pytest.raises(CanvasError, match=r"known\[0\]\.clip: this mask has 3 frames and its span 16"):
        read(known=[{"value": 0, "clip": "clip.mp4"}])


# What is wrong, and where


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            {"words": [{"text": "a"}, {"text": "b", "span": {"stop": 3}}]},
            'words[1].span: stop 3 s is after the end of the canvas (2 s); use "last" or at most 2 s',
        ),
        ({"word": []}, 'word: there is no such name here; did you mean "words"?'),
        ({"words": [{"txt": "a"}]}, 'words[0].txt: there is no such name here; did you mean "text"?'),
        (
            {"words": [{"text": "a", "zzz": 1}]},
            "words[0].zzz: there is no such name here; there are text, span, weight",
        ),
        ({"\x1b[2J": 1}, '"\\u001b[2J": there is no such name here'),
        ({"words": [{}]}, "words[0].text: is missing"),
        ({"words": {}}, "words: must be a valid list"),
        ({"words": [{"text": "a", "weight": "2"}]}, 'words[0].weight: must be a valid number, not "2"'),
        ({"words": [{"text": 3}]}, "words[0].text: must be a valid string, not 3"),
        ({"words": [{"text": "a\0"}]}, "words[0]: the text holds broken characters"),
        ({"words": [{"text": "a", "span": {"stop": "soon"}}]}, 'words[0].span.stop: "soon" is not a time'),
        (
            {"words": [{"text": "a", "span": {"stop": True}}]},
            "words[0].span.stop: a time is a number of seconds",
        ),
        ({"seed": 1.5}, "seed: must be a valid integer, not 1.5"),
        ({"seed": -1}, "seed: must be greater than or equal to 0, not -1"),
        ({"seed": 2**63}, "seed: must be less than or equal to 9223372036854775807"),
        ({"loop": 1}, "loop: must be a valid boolean, not 1"),
        ({"version": 2}, "version: must be 1, not 2"),
        ({"rate_fps": "fast"}, 'rate_fps: "fast" is not a frame rate; write 24, 29.97 or 30000/1001'),
        ({"frames": 3, "duration_s": 2}, "frames: give frames or duration_s, not both"),
        ({"frames": 100_001}, "frames: must be less than or equal to 100000"),
        ({"duration_s": 1e7, "rate_fps": 1000}, "10000000000 frames of 8x6 are more than fits here"),
        (
            {"frames": 99_999, "width_px": 9999, "height_px": 9999},
            "99999 frames of 9999x9999 are more than fits",
        ),
        ({"width_px": 10**9}, "width_px: must be less than or equal to 16384"),
        ({"camera": [{"pan": 101}]}, "camera[0].pan: must be less than or equal to 100, not 101"),
        ({"known": [{"value": 2}]}, "known[0].value: must be less than or equal to 1, not 2"),
        ({"known": [{"value": 1, "region": {}}]}, "known[0].region: shape is missing"),
        (
            {"known": [{"value": 1, "region": {"shape": "rectangl"}}]},
            'known[0].region: there is no shape "rectangl"; did you mean "rectangle"?',
        ),
        (
            {"known": [{"value": 1, "region": {"shape": "stroke", "points": [[0, 0], [0, 9]]}}]},
            "known[0].region.points[1][1]: must be less than or equal to 2, not 9",
        ),
        (
            {
                "known": [
                    {
                        "value": 1,
                        "region": {"shape": "rectangle", "left": 0.5, "top": 0, "right": 0, "bottom": 1},
                    }
                ]
            },
            "known[0].region: left must be less than right",
        ),
        (
            {
                "known": [
                    {"value": 1, "region": {"shape": "everything_but", "region": {"shape": "everything_but"}}}
                ]
            },
            "",
        ),
        (
            {"known": [{"value": 1, "clip": "a.png", "region": {"shape": "picture", "uri": "a.png"}}]},
            "known[0].clip:",
        ),
        (
            {"known": [{"value": 1, "clip": "no.png"}]},
            'known[0].clip: "no.png" could not be loaded: there is no',
        ),
        (
            {"tracks": [{"points": [[0, 0.5, 0.5], [0, 1, 1]]}]},
            "tracks[0].points[1]: frame 0 does not come after",
        ),
        ({"tracks": [{"points": [[0, 0.5]] * 2}]}, "tracks[0].points[0]"),
        ({"tracks": [{"points": [[0, 0, 0]] * 1001}]}, "tracks[0].points: must have at most 1000 items"),
        ({"cast": [{"name": "fox", "pictures": ["a.png", "no.png"]}]}, "cast[0].pictures[1]: "),
        ({"cast": [{"name": "fox", "pictures": []}]}, "cast[0].pictures: must have at least 1 item"),
        ({"clips": [{"uri": "no.png"}]}, 'clips[0].uri: "no.png" could not be loaded: there is no such file'),
        (
            {"clips": [{"uri": "a.png", "at": "2s"}]},
            'clips[0].at: 2 s is after the last frame (1.875 s); use "last"',
        ),
        (
            {"clips": [{"uri": "a.png", "fit": "crop"}]},
            "clips[0].fit: must be 'cover', 'contain' or 'stretch'",
        ),
        (
            {"clips": [{"uri": "a.png"}, {"uri": "big.png"}]},
            'clips[1]: it is 12x12 and the canvas 8x6; add "fit": "cover" (crops)',
        ),
        ({"clips": [{"uri": "clip.mp4"}], "frames": 2}, "clips[0].clip: it has 3 frames and the canvas 2"),
        (
            {"known": [{"value": 1}] * 300},
            "known[256].span: up to here 4112 frames are written to a canvas of 16",
        ),
        ({"clips": [{"uri": "a.png"}] * 300, "frames": 1}, "clips[256]: up to here 257 frames are written"),
    ],
)
def test_errors_say_where_and_what_would_be_right(document: dict[str, Any], message: str) -> None:
    with pytest.raises(CanvasError) as caught:
        read(**document)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no JSON document"),
        ("{", "this is no JSON document"),
        ("[]", "a canvas document is an object, such as"),
        ('"a fox"', "a canvas document is an object"),
        ('{"seed": 1, "seed": 2}', '"seed" is there twice in one object'),
        ('{"words": [{"text": "a", "text": "b"}]}', '"text" is there twice in one object'),
        ('{"seed": NaN}', "NaN is not a number that a canvas can hold"),
        ('{"duration_s": -Infinity}', "-Infinity is not a number"),
        ('{"duration_s": 1e999}', "duration_s: "),
        ('{"rate_fps": 1e999}', "rate_fps: "),
        ('{"camera": [{"pan": 1e999}]}', "camera[0].pan: "),
        ('{"camera": [{"pan": 1' + "0" * 4000 + "}]}", "camera[0].pan: "),
        ('{"rate_fps": 1' + "0" * 4000 + "}", "rate_fps: "),
        ('{"seed": ' + "1" * 5000 + "}", "this is no JSON document"),
        ("[" * 200_000, "this is no JSON document"),
        ('{"known":' * 50_000, "this is no JSON document"),
    ],
)
def test_hostile_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(CanvasError) as caught:
        canvas_from_json(text, load)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 400


def test_a_parsed_document_is_held_to_the_same() -> None:
    around: dict[str, Any] = {}
    around["words"] = [around]
    for document in ({"seed": float("nan")}, {"seed": object()}, {"words": {1, 2}}, around):
        with pytest.raises(CanvasError, match="no JSON document"):
            canvas_from_json(document, load)


def test_the_limit_on_volume_is_the_callers_to_lower() -> None:
    assert canvas_from_json({}, load, largest_volume=16 * 256 * 256).frames == 16
    with pytest.raises(CanvasError, match="more than fits here"):
        canvas_from_json({}, load, largest_volume=16 * 256 * 256 - 1)


def test_without_a_way_to_load_sound_it_is_refused() -> None:
    with pytest.raises(CanvasError, match=r"sound\.uri: there is no way to load a sound here"):
        canvas_from_json({"sound": {"uri": "a.wav"}}, load)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["words", "text", "span", "start", "known", "region", "shape", "clips", "uri", "points", "x"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["words", "known", "clips", "tracks", "cast", "camera", "rate_fps"]), json_values
    )
)
def test_any_json_is_a_canvas_or_a_canvas_error(document: dict[str, Any]) -> None:
    try:
        canvas = canvas_from_json(document, load)
    except CanvasError:
        return
    assert isinstance(canvas, Canvas)
