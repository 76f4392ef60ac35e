"""A toy box for the tests of the world: a few things of plain colours, and scripts written by hand."""

from collections.abc import Callable

import pytest
import torch

from vitascope.train.world import vocab
from vitascope.train.world.scene import K, P, Scenes
from vitascope.train.world.sprites import LEVELS_PX, Atlas

Script = Callable[..., Scenes]

RED_DISC, BLUE_CAR, GREEN_POST = 0, 1, 2


def _disc(side: int) -> torch.Tensor:
    at = (torch.arange(side) + 0.5) / side - 0.5
    cover = ((0.5 - (at[:, None] ** 2 + at**2).sqrt()) * side + 0.5).clamp(0, 1)
    return torch.stack((cover, cover * 0.1, cover * 0.1, cover))


def _box(side: int, aspect: float, rgb: tuple[float, float, float]) -> torch.Tensor:
    at = ((torch.arange(side) + 0.5) / side - 0.5).abs()
    cover = (at[:, None] <= min(1, 1 / aspect) / 2) * (at <= min(1, aspect) / 2) * 1.0
    return torch.stack([cover * c for c in (*rgb, 1.0)])


def _car(side: int) -> torch.Tensor:
    """Blue and twice as wide as tall; its right quarter, where it looks, is yellow."""
    picture = _box(side, 2.0, (0.1, 0.2, 1.0))
    front = picture[3, :, -side // 4 :]
    picture[:3, :, -side // 4 :] = torch.tensor([1.0, 1.0, 0.0])[:, None, None] * front
    return picture


@pytest.fixture(scope="session")
def atlas() -> Atlas:
    """A red disc, a blue car that looks to the right, a green post twice as tall as wide."""
    levels = {
        side: (torch.stack((_disc(side), _car(side), _box(side, 0.5, (0.1, 0.9, 0.1)))) * 255).byte()
        for side in LEVELS_PX
    }
    return Atlas(
        levels, torch.tensor([1.0, 2.0, 0.5]), torch.tensor([0, 1, 0]), torch.tensor([True, False, False])
    )


@pytest.fixture
def script() -> Script:
    """script(things=(0,), action="walks", ...): one scene, or several that differ in their noise alone."""

    def write(
        things: tuple[int, ...] = (RED_DISC,),
        action: str = "stands still",
        place: str = "meadow",
        scenes: int = 1,
        seed: int = 0,
        **more: str | int,
    ) -> Scenes:
        def column(name: str, names: tuple[str, ...], usual: str) -> torch.Tensor:
            return torch.full((scenes,), names.index(str(more.pop(name, usual))))

        same = len(set(things)) == 1
        relation = column("relation", vocab.RELATIONS, "none")
        made = Scenes(
            things_BK=torch.tensor([[*things, *[-1] * (K - len(things))]]).repeat(scenes, 1),
            action_B=torch.full((scenes,), vocab.ACTIONS.index(action)),
            place_B=torch.full((scenes,), vocab.PLACES.index(place)),
            daytime_B=column("daytime", vocab.DAYTIMES, "day"),
            weather_B=column("weather", vocab.WEATHERS, "clear"),
            camera_B=column("camera", vocab.CAMERAS, "static"),
            style_B=column("style", vocab.STYLES, "plain"),
            colour_B=column("colour", vocab.COLOURS, "own"),
            size_B=column("size", vocab.SIZES, "normal"),
            count_B=torch.full((scenes,), len(things) if same else 1),
            relation_B=relation,
            direction_B=torch.full((scenes,), int(more.pop("direction", 1))),
            second_place_B=column("second_place", ("none", *vocab.PLACES), "none") - 1,
            noise_BP=torch.rand(scenes, P, generator=torch.Generator().manual_seed(seed)),
        )
        assert not more, f"a script has no {', '.join(more)}"
        return made

    return write
