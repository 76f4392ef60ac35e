"""Seconds and bytes, against work of known cost."""

import subprocess
import sys
import time

import pytest

from vitascope.evaluate.cost import Stopwatch, peak_memory_gib, timed


def test_a_block_is_timed_even_when_it_fails() -> None:
    watch = Stopwatch()

    def fails() -> None:
        nonlocal watch
        with timed() as watch:
            time.sleep(0.05)
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert 0.05 <= watch.seconds < 5


HOLDS_64_MIB = """
from vitascope.evaluate.cost import peak_memory_gib
before = peak_memory_gib()
held = b"x" * (64 << 20)
after = peak_memory_gib()
del held
print(before, after, peak_memory_gib())
"""


def test_the_peak_knows_what_was_held_and_never_falls() -> None:
    if peak_memory_gib() is None:
        pytest.skip("this system doesn't tell its peak memory")
    told = subprocess.run([sys.executable, "-c", HOLDS_64_MIB], capture_output=True, text=True, check=True)
    before, after, later = map(float, told.stdout.split())
    assert after - before == pytest.approx(1 / 16, rel=0.2)
    assert later > after - 1 / 64  # Linux counts in bundles
