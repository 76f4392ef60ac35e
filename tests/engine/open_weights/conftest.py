"""What the libraries warn of in their own code, here only; and a machine that is said to have a GPU."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

_THEIRS = (
    # Schedulers make arrays of lists of tensors.
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    "ignore:__array_wrap__ must accept context and return_scalar:DeprecationWarning",
    # An autoencoder of sound, and the tree of noise under a scheduler.
    "ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning",
    "ignore:Should have t[ab]:UserWarning",
    # Norms in 16 bits of numbers in 32.
    "ignore:Mismatch dtype between input and weight:UserWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let them, in this folder's tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for warning in _THEIRS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture
def as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights are said to lie on a GPU, where they may be compiled; blocks are traced whole."""
    import torch
    from diffusers.models.modeling_utils import ModelMixin

    from vitascope.engine.open_weights import placing, quickening

    compiled = functools.partialmethod(ModelMixin.compile_repeated_blocks, backend="aot_eager")
    monkeypatch.setattr(ModelMixin, "compile_repeated_blocks", compiled)
    monkeypatch.setattr(quickening, "can_compile", lambda: True)
    monkeypatch.setattr(placing, "place", lambda pipe, how: ("whole", "as if on a GPU"))
    torch.compiler.reset()
