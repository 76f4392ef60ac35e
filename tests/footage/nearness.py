"""How near a picture is to the true one."""

import numpy as np
from numpy.typing import NDArray


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB, at most 99."""
    error = float(np.square(one.astype(np.float32) - other).mean())
    return min(99.0, 10 * np.log10(255**2 / max(error, 1e-9)))
