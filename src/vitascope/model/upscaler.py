"""Four times as many pixels: a small network that redraws in 256 px what the transformer paints in 64 px.

All the thinking happens at the small size; only the last, light layer works at full size, so sixteen frames
cost a fraction of a second on one core. What it was trained to mend: blur, noise, and seams along the grid of
patches that the transformer paints in (train/degradations.py). Frames are redrawn one by one and always the
same way, so what stands still does not flicker. Knows nothing of canvases, `known` or any other files.

Residual blocks and sub-pixel upsampling as in EDSR (arXiv 1707.02921) and ESPCN (arXiv 1609.05158).

Axes: T frames, B pictures, C channels, h and w the small size, H and W the full size.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["TIMES", "Upscaler", "UpscalerConfig", "load_upscaler", "save_upscaler", "upscale"]

TIMES = 4
WEIGHTS = Path(__file__).parent / "weights" / "upscaler.safetensors"
CHUNK_PX = 4 * 64 * 64  # small pixels redrawn at a time: fits the cache, and keeps memory flat at any length
STRIP_PX = (
    256 * 1024
)  # a frame of more small pixels is redrawn in strips, so that memory is flat at any size too
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class UpscalerConfig:
    """The sizes of an `Upscaler`; saved beside its weights."""

    width: int = 48
    blocks: int = 6
    full_width: int = 12  # channels at full size
    patch_px: int = 8  # the grid on which the transformer's patches meet

    @property
    def reach_px(self) -> int:
        """How far, in small pixels, an input pixel can change the output."""
        return 2 * self.blocks + 3


class Block(nn.Module):
    """Two convolutions whose result is added to what came in; begins by adding nothing."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        _start(self.first)
        _silence(self.second)

    def forward(self, x_BChw: Tensor) -> Tensor:
        return x_BChw + self.second(F.silu(self.first(_normed(x_BChw))))


def _normed(x_BChw: Tensor) -> Tensor:
    """Every pixel's channels scaled to root mean square 1, or what the blocks add would grow out of hand."""
    x_BhwC = x_BChw.permute(0, 2, 3, 1)
    return F.rms_norm(x_BhwC, x_BhwC.shape[3:]).permute(0, 3, 1, 2)


def _start(layer: nn.Conv2d) -> None:
    """Keeps the spread of numbers from layer to layer; with torch's own, learning crawls."""
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")


def _silence(layer: nn.Conv2d) -> None:
    """Lets a layer begin with zeros: training starts from plain interpolation."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


class Upscaler(nn.Module):
    """Pictures [B, 3, h, w] in 0..1 -> [B, 3, 4 h, 4 w] in about 0..1; untrained it interpolates linearly."""

    def __init__(self, config: UpscalerConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or UpscalerConfig()
        C = config.width
        self.look = nn.Conv2d(3, C, 3, padding=1)
        # Where in its patch a pixel lies: seams are always on the same grid, so why search for them.
        self.place = nn.Parameter(torch.zeros(1, C, config.patch_px, config.patch_px))
        self.blocks = nn.ModuleList(Block(C) for _ in range(config.blocks))
        self.spread = nn.Conv2d(C, config.full_width * TIMES**2, 3, padding=1)
        self.finish = nn.Conv2d(config.full_width, 3, 3, padding=1)
        _start(self.look)
        _start(self.spread)
        _silence(self.finish)

    def forward(self, small_B3hw: Tensor) -> Tensor:
        h, w = small_B3hw.shape[-2:]
        p, dtype = self.config.patch_px, self.look.weight.dtype
        place = self.place.repeat(1, 1, -(-h // p), -(-w // p))[..., :h, :w]
        x = self.look((small_B3hw.to(dtype) - 0.5) * 4) + place
        for block in self.blocks:
            x = block(x)
        details = self.finish(F.silu(F.pixel_shuffle(self.spread(_normed(x)), TIMES)))
        smooth = F.interpolate(small_B3hw.float(), scale_factor=TIMES, mode="bilinear", align_corners=False)
        return smooth + details.float()


def save_upscaler(network: Upscaler, path: Path) -> None:
    """Writes weights as bfloat16 and the config beside them; the file appears whole or not at all."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".part")
    weights = {
        name: value.detach().cpu().bfloat16().contiguous() for name, value in network.state_dict().items()
    }
    save_file(weights, scratch, metadata={"config": json.dumps(asdict(network.config))})
    scratch.replace(path)


@lru_cache(maxsize=2)
def load_upscaler(path: Path = WEIGHTS, device: str = "cpu") -> Upscaler:
    """The trained upscaler, ready to run, from the package or another file. FileNotFoundError if absent."""
    from safetensors import safe_open

    if not path.exists():
        raise FileNotFoundError(f"the upscaler's weights are missing: {path}")
    with safe_open(path, "pt") as file:
        network = Upscaler(UpscalerConfig(**json.loads(file.metadata()["config"])))
        network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    dtype = torch.bfloat16 if device != "cpu" or _has_fast_bfloat16() else torch.float32
    return network.to(device, dtype).eval().requires_grad_(False)


def _has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself; elsewhere it is slower than float32."""
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))


def upscale(
    frames_THWC: NDArray[np.uint8],
    times: int = TIMES,
    report: Report | None = None,
    network: Upscaler | None = None,
) -> NDArray[np.uint8]:
    """Frames uint8 [T, h, w, 3] -> uint8 [T, times * h, times * w, 3], redrawn sharp; `times` is 4, or 2.

    Works through a few frames at a time. report(done, total) is told the frames done after each few; whatever
    it raises passes through. Raises ValueError for another shape, type or factor.
    """
    if frames_THWC.ndim != 4 or frames_THWC.shape[3] != 3 or frames_THWC.dtype != np.uint8:
        raise ValueError(
            f"frames must be uint8 [T, H, W, 3], not {frames_THWC.dtype} {list(frames_THWC.shape)}"
        )
    if times not in (2, TIMES):
        raise ValueError(f"times must be 2 or {TIMES}, not {times}")
    network = network or load_upscaler()
    T, h, w, _ = frames_THWC.shape
    full = np.empty((T, times * h, times * w, 3), np.uint8)
    at_once = max(1, CHUNK_PX // max(1, h * w))
    for start in range(0, T, at_once):
        chunk = frames_THWC[start : start + at_once]
        for top, redrawn_BHWC in _strips(network, chunk, times):
            full[start : start + len(chunk), top : top + redrawn_BHWC.shape[1]] = redrawn_BHWC
        if report is not None:
            report(start + len(chunk), T)
    return full


@torch.inference_mode()
def _strips(
    network: Upscaler, frames_BHWC: NDArray[np.uint8], times: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Redraws large frames in strips that overlap by the network's reach: (first full row, its rows) each."""
    B, h, w, _ = frames_BHWC.shape
    p = network.config.patch_px
    halo = -(-network.config.reach_px // p) * p
    rows = max(p, STRIP_PX // max(1, B * w) // p * p)
    device = network.look.weight.device
    for top in range(0, h, rows):
        above, bottom = min(halo, top), min(h, top + rows)
        part = np.ascontiguousarray(frames_BHWC[:, top - above : bottom + halo])
        small = torch.from_numpy(part).to(device).permute(0, 3, 1, 2).float() / 255  # stays channels last
        full = network(small)[..., TIMES * above : TIMES * (above + bottom - top), :]
        if times != TIMES:
            full = F.avg_pool2d(full, TIMES // times)
        pixels = (full.clamp(0, 1) * 255 + 0.5).to(torch.uint8)
        yield times * top, pixels.permute(0, 2, 3, 1).cpu().numpy()
