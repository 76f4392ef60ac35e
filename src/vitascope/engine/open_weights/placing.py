"""Where a pipeline's weights lie while it runs: by how much memory is free, or as a person says.

Four modes, from the fastest to the smallest: everything on the GPU; quantised to 8 bits there; one component
at a time; layer by layer. Decoding in tiles comes with all but the first. Knows sizes and devices; no model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vitascope.engine.contracts import CannotFill
from vitascope.engine.open_weights import sharing

if TYPE_CHECKING:
    from vitascope.engine.open_weights.loading import How

Mode = Literal["whole", "quantised", "offloaded", "streamed", "cpu"]
MODES: tuple[Mode, ...] = ("whole", "quantised", "offloaded", "streamed", "cpu")

WORK_BYTES = 3 * 2**30
"""What activations take beside weights at the catalogue's sizes, decoding in tiles: a generous guess."""
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*gb?", re.IGNORECASE)


@dataclass(frozen=True)
class Sizes:
    """Bytes of a pipeline's components, by name, and which of them is asked at every step."""

    components: Mapping[str, int]
    denoisers: tuple[str, ...]

    @property
    def total(self) -> int:
        """All weights."""
        return sum(self.components.values())

    @property
    def largest(self) -> int:
        """The component that needs most room when it is alone."""
        return max(self.components.values(), default=0)

    @property
    def quantised(self) -> int:
        """All weights with the denoisers in 8 bits instead of 16."""
        return self.total - sum(self.components[name] for name in self.denoisers) // 2


def sizes_of(pipe: Any) -> Sizes:
    """What a pipeline's weights take."""
    import torch

    parts = {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}
    weigh = {
        name: sum(each.numel() * each.element_size() for each in (*part.parameters(), *part.buffers()))
        for name, part in parts.items()
    }
    denoisers = tuple(name for name in parts if name.startswith(("transformer", "unet")))
    return Sizes(weigh, denoisers)


def choose(sizes: Sizes, free_bytes: int) -> Mode:
    """The fastest mode that fits into so much memory of a GPU. Raises CannotFill where none does."""
    room = free_bytes - WORK_BYTES
    if sizes.total <= room:
        return "whole"
    if sizes.quantised <= room:
        return "quantised"
    if sizes.largest <= room:
        return "offloaded"
    if room >= 0:
        return "streamed"
    raise CannotFill(
        f"{free_bytes / 2**30:.1f} GB of GPU memory are free, and {WORK_BYTES / 2**30:.0f} GB are needed"
        " beside the weights; close what else uses the GPU, or say --memory cpu"
    )


def check(how: How) -> None:
    """Refuse what is no memory mode, before anything is loaded. Raises CannotFill."""
    if how.memory is not None and how.memory not in MODES and not _SIZE.fullmatch(how.memory):
        raise CannotFill(f'"{how.memory}" is no memory mode: a size ("12GB"), or one of {", ".join(MODES)}')


def place(pipe: Any, how: How) -> tuple[Mode, str]:
    """Put the weights where they fit: how, and that in a sentence."""
    import torch

    sizes = sizes_of(pipe)
    device = torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")
    mode = _mode(sizes, how, device.type)
    if mode != "whole":
        _tile(pipe)
    if mode == "cpu":
        return mode, f"{sizes.total / 1e9:.1f} GB of weights on the processor"
    if mode == "quantised":
        quantise(pipe, sizes.denoisers)
        pipe.to(device)
    elif mode == "whole":
        pipe.to(device)
    elif mode == "offloaded":
        pipe.enable_model_cpu_offload()
    else:
        pipe.enable_group_offload(onload_device=device, offload_type="leaf_level", use_stream=True)
    return mode, f"{sizes.total / 1e9:.1f} GB of weights, {_SAID[mode]}"


def _tile(pipe: Any) -> None:
    """Decode in tiles, where the autoencoder can; some have the method and nothing behind it."""
    try:
        pipe.vae.enable_tiling()
    except (AttributeError, NotImplementedError):
        return


_SAID: dict[Mode, str] = {
    "whole": "all on the GPU",
    "quantised": "all on the GPU, the denoiser in 8 bits",
    "offloaded": "one component on the GPU at a time",
    "streamed": "sent to the GPU layer by layer",
}


def quantise(pipe: Any, denoisers: tuple[str, ...]) -> None:
    """Denoisers' matrices in 8 bits, each row with a scale of its own (torchao, weights only)."""
    from torchao.quantization import (  # pyright: ignore[reportMissingTypeStubs]
        Int8WeightOnlyConfig,
        quantize_,
    )

    for name in denoisers:
        quantize_(getattr(pipe, name), Int8WeightOnlyConfig())


def _mode(sizes: Sizes, how: How, device: str) -> Mode:
    check(how)
    if how.memory in MODES:
        if device == "cpu" and how.memory != "cpu":
            raise CannotFill(
                f"the memory mode {how.memory} is for a GPU, and none is in sight; say --memory cpu"
            )
        return how.memory
    if device == "cpu":
        return "cpu"
    import torch

    free_bytes = sharing.least(torch.cuda.mem_get_info()[0])
    if how.memory is not None and (size := _SIZE.fullmatch(how.memory)):
        free_bytes = min(free_bytes, int(float(size[1]) * 2**30))
    return choose(sizes, free_bytes)
