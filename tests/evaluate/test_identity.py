"""Agreement of readings that are given."""

import numpy as np

from vitascope.evaluate.identity import agreement, recognised


def test_shares_of_shots() -> None:
    read = np.array([3, 3, 5, 3])
    assert recognised(read, 3) == 0.75
    assert recognised(read, 4) == 0


def test_agreement_counts_pairs() -> None:
    assert agreement(np.array([3, 3, 5, 3])) == 3 / 6
    assert agreement(np.array([1, 2, 3])) == 0
    assert agreement(np.array([7, 7])) == 1
    assert agreement(np.array([7])) == 1
