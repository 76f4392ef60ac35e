"""The stills filler as fill() and stream() see it."""

import numpy as np
import pytest
from tests.engine.stills.scenes import still, textured

from vitascope.canvas import Camera, Canvas, Rectangle, Span, parse_camera
from vitascope.engine import (
    Cancelled,
    CannotFill,
    Filler,
    Progress,
    StreamsFrames,
    fill,
    filler_for,
    in_windows,
    load_filler,
    stream,
)
from vitascope.engine.stills.filler import StillsFiller
from vitascope.tasks import image_to_video, keyframes, loop

STILLS = StillsFiller()
PHOTO = still()


def begun(text: str = "", seconds: float = 1, rate: int = 12, camera: str = "", seed: int = 0) -> Canvas:
    move = parse_camera(camera) if camera else None
    return image_to_video(PHOTO, text, duration_s=seconds, rate_fps=rate, camera=move, seed=seed)


def changes(canvas: Canvas) -> list[float]:
    """Mean difference of each frame from the one before."""
    pixels = fill(canvas, STILLS).pixels.astype(int)
    return np.abs(np.diff(pixels, axis=0)).mean((1, 2, 3)).tolist()


def test_it_comes_through_the_door() -> None:
    filler = load_filler("stills")
    assert isinstance(filler, Filler)
    assert isinstance(filler, StreamsFrames)
    assert filler.capabilities == StillsFiller.capabilities


@pytest.mark.parametrize(
    "text", ["", "push in", "orbit left", "a light sweep", "it floats", "ken burns", "nonsense"]
)
def test_it_starts_with_the_picture_and_without_a_jump(text: str) -> None:
    canvas = begun(text, rate=30)
    filled = fill(canvas, STILLS)
    assert np.array_equal(filled.pixels[0], PHOTO)
    steps = changes(canvas)
    assert steps[0] < 0.6 * max(steps), "it starts at rest"
    assert max(steps) > 0.2, "it moves"
    assert np.abs(np.diff(steps)).max() < 0.6 * max(steps), "and gathers pace"


def test_several_pictures_are_each_there_at_their_time() -> None:
    pictures = [(0, PHOTO), (12, still(chance=1)[:, ::-1]), (23, textured())]
    canvas = keyframes(pictures, "push in", duration_s=2, rate_fps=12)
    filled = fill(canvas, STILLS)
    for frame, picture in pictures:
        assert np.array_equal(filled.pixels[frame], picture)
    between = filled.pixels[6].astype(int)
    assert all(np.abs(between - picture).mean() > 1 for _, picture in pictures)
    steps = changes(canvas)
    assert max(steps[11:13]) < 2 * np.median(steps) + 1, "no jump at a picture"


def test_pictures_in_the_middle_and_at_the_end() -> None:
    for at in (5, "last"):
        canvas = Canvas.blank(12, 90, 160, 12).with_picture(PHOTO, at=at).with_camera(Camera(pan=10))
        filled = fill(canvas, STILLS)
        frame = 5 if at == 5 else 11
        assert np.array_equal(filled.pixels[frame], PHOTO)
        assert not np.array_equal(filled.pixels[frame - 1], filled.pixels[frame - 3])


def test_frames_given_close_together_are_dissolved() -> None:
    canvas = Canvas.blank(5, 90, 160, 24).with_picture(PHOTO, at=0).with_picture(textured(), at=4)
    middle = fill(canvas, STILLS).pixels[2].astype(int)
    assert np.abs(middle - (PHOTO.astype(int) + textured()) / 2).max() <= 1


def test_a_loop_leads_back() -> None:
    canvas = loop(picture=PHOTO, duration_s=1, rate_fps=12).with_words("orbit, floating")
    filled = fill(canvas, STILLS).pixels.astype(int)
    steps = [np.abs(filled[i] - filled[i - 1]).mean() for i in range(12)]
    assert steps[0] < 1.5 * max(steps[1:])
    assert np.array_equal(filled[0], PHOTO)


