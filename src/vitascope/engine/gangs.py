"""A worker of a Ray cluster: one process, or several that share the work on one clip, a GPU each.

The processes (ranks) of a gang run the very same fill with the same seed; what they share is the filler's
affair, over torch.distributed, which is set up here. They step together: rank 0 says how it goes and hears
whether to stop, and all stop at the same step. Knows Ray and torch.distributed; no filler.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

from vitascope.canvas import Canvas
from vitascope.engine.contracts import (
    Cancelled,
    CannotFill,
    Capabilities,
    EngineError,
    FillSettings,
    Progress,
)
from vitascope.engine.plugins import admit, fillers, load_filler

LOST_WITHIN_S = 10.0
"""How long Ray may take to notice that a process is gone; its neighbours feel it at once."""


class NoCluster(EngineError):
    """The cluster can't be reached, has nobody who could fill this, or Ray isn't installed."""


def check_shared(name: str, filler: Capabilities, gpus: int) -> None:
    """Raise CannotFill, naming those that can, for several GPUs to one clip of a filler that can't share."""
    if gpus < 1:
        raise CannotFill(f"{gpus} GPUs can't fill a clip; say 1 or more")
    if gpus == 1 or filler.shared:
        return
    raise CannotFill(
        f'the filler "{name}" can\'t share a clip among {gpus} GPUs; these can: {", ".join(sharers())}'
    )


def sharers() -> list[str]:
    """The installed fillers that can share a clip among several GPUs, by name."""
    return [name for name, item in fillers().items() if item.entry and item.entry.capabilities.shared]


class Gang:
    """So many ranks that fill one canvas together. Of one rank: a plain worker, replaced when it dies."""

    def __init__(self, ray: Any, name: str, ranks: int, gpus: int) -> None:
        self._ray, self.name = ray, name
        self._place: Any = None
        self._refs: list[Any] = []
        kind = ray.remote(num_cpus=1, num_gpus=gpus)(Rank)
        if ranks == 1:
            self.ranks = [kind.options(max_restarts=-1, max_task_retries=2).remote(name)]
            self._joined: list[Any] = [None]
            return
        from ray.util.placement_group import placement_group
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        # All or none are started, on one machine if it has room: half a gang would wait for ever.
        self._place = placement_group([{"CPU": 1, "GPU": gpus} for _ in range(ranks)], strategy="PACK")
        there = [
            PlacementGroupSchedulingStrategy(self._place, placement_group_bundle_index=number)
            for number in range(ranks)
        ]
        self.ranks = [kind.options(scheduling_strategy=place).remote(name) for place in there]
        where = self.ranks[0].open.remote()
        self._joined = [rank.join.remote(where, number, ranks) for number, rank in enumerate(self.ranks)]

    def __len__(self) -> int:
        return len(self.ranks)

    def begin(self, canvas: Canvas, settings: FillSettings, diary: Any, number: int) -> list[Any]:
        """Begin to fill; what take() is to be given when it is ready, one for each rank."""
        self._refs = [
            rank.fill.remote(canvas, settings, diary, number, joined)
            for rank, joined in zip(self.ranks, self._joined, strict=True)
        ]
        return self._refs

    def take(self, ref: Any) -> Canvas | None:
        """What a rank made: rank 0 the canvas, the others None. Raises what the filler raised, or NoCluster
        where a rank was lost.
        """
        from ray.exceptions import RayError, RayTaskError

        try:
            return self._ray.get(ref)
        except RayTaskError as error:
            # The neighbours of a rank that died fail too, and sooner: what they say isn't the cause.
            if not isinstance(error.cause, (EngineError, Cancelled)) and self._any_lost():
                raise self._lost() from error
            cause: Any = error.cause
            raise cause from None
        except RayError as error:
            raise self._lost() from error

    def settle(self, within_s: float) -> bool:
        """Wait until it has stopped. False: it can't go on, because it doesn't stop or because its ranks may
        wait for each other in the middle of a step; it's gone then.
        """
        _, late = self._ray.wait(self._refs, num_returns=len(self._refs), timeout=within_s)
        if not late and (len(self) == 1 or all(self._stopped(ref) for ref in self._refs)):
            return True
        self.end()
        return False

    def end(self) -> None:
        """Let its machines go."""
        with suppress(Exception):  # the cluster itself may be gone
            for rank in self.ranks:
                self._ray.kill(rank)
            if self._place is not None:
                from ray.util.placement_group import remove_placement_group

                remove_placement_group(self._place)

    def _any_lost(self) -> bool:
        from ray.exceptions import RayActorError

        if len(self) == 1:
            return False
        ended, _ = self._ray.wait(self._refs, num_returns=len(self._refs), timeout=LOST_WITHIN_S)
        return any(isinstance(self._failure(ref), RayActorError) for ref in ended)

    def _stopped(self, ref: Any) -> bool:
        """Whether a rank filled to the end, or stopped where all were to stop."""
        failure = self._failure(ref)
        return failure is None or isinstance(getattr(failure, "cause", None), Cancelled)

    def _failure(self, ref: Any) -> Exception | None:
        try:
            self._ray.get(ref)
        except Exception as error:
            return error
        return None

    def _lost(self) -> NoCluster:
        if len(self) == 1:
            return NoCluster(
                f"a worker of the cluster was lost while it filled with {self.name}, again and again"
            )
        return NoCluster(
            f"one of the {len(self)} workers that shared a clip of {self.name} was lost; "
            "the next fill starts all of them anew"
        )


class Rank:
    """One process of a gang, on one machine of the cluster; its filler stays awake."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._number, self._ranks = 0, 1
        self._store: Any = None

    def open(self) -> tuple[str, int]:
        """Where the ranks of a gang meet: host and port, at rank 0."""
        import ray
        import torch.distributed

        distributed, node = cast("Any", torch.distributed), cast("Any", ray.util)
        host: str = node.get_node_ip_address()
        self._store = distributed.TCPStore(host, 0, is_master=True, wait_for_workers=False)
        return host, self._store.port

    def join(self, where: tuple[str, int], number: int, ranks: int) -> None:
        """Meet the others, and wait until all are there."""
        import torch
        import torch.distributed

        distributed = cast("Any", torch.distributed)
        self._number, self._ranks = number, ranks
        store = self._store or distributed.TCPStore(*where, is_master=False)
        # gloo beside nccl: what is said on processors (whether to stop) needs no GPU.
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        distributed.init_process_group(backend, store=store, rank=number, world_size=ranks)

    def fill(
        self, canvas: Canvas, settings: FillSettings, diary: Any, number: int, joined: None
    ) -> Canvas | None:
        """One canvas; each step is written into the diary, which says when to stop. None beside rank 0.

        `joined` is what join() gave, so that what it raises is heard of.
        """
        import ray

        def report(progress: Progress) -> None:
            stop = self._number == 0 and ray.get(diary.tell.remote(number, progress))
            if self._agreed(bool(stop)):
                raise Cancelled

        # Here and not at the start, so that what is wrong with the filler is heard of as what fill() raises.
        (filled,) = load_filler(admit(self._name)).fill([canvas], settings, report)
        return filled if self._number == 0 else None

    def _agreed(self, stop: bool) -> bool:
        """What rank 0 says, for all ranks at the same step: one that stopped alone would leave the others
        waiting.
        """
        if self._ranks == 1:
            return stop
        import torch
        from torch import distributed

        said = torch.tensor([stop])
        distributed.broadcast(said, src=0)
        return bool(said)
