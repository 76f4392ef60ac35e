"""The reader's network: any length and size in whole patches, each clip on its own, and motion is legible."""

import pytest
import torch
import torch.nn.functional as F

from vitascope.model.reader import Reader, ReaderConfig

CONFIG = ReaderConfig({"thing": 5, "way": 2}, widths=(8, 16, 24), near_blocks=1, far_blocks=2)


def clips(count: int, frames: int = 16, height_px: int = 64, width_px: int = 64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(
        0, 256, (count, frames, height_px, width_px, 3), generator=generator, dtype=torch.uint8
    )


@pytest.mark.parametrize(
    ("frames", "height_px", "width_px"), [(16, 64, 64), (1, 64, 64), (18, 64, 112), (5, 72, 8)]
)
def test_any_shape_in_whole_patches(frames: int, height_px: int, width_px: int) -> None:
    read = Reader(CONFIG)(clips(3, frames, height_px, width_px))
    assert {name: logits.shape for name, logits in read.logits.items()} == {"thing": (3, 5), "way": (3, 2)}
    assert read.features_BD.shape == (3, 24)


def test_the_last_frame_stays_on() -> None:
    reader, some = Reader(CONFIG), clips(2, 6)
    held = torch.cat((some, some[:, -1:], some[:, -1:]), dim=1)
    assert torch.equal(reader(some).features_BD, reader(held).features_BD)


def test_bytes_and_floats_are_the_same_picture() -> None:
    reader, some = Reader(CONFIG), clips(2)
    read, again = reader(some), reader(some.float() / 127.5 - 1)
    assert torch.equal(read.features_BD, again.features_BD)


def test_each_clip_is_read_on_its_own() -> None:
    reader, some = Reader(CONFIG), clips(3)
    together, alone = reader(some), reader(some[1:2])
    assert torch.allclose(together.features_BD[1:2], alone.features_BD, atol=1e-5)
    assert torch.allclose(together.logits["thing"][1:2], alone.logits["thing"], atol=1e-5)


def test_which_way_things_go_can_be_learnt() -> None:
    """White squares that go left or right: no single frame says which."""
    torch.manual_seed(0)
    reader = Reader(CONFIG)
    optimiser = torch.optim.AdamW(reader.parameters(), lr=3e-3)
    for _ in range(80):
        pixels, way = squares(16)
        loss = F.cross_entropy(reader(pixels).logits["way"], way)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    pixels, way = squares(100)
    assert (reader(pixels).logits["way"].argmax(1) == way).float().mean() > 0.95


def squares(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Clips [B, 8, 32, 32, 3] in -1..1, and 0 for those that go left, 1 for right."""
    way = torch.randint(2, (count,))
    start = torch.rand(count, 1, 1, 1) * 0.4 - 0.2
    x = torch.linspace(-1, 1, 32)
    place = start + (2 * way.view(-1, 1, 1, 1) - 1) * torch.linspace(-0.5, 0.5, 8).view(1, -1, 1, 1)
    square = ((x - place).abs() < 0.3) & (x.view(-1, 1).abs() < 0.3)
    return square.unsqueeze(-1).expand(-1, -1, -1, -1, 3) * 2.0 - 1, way
