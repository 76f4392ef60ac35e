"""Weights <-> safetensors files: small, with the sizes of the network in the header."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from vitascope.model.network import Network, NetworkConfig

__all__ = ["WEIGHTS", "load_network", "save_network"]

WEIGHTS = Path(__file__).parent / "weights"


def save_network(
    path: Path, weights: dict[str, Tensor], config: NetworkConfig, notes: dict[str, str]
) -> None:
    """Writes weights as bfloat16, with `config` and `notes` (data, compute, licence) in the header."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    small = {name: tensor.to(torch.bfloat16).contiguous() for name, tensor in weights.items()}
    save_file(small, path, metadata={"config": json.dumps(asdict(config)), **notes})


def load_network(path: Path | None = None, dtype: torch.dtype = torch.float32) -> Network:
    """The built-in network, ready to predict. FileNotFoundError says how to make absent weights."""
    from safetensors import safe_open

    path = path or WEIGHTS / "base.safetensors"
    if not path.exists():
        raise FileNotFoundError(f"no weights at {path}; runs/train_built_in.sh makes them")
    with safe_open(path, framework="pt") as file:
        config = NetworkConfig(**json.loads(file.metadata()["config"]))
        weights = {name: file.get_tensor(name).to(dtype) for name in file.keys()}  # noqa: SIM118  (not a dict)
    with torch.device("meta"):
        network = Network(config)
    network.load_state_dict(weights, assign=True)
    return network.eval().requires_grad_(False)
