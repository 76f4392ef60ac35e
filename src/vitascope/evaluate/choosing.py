"""Best of several: which clips show what their words ask for, and hold together while they move.

A clip's score is the mean of what the reader says of every attribute that the words name (the probability of
the value that they name), and of its consistency, which counts like one attribute. Knows pixels, words and
the reader; not who painted, and no file.

Axes: B clips, T frames, H, W pixels, C colours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from vitascope.evaluate.asked import asked
from vitascope.evaluate.metrics import smoothness
from vitascope.evaluate.reading import TrainedReader, at_readers_size

__all__ = ["Named", "Score", "choose", "consistency"]

_UNSEEN = 2.0  # grey levels: smaller changes between frames are no one's business
_FEWEST_FRAMES = 3
_AT_ONCE = 16  # frames


@dataclass(frozen=True)
class Named:
    """One attribute as the words name it, and the probability that the reader gives to that.

    `values` are several where a word may mean any of them ("a bird flies"); their probabilities add up.
    """

    attribute: str
    values: tuple[str, ...]
    probability: float


@dataclass(frozen=True)
class Score:
    """What one clip is worth, and why. All shares are of 0..1; more is better.

    `consistency` is None for what has too few frames to tell. `rank` is 1 for the best.
    """

    number: int
    named: tuple[Named, ...]
    consistency: float | None
    score: float
    rank: int
    kept: bool

    @property
    def adherence(self) -> float | None:
        """The mean probability of what the words name; None if they name nothing that the reader knows."""
        return sum(each.probability for each in self.named) / len(self.named) if self.named else None


def choose(
    clips: Sequence[NDArray[np.uint8]],
    text: str,
    keep: int = 1,
    reader: TrainedReader | None = None,
    after: Callable[[int], None] = lambda done: None,
) -> list[Score]:
    """A score for each of the clips, in their order, of which the best `keep` are marked as kept.

    Clips are uint8 [T, H, W, 3] of any size; one frame is a picture. Of equal ones the earlier wins. Words
    that name nothing which the reader can read leave consistency to decide alone. None loads the packaged
    reader. Calls after(n) when n clips are judged. Raises ValueError unless 1 <= keep <= len(clips).
    """
    if not 1 <= keep <= len(clips):
        raise ValueError(f"of {len(clips)} clips, 1 to {len(clips)} can be kept, not {keep}")
    reader = reader or TrainedReader.load()
    wanted = asked(text, reader.labels)
    judged: list[tuple[tuple[Named, ...], float | None]] = []
    for number, clip in enumerate(clips):
        # A few frames at a time: as floats a long clip in full size would fill the memory.
        parts = [at_readers_size(part.unsqueeze(0)) for part in torch.tensor(clip).split(_AT_ONCE)]
        small = torch.cat(parts, dim=1)
        judged.append((_read(small, wanted, reader), consistency(small)))
        after(number + 1)
    scores = [_mean([*(read.probability for read in reads), steady]) for reads, steady in judged]
    order = sorted(range(len(clips)), key=lambda number: (-scores[number], number))
    ranks = {number: rank for rank, number in enumerate(order, 1)}
    return [
        Score(number, reads, steady, scores[number], ranks[number], ranks[number] <= keep)
        for number, (reads, steady) in enumerate(judged)
    ]


def consistency(clip_1THWC: Tensor) -> float | None:
    """How much of what changes is motion: 1 if it moves smoothly or not at all, 0.5 if it only flickers.

    Of a clip [1, T, H, W, C], floats in -1..1; None for fewer than three frames. Every odd frame is compared
    with the one halfway between its neighbours along their optical flow, and with their plain mean, which
    knows no motion: 1 - error along the flow / (2 * error of the mean), 0 at least. Flickering, popping and
    cuts can't be explained by flow, so both errors are alike there. The median of 24 renders of the world is
    0.78; noise of 8 grey levels takes that to 0.65, a brightness that pulses by 8 to 0.57, a cut to 0.58.
    """
    if clip_1THWC.shape[1] < _FEWEST_FRAMES:
        return None
    x = (clip_1THWC + 1) * 127.5
    flowing = 255 * (1 - float(smoothness(x)[0]))
    even = x[:, ::2]
    mean = (even[:, :-1] + even[:, 1:]) / 2
    blended = float((mean - x[:, 1::2][:, : mean.shape[1]]).abs().mean())
    return max(1 - flowing / (2 * (blended + _UNSEEN)), 0.0)


def _read(clip_1THWC: Tensor, wanted: dict[str, tuple[str, ...]], reader: TrainedReader) -> tuple[Named, ...]:
    if not wanted:
        return ()
    logits = reader.network(clip_1THWC).logits
    reads: list[Named] = []
    for name, labels in reader.labels.items():
        if name in wanted:
            shares = F.softmax(logits[name][0].float(), dim=0)
            named = [labels.index(value) for value in wanted[name]]
            reads.append(Named(name, wanted[name], float(shares[named].sum())))
    return tuple(reads)


def _mean(shares: list[float | None]) -> float:
    counted = [share for share in shares if share is not None]
    return sum(counted) / len(counted) if counted else 0.0
