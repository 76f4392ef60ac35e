"""The spacetime transformer: noisy patches, their clocks and a context in; clean patches out.

A token is a patch of 8 x 8 pixels of one frame (a "frame token") or of four frames (a "tubelet").
Every token has a clock of its own: 0 is noise, 1 is clean. A known token's clock stands at 1, so
"given" needs no mask channel and no second network. This module knows nothing of canvases,
samplers, losses or files; `layout` says which tokens a canvas has, `flow` what the clocks mean.

Axes: B canvases, N tokens, M context tokens, D width, H heads, K head width, P numbers in a patch.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitascope.model.bodies import FACTS
from vitascope.model.carrying import put, taken
from vitascope.model.context import Context, ContextEncoder
from vitascope.model.patches import fourier
from vitascope.model.pyramid import Pyramid, PyramidConfig
from vitascope.model.rotary import rotate, rotation
from vitascope.model.staging import Staging
from vitascope.model.waves import from_waves, waves

__all__ = ["Network", "NetworkConfig", "Tokens"]


PASSING = 4.0  # a camera at its fastest passes by half a patch in a frame


@dataclass(frozen=True)
class NetworkConfig:
    """The sizes of a `Network`; saved beside its weights."""

    width: int = 256
    depth: int = 6
    heads: int = 4
    patch_px: int = 8
    tubelet_frames: int = 4
    words_width: int = 384
    bottleneck: int = 128
    hidden_ratio: int = 4
    fine: int = 48
    coarse: int = 96

    @property
    def frame_patch(self) -> int:
        """Numbers in the patch of one frame."""
        return 3 * self.patch_px**2

    @property
    def tubelet_patch(self) -> int:
        """Numbers in the patch of a tubelet."""
        return self.tubelet_frames * self.frame_patch


@dataclass(frozen=True)
class Tokens:
    """What the network reads: frame tokens first, then tubelets; either may be none.

    frames_BNP [B, Nf, 192], tubelets_BNP [B, Nt, 768]: pixels in -1..1 mixed with noise as their clock says.
    clock_BN [B, Nf + Nt] in 0..1. places_N3: (time in frames, row, column), in patches from the centre. grid:
    rows and columns of patches, in which the tokens of every frame and tubelet come, row by row. staging:
    what is known of the camera and of things; None: nothing, and the camera is still. lap_frames: time is a
    circle of that many frames. causal: a token sees no later time.
    """

    frames_BNP: Tensor
    tubelets_BNP: Tensor
    clock_BN: Tensor
    places_N3: Tensor
    grid: tuple[int, int]
    staging: Staging | None = None
    lap_frames: float | None = None
    causal: bool = False
    context_mask_NM: Tensor | None = None


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Dot-product attention. In training on a CPU, plain products are 1.5-2x as fast as the fused kernel."""
    if q.device.type != "cpu" or mask is not None or not torch.is_grad_enabled():
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    scores = (q @ k.transpose(-1, -2)).float() * q.shape[-1] ** -0.5
    return scores.softmax(-1).to(v.dtype) @ v


