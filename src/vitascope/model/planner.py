"""Plans how a clip's things go before any of it is painted: words -> their poses at every moment.

A painter that must find out step by step where things go paints them where they can't have got to, and as
mixtures of what might be. So motion is decided first, as a whole: a small flow matching model over poses
(`bodies.py`), trained on the toy world's mechanics without a picture drawn. It is told the words, the action
that a reader hears in them (of whatever verb), and where things are known to be at some moments: so what is
in a picture, or came before, goes on. Whoever asks with other numbers gets another take.

Axes: B clips, L words, W numbers in a word's vector, K things, T frames, P numbers in a thing's plan, D
width.
"""

import math
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from vitascope.model import flow
from vitascope.model.bodies import ABSENT, USUAL_SIZE, told
from vitascope.model.checkpoint import WEIGHTS
from vitascope.model.patches import fourier
from vitascope.model.word_reader import WordReader

__all__ = ["ACTIONS", "FRAMES", "MOST_THINGS", "RATE_FPS", "UNSAID", "Planner", "met"]

MOST_THINGS, FRAMES, RATE_FPS = 5, 16, 8  # two seconds
NUMBERS = 5  # of a pose
ACTIONS = 16  # the world's, in its order
UNSAID = ACTIONS  # the action of words that speak of none
CERTAIN = 0.4  # of an action before it counts as said
GUIDANCE = 3.0  # how much further than told nothing the words lead
LEAST_SPREAD = 0.003  # of a wave: what is steadier than that is as good as still


