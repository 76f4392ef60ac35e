"""What is wrong around things that move goes, and the things stay."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from vitascope.engine.halos import RING, entering, without_halos
from vitascope.engine.screen import on_any, places
from vitascope.model.bodies import ABSENT

SIDE, FRAMES = 64, 8
HALF = 0.13
STILL = torch.zeros(FRAMES, 4)


def clip(across: tuple[float, float]) -> tuple[Tensor, Tensor, Tensor]:
    """A pumpkin that goes across a meadow: frames [T, H, W, 3], where it is, its poses [T, 1, 5]."""
    row, column = places(SIDE, SIDE)
    meadow = torch.tensor((-0.4, 0.4, -0.5)) + 0.4 * row[..., None] + 0.1 * (20 * column[..., None]).sin()
    frames, things, poses = list[Tensor](), list[Tensor](), list[Tensor]()
    for t in range(FRAMES):
        x = across[0] + (across[1] - across[0]) * t / (FRAMES - 1)
        apart = ((column - x).square() + (row - 0.1).square()).sqrt()
        on = apart < HALF
        ribs = torch.tensor((0.9, -0.1, -0.8)) - 0.25 * (60 * (column[..., None] - x)).cos().clamp(min=0)
        frames.append(torch.where(on[..., None], ribs, meadow))
        things.append(on)
        poses.append(torch.tensor([[x, 0.1, 0.0, math.log(HALF), math.log(HALF)]]))
    return torch.stack(frames), torch.stack(things), torch.stack(poses)


def ringed(frames: Tensor, things: Tensor, poses: Tensor) -> Tensor:
    """The same with a pale ring around the thing, as wide as rings get; a gaudy one would be part of it."""
    place = places(SIDE, SIDE)
    ring = torch.stack([on_any(place, pose, 1.35) for pose in poses]) & ~things
    return torch.where(ring[..., None], 0.65 * frames + 0.35 * torch.tensor((0.2, 0.6, 0.9)), frames)


def test_rings_go_and_the_thing_stays() -> None:
    frames, things, poses = clip((-0.3, 0.3))
    painted = ringed(frames, things, poses)
    mended = without_halos(painted, poses, STILL)
    before, after = ((those - frames).abs().mean(-1) for those in (painted, mended))
    ring = before > 0.1
    assert after[ring].mean() < 0.5 * before[ring].mean()
    assert after[things].mean() < 0.05
    far = ~torch.stack([on_any(places(SIDE, SIDE), pose, RING) for pose in poses]).any(0)
    assert torch.equal(mended[:, far][:, :, 0], painted[:, far][:, :, 0])


@pytest.mark.parametrize("why", ["nothing is planned", "nothing is there"])
def test_where_no_thing_is_found_nothing_is_changed(why: str) -> None:
    frames, _, poses = clip((-0.3, 0.3))
    if why == "nothing is planned":
        poses = torch.tensor(ABSENT).expand(poses.shape)
    else:
        frames = frames[:, :1, :1].expand(frames.shape).contiguous()
    assert torch.equal(without_halos(frames, poses, STILL), frames)


def test_a_shadow_stays_beneath_its_thing() -> None:
    frames, _, poses = clip((-0.3, 0.3))
    row, column = places(SIDE, SIDE)
    shaded = frames.clone()
    for t in range(FRAMES):
        beneath = ((column - poses[t, 0, 0]).abs() < 0.08) & ((row - 0.1 - HALF - 0.03).abs() < 0.015)
        shaded[t] = torch.where(beneath[..., None], shaded[t] - 0.2, shaded[t])
    kept = without_halos(shaded, poses, STILL) - without_halos(frames, poses, STILL)
    was = shaded - frames
    assert kept.sum() < 0.5 * was.sum() < 0


def test_what_comes_in_is_taken_from_where_it_is_seen() -> None:
    """Of eight frames the first four show less of it than the others."""
    frames, things, poses = clip((-0.5, 0.2))
    outside = torch.zeros_like(things)
    outside[:4, :, :20] = things[:4, :, :20]
    streaked = torch.where(outside[..., None], torch.tensor((0.0, 0.0, 0.0)), frames)
    mended = entering(streaked, outside, poses)
    assert (streaked - frames)[outside].abs().mean() > 0.3
    assert (mended - frames)[outside].abs().mean() < 0.12
    assert torch.equal(mended[~outside], frames[~outside])
