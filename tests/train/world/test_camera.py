"""How the camera moves, and what a window sees."""

from collections.abc import Callable

import pytest
import torch

from vitascope.model.camera import View
from vitascope.model.camera import camera_path as of_sliders
from vitascope.train.world import vocab
from vitascope.train.world.camera import Moves, Window, camera_path, camera_roll
from vitascope.train.world.clock import Clock
from vitascope.train.world.render import render
from vitascope.train.world.scene import Scenes
from vitascope.train.world.sprites import Atlas

Script = Callable[..., Scenes]

TIMES = torch.linspace(0, 2, 17)


def path(
    scenes: Scenes, subject: torch.Tensor | None = None, sliders: torch.Tensor | None = None
) -> torch.Tensor:
    clock = Clock.of(scenes, TIMES.expand(len(scenes), -1))
    still = torch.zeros(len(scenes), len(TIMES), 2)
    return camera_path(Moves.of(scenes, sliders), clock, still if subject is None else subject)


def roll(scenes: Scenes, sliders: torch.Tensor | None, lap_s: float | None = None) -> torch.Tensor | None:
    return camera_roll(Moves.of(scenes, sliders), Clock.of(scenes, TIMES.expand(len(scenes), -1), lap_s))


def slid(pan: float = 0, tilt: float = 0, zoom: float = 0, roll: float = 0) -> torch.Tensor:
    return torch.tensor([[pan, tilt, zoom, roll]], dtype=torch.float32)


NAN = float("nan")


def test_a_static_camera_does_not_move(script: Script) -> None:
    assert (path(script()) == 0).all()


@pytest.mark.parametrize(
    ("name", "axis", "sign"),
    [("pan left", 0, -1), ("pan right", 0, 1), ("tilt up", 1, -1), ("tilt down", 1, 1)],
)
def test_pans_and_tilts_cross_a_third_to_two_thirds_of_the_frame(
    script: Script, name: str, axis: int, sign: int
) -> None:
    moved = path(script(camera=name, scenes=8))
    assert ((moved[:, 1:, axis] - moved[:, :-1, axis]) * sign > 0).all()
    way = (moved[:, -1, axis] - moved[:, 0, axis]) * sign
    assert ((way > 0.3) & (way < 0.65)).all()
    assert (moved[:, :, 1 - axis] == 0).all()
    assert (moved[:, :, 2] == 0).all()


@pytest.mark.parametrize(("name", "sign"), [("zoom in", 1), ("zoom out", -1)])
def test_zooms_are_one_and_a_half_to_twofold(script: Script, name: str, sign: int) -> None:
    log_zoom = path(script(camera=name, scenes=8))[..., 2]
    factor = torch.exp((log_zoom[:, -1] - log_zoom[:, 0]) * sign)
    assert ((factor > 1.5) & (factor < 2.0)).all()


def test_follow_keeps_the_subject_in_the_middle(script: Script) -> None:
    subject = torch.stack((torch.linspace(-1, 3, 17), torch.full((17,), 0.1)), -1)[None]
    assert torch.equal(path(script(camera="follow"), subject)[..., 0], subject[..., 0])


def test_every_camera_has_a_path_of_its_own(script: Script) -> None:
    subject = torch.stack((torch.linspace(-1, 1, 17), torch.zeros(17)), -1)[None]
    paths = [path(script(camera=name), subject) for name in vocab.CAMERAS]
    for i, one in enumerate(paths):
        assert all((one - other).abs().max() > 0.05 for other in paths[:i])


def test_the_shorter_side_is_the_unit() -> None:
    assert Window(64, 64).reach == (0.5, 0.5)
    assert Window(90, 160).reach == (pytest.approx(8 / 9), 0.5)
    assert Window(160, 90).reach == (0.5, pytest.approx(8 / 9))
    columns = Window(2, 4).columns(torch.device("cpu"))
    assert columns.tolist() == [-0.75, -0.25, 0.25, 0.75]