def test_a_stream_is_the_whole_and_no_length_needs_windows() -> None:
    canvas = begun("push in, light sweep", seconds=20, rate=6)
    assert in_windows(canvas, StillsFiller.capabilities)
    chunks = list(stream(canvas, STILLS, window_s=4))
    assert {len(chunk) for chunk in chunks} == {1}
    assert np.array_equal(np.concatenate(chunks), fill(canvas, STILLS).pixels)


def test_the_same_canvas_and_seed_give_the_same_pixels() -> None:
    first, second = fill(begun(), StillsFiller()), fill(begun(), StillsFiller())
    assert np.array_equal(first.pixels, second.pixels)
    assert not np.array_equal(first.pixels, fill(begun(seed=1), STILLS).pixels)


def test_no_edge_is_blank() -> None:
    """A white picture under every camera: a pixel from outside of it would be dark."""
    white = np.full((45, 80, 3), 255, np.uint8)
    for camera in (
        "pan left 100",
        "tilt up 100",
        "zoom out 100",
        "roll 100",
        "pan 100, tilt -100, roll -60, zoom -80",
    ):
        canvas = image_to_video(white, duration_s=1, rate_fps=8, camera=parse_camera(camera))
        assert fill(canvas, STILLS).pixels.min() >= 254, camera


def test_a_still_camera_gives_the_picture() -> None:
    filled = fill(begun(camera="static"), STILLS)
    assert all(np.array_equal(frame, PHOTO) for frame in filled.pixels)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (33, 17)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    picture = textured(*size)
    filled = fill(image_to_video(picture, "push in", duration_s=0.5), STILLS)
    assert np.array_equal(filled.pixels[0], picture)


def test_words_hold_for_their_time() -> None:
    canvas = Canvas.blank(24, 90, 160, 12).with_picture(PHOTO)
    canvas = canvas.with_words("static camera", Span(None, 12)).with_words("pan left", Span(12))
    filled = fill(canvas, STILLS).pixels
    assert np.array_equal(filled[11], PHOTO)
    assert not np.array_equal(filled[18], PHOTO)


def test_nothing_given_and_parts_of_frames_are_refused() -> None:
    with pytest.raises(CannotFill, match="nothing given"):
        fill(Canvas.blank(4, 16, 16, 8), "stills")
    part = Canvas.blank(4, 16, 16, 8).with_picture(
        np.zeros((16, 16, 3), np.uint8), known=Rectangle(0, 0, 0.5, 1)
    )
    with pytest.raises(CannotFill, match="parts of frames given"):
        fill(part, "stills")


def test_a_photo_is_for_it_and_the_toy_world_and_footage_are_not() -> None:
    def chosen(width_px: int, height_px: int, *at: int) -> str:
        picture = np.zeros((height_px, width_px, 3), np.uint8)
        canvas = Canvas.blank(60, height_px, width_px, 24)
        for frame in at or (0,):
            canvas = canvas.with_picture(picture, at=frame)
        return filler_for(canvas).name

    assert chosen(1920, 1080) == "stills"
    assert chosen(8000, 300) == "stills"
    assert chosen(256, 256) == "built-in"
    assert chosen(1920, 1080, 0, 59) == "stills"
    assert chosen(1280, 720, 0, 1, 2) == "built-in"
    assert chosen(1280, 720, *range(0, 60, 2)) == "built-in"
    blank = Canvas.blank(8, 1080, 1920, 8)
    assert filler_for(blank).name == "built-in"
    assert filler_for(blank.with_picture(np.zeros((1080, 1920, 3), np.uint8)), "toy").name == "toy"


def test_it_reports_and_can_be_stopped() -> None:
    seen: list[Progress] = []
    fill(begun(), STILLS, report=seen.append)
    assert [(p.done, p.total) for p in seen if p.stage == "moving"] == [(n + 1, 12) for n in range(12)]

    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        fill(begun(), STILLS, report=stop)


def test_it_says_which_words_it_does_not_read() -> None:
    assert STILLS.unknown_words("push in while it rains") == ("rains",)
