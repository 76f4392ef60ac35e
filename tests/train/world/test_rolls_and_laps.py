"""Clips that a camera rolls through, and clips without an end."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vitascope.train.world import vocab
from vitascope.train.world.render import Render, render
from vitascope.train.world.scene import Mix, Scenes, sample
from vitascope.train.world.sprites import Atlas

Script = Callable[..., Scenes]

RICH = Mix(n_things=3, p_count=0.3, p_pair=0.2, p_bump=0.1, p_weather=0.4, p_cut=0.3, p_camera=0.7)
NAN = float("nan")


def sliders(count: int, pan: float = 0, tilt: float = 0, zoom: float = 0, roll: float = 0) -> Tensor:
    return torch.tensor([[pan, tilt, zoom, roll]], dtype=torch.float32).repeat(count, 1)


def middle_of_the_mask(made: Render, k: int = 0) -> Tensor:
    """Where the mask of a thing has its centre of mass [B, T, 2] in 0..1."""
    assert made.masks_BTHW is not None
    mask = (made.masks_BTHW == k).float()
    height_px, width_px = mask.shape[2:]
    total = mask.sum((2, 3)).clamp(min=1)
    x = (mask.sum(2) * (torch.arange(width_px) + 0.5)).sum(-1) / total / width_px
    y = (mask.sum(3) * (torch.arange(height_px) + 0.5)).sum(-1) / total / height_px
    return torch.stack((x, y), -1)


@pytest.mark.parametrize("size", [(48, 80), (64, 64), (80, 48)])
@pytest.mark.parametrize("seed", range(4))
def test_a_track_lies_on_its_mask_however_the_camera_moves(
    atlas: Atlas, script: Script, size: tuple[int, int], seed: int
) -> None:
    moves = torch.rand(4, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    moves[:3] *= 0.4
    scenes = script((0,), "stands still", size="small", scenes=3)
    made = render(
        scenes, atlas, frames=6, rate_fps=3, height_px=size[0], width_px=size[1], truth=True,
        camera=moves.repeat(3, 1),
    )  # fmt: skip
    tracks = made.tracks_BTK2[:, :, 0]
    half = made.scale_BTK[:, :, 0] * min(size) / 2
    edge = torch.tensor(size).flip(0) * torch.minimum(tracks, 1 - tracks)
    whole = edge.amin(-1) > half + 1  # else a part of it is outside, and the rest's middle is elsewhere
    assert whole.float().mean() > 0.5
    apart = (middle_of_the_mask(made) - tracks).abs() * torch.tensor(size).flip(0)
    assert apart[whole].max() < 0.75


def test_a_roll_turns_everything_around_the_middle(atlas: Atlas, script: Script) -> None:
    """The rolled picture is the upright one turned anticlockwise; so is every place on it."""
    scenes = script((1,), "stands still", "city", scenes=2)
    still = render(scenes, atlas, frames=1, start_s=1.0, height_px=160, width_px=160, truth=True)
    rolled = render(
        scenes,
        atlas,
        frames=1,
        start_s=1.0,
        height_px=160,
        width_px=160,
        truth=True,
        camera=sliders(2, roll=1),
    )
    angle = rolled.roll_BT[0, 0]
    assert angle == pytest.approx(torch.pi / 8)
    cos, sin = torch.cos(angle), torch.sin(angle)
    grid = torch.nn.functional.affine_grid(
        torch.tensor([[[cos, -sin, 0.0], [sin, cos, 0.0]]]).repeat(2, 1, 1),
        [2, 3, 160, 160],
        align_corners=False,
    )
    upright = still.pixels_BTHWC[:, 0].permute(0, 3, 1, 2).float()
    wanted = torch.nn.functional.grid_sample(upright, grid, align_corners=False)
    got = rolled.pixels_BTHWC[:, 0].permute(0, 3, 1, 2).float()
    inside = (grid.abs() < 0.97).all(-1)[:, None].expand_as(got)
    assert (wanted - got)[inside].abs().mean() < 4
    assert (upright - got)[inside].abs().mean() > 12
    torch.testing.assert_close(rolled.angle_BTK, still.angle_BTK - angle)
    x, y = (still.tracks_BTK2[:, 0, 0] - 0.5).unbind(-1)
    torch.testing.assert_close(
        rolled.tracks_BTK2[:, 0, 0] - 0.5, torch.stack((cos * x + sin * y, cos * y - sin * x), -1)
    )
    assert still.masks_BTHW is not None
    assert rolled.masks_BTHW is not None
    mask = (still.masks_BTHW[:, 0] == 0).float()[:, None]
    seen = torch.nn.functional.grid_sample(mask, grid, align_corners=False)[:, 0] > 0.5
    assert (seen != (rolled.masks_BTHW[:, 0] == 0)).float().mean() < 0.005


def test_shadows_and_ropes_turn_with_their_things(atlas: Atlas, script: Script) -> None:
    away = torch.full((1, 1, 2), 9.0)
    size = {"height_px": 96, "width_px": 96}
    for action in ("swings", "falls"):
        scenes = script((0,), action, "snow")
        changed: list[Tensor] = []
        for camera in (None, sliders(1, roll=1)):
            there, gone = (
                render(scenes, atlas, frames=1, start_s=0.9, camera=camera, carry_BT2=carry, **size)
                for carry in (None, away)
            )
            apart = there.pixels_BTHWC.float() - gone.pixels_BTHWC.float()
            changed.append(apart[0, 0].abs().mean(-1))
        angle = torch.tensor(torch.pi / 4 * 0.45)
        cos, sin = torch.cos(angle), torch.sin(angle)
        grid = torch.nn.functional.affine_grid(
            torch.tensor([[[cos, -sin, 0.0], [sin, cos, 0.0]]]), [1, 1, 96, 96], align_corners=False
        )
        wanted = torch.nn.functional.grid_sample(changed[0][None, None], grid, align_corners=False)[0, 0]
        inside = (grid.abs() < 0.97).all(-1)[0]
        assert (wanted - changed[1])[inside].abs().mean() < 0.12 * changed[0].mean()


@given(st.integers(0, 10**6))
@settings(max_examples=5)
def test_scenes_that_keep_their_own_cameras_do_not_change_in_company(atlas: Atlas, seed: int) -> None:
    scenes = sample(6, torch.Generator().manual_seed(seed), RICH, "any")
    camera = sliders(6, roll=0.5, zoom=-1)
    camera[::2] = NAN
    mixed, plain = render(scenes, atlas, camera=camera, truth=True), render(scenes, atlas, truth=True)
    assert (mixed.pixels_BTHWC[::2].int() - plain.pixels_BTHWC[::2].int()).abs().max() <= 2
    torch.testing.assert_close(mixed.tracks_BTK2[::2], plain.tracks_BTK2[::2])
    assert (mixed.roll_BT[::2] == 0).all()
    assert (mixed.roll_BT[1::2, 1:] > 0).all()


@pytest.mark.parametrize("rate_fps", [12, 24, 48])
def test_a_finer_clock_shows_the_same_moments(atlas: Atlas, script: Script, rate_fps: int) -> None:
    scenes = script((1,), "jumps", "city", scenes=2, camera="pan right", weather="snowfall")
    coarse = render(scenes, atlas, frames=8, rate_fps=4)
    fine = render(scenes, atlas, frames=7 * (rate_fps // 4) + 1, rate_fps=rate_fps)
    torch.testing.assert_close(coarse.t_BT, fine.t_BT[:, :: rate_fps // 4])
    apart = coarse.pixels_BTHWC.int() - fine.pixels_BTHWC[:, :: rate_fps // 4].int()
    assert apart.abs().max() <= 2


@pytest.mark.parametrize("weather", vocab.WEATHERS)
@pytest.mark.parametrize(("rate_fps", "lap_s"), [(8, 2.0), (12, 1.5), (7.5, 4.0)])
def test_the_second_round_shows_the_same_pixels(
    atlas: Atlas, script: Script, weather: str, rate_fps: float, lap_s: float
) -> None:
    frames = round(rate_fps * lap_s)
    for seed, action in enumerate(vocab.ACTIONS):
        things = (0, 1) if action == "bumps into" else (1,)
        scenes = script(things, action, weather=weather, seed=seed, second_place="desert", camera="zoom in")
        size = {"height_px": 24, "width_px": 32}
        made = render(scenes, atlas, frames=2 * frames, rate_fps=rate_fps, lap_s=lap_s, **size).pixels_BTHWC
        apart = made[:, :frames].int() - made[:, frames:].int()
        assert apart.abs().max() <= (0 if rate_fps == 8 else 3), action
        assert apart.abs().float().mean() < 0.01


def over_the_seam(path_BTC: Tensor, struck: bool) -> tuple[Tensor, Tensor]:
    """The step over a lap's seam over a large step inside [B], and the sharpest turn there over one inside.

    Large is what one in twenty exceeds; for what is struck, and at once goes another way, the largest of all.
    """
    step = torch.cat((path_BTC, path_BTC[:, :2]), 1).diff(dim=1)
    way, turn = step.norm(dim=-1), step.diff(dim=1).norm(dim=-1)
    n, large = path_BTC.shape[1], 1.0 if struck else 0.95
    ways = way[:, n - 1] / way[:, : n - 1].quantile(large, 1).clamp(min=1e-4)
    turns = turn[:, n - 2 : n].amax(1) / turn[:, : n - 2].quantile(large, 1).clamp(min=1e-4)
    return ways, turns


@pytest.mark.parametrize("action", vocab.ACTIONS)
@pytest.mark.parametrize("camera", [None, (0.6, -0.3, 0.4, 0.8)])
@pytest.mark.parametrize("lap_s", [2.0, 3.0])
def test_a_lap_has_no_seam_in_place_or_speed(
    atlas: Atlas, script: Script, action: str, camera: tuple[float, ...] | None, lap_s: float
) -> None:
    struck = action in ("bounces", "falls", "bumps into")
    scenes = script((0, 1) if action == "bumps into" else (1,), action, scenes=8)
    moves = None if camera is None else sliders(8, *camera)
    rate_fps = 16
    for start_s in (0.0, 0.4):  # the seam may be anywhere on the circle
        made = render(
            scenes, atlas, frames=round(lap_s * rate_fps), rate_fps=rate_fps, height_px=8, width_px=8,
            lap_s=lap_s, start_s=start_s, camera=moves,
        )  # fmt: skip
        angle = made.angle_BTK[:, :, :1]
        path = torch.cat((made.tracks_BTK2[:, :, 0], angle.cos(), angle.sin(), made.scale_BTK[:, :, :1]), -1)
        ways, turns = over_the_seam(path, struck)
        assert ways.max() < 1.5
        assert turns.max() < 1.5
        if action != "stands still":
            assert path.diff(dim=1).norm(dim=-1).amax(1).min() > 1e-3


@pytest.mark.parametrize("action", ["walks", "runs"])
def test_walkers_turn_round_where_they_come_back(atlas: Atlas, script: Script, action: str) -> None:
    scenes = script((1,), action, "space", scenes=2)
    made = render(scenes, atlas, lap_s=2.0, height_px=96, width_px=96, truth=True)
    pixels = made.pixels_BTHWC.float()
    yellow = (pixels[..., 0] > 180) & (pixels[..., 1] > 180) & (pixels[..., 2] < 100)
    columns = (torch.arange(96) + 0.5) / 96
    nose = (yellow.sum(2) * columns).sum(-1) / yellow.sum((2, 3)) - middle_of_the_mask(made)[..., 0]
    assert (nose[:, [0, 1, 2, 14, 15]] > 0.05).all()
    assert (nose[:, 6:11] < -0.05).all()


def test_a_lap_has_no_cut(atlas: Atlas, script: Script) -> None:
    cut, whole = (
        render(script((0,), "floats", "desert", second_place=second), atlas, lap_s=2.0)
        for second in ("city", "none")
    )
    assert torch.equal(cut.pixels_BTHWC, whole.pixels_BTHWC)
