"""The mixing of what is seen between two frames."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vitascope.model.inbetweener import GUESSES, Inbetweener, InbetweenerConfig, seen

TINY = InbetweenerConfig(widths=(4, 6, 8), blocks=(1, 1, 1))


def moment(height: int, width: int, chance: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Two frames of noise, guesses and a share."""
    generator = torch.Generator().manual_seed(chance)
    frames = torch.rand(2, 1, 3, height, width, generator=generator)
    guesses = torch.randn(1, GUESSES, height, width, generator=generator) * 2
    guesses[:, 6:9] = torch.rand(1, 3, height, width, generator=generator)
    return frames[0], frames[1], guesses, torch.rand(1, generator=generator) * 0.8 + 0.1


def picture(network: Inbetweener, first: Tensor, second: Tensor, guesses: Tensor, share: Tensor) -> Tensor:
    views = seen(first, second, guesses, share)
    return network(views, guesses, share).picture(views, first, second, guesses, share)


def test_untrained_it_mixes_as_guessed() -> None:
    first, second, guesses, share = moment(12, 16)
    made = picture(Inbetweener(TINY), first, second, guesses, share)
    views, weight = seen(first, second, guesses, share), guesses[:, 6:7]
    assert (made - (weight * views[0] + (1 - weight) * views[1])).abs().mean() < 0.03


def test_whole_steps_are_read_to_the_bit() -> None:
    first, second, guesses, _ = moment(12, 16)
    guesses[:] = 0
    guesses[:, 0], guesses[:, 10] = 4, 1  # right from first to second; bent downward
    by_first, by_second, *rest = seen(first, second, guesses, torch.tensor([0.5]))
    assert torch.allclose(by_first[..., 1:, 2:], first[..., :-1, :-2], atol=1e-5)
    assert torch.allclose(by_second[..., 1:, :-2], second[..., :-1, 2:], atol=1e-5)
    for view, frame in zip(rest, (first, second) * 3, strict=True):
        assert torch.allclose(view, frame, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 21), st.integers(1, 21), st.integers(0, 1000))
def test_every_size_is_mixed_within_the_range_of_its_frames(height: int, width: int, chance: int) -> None:
    network = Inbetweener(TINY)
    torch.nn.init.normal_(network.say.weight, generator=torch.Generator().manual_seed(chance))
    first, second, guesses, share = moment(height, width, chance)
    made = picture(network, first, second, guesses, share).detach()
    assert made.shape == (1, 3, height, width)
    both = torch.cat((first, second))
    assert float(both.min()) <= float(made.min()) <= float(made.max()) <= float(both.max())


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    network = Inbetweener(TINY)
    torch.nn.init.normal_(network.say.weight)
    path = tmp_path / "inbetweener.safetensors"
    network.save(path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    loaded = Inbetweener.load(path)
    assert loaded.config == TINY
    for name, weight in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight.bfloat16().float())


def test_absent_weights_say_what_makes_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"train\.inbetweening makes them"):
        Inbetweener.load(tmp_path / "none.safetensors")
