"""What makes each look what it is."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.train.world import vocab
from vitascope.train.world.styles import stylise


def picture(side_px: int = 64) -> Tensor:
    """A red disc before a sky and a meadow [1, 3, 2, H, W]."""
    at = (torch.arange(side_px) + 0.5) / side_px - 0.5
    y, x = at[:, None].expand(side_px, -1), at.expand(side_px, -1)
    image = torch.where(
        y < 0, torch.tensor([0.4, 0.7, 1.0])[:, None, None], torch.tensor([0.3, 0.7, 0.2])[:, None, None]
    )
    disc = ((0.25 - (x**2 + y**2).sqrt()) * side_px + 0.5).clamp(0, 1)
    return torch.lerp(image, torch.tensor([0.9, 0.1, 0.1])[:, None, None], disc)[None, :, None].repeat(
        1, 1, 2, 1, 1
    )


def styled(name: str, side_px: int = 64) -> Tensor:
    return stylise(picture(side_px), torch.tensor([vocab.STYLES.index(name)]))


def test_plain_is_the_picture_itself() -> None:
    assert torch.equal(styled("plain"), picture())


def test_every_picture_of_a_batch_gets_its_own_style() -> None:
    styles = torch.tensor([4, 0, 2, 4])
    batch = stylise(picture().repeat(4, 1, 1, 1, 1), styles)
    for row, style in zip(batch, styles.tolist(), strict=True):
        torch.testing.assert_close(row[None], styled(vocab.STYLES[style]))


@pytest.mark.parametrize("name", vocab.STYLES[1:])
def test_a_style_is_a_picture_that_does_not_flicker(name: str) -> None:
    image = styled(name)
    assert image.shape == picture().shape
    assert image.min() >= 0
    assert image.max() <= 1
    assert torch.equal(image[:, :, 0], image[:, :, 1])


def test_styles_differ_from_one_another() -> None:
    looks = [styled(name) for name in vocab.STYLES]
    for i, look in enumerate(looks):
        assert all((look - other).abs().mean() > 0.03 for other in looks[:i])


def test_pencil_has_no_colour_but_the_papers() -> None:
    image = styled("pencil sketch")
    assert (image.amax(1) - image.amin(1)).max() < 0.06
    assert image.mean() > 0.5


def test_neon_is_dark_with_bright_lines() -> None:
    image = styled("neon")
    assert image.median() < 0.25
    assert image.amax() > 0.9


def test_pixel_art_is_square_pixels_of_few_colours() -> None:
    image = styled("pixel art", 128)[0, :, 0]
    assert torch.equal(image, image[:, ::4, ::4].repeat_interleave(4, 1).repeat_interleave(4, 2))
    assert len(image.unique()) <= 5


def test_watercolour_leaves_the_papers_rim_white() -> None:
    image = styled("watercolour")[0, :, 0]
    rim = torch.cat((image[:, 0], image[:, -1], image[:, :, 0], image[:, :, -1]), 1)
    assert rim.min() > 0.95
    assert image[:, 32, 32].min() < 0.6


@pytest.mark.parametrize("name", vocab.STYLES[1:])
def test_a_style_is_the_same_at_every_size(name: str) -> None:
    small, large = styled(name)[:, :, 0], styled(name, 256)[:, :, 0]
    assert (F.interpolate(large, size=64, mode="area") - small).abs().mean() < 0.06
