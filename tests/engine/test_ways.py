"""Where things go: along tracks, or as planned from the words."""

from dataclasses import replace
from fractions import Fraction

import pytest
import torch

import vitascope as vs
from vitascope.canvas import Canvas, Rectangle, Track
from vitascope.engine.ways import found_ways, planned_ways, tracked_ways
from vitascope.model.bodies import ABSENT
from vitascope.model.camera import View, camera_path
from vitascope.model.words import WordEncoder


def canvas(*tracks: Track) -> Canvas:
    return replace(vs.text_to_video("", size=(160, 90)), tracks=tracks)


def test_a_region_goes_along_its_track_as_a_box() -> None:
    track = Track((("first", 0.2, 0.6), ("last", 0.7, 0.6)), Rectangle(0.125, 0.375, 0.25, 0.75))
    poses = tracked_ways(canvas(track), [0, 15])[0, :, 0]
    # Its middle is 0.0125 left of and 0.0375 above the path.
    assert torch.allclose(poses[:, 0], torch.tensor([0.2 - 0.5, 0.7 - 0.5]), atol=0.02)
    assert torch.allclose(poses[:, 3:].exp(), torch.tensor([0.0625, 0.1875]).expand(2, 2))
    assert not poses[:, 2].any()


def test_of_a_track_without_a_region_no_body_is_known() -> None:
    track = Track((("first", 0.2, 0.6), ("last", 0.7, 0.6)))
    assert torch.equal(tracked_ways(canvas(track), [0, 1])[0, :, 0], torch.tensor(ABSENT).expand(2, 5))


@pytest.fixture(scope="module")
def words() -> torch.Tensor:
    return WordEncoder.load().encode(["a dog runs to the right in a meadow"])


def ways(words: torch.Tensor, frames: int, rate_fps: float, lap: int | None = None, pan: float = 0.0):
    sliders = torch.tensor([pan, 0, 0, 0]).expand(1, frames, 4)
    view = View(camera_path(sliders, rate_fps, lap), 8 / rate_fps, 8)
    return planned_ways(words, frames, rate_fps, lap, view, torch.Generator().manual_seed(3))


def test_the_plan_is_the_same_at_any_rate(words: torch.Tensor) -> None:
    slow, fast = ways(words, 16, 8), ways(words, 32, 16)
    assert torch.allclose(slow, fast[:, ::2], atol=1e-5)


def test_a_still_shows_the_middle_of_the_plan(words: torch.Tensor) -> None:
    assert torch.allclose(ways(words, 1, 8), ways(words, 16, 8)[:, 8:9], atol=1e-5)


def test_a_circle_of_any_length_takes_the_whole_plan(words: torch.Tensor) -> None:
    short, long = ways(words, 16, 8, lap=16), ways(words, 32, 8, lap=32)
    assert torch.allclose(short, long[:, ::2], atol=1e-5)


def test_a_fast_circle_goes_on_over_its_end(words: torch.Tensor) -> None:
    fast = ways(words, 32, 16, lap=32)[0, :, 0, :2]
    steps = torch.cat((fast, fast[:1])).diff(dim=0).norm(dim=-1)
    assert torch.allclose(steps[-2], steps[-1], rtol=0.05)
    assert steps[-1] < 1.5 * steps.max()


def test_a_camera_that_pans_along_sees_it_go_less(words: torch.Tensor) -> None:
    still, along = (ways(words, 16, 8, pan=pan)[0, :, 0, 0] for pan in (0.0, 0.5))
    gone = still[-1] - still[0]
    assert gone > 0
    assert float(gone - (along[-1] - along[0])) == pytest.approx(0.46 * 15 / 16, abs=1e-3)


def test_times_of_tracks_are_fractions() -> None:
    track = Track(((Fraction(0), 0.2, 0.6), (Fraction(1), 0.7, 0.6)), Rectangle(0.1, 0.4, 0.3, 0.8))
    poses = tracked_ways(canvas(track), [0, 4, 8, 12])[0, :, 0, 0]
    assert torch.allclose(poses.diff(), torch.tensor([0.25, 0.25, 0.0]), atol=1e-5)


def seen(*middles: tuple[float, float], size: int = 24) -> torch.Tensor:
    """Red discs on a meadow, -1..1 [n, 64, 64, 3]; their middles in pixels from that of the picture."""
    row, column = torch.meshgrid(torch.arange(64) - 31.5, torch.arange(64) - 31.5, indexing="ij")
    place = torch.where(
        (row < 10)[..., None], torch.tensor((-0.1, 0.4, 0.9)), torch.tensor((-0.4, 0.5, -0.6))
    )
    discs = [(row - y) ** 2 + (column - x) ** 2 < (size / 2) ** 2 for x, y in middles]
    return torch.stack([torch.where(d[..., None], torch.tensor((0.8, -0.6, -0.6)), place) for d in discs])


def test_a_thing_is_found_where_it_is() -> None:
    ways = found_ways(seen((-10, 5), (-6, 5)), [0, 1], 16)
    assert ways is not None
    assert torch.allclose(ways[0, 0, 0, :2], torch.tensor((-10, 5)) / 64, atol=0.03)
    assert torch.allclose(ways[0, 1, 0, :2], torch.tensor((-6, 5)) / 64, atol=0.03)
    assert torch.allclose(ways[0, 0, 0, 3:].exp(), torch.tensor((12.0, 12.0)) / 64, atol=0.03)
    assert ways[0, :, 0, 2].isnan().all()
    assert torch.equal(ways[0, 0, 1], torch.tensor(ABSENT))
    assert ways[0, 2:].isnan().all()


def test_nothing_is_found_in_an_empty_picture() -> None:
    assert found_ways(torch.full((1, 64, 64, 3), 0.3), [0], 16) is None


@pytest.mark.parametrize("pan", [0.0, 0.8])
def test_a_plan_goes_on_from_what_is_known_on_the_screen(words: torch.Tensor, pan: float) -> None:
    sliders = torch.tensor([pan, 0, 0, 0]).expand(1, 16, 4)
    view = View(camera_path(sliders, 8, None), 1.0, 8)
    known = found_ways(seen((-10, 5), (-7, 5), (-4, 5), (-1, 5)), [0, 1, 2, 3], 16)
    ways = planned_ways(words, 16, 8, None, view, torch.Generator().manual_seed(3), known)
    assert ways.shape[2] == 1
    assert torch.allclose(ways[0, :4, 0, :2], known[0, :4, 0, :2], atol=1e-4)
