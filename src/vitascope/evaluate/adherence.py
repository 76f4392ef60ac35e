"""Does a clip show what was asked for? A reader's answers by attribute, beside what it can read at all.

Knows attributes as names with numbers for values; not who asked, painted or read.

Axes: B clips.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Adherence", "Values", "adherence"]

Values = Mapping[str, NDArray[np.int64]]
"""For every attribute, the index of its value in each of B clips."""


@dataclass(frozen=True)
class Adherence:
    """One row: of `asked` clips whose words spoke of the attribute, the shares in which it was read as asked.

    `painted` is of the clips judged; `ceiling` of real ones of the very same scenes, which the reader may
    misread too.
    """

    attribute: str
    asked: int
    painted: float
    ceiling: float

    @property
    def ratio(self) -> float | None:
        """painted / ceiling; None where the reader can't read it at all."""
        return self.painted / self.ceiling if self.ceiling else None

    @property
    def error(self) -> float:
        """The standard error of `painted`, from so few clips."""
        return math.sqrt(self.painted * (1 - self.painted) / self.asked)


def adherence(
    painted: Values, real: Values, wanted: Values, spoken: Mapping[str, NDArray[np.bool_]]
) -> list[Adherence]:
    """A row for every attribute that some clip's words spoke of; all arrays are [B]."""
    rows: list[Adherence] = []
    for name, asked in spoken.items():
        if asked.any():
            shares = [float((read[name] == wanted[name])[asked].mean()) for read in (painted, real)]
            rows.append(Adherence(name, int(asked.sum()), *shares))
    return rows
