"""The upscaler: what holds for any weights, and what the shipped ones can do."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vitascope.model import upscaler
from vitascope.model.upscaler import Upscaler, UpscalerConfig, load_upscaler, save_upscaler, upscale
from vitascope.train.degradations import _patchwise

TINY = UpscalerConfig(width=8, blocks=2, full_width=4)


def any_network(seed: int = 0) -> Upscaler:
    """A small network with random weights everywhere, also where it would begin with zeros."""
    torch.manual_seed(seed)
    network = Upscaler(TINY)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    return network.eval().requires_grad_(False)


def any_frames(frames: int, height_px: int, width_px: int) -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (frames, height_px, width_px, 3), dtype=np.uint8)


def disc(side_px: int) -> NDArray[np.float64]:
    """An orange disc with a dark rim on a blue ground, edges anti-aliased: [side, side, 3] in 0..255."""
    y, x = (np.mgrid[:side_px, :side_px] + 0.5) / side_px - 0.47
    from_middle = np.hypot(x, y * 1.2)
    cover = np.clip((np.array([0.33, 0.30]) - from_middle[..., None]) * side_px + 0.5, 0, 1)
    ground, rim, orange = np.array([70, 130, 210]), np.array([40, 20, 30]), np.array([240, 150, 40])
    picture = ground + cover[..., :1] * (rim - ground)
    return picture + cover[..., 1:] * (orange - rim)


def as_frame(picture: NDArray[np.float64]) -> NDArray[np.uint8]:
    return picture.clip(0, 255).round().astype(np.uint8)[None]


def smaller(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    side_px = picture.shape[0] // 4
    return picture.reshape(side_px, 4, side_px, 4, 3).mean((1, 3))


def bicubic(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    x = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    full = F.interpolate(x, scale_factor=4, mode="bicubic", align_corners=False).clamp(0, 255)
    return full.permute(0, 2, 3, 1).double().numpy()


def error(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    return float(np.sqrt(np.square(a.astype(float) - b.astype(float)).mean()))


def sharpness(picture: NDArray[np.generic]) -> float:
    """The steepest steps between neighbours: what the eye takes for an edge."""
    return float(np.quantile(np.abs(np.diff(picture.astype(float), axis=-2)), 0.995))


def _step_at_seams(picture: NDArray[np.generic]) -> float:
    """The mean step down over the rows about the patches' borders, which are 32 rows apart at full size."""
    steps = np.abs(np.diff(picture.astype(float), axis=0)).mean((1, 2))
    return float(np.mean([steps[border - 3 : border + 2].max() for border in range(32, len(picture), 32)]))


def test_untrained_it_interpolates_linearly() -> None:
    x = torch.rand(2, 3, 12, 20)
    linear = F.interpolate(x, scale_factor=4, mode="bilinear", align_corners=False)
    assert torch.equal(Upscaler(TINY)(x), linear)


@given(st.integers(1, 3), st.integers(1, 40), st.integers(1, 40), st.sampled_from((2, 4)))
@settings(max_examples=15)
def test_any_size_comes_back_larger(frames: int, height_px: int, width_px: int, times: int) -> None:
    full = upscale(any_frames(frames, height_px, width_px), times, network=any_network())
    assert full.shape == (frames, times * height_px, times * width_px, 3)
    assert full.dtype == np.uint8


@pytest.mark.parametrize("times", [2, 4])
def test_strips_of_a_large_frame_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    frames, network = any_frames(2, 75, 30), any_network()
    whole = upscale(frames, times, network=network).astype(int)
    monkeypatch.setattr(upscaler, "STRIP_PX", 2 * 16 * 30)
    in_strips = upscale(frames, times, network=network).astype(int)
    # Another blocking of the same sums may round the other way, by one level of 256.
    assert np.abs(whole - in_strips).max() <= 1


def test_reach_is_as_far_as_a_pixel_can_be_felt() -> None:
    network, x = any_network().double(), torch.zeros(1, 3, 1, 41, dtype=torch.float64)
    touched = x.clone()
    touched[..., 0] = 1
    felt = _details(network, touched) != _details(network, x)
    furthest_px = int(felt.nonzero()[:, -1].max()) // 4
    assert furthest_px <= TINY.reach_px
    assert furthest_px >= TINY.reach_px - 2


def _details(network: Upscaler, x: torch.Tensor) -> torch.Tensor:
    """The network without what is interpolated, in double precision."""
    y = network.look(x)
    for block in network.blocks:
        y = block(y)
    return network.finish(F.silu(F.pixel_shuffle(network.spread(upscaler._normed(y)), 4)))


