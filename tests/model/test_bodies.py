"""Things as bodies on the screen: what lies on them, and where in the world that is."""

import math

import torch

from vitascope.model.bodies import ABSENT, FACTS, Bodies, filmed, placed, seen_on, unfilmed
from vitascope.model.layout import Layout

LAYOUT = Layout(8, 8, 4)
STEP = 0.05  # frame heights a frame


def walking(*others: torch.Tensor) -> Bodies:
    """A square thing that goes to the right, its middle in the picture's at half time."""
    pose = torch.zeros(16, 5)
    pose[:, 0] = STEP * (torch.arange(16) - 7.5)
    pose[:, 3:] = math.log(0.2)
    return Bodies(torch.stack((pose, *others), 1)[None], 1.0, 8)


def test_a_place_on_a_body_is_there_again() -> None:
    bodies = torch.rand(50, 5) + 0.5
    place = torch.randn(50), torch.randn(50)
    for was, comes in zip(place, placed(seen_on(place, bodies), bodies), strict=True):
        assert torch.allclose(was, comes, atol=1e-5)


def test_a_body_turned_clockwise_has_its_right_side_below() -> None:
    quarter = torch.tensor([0.0, 0.0, math.pi / 2, 1.0, 2.0])
    row, column = placed((torch.tensor(0.0), torch.tensor(1.0)), quarter)
    assert torch.allclose(torch.stack((row, column)), torch.tensor([2.0, 0.0]), atol=1e-6)


def test_it_covers_what_is_inside_at_that_time() -> None:
    places = torch.tensor([[0.0, 0.0, -3.0], [0.0, 0.0, 0.0], [7.5, 0.0, 0.0], [7.5, 0.0, 2.0]])
    assert walking().cover(places).number_BN[0].tolist() == [0, -1, 0, -1]


def test_the_first_thing_is_nearest() -> None:
    behind = torch.zeros(16, 5)
    behind[:, 3:] = math.log(0.4)
    places = torch.tensor([[7.5, 0.0, 0.0], [7.5, 0.0, 2.5], [7.5, 3.9, 3.9]])
    assert walking(behind).cover(places).number_BN[0].tolist() == [0, 1, -1]


def test_what_is_on_a_thing_keeps_its_place_in_the_world() -> None:
    early = torch.tensor([[1.5, 0.5, -6 * STEP * 8]])
    late = torch.tensor([[13.5, 0.5, 6 * STEP * 8]])
    bodies = walking()
    home = torch.cat([bodies.in_world(place, place[None])[0] for place in (early, late)])
    assert torch.allclose(home[:, 1:], torch.tensor([0.5, 0.0]).expand(2, 2), atol=1e-5)
    assert home[:, 0].tolist() == [1.5, 13.5]


def test_beside_all_things_the_world_is_as_the_camera_has_it() -> None:
    places = LAYOUT.places()
    world = places[None] + 3
    nobody = Bodies(torch.tensor(ABSENT).expand(1, 16, 2, 5), 1.0, 8)
    assert torch.equal(nobody.in_world(places, world), world)
    assert not nobody.facts(places).any()


def test_tokens_are_told_how_fast_their_thing_goes() -> None:
    facts = walking().facts(torch.tensor([[7.5, 0.0, 0.0], [7.5, 3.0, 3.0]]))
    assert facts.shape == (1, 2, FACTS)
    assert torch.allclose(facts[0, 0, 6:8], torch.tensor([0.0, STEP * 8]), atol=1e-5)
    assert facts[0, 0, 0] == 1
    assert not facts[0, 1].any()


def test_a_still_camera_films_what_is_there() -> None:
    poses = torch.rand(1, 16, 3, 5)
    assert torch.allclose(filmed(poses, torch.zeros(1, 16, 4)), poses)


def test_a_camera_that_pans_right_and_nears_sees_things_go_left_and_grow() -> None:
    poses = torch.cat((torch.zeros(1, 2, 1, 5), torch.tensor(ABSENT).expand(1, 2, 1, 5)), 2)
    camera = torch.tensor([[[0.0, 0, 0, 0], [0.2, 0, math.log(2), 0]]])
    seen = filmed(poses, camera)
    assert torch.allclose(seen[0, 1, 0], torch.tensor([-0.4, 0, 0, math.log(2), math.log(2)]), atol=1e-6)
    assert torch.equal(seen[:, :, 1], poses[:, :, 1])


def test_what_a_camera_saw_is_where_it_was() -> None:
    poses = torch.cat((torch.randn(2, 6, 3, 5), torch.tensor(ABSENT).expand(2, 6, 1, 5)), 2)
    camera = torch.randn(2, 6, 4) * 0.4
    assert torch.allclose(unfilmed(filmed(poses, camera), camera), poses, atol=1e-4)
