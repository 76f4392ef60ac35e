"""How fast a pipeline runs, for what loss: exact, balanced, draft.

exact: the same sums in another order: faster attention, compiled blocks, both halves of guidance in one
batch. balanced: blocks whose input hardly changed since the step before are not computed again (cache-dit's
DBCache, with the first block as the witness). draft: the same, less particular. On a processor exact changes
nothing at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.contracts import CannotFill

if TYPE_CHECKING:
    from vitascope.engine.open_weights.loading import How

THRESHOLDS = {"balanced": 0.08, "draft": 0.24}
"""How much of a change in the first block's residual, relative to it, is let go."""
WARM_UP = {"balanced": 4, "draft": 2}
_BACK_ENDS = ("_flash_3", "flash", "_native_cudnn")
_SHARED_BACK_ENDS = ("flash", "_native_cudnn")
"""Those that the library shares among GPUs."""


def quicken(pipe: Any, how: How, joins: Any = None) -> None:
    """Make the pipeline as fast as `how` allows; `joins` is the family's way to batch guidance, if any."""
    import torch

    on_gpu = torch.cuda.is_available() and how.memory != "cpu"
    denoisers = [
        part for name in ("transformer", "transformer_2", "unet") if (part := getattr(pipe, name, None))
    ]
    if how.speed != "exact":
        _cache(pipe, how.speed)
    elif joins is not None and on_gpu:
        joins(pipe)
    if not on_gpu:
        return
    for denoiser in denoisers:
        if how.gpus > 1:  # compiled blocks and the library's hooks for sharing haven't been tried together
            _attend(denoiser, _SHARED_BACK_ENDS)
            continue
        _attend(denoiser)
        if getattr(denoiser, "_repeated_blocks", None) and how.memory in (None, "whole"):
            denoiser.compile_repeated_blocks(fullgraph=how.speed == "exact")


def _cache(pipe: Any, speed: str) -> None:
    import logging

    import cache_dit  # pyright: ignore[reportMissingTypeStubs]

    for name in [name for name in logging.root.manager.loggerDict if name.lower().startswith("cache_dit")]:
        logging.getLogger(name).setLevel(logging.WARNING)  # it tells of every step of its own set-up

    config = cache_dit.DBCacheConfig(
        Fn_compute_blocks=1,
        Bn_compute_blocks=0,
        residual_diff_threshold=THRESHOLDS[speed],
        max_warmup_steps=WARM_UP[speed],
        max_continuous_cached_steps=3,
    )
    try:
        cache_dit.enable_cache(pipe, cache_config=config)
    except ValueError as error:
        raise CannotFill(f"nothing can be left out of {type(pipe).__name__}; say --speed exact") from error


def _attend(denoiser: Any, back_ends: tuple[str, ...] = _BACK_ENDS) -> None:
    """The fastest attention whose kernels are on this machine; the library's own where none is."""
    if not hasattr(denoiser, "set_attention_backend"):
        return
    for name in back_ends:
        try:
            denoiser.set_attention_backend(name)
        except (ImportError, RuntimeError, ValueError):
            continue
        return
