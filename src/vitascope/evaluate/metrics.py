"""Measures of clips that need no words: flickering, smoothness, how much moves, how sets of clips compare.

The first three follow VBench's definitions (arXiv 2311.17982); two of them look at motion, where VBench uses
networks (AMT-S, RAFT) and this uses the flow of `flow.py`. So they are variants, named for it in every table,
and never stand beside published figures as the same. Does not know what a clip shows.

Axes: B clips, T frames, H, W pixels, C colours, D width of features.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitascope.evaluate.flow import halfway, midway_flow

__all__ = ["diversity", "dynamic", "frechet_distance", "smoothness", "steadiness"]

_GREY = torch.tensor([0.299, 0.587, 0.114])
_JUDGED_FPS = 8  # the rate at which VBench looks for motion

Features = NDArray[np.float32]


def steadiness(clips_BTHWC: Tensor) -> Tensor:
    """Temporal flickering, for each of B clips that ought to stand still: 1 is not a flicker, 0 the worst.

    (255 - mean absolute difference of neighbouring frames) / 255, of uint8 pixels; needs two frames.
    """
    x = clips_BTHWC.float()
    return 1 - (x[:, 1:] - x[:, :-1]).abs().flatten(1).mean(dim=1) / 255


def smoothness(clips_BTHWC: Tensor) -> Tensor:
    """Motion smoothness for each of B clips, 1 is best: how near odd frames are to halfway between even ones.

    (255 - mean absolute error) / 255, of uint8 pixels; needs three frames.
    """
    even = clips_BTHWC[:, ::2].float()
    a, b = even[:, :-1], even[:, 1:]
    between = clips_BTHWC[:, 1::2][:, : a.shape[1]].float()
    d = midway_flow(_grey(a).flatten(0, 1), _grey(b).flatten(0, 1))
    made = halfway(a.flatten(0, 1).permute(0, 3, 1, 2), b.flatten(0, 1).permute(0, 3, 1, 2), d)
    error = (made.permute(0, 2, 3, 1).unflatten(0, a.shape[:2]) - between).abs()
    return 1 - error.flatten(1).mean(dim=1) / 255


def dynamic(clips_BTHWC: Tensor, rate_fps: float = 8) -> Tensor:
    """Which of B clips move at all, as bools; the share of them is the dynamic degree.

    At about 8 fps a pair of frames moves if the mean of its 5 % longest displacements is over 6 pixels for a
    shorter side of 256; a clip of n pairs moves if at least round(4 n / 16) of them do.
    """
    x = clips_BTHWC[:, :: max(1, round(rate_fps / _JUDGED_FPS))]
    grey = _grey(x)
    d = midway_flow(grey[:, :-1].flatten(0, 1), grey[:, 1:].flatten(0, 1))
    lengths = d.norm(dim=1).flatten(1)
    longest = lengths.topk(max(1, lengths.shape[1] // 20), dim=1).values.mean(dim=1)
    pairs = x.shape[1] - 1
    moving = longest.view(len(x), pairs) > 6 * min(x.shape[2:4]) / 256
    return moving.sum(dim=1) >= max(1, round(4 * pairs / 16))


def diversity(groups: list[Features]) -> float:
    """How much takes of one prompt differ, over how much different prompts do: 0 is always the same video.

    Each group [takes, D] holds the features of one prompt's takes. The ratio is of mean Euclidean distances;
    within groups over between groups. Needs two groups of two.
    """
    within = [_distances(group, group)[np.triu_indices(len(group), 1)].mean() for group in groups]
    between = [_distances(a, b).mean() for i, a in enumerate(groups) for b in groups[i + 1 :]]
    return float(np.mean(within) / max(float(np.mean(between)), 1e-9))


def frechet_distance(a_ND: Features, b_ND: Features) -> float:
    """Fréchet distance (Heusel et al., arXiv 1706.08500) of two sets of features, each taken as a Gaussian.

    Few samples make it large even for two halves of one set: give that beside it.
    """
    a, b = a_ND.astype(np.float64), b_ND.astype(np.float64)
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # trace(sqrt(A B)) = trace(sqrt(R B R)) with R = sqrt(A), and R B R is symmetric.
    values, vectors = np.linalg.eigh(cov_a)
    root = vectors * np.sqrt(values.clip(min=0)) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(min=0)).sum()
    apart = ((a.mean(0) - b.mean(0)) ** 2).sum()
    return float(max(0.0, apart + np.trace(cov_a) + np.trace(cov_b) - 2 * shared))


def _grey(clips_BTHWC: Tensor) -> Tensor:
    return clips_BTHWC.float() @ _GREY


def _distances(a_ND: Features, b_ND: Features) -> NDArray[np.float64]:
    return np.linalg.norm(a_ND[:, None].astype(np.float64) - b_ND[None], axis=-1)
