"""A canvas that asks for a sound gets one, from those who make sounds; pictures never come to them."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.engine.humming import Humming
from tests.engine.talking import RATE_HZ, Talking, tone

from vitascope.canvas import Canvas, Sound
from vitascope.engine import (
    BrokenFiller,
    Cancelled,
    CannotFill,
    FillSettings,
    Progress,
    Report,
    ToyFiller,
    fill,
    fill_many,
    live,
    stream,
)
from vitascope.engine.matching import choose, reasons_against
from vitascope.tasks import image_to_video, sound, text_to_video

CLIP = np.random.default_rng(1).integers(0, 256, (7, 9, 11, 3), np.uint8)
HUM, TOY, TALK = Humming.capabilities, ToyFiller.capabilities, Talking.capabilities
BOTH = text_to_video("a fox").with_unknown_sound()


def test_pixels_stay_and_the_sound_is_as_long_as_they_are() -> None:
    canvas = sound("rain", CLIP, rate_fps="30000/1001", seed=5)
    filled = fill(canvas, Humming())
    assert filled.sound is not None
    assert np.array_equal(filled.pixels, CLIP)
    assert len(filled.sound.samples) == round(Fraction(7 * 1001, 30000) * 8000)
    assert replace(filled, sound=None) == canvas.with_sound(None)
    assert fill(filled, Humming()) is filled, "it is known everywhere now"


def test_several_at_once_and_pictures_beside_them() -> None:
    canvases = [sound(text, duration_s=s) for text, s in (("rain", 1), ("wind", 0.5), ("rain", 1))]
    filled = fill_many(canvases, Humming())
    lengths = [len(each.sound.samples) for each in filled if each.sound]
    assert lengths == [8000, 4000, 8000]
    assert filled[0] == filled[2] != filled[1]


def test_neither_gets_what_the_other_is_for() -> None:
    video, heard = text_to_video("a fox"), sound("a fox")
    with pytest.raises(CannotFill, match=r'"humming" makes sound and no pictures; these can: .*built-in'):
        fill(video, Humming())
    with pytest.raises(CannotFill, match='"toy" makes no sound, and this canvas asks for one; these can: '):
        fill(heard, ToyFiller())
    assert choose(video, {"humming": HUM, "toy": TOY}) == "toy"
    assert choose(sound("a fox", duration_s=2), {"toy": TOY, "humming": HUM}) == "humming"
    both = BOTH
    assert reasons_against(both, TOY) == ["makes no sound, and this canvas asks for one"]
    assert reasons_against(both, HUM) == ["makes sound once all pixels are known; fill them first"]


def test_what_it_lacks_is_said() -> None:
    assert reasons_against(sound("rain", duration_s=2), HUM) == []
    assert reasons_against(sound("rain", duration_s=2.5, negative="wind"), HUM) == [
        "makes at most 2 s of sound, and this is 2.5 s",
        "takes no negative words",
    ]
    silent = sound("", duration_s=1).with_loop()
    assert reasons_against(silent, HUM) == ["takes no loop"]
    assert reasons_against(text_to_video("a fox", negative="rain"), replace(TOY, negative=False)) == [
        "takes no negative words"
    ]


@pytest.mark.parametrize("rate_fps", [24, 8, "30000/1001"])
@pytest.mark.parametrize("frames", [2, 5, 14])
def test_pictures_and_their_sound_are_made_at_once(rate_fps: int | str, frames: int) -> None:
    """The sound is that of the same time, to the sample, whatever the filler's rate, and the pictures are the
    same as without it."""
    canvas = text_to_video("a fox", size=(50, 40), duration_s=frames / Fraction(rate_fps), rate_fps=rate_fps)
    filled = fill(canvas.with_unknown_sound(), Talking())
    assert filled.sound is not None
    assert filled.sound_known
    assert np.array_equal(filled.sound.samples, tone(round(canvas.duration_s * RATE_HZ)))
    assert filled.with_sound(None) == fill(canvas, Talking())


def test_what_is_known_stays_beside_a_new_sound() -> None:
    canvas = image_to_video(CLIP[0], "it rains", duration_s=1).with_unknown_sound()
    filled = fill(canvas, Talking())
    assert np.array_equal(filled.pixels[0], CLIP[0])
    assert filled.sound is not None
    assert fill(filled, Talking()) is filled


def test_a_sound_is_made_even_where_no_picture_must_be() -> None:
    """Beyond the last given frame nothing is left that the filler must paint, yet it has a sound to make."""
    known = np.repeat(np.float32([[[1]], [[0]]]), CLIP.shape[1], 1).repeat(CLIP.shape[2], 2)
    canvas = Canvas(CLIP[:2], known, Fraction(60))
    assert fill(canvas, Talking()).sound is None
    filled = fill(canvas.with_unknown_sound(), Talking())
    assert filled.sound is not None
    assert len(filled.sound.samples) == round(RATE_HZ / 30)
    assert np.array_equal(filled.pixels[0], CLIP[0])


def test_of_both_at_once_it_is_said_what_can_t_be() -> None:
    assert reasons_against(BOTH, TALK) == []
    assert reasons_against(text_to_video("a fox"), TALK) == []
    assert reasons_against(sound("rain"), TALK) == [
        "makes sound only with pictures that it paints, and these are all known"
    ]
    assert reasons_against(text_to_video("a fox", duration_s=3).with_unknown_sound(), TALK) == [
        "makes at most 2 s at 24 fps, and this is 3 s; longer only without a sound"
    ]
    assert reasons_against(text_to_video("a fox", duration_s=3), TALK) == []
    assert reasons_against(BOTH.with_loop(), TALK) == [
        "makes no sound whose end leads to its beginning, as a loop's does"
    ]
    deaf = replace(TALK, sound_with_pictures=False)
    assert reasons_against(BOTH, deaf) == ["makes no sound, and this canvas asks for one"]
    with pytest.raises(CannotFill, match=r"named with --filler, these could: .*talking"):
        choose(BOTH, {"toy": TOY, "talking": TALK})


class Mute(Talking):
    """Gives a tone of another length, or none."""

    def __init__(self, samples: int | None) -> None:
        self.samples = samples

    def _with_tone(self, canvas: Canvas) -> Canvas:
        return canvas if self.samples is None else canvas.with_sound(Sound(tone(self.samples), RATE_HZ))


def test_who_paints_and_breaks_its_promise_of_a_sound_is_named() -> None:
    with pytest.raises(BrokenFiller, match='"talking" was to make 16000 samples and gave 16001'):
        fill(BOTH, Mute(16001))
    with pytest.raises(BrokenFiller, match='"talking" was to make a sound and gave none'):
        fill(BOTH, Mute(None))


class Wrong(Humming):
    """Gives a sound of another length, or none."""

    def __init__(self, samples: int | None) -> None:
        self.samples = samples

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        some = None if self.samples is None else Sound(np.zeros((self.samples, 1)), 8000)
        return [canvas.with_sound(some) for canvas in canvases]


def test_a_filler_that_breaks_its_promise_is_named() -> None:
    with pytest.raises(BrokenFiller, match='"humming" was to make 8000 samples and gave 7999'):
        fill(sound("rain", duration_s=1), Wrong(7999))
    with pytest.raises(BrokenFiller, match="gave none"):
        fill(sound("rain", duration_s=1), Wrong(None))


def test_what_the_report_raises_comes_out() -> None:
    def report(progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fill(sound("rain", duration_s=1), Humming(), report=report)


def test_chunks_have_no_sound() -> None:
    with pytest.raises(CannotFill, match="fill"):
        stream(sound("rain", duration_s=1), Humming())
    with pytest.raises(CannotFill, match="fill"):
        live(sound("rain", CLIP, rate_fps=8), lambda: "rain", Humming())