class Planner(nn.Module):
    """Predicts clean plans: noisy ones [B, K, P], their clocks [B] and what is told in, [B, K, P] out.

    A thing's plan is whether it is there (1 or -1), and its poses as cosine waves over time, each brought to
    a spread of 1 (`middle` and `spread`, measured in training).
    """

    middle: Tensor
    spread: Tensor

    def __init__(self, words_width: int = 384, width: int = 160, depth: int = 3) -> None:
        super().__init__()
        P = 1 + FRAMES * NUMBERS
        self.register_buffer("middle", torch.zeros(FRAMES, NUMBERS))
        self.register_buffer("spread", torch.ones(FRAMES, NUMBERS))
        self.hears = WordReader(ACTIONS, words_width)
        self.action = nn.Embedding(ACTIONS + 1, width)
        self.words = nn.Linear(words_width, width)
        self.word_order = nn.Parameter(torch.zeros(32, width))
        self.sentence = nn.Linear(words_width, width)
        self.clock = nn.Linear(16, width)
        self.lap = nn.Parameter(torch.zeros(2, width))
        self.number = nn.Parameter(torch.randn(MOST_THINGS, width) * 0.02)
        self.inward = nn.Linear(P, width)
        self.known = nn.Linear(FRAMES * (NUMBERS + 2), width)
        layer = nn.TransformerDecoderLayer(
            width, 4, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerDecoder(layer, depth, nn.LayerNorm(width))
        self.outward = nn.Linear(width, P)
        for fresh in (self.action.weight, self.known.weight, self.known.bias):
            nn.init.zeros_(fresh)

    @classmethod
    @cache
    def load(cls, path: Path | None = None) -> "Planner":
        """The packaged planner. FileNotFoundError says how to make absent weights."""
        from safetensors.torch import load_file

        path = path or WEIGHTS / "planner.safetensors"
        if not path.exists():
            raise FileNotFoundError(f"no weights at {path}; python -m vitascope.train.planning makes them")
        planner = cls()
        planner.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
        return planner.eval().requires_grad_(False)

    def forward(
        self,
        noisy_BKP: Tensor,
        clock_B: Tensor,
        words_BLW: Tensor,
        lap_B: Tensor,
        action_B: Tensor,
        known_BTK5: Tensor,
    ) -> Tensor:
        """known_BTK5: poses as far as they are known. All NaN is a moment of which nothing is known; a pose
        without an angle is one of which only the box is known; ABSENT is a thing known not to be there.
        """
        asked = self._asked(lap_B, action_B, known_BTK5)
        return self._predicted(noisy_BKP, clock_B, *self._told(words_BLW), asked)

    def _told(self, words_BLW: Tensor) -> tuple[Tensor, Tensor]:
        """The sentence as a whole and its words as the blocks read them, and which of them they don't."""
        words = words_BLW.float()
        present = (words != 0).any(-1, keepdim=True)
        whole = words.sum(1, keepdim=True) / present.sum(1, keepdim=True).clamp(min=1)
        told = self.words(words) + self.word_order[: words.shape[1]]
        unheard = nn.functional.pad(~present[..., 0], (1, 0))
        return torch.cat((self.sentence(whole), told), 1), unheard

    def _asked(self, lap_B: Tensor, action_B: Tensor, known_BTK5: Tensor) -> Tensor:
        """What each thing's way is to be, beside the words [B, K, D]."""
        always = self.lap[lap_B.long()] + self.action(action_B)
        return always[:, None] + self.known(_facts(known_BTK5))

    def _predicted(
        self, noisy_BKP: Tensor, clock_B: Tensor, told: Tensor, unheard: Tensor, asked_BKD: Tensor
    ) -> Tensor:
        when = self.clock(fourier(clock_B[:, None], 8, 16))
        x = self.inward(noisy_BKP) + self.number + when[:, None] + asked_BKD
        return self.outward(self.blocks(x, told, memory_key_padding_mask=unheard))

    @torch.no_grad()
    def heard(self, words_BLW: Tensor) -> Tensor:
        """The action that each text speaks of [B], or UNSAID."""
        sure, action = self.hears(words_BLW).softmax(-1).max(-1)
        silent = ~(words_BLW != 0).flatten(1).any(1)
        return action.where((sure > CERTAIN) & ~silent, UNSAID)

    def of_poses(self, poses_BTK5: Tensor) -> Tensor:
        """Plans [B, K, P] of poses at RATE_FPS; what is told of absent things says nothing."""
        there = told(poses_BTK5[:, 0])
        waved = torch.einsum("st,btkn->bksn", _waves(poses_BTK5), poses_BTK5)
        ways = torch.where(there[..., None, None], (waved - self.middle) / self.spread, 0.0)
        return torch.cat((there[..., None] * 2.0 - 1, ways.flatten(-2)), -1)

    def poses(self, plans_BKP: Tensor) -> Tensor:
        """The inverse of `of_poses`: [B, T, K, 5]."""
        waved = plans_BKP[..., 1:].unflatten(-1, (FRAMES, NUMBERS)) * self.spread + self.middle
        poses = torch.einsum("st,bksn->btkn", _waves(plans_BKP), waved)
        there = plans_BKP[:, None, :, :1] > 0
        return torch.where(there, poses, poses.new_tensor(ABSENT))

    @torch.no_grad()
    def plan(
        self,
        words_BLW: Tensor,
        lap: bool = False,
        generator: torch.Generator | None = None,
        steps: int = 24,
        guidance: float = GUIDANCE,
        known_BTK5: Tensor | None = None,
    ) -> Tensor:
        """Poses [B, T, K, 5] for the words' clips, two seconds at RATE_FPS, as a still camera sees them.

        What is known (as `forward` wants it) is met.
        """
        B = len(words_BLW)
        x = torch.randn(B, MOST_THINGS, 1 + FRAMES * NUMBERS, generator=generator)
        if known_BTK5 is None:
            known_BTK5 = torch.full((B, FRAMES, MOST_THINGS, NUMBERS), math.nan)
        told, unheard = self._told(torch.cat((words_BLW, torch.zeros_like(words_BLW))))
        laps, action = torch.full((2 * B,), lap), self.heard(words_BLW)
        actions = torch.cat((action, torch.full_like(action, UNSAID)))
        asked = self._asked(laps, actions, known_BTK5.repeat(2, 1, 1, 1))
        # Evenly in the angle between noise and plan: the last steps, which settle what trembles, are small.
        clocks = [math.sin(math.pi / 2 * i / steps) ** 2 for i in range(steps + 1)]
        for now, then in pairwise(clocks):
            both = self._predicted(torch.cat((x, x)), torch.full((2 * B,), now), told, unheard, asked)
            led, free = both.chunk(2)
            clean = free + guidance * (led - free)
            x = x + (then - now) * flow.velocity(x, clean, torch.tensor(now))
        seen = ~known_BTK5[..., 0].isnan()
        there = (seen & (known_BTK5[..., 0] < ABSENT[0] / 2)).any(1)
        x[..., 0] = torch.where(there, 1.0, torch.where(seen.any(1), -1.0, x[..., 0]))
        poses = self.poses(x)
        return met(closed(poses) if lap else poses, known_BTK5, lap)


def met(poses_BTK5: Tensor, known_BTK5: Tensor, lap: bool = False) -> Tensor:
    """Ways that go through what is known of them: each moment is put right by as much as its known
    neighbours are, in between by what lies in between.
    """
    result = poses_BTK5.clone()
    known_BTK5 = known_BTK5.where(told(known_BTK5)[..., None], math.nan)
    T = poses_BTK5.shape[1]
    there = told(poses_BTK5[:, 0])
    for b, k in there.nonzero().tolist():
        for number in range(NUMBERS):
            known = known_BTK5[b, :, k, number]
            at = (~known.isnan()).nonzero()[:, 0]
            if len(at):
                off = (known - poses_BTK5[b, :, k, number])[at]
                result[b, :, k, number] += _between(torch.arange(T), at, off, T if lap else None)
    return result


def _between(times: Tensor, at: Tensor, values: Tensor, period: int | None) -> Tensor:
    """Values at these times, straight from each known one to the next; beyond the ends they stay."""
    found = np.interp(times.numpy(), at.numpy(), values.numpy(), period=period)
    return torch.as_tensor(found, dtype=values.dtype)


def _facts(known_BTK5: Tensor) -> Tensor:
    """What is known, as the network is told it [B, K, T * 7]: for every moment whether the thing is there (1,
    -1, or 0 where nobody knows), whether its angle is known, and the pose. Angles count from the first known.
    """
    known = known_BTK5.transpose(1, 2)
    seen, there = ~known[..., 0].isnan(), told(known)
    sure = there & ~known[..., 2].isnan()
    first = sure.float().argmax(-1, keepdim=True)
    angle = known[..., 2] - known[..., 2].gather(-1, first)
    pose = torch.stack(
        (2 * known[..., 0], 2 * known[..., 1], angle, *(known[..., i] - USUAL_SIZE for i in (3, 4))), -1
    )
    marks = torch.stack((there.float() - (seen & ~there).float(), sure.float()), -1)
    return torch.cat((marks, pose.nan_to_num().where(there[..., None], 0.0)), -1).flatten(2)


def closed(poses_BTK5: Tensor) -> Tensor:
    """The same ways as circles: what is missing from the last frame to the first is made up evenly on the
    way.

    A thing that turns may have turned round a whole number of times.
    """
    T = poses_BTK5.shape[1]
    steps = poses_BTK5.diff(dim=1)
    gap = poses_BTK5[:, -1] + (steps[:, 0] + steps[:, -1]) / 2 - poses_BTK5[:, 0]
    gap[..., 2] -= (gap[..., 2] / math.tau).round() * math.tau
    return poses_BTK5 - gap[:, None] * (torch.arange(T) / T).view(1, T, 1, 1)


def _waves(like: Tensor) -> Tensor:
    """[F, T]: cosine waves over a clip's frames, longest first."""
    wave, time = torch.arange(FRAMES).view(-1, 1), torch.arange(FRAMES) + 0.5
    cosine = torch.cos(math.pi / FRAMES * wave * time) * (2 / FRAMES) ** 0.5
    cosine[0] = FRAMES**-0.5
    return cosine.to(like)
