"""An encoder may not make the whole program real-time."""

import os
from pathlib import Path

import numpy as np
import pytest

from vitascope.media import write_video


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system has no such priorities")
def test_writing_av1_leaves_the_priority_as_it_was(tmp_path: Path) -> None:
    before = os.sched_getscheduler(0)
    write_video(tmp_path / "a.mp4", np.zeros((4, 64, 64, 3), np.uint8), 8, codec="av1")
    assert os.sched_getscheduler(0) == before
