"""One clip over several GPUs: the library's own context parallelism, where a process runs for each of them.

Every rank holds all weights and runs the whole pipeline with the same seed; of each step of the denoiser it
computes a part of the clip's tokens, and in attention a part of the heads (Ulysses: DeepSpeed-Ulysses,
arXiv:2309.14509). Knows torch.distributed and denoisers; not who started the ranks (gangs.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.contracts import CannotFill
from vitascope.engine.gangs import check_shared

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Model
    from vitascope.engine.open_weights.loading import How


def check(model: Model, how: How) -> None:
    """Refuse what ranks can't do together, before anything is loaded. Raises CannotFill."""
    if how.gpus == 1:
        return
    check_shared(model.name, model.capabilities, how.gpus)
    if _ranks() != how.gpus:
        raise CannotFill(
            f"{how.gpus} GPUs share a clip as workers of a cluster, and this process is none of theirs: say "
            '--cluster, which may be "local"'
        )
    if how.speed != "exact":
        # Each rank would judge by its own part which blocks to leave out, and wait for those that don't.
        raise CannotFill("GPUs that share a clip leave no blocks out; say --speed exact, or --gpus 1")


def share(pipe: Any, how: How) -> None:
    """Have the pipeline's denoisers share their work with the other ranks'. Raises CannotFill where
    attention's heads can't be dealt out evenly.
    """
    if how.gpus == 1:
        return
    import diffusers

    library: Any = diffusers
    for denoiser in (getattr(pipe, name, None) for name in ("transformer", "transformer_2")):
        if denoiser is None:
            continue
        heads = denoiser.config.num_attention_heads
        if heads % how.gpus:
            able = ", ".join(str(count) for count in range(2, heads + 1) if heads % count == 0)
            raise CannotFill(
                f"{heads} heads of attention can't be dealt out to {how.gpus} GPUs; of these counts: {able}"
            )
        if not _on_gpu():
            denoiser._resolve_parallel_config = lambda config, its=denoiser: _on_processors(its, config)
        # "Anything": tokens needn't be a multiple of the ranks, so any size and length goes.
        config = library.ContextParallelConfig(ulysses_degree=how.gpus, ulysses_anything=True)
        denoiser.enable_parallelism(config=config)


def least(value: int) -> int:
    """The least of what all ranks say, so that they decide alike; alone, the value itself."""
    if _ranks() == 1:
        return value
    import torch
    from torch import distributed

    said = torch.tensor([value])
    distributed.all_reduce(said, op=distributed.ReduceOp.MIN)
    return int(said)


def _ranks() -> int:
    from torch import distributed

    there = distributed.is_available() and distributed.is_initialized()
    return distributed.get_world_size() if there else 1


def _on_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _on_processors(denoiser: Any, config: Any) -> Any:
    """What the library's method of the same name does, for ranks without a GPU: its own counts GPUs to name
    each rank's, and divides by their number.
    """
    import torch
    from diffusers.models._modeling_parallel import ParallelConfig
    from torch import distributed
    from torch.distributed.device_mesh import init_device_mesh

    mesh = init_device_mesh("cpu", config.mesh_shape, mesh_dim_names=config.mesh_dim_names)
    whole = ParallelConfig(context_parallel_config=config)
    whole.setup(distributed.get_rank(), distributed.get_world_size(), torch.device("cpu"), mesh=mesh)
    denoiser._parallel_config = whole
    return whole
