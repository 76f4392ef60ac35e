"""Readers in files: what is saved is what reads, and what is no reader is refused in words."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from vitascope.evaluate.reading import ReadingError, TrainedReader, at_readers_size, save_reader
from vitascope.model.reader import Reader, ReaderConfig

LABELS = {"thing": ("fox", "cat", "dog"), "camera": ("static", "pan left")}


@pytest.fixture
def network() -> Reader:
    torch.manual_seed(0)
    reader = Reader(ReaderConfig({"thing": 3, "camera": 2}, widths=(8, 8, 16), near_blocks=1, far_blocks=2))
    for parameter in reader.parameters():  # what bfloat16 holds exactly, so that a file changes nothing
        parameter.data = parameter.data.bfloat16().float()
    return reader.eval()


def clips(count: int, side_px: int = 64) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 8, side_px, side_px, 3), np.uint8)


def test_a_saved_reader_reads_the_same(network: Reader, tmp_path: Path) -> None:
    save_reader(tmp_path / "new" / "reader.safetensors", network, LABELS, {"thing": 0.5})
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["reader.safetensors"]
    loaded = TrainedReader.load(tmp_path / "new" / "reader.safetensors")
    assert loaded.labels == {name: list(values) for name, values in LABELS.items()}
    assert loaded.scores == {"thing": 0.5}
    some, done = clips(19), list[int]()
    reading = loaded.read(some, done.append)
    assert done == [16, 19]
    direct = network(torch.from_numpy(some))
    assert np.allclose(reading.features_BD, direct.features_BD.detach().numpy(), atol=1e-5)
    assert reading.values["thing"].tolist() == direct.logits["thing"].argmax(1).tolist()
    assert reading.values["camera"].shape == (19,)


def test_what_is_no_reader_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match=r"missing: python -m vitascope\.train\.reading"):
        TrainedReader.load(tmp_path / "none.safetensors")
    (tmp_path / "text.safetensors").write_text("hello")
    with pytest.raises(ReadingError, match="is no reader"):
        TrainedReader.load(tmp_path / "text.safetensors")
    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors", {"config": "{}"})
    with pytest.raises(ReadingError, match="is no reader"):
        TrainedReader.load(tmp_path / "other.safetensors")


@pytest.mark.parametrize(
    ("height_px", "width_px", "size"),
    [(64, 64, (64, 64)), (256, 256, (64, 64)), (90, 160, (64, 112)), (40, 32, (80, 64))],
)
def test_clips_of_other_sizes_come_to_the_readers(
    height_px: int, width_px: int, size: tuple[int, int]
) -> None:
    y = (torch.arange(height_px).view(-1, 1, 1) + 0.5) / height_px
    ramp = (255 * y).byte().expand(2, 3, height_px, width_px, 3)
    scaled = at_readers_size(ramp)
    assert scaled.shape == (2, 3, *size, 3)
    wanted = (torch.arange(size[0]) + 0.5) / size[0] * 2 - 1
    assert (scaled[0, 0, :, 5, 0] - wanted).abs().max() < 0.04
