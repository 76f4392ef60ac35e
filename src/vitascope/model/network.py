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

from vitascope.model.context import Context, ContextEncoder
from vitascope.model.patches import PatchIn, fourier
from vitascope.model.rotary import rotate, rotation
from vitascope.model.waves import from_waves, waves

__all__ = ["Network", "NetworkConfig", "Tokens"]


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
    tubelet_bottleneck: int = 192
    hidden_ratio: int = 4

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
    clock_BN [B, Nf + Nt] in 0..1. places_N3: (time in frames, row, column), in patches from the centre.
    lap_frames: time is a circle of that many frames. causal: a token sees no later time.
    """

    frames_BNP: Tensor
    tubelets_BNP: Tensor
    clock_BN: Tensor
    places_N3: Tensor
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


class SquaredReLU(nn.Module):
    """The positive part, squared (Primer, arXiv 2109.08668)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x).square()


class Network(nn.Module):
    """Predicts every token's clean patch: `Tokens` and a `Context` in, (frames_BNP, tubelets_BNP) out."""

    def __init__(self, config: NetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or NetworkConfig()
        D = config.width
        self.frame_in = PatchIn(config.frame_patch, config.bottleneck, D)
        self.tubelet_in = PatchIn(config.tubelet_patch, config.tubelet_bottleneck, D)
        self.place = nn.Linear(2 * 3 * 6, D, bias=False)
        self.kind = nn.Parameter(torch.zeros(2, D))
        self.clock = nn.Sequential(
            nn.Linear(2 * 8, config.bottleneck), nn.SiLU(), nn.Linear(config.bottleneck, 3 * D)
        )
        self.encode = ContextEncoder(D, config.words_width, config.frame_patch, config.bottleneck)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.last_by_words = nn.Linear(config.bottleneck, 2 * D)
        self.frame_out = nn.Linear(D, config.frame_patch)
        self.tubelet_out = nn.Linear(D, config.tubelet_patch)
        # Change is what is seen times how it moves: squares of sums hold such products, sums don't.
        self.tubelet_motion = nn.Sequential(
            nn.Linear(D, 2 * D, bias=False), SquaredReLU(), nn.Linear(2 * D, config.tubelet_patch, bias=False)
        )
        self.start()

    def start(self) -> None:
        """Begin as the identity: every block adds nothing, every patch is predicted mid-grey."""
        silent: list[nn.Module] = [self.clock[2], self.last_by_words, self.frame_out, self.tubelet_out]
        silent.append(self.tubelet_motion[2])
        for block in self.blocks:
            assert isinstance(block, Block)
            silent += [block.outward, block.by_words]
        for layer in silent:
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)

    @torch.no_grad()
    def tubelets_from_frames(self) -> None:
        """Let tubelets begin as what frame tokens have learnt: a clip of frames that are all alike."""
        mean, rows = self.config.frame_patch, self.config.bottleneck
        size = self.config.tubelet_frames**0.5  # of the mean wave of frames that are all alike
        narrow, widen = self.tubelet_in.narrow, self.tubelet_in.widen
        narrow.weight[:rows].zero_()
        narrow.weight[:rows, :mean] = self.frame_in.narrow.weight / size
        widen.weight.zero_()
        widen.weight[:, :rows] = self.frame_in.widen.weight
        widen.bias.copy_(self.frame_in.widen.bias)
        for parameter, frame in zip(self.tubelet_out.parameters(), self.frame_out.parameters(), strict=True):
            parameter.zero_()
            parameter[:mean] = frame * size
        for parameter in self.tubelet_motion[2].parameters():
            nn.init.zeros_(parameter)
        self.kind[1] = self.kind[0]

    def forward(self, tokens: Tokens, context: Context) -> tuple[Tensor, Tensor]:
        D, dtype = self.config.width, self.kind.dtype
        frames, places = tokens.frames_BNP.shape[1], tokens.places_N3
        told_BMD, told_places, words_BW = self.encode(context)
        # A circle has no beginning, so absolute time is left out there; 0 otherwise means "now".
        where = places * places.new_tensor((0.0 if tokens.lap_frames else 1 / 32, 1 / 8, 1 / 8))
        changing = waves(tokens.tubelets_BNP, self.config.tubelet_frames).to(dtype)
        x = torch.cat(
            (
                self.frame_in(tokens.frames_BNP.to(dtype)) + self.kind[0],
                self.tubelet_in(changing) + self.kind[1],
            ),
            dim=1,
        ) + self.place(fourier(where, 6, 16).to(dtype))
        clock = self.clock(fourier(tokens.clock_BN.unsqueeze(-1), 8, 16).to(dtype))
        turns = tuple(
            turn.to(dtype)
            for turn in (
                *rotation(places, D // self.config.heads, tokens.lap_frames),
                *(t.unsqueeze(1) for t in rotation(told_places, D // self.config.heads, tokens.lap_frames)),
            )
        )
        mask = self._mask(tokens, told_BMD.shape[1])
        for block in self.blocks:
            x = block(x, clock, words_BW, told_BMD, turns, mask)
        shift, scale = (clock[..., : 2 * D] + self.last_by_words(words_BW).unsqueeze(1)).chunk(2, dim=-1)
        x = F.rms_norm(x, (D,)) * (1 + scale) + shift
        last = x[:, frames:]
        changed = self.tubelet_out(last) + self.tubelet_motion(last)
        return self.frame_out(x[:, :frames]), from_waves(changed.float(), self.config.tubelet_frames)

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
