"""Rows of adherence by hand-made answers."""

import numpy as np
import pytest

from vitascope.evaluate.adherence import Adherence, adherence


def test_only_what_was_spoken_of_counts() -> None:
    wanted = {
        "thing": np.array([0, 1, 2, 3]),
        "camera": np.array([0, 4, 5, 0]),
        "count": np.array([0, 0, 0, 0]),
    }
    painted = {
        "thing": np.array([0, 1, 9, 9]),
        "camera": np.array([7, 4, 0, 7]),
        "count": np.array([0, 0, 0, 0]),
    }
    real = {
        "thing": np.array([0, 1, 2, 9]),
        "camera": np.array([7, 4, 5, 7]),
        "count": np.array([0, 0, 0, 0]),
    }
    yes, no = np.ones(4, bool), np.zeros(4, bool)
    rows = adherence(painted, real, wanted, {"thing": yes, "camera": wanted["camera"] > 0, "count": no})
    assert rows == [Adherence("thing", 4, 0.5, 0.75), Adherence("camera", 2, 0.5, 1.0)]
    assert rows[0].ratio == pytest.approx(2 / 3)
    assert rows[0].error == pytest.approx(0.25)


def test_what_cannot_be_read_has_no_ratio() -> None:
    assert Adherence("thing", 3, 0.0, 0.0).ratio is None