class Block(nn.Module):
    """Attention and perceptron side by side: one norm, one matrix in, one matrix out.

    Two wide products instead of six narrow ones: on a CPU the element-wise work between products
    costs more than they do. Context tokens join as keys and values only.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        D = config.width
        self.heads, self.hidden = config.heads, config.hidden_ratio * D
        self.inward = nn.Linear(D, 3 * D + self.hidden, bias=False)
        self.outward = nn.Linear(D + self.hidden, D, bias=False)
        self.context = nn.Linear(D, 2 * D, bias=False)
        self.by_words = nn.Linear(config.bottleneck, 3 * D)
        self.by_clock = nn.Parameter(torch.ones(3 * D))
        self.sharpness = nn.Parameter(torch.ones(config.heads, 1, 1))

    def forward(
        self,
        x_BND: Tensor,
        clock_BN3D: Tensor,
        words_BW: Tensor,
        context_BMD: Tensor,
        turns: tuple[Tensor, Tensor, Tensor, Tensor],
        mask: Tensor | None,
    ) -> Tensor:
        B, N, D = x_BND.shape
        heads = (self.heads, D // self.heads)
        modulation = clock_BN3D * self.by_clock + self.by_words(words_BW).unsqueeze(1)
        shift, scale, gate = modulation.chunk(3, dim=-1)
        h = F.rms_norm(x_BND, (D,)) * (1 + scale) + shift
        qkv, up = self.inward(h).split((3 * D, self.hidden), dim=-1)
        q, k, v = qkv.view(B, N, 3, *heads).permute(2, 0, 3, 1, 4).unbind(0)
        ck, cv = self.context(context_BMD).view(B, -1, 2, *heads).permute(2, 0, 3, 1, 4).unbind(0)
        cos, sin, context_cos, context_sin = turns
        q = rotate(F.rms_norm(q, heads[1:]) * self.sharpness, cos, sin)
        k = rotate(F.rms_norm(k, heads[1:]), cos, sin)
        ck = rotate(F.rms_norm(ck, heads[1:]), context_cos, context_sin)
        seen = _attend(q, torch.cat((k, ck), 2), torch.cat((v, cv), 2), mask)
        seen = seen.transpose(1, 2).reshape(B, N, D)
        return x_BND + (1 + gate) * self.outward(torch.cat((seen, F.relu(up).square()), dim=-1))


def _pictures(x_BNC: Tensor, grid: tuple[int, int]) -> Tensor:
    """Tokens [B, N, C] -> one picture for every frame or tubelet: [B * N / (r c), r, c, C]."""
    B, N, C = x_BNC.shape
    return x_BNC.reshape(B * N // (grid[0] * grid[1]), *grid, C)


class Network(nn.Module):
    """Predicts every token's clean patch: `Tokens` and a `Context` in, (frames_BNP, tubelets_BNP) out."""

    def __init__(self, config: NetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or NetworkConfig()
        D = config.width
        self.clock = nn.Linear(2 * 8, config.bottleneck)
        self.pyramid = Pyramid(
            PyramidConfig(config.fine, config.coarse),
            (config.frame_patch, config.tubelet_patch),
            config.patch_px,
            D,
            config.bottleneck,
        )
        self.place = nn.Linear(2 * 3 * 6, D, bias=False)
        self.kind = nn.Parameter(torch.zeros(2, D))
        self.by_clock = nn.Linear(config.bottleneck, 3 * D)
        self.encode = ContextEncoder(D, config.words_width, config.frame_patch, config.bottleneck)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.last_by_words = nn.Linear(config.bottleneck, 2 * D)
        self.passing = nn.Linear(2, config.bottleneck, bias=False)
        self.on_body = nn.Linear(FACTS, D + config.bottleneck, bias=False)
        self.start()

    def start(self) -> None:
        """Begin as the identity: every block adds nothing, every patch is predicted mid-grey."""
        silent: list[nn.Module] = [self.by_clock, self.last_by_words, self.passing, self.on_body]
        for block in self.blocks:
            assert isinstance(block, Block)
            silent += [block.outward, block.by_words]
        for layer in silent:
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)

    @torch.no_grad()
    def tubelets_from_frames(self) -> None:
        """Let tubelets begin as what frames have learnt: a clip of frames that are all alike."""
        self.pyramid.tubelets_from_frames(self.config.tubelet_frames**0.5)
        self.kind[1] = self.kind[0]

    def forward(self, tokens: Tokens, context: Context) -> tuple[Tensor, Tensor]:
        D, dtype = self.config.width, self.kind.dtype
        places, grid = tokens.places_N3, tokens.grid
        (B, apart), N = tokens.frames_BNP.shape[:2], len(places)
        told_BMD, told_places, words_BW = self.encode(context)
        clock = self.clock(fourier(tokens.clock_BN.unsqueeze(-1), 8, 16).to(dtype))
        staging, x_facts = tokens.staging, None
        if staging is not None:
            x_facts, by_facts = self.on_body(staging.facts_BNX.to(dtype)).split((D, clock.shape[-1]), -1)
            clock = clock + self.passing(PASSING * staging.passing_BN2.to(dtype)) + by_facts
        clock = F.silu(clock)
        clock_MrcW = torch.cat((_pictures(clock[:, :apart], grid), _pictures(clock[:, apart:], grid)))
        frames = _pictures(tokens.frames_BNP.to(dtype), grid)
        tubelets = tokens.tubelets_BNP
        if staging is not None and tokens.tubelets_BNP.shape[1]:
            tubelets = taken(tubelets, staging.taken_BTS, grid, self.config.tubelet_frames)
        changing = waves(tubelets, self.config.tubelet_frames).to(dtype)
        seen, skips = self.pyramid.down((frames, _pictures(changing, grid)), clock_MrcW)
        # A circle has no beginning, so absolute time is left out there; 0 otherwise means "now".
        where = places * places.new_tensor((0.0 if tokens.lap_frames else 1 / 32, 1 / 8, 1 / 8))
        kinds = (seen[: len(frames)] + self.kind[0], seen[len(frames) :] + self.kind[1])
        x = torch.cat((kinds[0].reshape(B, apart, D), kinds[1].reshape(B, N - apart, D)), dim=1)
        x = x + self.place(fourier(where, 6, 16).to(dtype))
        if x_facts is not None:
            x = x + x_facts
        turns = tuple(
            turn.to(dtype)
            for turn in (
                *self._turns(places if staging is None else staging.world_BN3, tokens.lap_frames),
                *self._turns(told_places, tokens.lap_frames),
            )
        )
        mask, modulation = self._mask(tokens, told_BMD.shape[1]), self.by_clock(clock)
        for block in self.blocks:
            x = block(x, modulation, words_BW, told_BMD, turns, mask)
        shift, scale = (modulation[..., : 2 * D] + self.last_by_words(words_BW).unsqueeze(1)).chunk(2, dim=-1)
        x = F.rms_norm(x, (D,)) * (1 + scale) + shift
        x_MrcD = torch.cat((_pictures(x[:, :apart], grid), _pictures(x[:, apart:], grid)))
        painted, changed = self.pyramid.up(x_MrcD, skips, clock_MrcW, len(frames))
        changed = changed.reshape(B, N - apart, self.config.tubelet_patch).float()
        changed = from_waves(changed, self.config.tubelet_frames)
        if staging is not None and tokens.tubelets_BNP.shape[1]:
            changed = put(changed, staging.put_BTS2, grid, self.config.tubelet_frames)
        return painted.reshape(B, apart, self.config.frame_patch), changed

    def _turns(self, places: Tensor, lap_frames: float | None) -> tuple[Tensor, Tensor]:
        """Places [N, 3] or [B, N, 3] -> cosines and sines that all heads share."""
        cos, sin = rotation(places, self.config.width // self.config.heads, lap_frames)
        return (cos, sin) if places.ndim == 2 else (cos.unsqueeze(1), sin.unsqueeze(1))

    @staticmethod
    def _mask(tokens: Tokens, told: int) -> Tensor | None:
        """What each token may see, [N, N + M] of bool; None when it may see everything."""
        places, words = tokens.places_N3, tokens.context_mask_NM
        if not tokens.causal and words is None:
            return None
        N = places.shape[0]
        seen = places.new_ones((N, N), dtype=torch.bool)
        if tokens.causal:
            seen = places[:, None, 0] >= places[None, :, 0]
        if words is None:
            words = places.new_ones((N, told), dtype=torch.bool)
        return torch.cat((seen, words), dim=1)
