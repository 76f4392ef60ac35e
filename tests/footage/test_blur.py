"""blur: what is named is hidden in every frame, and nothing else changes."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import count, islice
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from vitascope.footage import Box, Footage, FootageError, MissingPart, load_part, unheard
from vitascope.footage.blur import Blur
from vitascope.footage.face_paths import FacePaths

cv2 = pytest.importorskip("cv2")
WIDTH_PX, HEIGHT_PX, RATE_FPS = 192, 108, Fraction(24)


def footage(frames: Iterable[np.ndarray], number: int | None = None) -> Footage:
    return Footage(frames=frames, width_px=WIDTH_PX, height_px=HEIGHT_PX, rate_fps=RATE_FPS, count=number)


def blurred(frames: list[np.ndarray], others: Any = None, **asked: Any) -> list[np.ndarray]:
    made = Blur(**asked).make(footage(frames, len(frames)), unheard, others or {})
    return [frame.copy() for frame in made.frames]


@pytest.fixture(scope="module")
def noise() -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (6, HEIGHT_PX, WIDTH_PX, 3), np.uint8))


class Passing:
    """A head over a photograph of coffee: it leaves to the right, is gone for a while, and comes back."""

    def __init__(self, hidden: Iterable[int] = ()) -> None:
        pictures = pytest.importorskip("skimage.data")
        self.hidden = set(hidden)
        self._behind = cv2.resize(pictures.coffee(), (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
        self._head = cv2.resize(pictures.astronaut()[20:220, 120:330], (84, 80), interpolation=cv2.INTER_AREA)
        y, x = np.mgrid[:80, :84]
        self._shape = ((x - 42) / 40) ** 2 + ((y - 40) / 40) ** 2 < 1

    def __len__(self) -> int:
        return 44

    def x_px(self, number: int) -> int:
        """The head's left edge: out at 9 px a frame, away for 14 frames, back."""
        return 80 + 9 * number if number < 22 else 80 + 9 * (43 - number)

    def face(self, number: int) -> tuple[slice, slice]:
        """The rows and columns of the face itself that are in the frame."""
        x_px = self.x_px(number)
        return np.s_[36:76, min(WIDTH_PX, x_px + 22) : min(WIDTH_PX, x_px + 62)]

    def __iter__(self) -> Iterator[np.ndarray]:
        for number in range(len(self)):
            wide = np.pad(self._behind, ((0, 0), (0, 400), (0, 0)), "edge")
            part = wide[14:94, self.x_px(number) : self.x_px(number) + 84]
            part[self._shape] = self._head[self._shape]
            if number in self.hidden:
                wide[:, : WIDTH_PX // 2 + 60] = 90  # something passes in front
            yield np.ascontiguousarray(wide[:, :WIDTH_PX])


def _finder_or_skip() -> Any:
    try:
        return load_part("face-finder")
    except MissingPart as missing:
        pytest.skip(str(missing))


def test_a_face_that_leaves_and_comes_back_is_hidden_in_every_frame() -> None:
    _finder_or_skip()
    clip = Passing()
    frames = list(clip)
    result = blurred(frames, style="solid")
    seen = 0
    for number, (frame, made) in enumerate(zip(frames, result, strict=True)):
        face = made[clip.face(number)]
        if face.size:
            seen += 1
            assert (face < 30).all(axis=2).mean() > 0.97, f"frame {number}"
        elif clip.x_px(number) > WIDTH_PX + 30:
            assert np.array_equal(frame, made), f"frame {number}"
    assert seen == 20


def test_a_face_behind_something_for_a_moment_stays_hidden() -> None:
    finder = _finder_or_skip()
    clip = Passing(hidden=(4, 5, 6))
    paths = FacePaths(finder, (WIDTH_PX, HEIGHT_PX), RATE_FPS)
    for frame in clip:
        paths.add(frame)
    for number in range(3, 8):
        rows, columns = clip.face(number)
        middle = (columns.start + columns.stop) / 2, (rows.start + rows.stop) / 2
        assert any(_holds(box, *middle) for box in paths.boxes(number)), f"frame {number}"


def test_no_box_crosses_a_cut() -> None:
    finder = _finder_or_skip()
    paths = FacePaths(finder, (WIDTH_PX, HEIGHT_PX), RATE_FPS)
    for frame in [*islice(Passing(), 3), *[np.full((HEIGHT_PX, WIDTH_PX, 3), 250, np.uint8)] * 3]:
        paths.add(frame)
    assert [len(paths.boxes(number)) for number in range(6)] == [1, 1, 1, 0, 0, 0]


def test_the_finder_finds_no_face_in_what_was_blurred() -> None:
    finder = _finder_or_skip()
    frames = list(islice(Passing(), 4))
    assert all(finder.faces(frame) for frame in frames)
    for style in ("gaussian", "pixelate", "solid"):
        assert not any(finder.faces(frame) for frame in blurred(frames, style=style))


@pytest.mark.parametrize("style", ["gaussian", "pixelate", "solid"])
@pytest.mark.parametrize("but", [False, True])
def test_only_the_region_changes(noise: list[np.ndarray], style: str, but: bool) -> None:
    region = np.zeros((HEIGHT_PX, WIDTH_PX), bool)
    region[27:54, 48:144] = True
    changes = region != but
    for frame, made in zip(
        noise, blurred(noise, what="rect:0.25,0.25,0.75,0.5", style=style, but=but), strict=True
    ):
        assert np.array_equal(frame[~changes], made[~changes])
        assert np.abs(frame[changes].astype(int) - made[changes]).mean() > 30
        assert made[changes].std() < 0.5 * frame[changes].std()


def test_more_strength_leaves_less(noise: list[np.ndarray]) -> None:
    left = [
        blurred(noise[:1], what="rect:0,0,1,1", strength=strength)[0].std()
        for strength in (0.02, 0.1, 0.5, 1.0)
    ]
    assert left == sorted(left, reverse=True)


@pytest.mark.parametrize(
    ("asked", "hidden"),
    [
        ({"start": "2f"}, {2, 3, 4, 5}),
        ({"stop": "2f"}, {0, 1}),
        ({"start": "1/24", "stop": "3/24"}, {1, 2}),
        ({"start": "first", "stop": "first"}, {0}),
    ],
)
def test_the_blur_lasts_as_long_as_asked(
    noise: list[np.ndarray], asked: dict[str, str], hidden: set[int]
) -> None:
    made = blurred(noise, what="rect:0,0,1,1", style="solid", **asked)
    assert {number for number, frame in enumerate(made) if not frame.any()} == hidden


def test_a_mosaic_stands_still_while_its_region_moves(noise: list[np.ndarray]) -> None:
    one, other = (
        blurred(noise[:1], what=f"rect:{left},0,{left + 0.5},1", style="pixelate", strength=0.6)[0]
        for left in (0.2, 0.25)
    )
    assert np.array_equal(one[:, 60:120], other[:, 60:120])


def test_a_followed_region_goes_with_what_it_marks() -> None:
    pytest.importorskip("vitascope.footage.lucas_kanade")
    texture = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8), (0, 0), 1.5)
    ground = cv2.GaussianBlur(
        np.random.default_rng(2).integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), np.uint8), (0, 0), 6
    )
    frames: list[np.ndarray] = []
    for number in range(16):
        frame = ground.copy()
        frame[30:70, 20 + 6 * number : 60 + 6 * number] = texture
        frames.append(frame)
    at = 8
    left = (20 + 6 * at) / WIDTH_PX
    region = f"rect:{left:.6f},{30 / HEIGHT_PX:.6f},{left + 40 / WIDTH_PX:.6f},{70 / HEIGHT_PX:.6f}"
    result = blurred(frames, what=region, follow=True, at=f"{at}f", style="solid", padding=0.2, shape="box")
    for number, made in enumerate(result):
        assert (made[30:70, 20 + 6 * number : 60 + 6 * number] < 30).mean() > 0.95, f"frame {number}"
        assert made[:20].any()


