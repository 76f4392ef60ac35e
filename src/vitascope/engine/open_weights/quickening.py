"""How fast a pipeline runs, for what loss: exact, balanced, draft.

exact: the same sums in another order: the attention kernel that suits the GPU, compiled blocks, both halves
of guidance in one batch. balanced: blocks whose input hardly changed since the step before are not computed
again (cache-dit's DBCache, with the first block as the witness). draft: the same, less particular. On a
processor exact changes nothing at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from vitascope.engine.contracts import CannotFill

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Model
    from vitascope.engine.open_weights.loading import How
    from vitascope.engine.open_weights.placing import Mode

THRESHOLDS = {"balanced": 0.08, "draft": 0.24}
"""How much of a change in the first block's residual, relative to it, is let go."""
WARM_UP = {"balanced": 4, "draft": 2}
_HOPPER = (9, 0)


def check(model: Model, how: How) -> None:
    """Refuse a speed that a model can't have, before anything is loaded. Raises CannotFill."""
    if how.speed != "exact" and not model.leaves_out:
        raise CannotFill(f"nothing can be left out of {model.name}'s steps; say --speed exact")


def quicken(pipe: Any, how: How, mode: Mode) -> None:
    """Make the networks of a pipeline as fast as `how` allows where they lie; once for each network."""
    denoisers = denoisers_of(pipe)
    if how.speed != "exact":
        _cache(denoisers, how.speed)
    if mode in ("cpu", "streamed") or how.gpus > 1 or not can_compile():
        # Weights that are fetched layer by layer break a compiled graph; compiled blocks and the library's
        # hooks for sharing haven't been tried together.
        return
    for denoiser in denoisers:
        if getattr(denoiser, "_repeated_blocks", None):
            denoiser.compile_repeated_blocks(fullgraph=how.speed == "exact")


def can_compile() -> bool:
    """Whether blocks can be compiled on this machine: for a GPU that takes Triton and a C compiler."""
    compilers = (os.environ.get("CC") or "cc", "gcc", "clang")
    return find_spec("triton") is not None and any(shutil.which(name) for name in compilers)


def joins(how: How, mode: Mode) -> bool:
    """Whether both halves of guidance go through the denoiser in one batch.

    Caching tells them apart; and a network that takes turns on the GPU is given its own forward back after
    each call.
    """
    return how.speed == "exact" and mode in ("whole", "quantised")


@contextmanager
def quickened(pipe: Any, how: How, guided: bool) -> Generator[None]:
    """Within, one call of the pipeline runs; what an earlier one left in the caches is forgotten before."""
    if how.speed != "exact":
        import cache_dit  # pyright: ignore[reportMissingTypeStubs]

        for denoiser in denoisers_of(pipe):
            twice = guided and bool(getattr(denoiser, "_has_separate_cfg", False))
            # One decision for both halves of guidance: it multiplies what lies between one that was computed
            # and one that wasn't. 20 clips of a small Wan: the worst 21.8 dB from exact's, 30.0 with this.
            halves = {"enable_separate_cfg": twice, "cfg_diff_compute_separate": not twice}
            cache_dit.refresh_context(denoiser, cache_config=_config(how.speed, **halves))
    with _attention():
        yield


def denoisers_of(pipe: Any) -> list[Any]:
    """The networks that are asked at every step."""
    names = ("transformer", "transformer_2", "unet")
    return [part for name in names if (part := getattr(pipe, name, None)) is not None]


def attention_order(capability: tuple[int, int]) -> list[Any]:
    """Kernels of attention from the best on, for a GPU of that compute capability; the first that takes the
    shapes, the numbers and the mask at hand is used.

    torch's own order begins with FlashAttention 2, written for Ampere: on Hopper and later cuDNN's kernel is
    about twice as fast. Packages with FlashAttention 3 are no faster than that, and take no masks.
    """
    from torch.nn.attention import SDPBackend

    rest = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]
    cudnn = [SDPBackend.CUDNN_ATTENTION]
    return [*(cudnn + rest if capability >= _HOPPER else rest + cudnn), SDPBackend.MATH]


@contextmanager
def _attention() -> Generator[None]:
    import torch
    from torch.nn.attention import sdpa_kernel

    if not torch.cuda.is_available():
        yield
        return
    with sdpa_kernel(attention_order(torch.cuda.get_device_capability()), set_priority=True):
        yield


def _cache(denoisers: list[Any], speed: str) -> None:
    import logging

    import cache_dit  # pyright: ignore[reportMissingTypeStubs]

    for name in [name for name in logging.root.manager.loggerDict if name.lower().startswith("cache_dit")]:
        logging.getLogger(name).setLevel(logging.WARNING)  # it tells of every step of its own set-up

    for denoiser in denoisers:
        # Given a pipeline it would rewrite that pipeline's class, for all others of the process too.
        cache_dit.enable_cache(denoiser, cache_config=_config(speed))


def _config(speed: str, **more: Any) -> Any:
    import cache_dit  # pyright: ignore[reportMissingTypeStubs]

    return cache_dit.DBCacheConfig(
        Fn_compute_blocks=1,
        Bn_compute_blocks=0,
        residual_diff_threshold=THRESHOLDS[speed],
        max_warmup_steps=WARM_UP[speed],
        max_continuous_cached_steps=3,
        **more,
    )
