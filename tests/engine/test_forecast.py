"""First guesses of frames that nobody gave: things go their ways, the place goes by."""

import math

import torch

from vitascope.engine.forecast import (
    BARED,
    EMPTIED,
    PLACE,
    THING,
    emptied,
    forecast,
    handing_over,
    portrayed,
    shaped,
    stands_still,
)
from vitascope.model.bodies import ABSENT

SIDE = 64
GREEN, RED = torch.tensor((-0.4, 0.5, -0.6)), torch.tensor((0.8, -0.6, -0.6))


def square(x: float, y: float, half: float = 0.1) -> torch.Tensor:
    """The pose [5] of an upright square."""
    return torch.tensor((x, y, 0.0, math.log(half), math.log(half)))


def picture(x: float, y: float, half: float = 0.1) -> tuple[torch.Tensor, torch.Tensor]:
    """A red square on a meadow with a blue stripe at its left side, [H, W, 3], and where the square is."""
    along = (torch.arange(SIDE) + 0.5) / SIDE - 0.5
    on = ((along - y).abs() < half)[:, None] & ((along - x).abs() < half)[None]
    place = GREEN.repeat(SIDE, SIDE, 1)
    place[:, :8] = torch.tensor((-0.8, -0.8, 0.8))
    return torch.where(on[..., None], RED, place), on


def going(way: list[torch.Tensor], camera: torch.Tensor | None = None, *, lap: bool = False):
    """The forecast of a first frame whose square goes this way."""
    first, on = picture(*way[0][:2].tolist())
    pixels = torch.zeros(len(way), SIDE, SIDE, 3)
    pixels[0] = first
    camera = torch.zeros(len(way), 4) if camera is None else camera
    return pixels, forecast(pixels, [0], on[None], torch.stack(way)[:, None], camera, lap=lap)


def test_what_is_given_stays_and_a_thing_goes_its_way() -> None:
    pixels, guess = going([square(0.0, 0.0), square(0.25, 0.125)])
    assert torch.equal(guess.frames_THWC[0], pixels[0])
    true, on = picture(0.25, 0.125)
    assert (guess.frames_THWC[1] - true).abs().mean() < 0.005  # a body's corners are round
    assert (guess.known_THW[0] == 1).all()
    assert (guess.known_THW[1][on] == THING).float().mean() > 0.9
    assert guess.known_THW[1, 32, 32] == BARED
    assert guess.known_THW[1, 60, 60] == PLACE


def test_a_thing_turns_and_grows() -> None:
    turned = square(0.0, 0.0, 0.2) + torch.tensor((0, 0, math.pi / 4, 0, 0))
    _, guess = going([square(0.0, 0.0), turned])
    red = (guess.frames_THWC[1] - RED).abs().amax(-1) < 0.2
    across = red.any(0).nonzero()[:, 0]
    assert across[-1] - across[0] > 0.45 * SIDE  # twice as wide, and on its corner: 0.57 less the round ones
    assert red[32, 32]
    assert not red[:16, :16].any()


def test_a_camera_passes_by() -> None:
    camera = torch.tensor([[0.0, 0, 0, 0], [0.125, 0, 0, 0]])
    _, guess = going([square(0.1, 0.0), square(0.1 - 0.125, 0.0)], camera)
    blue = guess.frames_THWC[1, 4, :, 2] > 0.5
    assert not blue[:8].any()  # the stripe is 8 px wide, and 8 px are gone to the right
    assert torch.allclose(guess.frames_THWC[1, 32, 30], RED, atol=0.02)


def test_where_no_thing_is_known_the_picture_stands() -> None:
    pixels, guess = going([torch.tensor(ABSENT), torch.tensor(ABSENT)])
    assert torch.allclose(guess.frames_THWC[1], pixels[0], atol=0.01)


def test_detail_is_kept_where_the_tone_is_the_same() -> None:
    checks = ((torch.arange(SIDE)[:, None] + torch.arange(SIDE)) % 2 - 0.5).repeat(3, 1, 1).permute(1, 2, 0)
    _, guess = going([torch.tensor(ABSENT)] * 2)
    guess = guess._replace(frames_THWC=torch.stack((checks, checks)))
    soft, other = torch.zeros(2, SIDE, SIDE, 3), torch.full((2, SIDE, SIDE, 3), 0.9)
    assert guess.detailed(soft)[1].std() > 0.9 * checks.std()
    assert torch.allclose(guess.detailed(other)[1], other[1], atol=0.2)
    assert torch.allclose(guess.detailed(soft, torch.tensor((1.0, 0.0)))[1], soft[1])


def test_a_forecast_is_handed_over_on_either_side_of_what_is_given() -> None:
    line, circle = (handing_over(16, [0], 8, lap=lap) for lap in (False, True))
    assert line[0] == 1 == circle[0]
    assert (line[1:8].diff() < 0).all()
    assert line[8:].abs().max() < 1e-5
    assert torch.allclose(circle[1], circle[15])


def test_a_place_that_moves_does_not_stand_still() -> None:
    torch.manual_seed(0)
    noise = torch.rand(1, SIDE, SIDE, 3) * 2 - 1
    nothing = torch.zeros(2, SIDE, SIDE, dtype=torch.bool)
    assert stands_still(noise.expand(2, -1, -1, -1), nothing)
    assert not stands_still(torch.cat((noise, noise.roll(2, 2))), nothing)


def test_a_portrait_is_shown_along_its_way_as_it_is_shaped() -> None:
    tall = torch.zeros(40, 20, 4)
    tall[..., 0], tall[..., 3] = 1, 1
    tall[:, :10, 3] = 0  # only its right half is there
    way = shaped(torch.stack((square(-0.25, 0.0), square(0.25, 0.0)))[:, None], [tall])
    wide, high = way[0, 0, 3:].exp().tolist()
    assert abs(high / wide - 2) < 1e-4
    assert abs(high * wide - 0.01) < 1e-4
    guess = portrayed([tall], way, SIDE, SIDE)
    for t, x in enumerate((-0.25, 0.25)):
        there = (guess.known_THW[t] == THING).nonzero()[:, 1].float() / SIDE - 0.5
        assert x < there.mean() < x + wide
        assert torch.allclose(
            guess.frames_THWC[t][guess.known_THW[t] > 0][:, 0], torch.tensor(1.0), atol=0.02
        )
    assert guess.known_THW.mean() < 0.05


def test_a_hole_shows_what_other_frames_saw_there() -> None:
    place, _ = picture(9.0, 9.0)
    pixels, known = place.repeat(3, 1, 1, 1), torch.ones(3, SIDE, SIDE)
    for t, left in enumerate((0, 6, 30)):
        pixels[t, 20:40, left : left + 12], known[t, 20:40, left : left + 12] = RED, 0
    guess = emptied(pixels, known)
    assert (guess.frames_THWC - place).abs().max() < 1e-3
    assert torch.equal(guess.known_THW, torch.where(known == 0, EMPTIED, 1.0))


def test_a_hole_that_is_never_bare_is_filled_from_around() -> None:
    place, _ = picture(9.0, 9.0)
    pixels, known = place.repeat(2, 1, 1, 1), torch.ones(2, SIDE, SIDE)
    pixels[:, 20:40, 30:42], known[:, 20:40, 30:42] = RED, 0
    assert (emptied(pixels, known).frames_THWC - place).abs().max() < 0.02
