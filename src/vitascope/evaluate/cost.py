"""What work cost: wall-clock seconds, and the most memory that this process ever held."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Stopwatch", "peak_memory_gib", "timed"]


@dataclass
class Stopwatch:
    """How long a `timed` block ran."""

    seconds: float = 0.0


@contextmanager
def timed() -> Generator[Stopwatch]:
    """Measures the block, also when it fails."""
    watch, began = Stopwatch(), time.monotonic()
    try:
        yield watch
    finally:
        watch.seconds = time.monotonic() - began


def peak_memory_gib() -> float | None:
    """Peak resident memory of this process so far; None where the system doesn't tell (Windows)."""
    try:
        # getrusage's figure begins at the peak of whoever started this process; Linux's own does not.
        told = Path("/proc/self/status").read_text("ascii", "ignore")
        return int(told.partition("VmHWM:")[2].split()[0]) / (1 << 20)
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 30 if sys.platform == "darwin" else 1 << 20)