def test_the_background_is_blurred_around_a_marked_subject() -> None:
    ground = np.random.default_rng(2).integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    ground[30:80, 60:120] = (230, 40, 30)
    result = blurred([ground] * 3, what="background", subject=("rect:0.25,0.2,0.7,0.8",))
    for made in result:
        assert np.abs(made[40:70, 70:110].astype(int) - ground[40:70, 70:110]).max() <= 2
        assert made[:, 150:].std() < 0.4 * ground[:, 150:].std()


def test_a_mask_says_where(noise: list[np.ndarray]) -> None:
    white = np.zeros((HEIGHT_PX // 2, WIDTH_PX // 2, 3), np.uint8)
    white[:, :48] = 255
    mask = Footage(
        frames=[white], width_px=WIDTH_PX // 2, height_px=HEIGHT_PX // 2, rate_fps=RATE_FPS, count=1
    )
    for frame, made in zip(
        noise, blurred(noise, {"mask": mask}, what="mask", mask="m.png", style="solid"), strict=True
    ):
        assert not made[:, :90].any()
        assert np.array_equal(frame[:, 102:], made[:, 102:])


def test_frames_stream_one_by_one(noise: list[np.ndarray]) -> None:
    endless = (noise[number % 6] for number in count())
    made = Blur(what="rect:0,0,0.5,1").make(footage(endless), unheard, {})
    assert len(list(islice(made.frames, 20))) == 20


def test_a_report_can_stop_the_work(noise: list[np.ndarray]) -> None:
    def stop(stage: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Blur(what="rect:0,0,1,1").make(footage(noise), stop, {}).frames)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"what": "circle:1,2"}, "no region"),
        ({"what": "mask"}, "go together"),
        ({"mask": "m.png"}, "go together"),
        ({"what": "faces", "follow": True}, "only a region"),
        ({"what": "background", "but": True}, "the background is the subject"),
        ({"subject": ("anything",)}, "goes with"),
        ({"what": "background", "subject": ("the cat",)}, "people"),
        ({"start": "-3f"}, "counts from the end"),
        ({"start": "soon"}, "not a time"),
        ({"strength": 0}, "greater than 0"),
        ({"style": "swirl"}, "gaussian"),
    ],
)
def test_wrong_wishes_are_refused_at_once(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Blur(**asked)


def test_times_after_the_end_are_refused(noise: list[np.ndarray]) -> None:
    with pytest.raises(FootageError, match="6 frames"):
        blurred(noise, what="rect:0,0,1,1", start="6f")
    with pytest.raises(FootageError, match="later than start"):
        blurred(noise, what="rect:0,0,1,1", start="3f", stop="3f")
    lying = Blur(what="rect:0,0,1,1", start="9f").make(footage(noise, 100), unheard, {})
    with pytest.raises(FootageError, match="6 frames"):
        list(lying.frames)


def _holds(box: Box, x_px: float, y_px: float) -> bool:
    return box.x_px < x_px < box.x_px + box.width_px and box.y_px < y_px < box.y_px + box.height_px
