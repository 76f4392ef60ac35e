"""Which tokens a canvas has, and where they stand in time and space.

A clip is cut into tubelets of four frames. Any single frame may also be carried by tokens of its
own: a still is nothing else, and a given frame is, so that it is clean from the first step while
its tubelet is still noise. Knows nothing of noise or of networks.

Axes: N tokens; rows and columns count patches.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """The token grid of a canvas: `frame_times`, frames with tokens of their own, and how many tubelets."""

    rows: int
    columns: int
    tubelets: int
    frame_times: tuple[int, ...] = ()
    tubelet_frames: int = 4

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def per_frame(self) -> int:
        """Tokens in one frame, or in one tubelet."""
        return self.rows * self.columns

    @property
    def frame_tokens(self) -> int:
        """How many frame tokens stand before the tubelets."""
        return len(self.frame_times) * self.per_frame

    def places(self) -> Tensor:
        """[N, 3] float32: each token's middle in time (frames), row and column (patches from the centre)."""
        middle = (self.tubelet_frames - 1) / 2
        times = [float(t) for t in self.frame_times] + [
            i * self.tubelet_frames + middle for i in range(self.tubelets)
        ]
        return torch.stack(
            torch.meshgrid(
                torch.tensor(times),
                torch.arange(self.rows) - (self.rows - 1) / 2,
                torch.arange(self.columns) - (self.columns - 1) / 2,
                indexing="ij",
            ),
            dim=-1,
        ).reshape(-1, 3)
