"""The network: shapes, what a token may see, and where things stand."""

from dataclasses import replace

import pytest
import torch

from vitascope.model.context import Context
from vitascope.model.layout import Layout
from vitascope.model.network import Network, NetworkConfig, Tokens
from vitascope.model.staging import still

SMALL = NetworkConfig(width=128, depth=2, heads=2, words_width=16)


def awake(seed: int = 0) -> Network:
    """A small network whose every parameter is random, so that nothing is hidden by zero starts."""
    torch.manual_seed(seed)
    network = Network(SMALL)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return network.eval().requires_grad_(False)


def told(count: int = 1) -> Context:
    camera = torch.zeros(count, 1, 5)
    camera[..., 0] = torch.nan
    return Context(torch.randn(count, 32, 16), camera_BC5=camera)


def tokens(layout: Layout, count: int = 1, **more: object) -> Tokens:
    frames = torch.randn(count, layout.frame_tokens, SMALL.frame_patch)
    tubelets = torch.randn(count, layout.tubelets * layout.per_frame, SMALL.tubelet_patch)
    clock = torch.rand(count, frames.shape[1] + tubelets.shape[1])
    return Tokens(frames, tubelets, clock, layout.places(), layout.grid, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "layout", [Layout(8, 8, 0, (0,)), Layout(8, 8, 4), Layout(4, 7, 3, (0, 11)), Layout(1, 1, 1)]
)
def test_predicts_a_patch_for_every_token(layout: Layout) -> None:
    asked = tokens(layout, 2)
    frames, tubelets = awake()(asked, told(2))
    assert frames.shape == asked.frames_BNP.shape
    assert tubelets.shape == asked.tubelets_BNP.shape


def test_a_fresh_network_predicts_mid_grey() -> None:
    frames, tubelets = Network(SMALL)(tokens(Layout(2, 2, 2, (0,))), told())
    assert not frames.any()
    assert not tubelets.any()


def test_block_causal_tokens_do_not_see_what_comes_later() -> None:
    layout, context, network = Layout(2, 2, 4), told(), awake()
    asked = tokens(layout, causal=True)
    later = asked.tubelets_BNP.clone()
    later[:, 8:] += 1
    _, before = network(asked, context)
    _, after = network(
        Tokens(asked.frames_BNP, later, asked.clock_BN, asked.places_N3, asked.grid, causal=True),
        context,
    )
    assert torch.equal(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 8:], after[:, 8:])


def test_on_a_circle_time_has_no_beginning() -> None:
    """Turning a looped clip by a whole number of tubelets turns the prediction with it."""
    layout, context, network = Layout(2, 2, 4), told(), awake()
    asked = tokens(layout, lap_frames=16.0)
    turned = Tokens(
        asked.frames_BNP,
        asked.tubelets_BNP.roll(4, 1),
        asked.clock_BN.roll(4, 1),
        asked.places_N3,
        asked.grid,
        lap_frames=16.0,
    )
    _, straight = network(asked, context)
    _, rolled = network(turned, context)
    torch.testing.assert_close(straight.roll(4, 1), rolled, atol=1e-4, rtol=1e-3)


def test_without_a_circle_time_has_a_beginning() -> None:
    layout, context, network = Layout(2, 2, 4), told(), awake()
    asked = tokens(layout)
    turned = Tokens(
        asked.frames_BNP,
        asked.tubelets_BNP.roll(4, 1),
        asked.clock_BN.roll(4, 1),
        asked.places_N3,
        asked.grid,
    )
    _, straight = network(asked, context)
    _, rolled = network(turned, context)
    assert not torch.allclose(straight.roll(4, 1), rolled, atol=1e-3)


def test_words_that_a_token_may_not_see_do_not_matter() -> None:
    layout, network = Layout(2, 2, 2), awake()
    asked, words = tokens(layout), torch.randn(1, 64, 16)
    mask = torch.zeros(8, 65, dtype=torch.bool)
    mask[:4, :32], mask[4:, 32:64], mask[:, 64] = True, True, True
    seen = Tokens(
        asked.frames_BNP,
        asked.tubelets_BNP,
        asked.clock_BN,
        asked.places_N3,
        asked.grid,
        context_mask_NM=mask,
    )
    camera = torch.zeros(1, 1, 5)
    _, one = network(seen, Context(words, camera_BC5=camera))
    swapped = words.clone()
    swapped[:, :32], swapped[:, 32:] = words[:, 32:], words[:, :32]
    _, other = network(seen, Context(swapped, camera_BC5=camera))
    assert not torch.allclose(one, other, atol=1e-4)


def test_every_condition_reaches_the_picture() -> None:
    layout, network = Layout(2, 2, 2), awake()
    asked, plain = tokens(layout), told()
    _, before = network(asked, plain)
    more = {
        "cast": {"cast_BSP": torch.randn(1, 16, 192), "cast_place_BS3": torch.rand(1, 16, 3)},
        "camera": {"camera_BC5": torch.rand(1, 1, 5)},
        "tracks": {"tracks_BR7": torch.tensor([[[0, 1, 1, 1, 2, 2, 1], [0, 5, 2, 2, 2, 2, 1.0]]])},
    }
    for name, planes in more.items():
        _, after = network(asked, Context(plain.words_BLW, **planes))
        assert not torch.allclose(before, after, atol=1e-5), name


def test_tubelets_begin_as_frames() -> None:
    """After the stills, a clip of four equal frames is predicted as the still would be, in every frame."""
    network = awake()
    network.tubelets_from_frames()
    picture = torch.randn(1, 4, 192)
    places = Layout(2, 2, 0, (0,)).places()
    clock = torch.rand(1, 4)
    none = torch.zeros(1, 0, 192)
    frames, _ = network(Tokens(picture, torch.zeros(1, 0, 768), clock, places, (2, 2)), told_zero := told())
    _, tubelets = network(Tokens(none, picture.repeat(1, 1, 4), clock, places, (2, 2)), told_zero)
    torch.testing.assert_close(tubelets, frames.repeat(1, 1, 4), atol=1e-4, rtol=1e-3)


def test_a_world_seen_by_a_still_camera_is_the_screen() -> None:
    layout, context, network = Layout(4, 4, 4, (0,)), told(), awake()
    asked = tokens(layout)
    seen = replace(asked, staging=still(layout, 1))
    for screen, world in zip(network(asked, context), network(seen, context), strict=True):
        assert torch.allclose(screen, world, atol=1e-5)


def test_where_the_camera_is_shifts_nothing_by_itself() -> None:
    """Places in the world count from each other: the same clip elsewhere in it is the same clip."""
    layout, context, network = Layout(4, 4, 4), told(), awake()
    asked, staging = tokens(layout), still(layout, 1)
    far = replace(staging, world_BN3=staging.world_BN3 + torch.tensor([0, 2.5, -2.5]))
    here, there = (network(replace(asked, staging=at), context) for at in (staging, far))
    assert torch.allclose(here[1], there[1], atol=1e-4)


def test_a_token_is_told_of_the_thing_beneath_it() -> None:
    layout, context, network = Layout(4, 4, 2, (0,)), told(), awake()
    asked, staging = tokens(layout), still(layout, 1)
    facts = staging.facts_BNX.clone()
    facts[:, 5] = 1
    plain, informed = (
        network(replace(asked, staging=replace(staging, facts_BNX=told_of)), context)
        for told_of in (staging.facts_BNX, facts)
    )
    assert not torch.allclose(plain[0][:, 5], informed[0][:, 5], atol=1e-4)
