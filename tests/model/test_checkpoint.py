"""Weights go to a file and come back."""

from pathlib import Path

import pytest
import torch

from vitascope.model.checkpoint import load_network, save_network
from vitascope.model.network import Network, NetworkConfig


def test_weights_come_back_in_half_size(tmp_path: Path) -> None:
    config = NetworkConfig(width=64, depth=1, heads=1)
    network = Network(config)
    save_network(tmp_path / "w.safetensors", network.state_dict(), config, {"seen": "3"})
    back = load_network(tmp_path / "w.safetensors")
    assert back.config == config
    for name, tensor in network.state_dict().items():
        assert torch.equal(back.state_dict()[name], tensor.bfloat16().float())
    assert not any(parameter.requires_grad for parameter in back.parameters())


def test_absent_weights_say_what_makes_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="train_built_in"):
        load_network(tmp_path / "none.safetensors")


@pytest.mark.weights
def test_the_shipped_weights_load_and_are_small() -> None:
    from vitascope.model.checkpoint import WEIGHTS

    load_network()
    assert sum(path.stat().st_size for path in WEIGHTS.glob("*")) < 40 * 2**20