def test_progress_counts_every_frame_and_may_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upscaler, "CHUNK_PX", 2 * 16 * 16)
    told: list[tuple[int, int]] = []
    upscale(
        any_frames(5, 16, 16), report=lambda done, total: told.append((done, total)), network=any_network()
    )
    assert told == [(2, 5), (4, 5), (5, 5)]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upscale(any_frames(5, 16, 16), report=stop, network=any_network())


@pytest.mark.parametrize(
    ("frames", "times", "says"),
    [
        (np.zeros((4, 4, 3), np.uint8), 4, r"\[4, 4, 3\]"),
        (np.zeros((1, 4, 4, 4), np.uint8), 4, r"\[1, 4, 4, 4\]"),
        (np.zeros((1, 4, 4, 3), np.float32), 4, "float32"),
        (np.zeros((1, 4, 4, 3), np.uint8), 3, "not 3"),
    ],
)
def test_what_it_cannot_redraw_is_refused(frames: NDArray[np.generic], times: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        upscale(frames, times, network=any_network())  # pyright: ignore[reportArgumentType]


def test_no_frames_give_no_frames() -> None:
    assert upscale(np.zeros((0, 8, 8, 3), np.uint8), network=any_network()).shape == (0, 32, 32, 3)


def test_saved_weights_come_back(tmp_path: Path) -> None:
    network, frames = any_network(), any_frames(1, 16, 16)
    save_upscaler(network, tmp_path / "some" / "weights.safetensors")
    again = load_upscaler(tmp_path / "some" / "weights.safetensors")
    assert again.config == TINY
    rounded = network.bfloat16().to(again.look.weight.dtype)
    assert np.array_equal(upscale(frames, network=again), upscale(frames, network=rounded))
    assert [p.name for p in (tmp_path / "some").iterdir()] == ["weights.safetensors"]


def test_absent_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.safetensors"):
        load_upscaler(tmp_path / "none.safetensors")


@pytest.mark.weights
class TestShippedWeights:
    """Pictures nobody trained on, drawn here."""

    def test_they_are_light(self) -> None:
        assert upscaler.WEIGHTS.stat().st_size <= 2 << 20
        assert sum(p.numel() for p in load_upscaler().parameters()) <= 1_000_000

    def test_edges_are_nearer_the_truth_and_sharper_than_bicubic(self) -> None:
        true = disc(256)
        small = as_frame(smaller(true))
        ours, peer = upscale(small)[0], bicubic(small)[0]
        assert error(ours, true) < 0.85 * error(peer, true)
        assert sharpness(ours) > 1.3 * sharpness(peer)

    def test_patches_that_do_not_quite_agree_are_made_to(self) -> None:
        true = disc(256)
        small = torch.from_numpy(smaller(true) / 255).permute(2, 0, 1)[None].float()
        none, some = torch.zeros(1, 1, 1, 1), torch.full((1, 1, 1, 1), 0.15)
        uneven = _patchwise(small, none, some, torch.Generator().manual_seed(4))[0].permute(1, 2, 0)
        frames = as_frame(uneven.double().numpy() * 255)
        ours, peer = upscale(frames)[0], bicubic(frames)[0]
        ground, first_rows = true[0, 0], np.s_[:40, :]  # above the disc
        assert error(ours[first_rows], ground) < 0.9 * error(peer[first_rows], ground)
        assert _step_at_seams(ours[:, :28]) < 0.6 * _step_at_seams(peer[:, :28])

    def test_pixel_art_stays_pixel_art(self) -> None:
        drawn = (disc(32) / 64).round().clip(0, 3) * 64
        big_pixels = drawn.repeat(8, 0).repeat(8, 1)
        small = as_frame(smaller(big_pixels))
        assert error(upscale(small)[0], big_pixels) < 0.8 * error(bicubic(small)[0], big_pixels)

    def test_grey_stays_grey(self) -> None:
        grey = smaller(disc(256)).mean(-1, keepdims=True).repeat(3, 2)
        ours = upscale(as_frame(grey))[0].astype(int)
        assert (ours.max(-1) - ours.min(-1)).mean() < 3

    def test_what_stands_still_does_not_flicker(self) -> None:
        still = as_frame(smaller(disc(256))).repeat(9, 0)  # nine: the last chunk is a short one
        ours = upscale(still).astype(int)
        assert np.abs(np.diff(ours, axis=0)).max() <= 1
