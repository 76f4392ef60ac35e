"""How the camera moves, and what a window sees."""

from collections.abc import Callable

import pytest
import torch

from vitascope.train.world import vocab
from vitascope.train.world.camera import Window, camera_path
from vitascope.train.world.scene import Scenes

Script = Callable[..., Scenes]

TIMES = torch.linspace(0, 2, 17)


def path(scenes: Scenes, subject: torch.Tensor | None = None) -> torch.Tensor:
    t = TIMES.expand(len(scenes), -1)
    return camera_path(scenes, t, torch.zeros(*t.shape, 2) if subject is None else subject)


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