@pytest.mark.parametrize(
    ("name", "sliders"),
    [
        ("pan right", slid(pan=0.5)),
        ("pan left", slid(pan=-0.5)),
        ("tilt up", slid(tilt=0.5)),
        ("tilt down", slid(tilt=-0.5)),
        ("zoom in", slid(zoom=0.5)),
        ("zoom out", slid(zoom=-0.5)),
        ("static", slid()),
    ],
)
def test_half_a_slider_is_as_fast_as_the_named_camera_on_average(
    script: Script, name: str, sliders: torch.Tensor
) -> None:
    named = script(camera=name)
    named.noise_BP[:, 20] = 0.5
    torch.testing.assert_close(path(script(camera="follow"), sliders=sliders), path(named))


def test_sliders_are_linear_and_add_up(script: Script) -> None:
    def speed(sliders: torch.Tensor) -> torch.Tensor:
        return path(script(), sliders=sliders).diff(dim=1)

    torch.testing.assert_close(speed(slid(0.8, 0.4)), 4 * speed(slid(0.2, 0.1)), atol=1e-6, rtol=1e-3)
    log_zooms = [speed(slid(zoom=zoom))[..., 2] for zoom in (1.0, -0.25)]
    torch.testing.assert_close(log_zooms[0], -4 * log_zooms[1], atol=1e-6, rtol=1e-3)
    together = speed(slid(0.3, -0.2, 0.6))
    torch.testing.assert_close(together[..., :1], speed(slid(0.3))[..., :1])
    torch.testing.assert_close(together[..., 2], speed(slid(zoom=0.6))[..., 2])


@pytest.mark.parametrize("name", vocab.CAMERAS)
def test_a_row_of_nan_keeps_the_scenes_own_camera(script: Script, name: str) -> None:
    scenes = script(camera=name, scenes=2)
    subject = torch.rand(2, len(TIMES), 2)
    moved = path(scenes, subject, torch.cat((slid(NAN, NAN, NAN, NAN), slid(pan=1))))
    assert torch.equal(moved[0], path(scenes, subject)[0])
    assert not torch.equal(moved[1], path(scenes, subject)[1])


def test_a_roll_starts_upright_and_turns_45_degrees_in_a_clip(script: Script) -> None:
    for slider in (1.0, -0.5):
        angle = roll(script(), slid(roll=slider))
        assert angle is not None
        torch.testing.assert_close(angle[0], slider * torch.pi / 4 * TIMES / 2)
    assert roll(script(), None) is None
    assert roll(script(), slid(pan=1)) is None


@pytest.mark.parametrize("action", ["walks", "bumps into"])
def test_in_a_lap_the_camera_rolls_there_and_back(script: Script, action: str) -> None:
    angle = roll(script((0, 1), action), slid(roll=1), lap_s=2.0)
    assert angle is not None
    assert angle[0, [0, 8, 16]].abs().max() < 1e-5
    assert angle.max() == pytest.approx(-float(angle.min()), abs=1e-5)
    assert angle.max() > 0.1


@pytest.mark.parametrize(
    ("sliders", "words"), [(torch.zeros(2, 4), "pan, tilt, zoom, roll"), (slid(pan=1.5), r"-1\.\.1")]
)
def test_wrong_sliders_are_refused(script: Script, sliders: torch.Tensor, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Moves.of(script(), sliders)


@pytest.mark.parametrize("axis", range(4))
def test_what_stands_still_keeps_its_place_in_the_world(script: Script, atlas: Atlas, axis: int) -> None:
    count, frames, patches = 8, 16, 8
    sliders = torch.zeros(count, 4)
    sliders[:, axis] = torch.linspace(-1, 1, count)
    drawn = render(script(scenes=count), atlas, frames=frames, rate_fps=8, camera=sliders)
    at = (drawn.tracks_BTK2[:, :, 0].flip(-1) - 0.5) * patches
    time = torch.arange(float(frames)).view(1, frames, 1).expand(count, frames, 1)
    view = View(of_sliders(sliders[:, None].expand(-1, frames, -1), 8), 1.0, patches)
    world = view.in_world(torch.cat((time, at), -1))[..., 1:]
    assert (at - at.mean(1, keepdim=True)).abs().max() > 0.2
    assert (world - world.mean(1, keepdim=True)).abs().max() < 0.03  # what stands still breathes
