"""What the libraries warn of in their own code, here only."""

from __future__ import annotations

from pathlib import Path

import pytest

_THEIRS = (
    # Schedulers make arrays of lists of tensors.
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    "ignore:__array_wrap__ must accept context and return_scalar:DeprecationWarning",
    # An autoencoder of sound, and the tree of noise under a scheduler.
    "ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning",
    "ignore:Should have t[ab]:UserWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let them, in this folder's tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for warning in _THEIRS:
                item.add_marker(pytest.mark.filterwarnings(warning))
