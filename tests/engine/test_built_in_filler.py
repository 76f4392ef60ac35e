"""The built-in filler's own work: tokens, windows, words over time. Mostly with a tiny random network."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from vitascope.canvas import Camera, Canvas, Rectangle, Span
from vitascope.engine import Cancelled, FillSettings, Progress, fill, painter
from vitascope.engine.built_in_filler import BuiltInFiller
from vitascope.engine.forecast import Forecast, emptied
from vitascope.model.network import Network, NetworkConfig
from vitascope.model.words import WordEncoder

FAST = FillSettings(steps=2, precision="float32")


@pytest.fixture(scope="module")
def words() -> WordEncoder:
    return WordEncoder.load()


@pytest.fixture(scope="module")
def filler(words: WordEncoder) -> BuiltInFiller:
    torch.manual_seed(0)
    network = Network(NetworkConfig(width=64, depth=1, heads=1))
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return BuiltInFiller(network.eval().requires_grad_(False), words)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)


def small(frames: int = 16, **more: int) -> Canvas:
    return Canvas.blank(frames, 64, 64, 8, **more).with_words("a fox")


def test_the_same_seed_gives_the_same_pixels_alone_or_in_company(filler: BuiltInFiller) -> None:
    one, other = small(seed=1), small(seed=2)
    together = filler.fill([other, one], FAST, lambda _: None)
    (alone,) = filler.fill([one], FAST, lambda _: None)
    assert np.array_equal(together[1].pixels, alone.pixels)
    assert not np.array_equal(together[0].pixels, alone.pixels)


@pytest.mark.parametrize("at", ["first", 7, "last"])
def test_a_given_picture_comes_back_to_the_bit(filler: BuiltInFiller, at: str | int) -> None:
    picture = noise(64, 80)
    canvas = Canvas.blank(16, 64, 80, 8).with_picture(picture, at=at)
    filled = fill(canvas, filler, FAST)
    frame = {"first": 0, "last": 15}.get(at, at) if isinstance(at, str) else at
    assert np.array_equal(filled.pixels[frame], picture)


def test_given_regions_and_given_clips_reach_the_network(filler: BuiltInFiller) -> None:
    """What the sampler holds comes out of the painter itself, before fill() writes anything back."""
    clip = noise(16, 64, 64)
    for where in (Rectangle(0, 0, 0.5, 1), Rectangle(0.25, 0.25, 0.75, 0.8)):
        canvas = Canvas.blank(16, 64, 64, 8).with_clip(clip, known=where)
        (filled,) = filler.fill([canvas], FAST, lambda _: None)
        held = canvas.known == 1
        error = np.abs(filled.pixels[held].astype(int) - clip[held])
        assert error.max() <= 1
    start = Canvas.blank(16, 64, 64, 8).with_clip(clip[:6])
    (filled,) = filler.fill([start], FAST, lambda _: None)
    assert np.abs(filled.pixels[:6].astype(int) - clip[:6]).max() <= 1


def test_a_sketch_is_kept_the_more_the_better_it_is_known(filler: BuiltInFiller) -> None:
    clip = noise(16, 64, 64)
    distances = [
        np.abs(
            filler.fill([Canvas.blank(16, 64, 64, 8).with_clip(clip, known=level)], FAST, lambda _: None)[0]
            .pixels.astype(int)
            - clip
        ).mean()
        for level in (0.0, 0.5, 0.95, 1.0)
    ]  # fmt: skip
    assert distances[-1] < 1
    assert distances[1] <= distances[0] * 1.05


def test_long_clips_are_painted_in_windows_and_every_step_is_reported(filler: BuiltInFiller) -> None:
    seen: list[Progress] = []
    (filled,) = filler.fill([small(40)], FAST, seen.append)
    assert filled.frames == 40
    painting = [p for p in seen if p.stage == "painting"]
    assert [p.done for p in painting] == list(range(1, 7))
    assert {p.total for p in painting} == {6}
    assert all(p.preview is not None and p.preview.shape[1:] == (64, 64, 3) for p in painting)


def test_cancelling_stops_at_the_step(filler: BuiltInFiller) -> None:
    steps: list[int] = []

    def stop(progress: Progress) -> None:
        if progress.stage == "painting":
            steps.append(progress.done)
            raise Cancelled

    with pytest.raises(Cancelled):
        filler.fill([small()], FillSettings(steps=9), stop)
    assert steps == [1]


def test_words_may_change_over_time(filler: BuiltInFiller) -> None:
    plain = Canvas.blank(16, 64, 64, 8)
    both = plain.with_words("a fox", Span(0, 8)).with_words("a bus", Span(8, 16))
    (mixed,) = filler.fill([both], FAST, lambda _: None)
    (fox,) = filler.fill([plain.with_words("a fox")], FAST, lambda _: None)
    assert mixed.pixels.shape == fox.pixels.shape
    assert not np.array_equal(mixed.pixels, fox.pixels)


def test_camera_negative_and_guidance_reach_the_picture(filler: BuiltInFiller) -> None:
    plain = small()
    (before,) = filler.fill([plain], FAST, lambda _: None)
    for changed in (plain.with_camera(Camera(pan=80)), plain.with_negative("a bus")):
        (after,) = filler.fill([changed], FAST, lambda _: None)
        assert not np.array_equal(before.pixels, after.pixels)
    (unguided,) = filler.fill(
        [plain], FillSettings(steps=2, guidance=1.0, precision="float32"), lambda _: None
    )
    assert not np.array_equal(before.pixels, unguided.pixels)


@pytest.mark.parametrize(("width", "height"), [(64, 64), (112, 64), (64, 96), (256, 64)])
def test_shapes_are_kept(filler: BuiltInFiller, width: int, height: int) -> None:
    (filled,) = filler.fill([Canvas.blank(4, height, width, 8)], FAST, lambda _: None)
    assert filled.size == (width, height)


def test_a_still_is_one_frame(filler: BuiltInFiller) -> None:
    canvas = Canvas.blank(1, 64, 64, Fraction(8)).with_words("a fox")
    assert fill(canvas, filler, FAST).frames == 1


@pytest.mark.weights
def test_words_that_training_never_met_are_named(filler: BuiltInFiller) -> None:
    assert filler.unknown_words("a kitty hops over a pumpkin when it's dark") == ()
    assert filler.unknown_words("a dragon and a samurai on the beach") == ("dragon", "samurai")


def test_cast_and_tracks_reach_the_picture(filler: BuiltInFiller) -> None:
    plain = small(seed=3)
    told = (
        plain.with_cast("it", noise(40, 40)),
        plain.with_cast("it", noise(60, 30)),
        plain.with_track([("first", 0.2, 0.5), ("last", 0.8, 0.5)]),
        plain.with_track([("first", 0.2, 0.5), ("last", 0.8, 0.1)]),
        plain.with_loop(),
    )
    clips = [fill(canvas, filler, FAST).pixels for canvas in (plain, *told)]
    for number, clip in enumerate(clips):
        assert not any(np.array_equal(clip, other) for other in clips[:number])


def test_pictures_guide_as_far_as_they_are_asked_to(filler: BuiltInFiller) -> None:
    picture = noise(64, 64)
    canvas = small(seed=4).with_picture(picture)
    plain, one, three = (
        fill(canvas, filler, FillSettings(steps=2, precision="float32", picture_guidance=scale)).pixels
        for scale in (None, 1.0, 3.0)
    )
    assert np.array_equal(plain, one)
    assert not np.array_equal(plain, three)
    assert np.array_equal(three[0], picture)


def test_what_comes_before_a_clip_and_between_two_is_painted_from_both_sides(filler: BuiltInFiller) -> None:
    clip = noise(8, 64, 64)
    for at in ("first", "last", 16):
        canvas = Canvas.blank(40, 64, 64, 8).with_clip(clip, at=at)
        filled = fill(canvas, filler, FAST)
        held = canvas.known[:, 0, 0] == 1
        assert np.array_equal(filled.pixels[held], canvas.pixels[held])
        assert filled.pixels[~held].std(axis=(1, 2, 3)).min() > 0


def test_what_lies_between_frames_given_closely_is_made_of_them_alone() -> None:
    """No network is woken for it: flow does it better."""
    wide = np.kron(noise(1, 16, 24)[0], np.ones((4, 4, 1), np.uint8))
    clip = np.stack([wide[:, 4 * i : 4 * i + 64] for i in range(6)])  # a pan, 4 px a frame
    canvas = Canvas.blank(12, 64, 64, 16).with_clips((clip[i : i + 1], 2 * i, 1.0) for i in range(6))
    asleep = BuiltInFiller()
    filled = fill(canvas, asleep, FAST)
    assert asleep._network is None
    assert np.array_equal(filled.pixels[::2], clip)
    halfway = np.abs(filled.pixels[3].astype(float) - wide[:, 6:70])[8:-8, 8:-8].mean()
    assert halfway < 0.5 * np.abs(clip[1].astype(float) - wide[:, 6:70])[8:-8, 8:-8].mean()
    assert np.array_equal(filled.pixels[11], filled.pixels[10])  # nothing says what comes next


def test_a_loop_made_from_a_clip_is_closed_across_its_end(filler: BuiltInFiller) -> None:
    clip = noise(20, 64, 64)
    canvas = Canvas.blank(28, 64, 64, 8).with_clip(clip).with_loop()
    filled = fill(canvas, filler, FAST)
    assert np.array_equal(filled.pixels[:20], clip)


@pytest.mark.parametrize(
    ("where", "text", "empty"),
    [
        (Rectangle(0.3, 0.3, 0.7, 0.7), "", True),  # erase
        (Rectangle(0.3, 0.3, 0.7, 0.7), "a cat", False),  # replace
        (Rectangle(0.5, 0, 1, 1), "", False),  # expand: there is nothing around it to go by
    ],
)
def test_a_hole_without_words_begins_as_the_place_around_it(
    filler: BuiltInFiller, monkeypatch: pytest.MonkeyPatch, where: Rectangle, text: str, empty: bool
) -> None:
    seen: list[torch.Tensor] = []

    def watched(pixels: torch.Tensor, known: torch.Tensor) -> Forecast:
        seen.append(known)
        return emptied(pixels, known)

    monkeypatch.setattr(painter, "emptied", watched)
    clip = np.full((16, 64, 64, 3), (60, 160, 70), np.uint8)
    canvas = Canvas(clip, np.ones(clip.shape[:3], np.float32), Fraction(8)).with_known(
        where.coverage(64, 64) > 0, 0.0
    )
    filled = fill(canvas.with_words(text) if text else canvas, filler, FAST)
    assert bool(seen) == empty
    assert np.array_equal(filled.pixels[canvas.known == 1], clip[canvas.known == 1])
