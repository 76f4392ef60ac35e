"""A filler spread over a Ray cluster: each canvas is filled by a worker that has what the filler needs.

Workers stay awake between canvases; one that dies is replaced, and its canvas filled again (the same seed
gives the same pixels). Knows Ray and the door that fillers come through; not what any of them does.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from vitascope.canvas import Canvas
from vitascope.engine.contracts import Cancelled, Capabilities, EngineError, FillSettings, Progress, Report
from vitascope.engine.plugins import admit, find_entry, load_filler

WAIT_S = 0.2


class NoCluster(EngineError):
    """The cluster can't be reached, has nobody who could fill this, or Ray isn't installed."""


class Cluster:
    """The filler of that name, on the machines of a Ray cluster.

    `address` is "ray://host:10001", "host:6379", or "local" for a cluster of this machine alone. `workers` is
    how many fill at once; None: as many as the cluster has room for, at most one for each canvas.
    """

    def __init__(self, name: str, address: str, workers: int | None = None) -> None:
        self.name, self.address, self.workers = name, address, workers
        self._ray = _connected(address)
        self._awake: list[Any] = []

    @property
    def capabilities(self) -> Capabilities:
        """Those of the filler itself."""
        return find_entry(self.name).capabilities

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        """Fill the canvases, each on whichever worker is free; answers keep the order.

        Raises NoCluster, what the filler raises, and what the report raises: then all stop within a step.
        """
        ray = self._ray
        diary = ray.remote(num_cpus=0)(_Diary).remote()
        free = self._workers(len(canvases))
        waiting, busy = list(range(len(canvases))), dict[Any, tuple[int, Any]]()
        answers: list[Canvas | None] = [None] * len(canvases)
        done = 0
        try:
            while waiting or busy:
                while waiting and free:
                    number, worker = waiting.pop(0), free.pop()
                    busy[worker.fill.remote(canvases[number], settings, diary, number)] = number, worker
                ready, _ = ray.wait(list(busy), timeout=WAIT_S)
                for answer in ready:
                    number, worker = busy.pop(answer)
                    answers[number] = self._answer(answer)
                    free.append(worker)
                    done += 1
                for number, progress in ray.get(diary.take.remote()):
                    stage = progress.stage if len(canvases) == 1 else f"{progress.stage}, canvas {number + 1}"
                    report(Progress(stage, progress.done, progress.total, progress.preview))
        except BaseException:
            with suppress(Exception):
                ray.get(diary.stop.remote())
                ray.wait(list(busy), num_returns=len(busy), timeout=60)
            raise
        return [answer for answer in answers if answer is not None]

    def _workers(self, wanted: int) -> list[Any]:
        """Workers that are awake, as many as are wanted and there is room for. Raises NoCluster for none."""
        ray, needs = self._ray, self.capabilities
        gpus = needs.gpus
        room = ray.cluster_resources()
        most = int(room.get("GPU", 0) // gpus) if gpus else int(room.get("CPU", 0))
        if not most:
            what = f"{gpus} GPU{'s' if gpus > 1 else ''}" if gpus else "a processor"
            raise NoCluster(f"no machine of {self.address} has {what}, which {self.name} needs")
        wanted = min(wanted, most, self.workers or most)
        kind = ray.remote(num_cpus=1, num_gpus=gpus, max_restarts=-1, max_task_retries=2)(_Worker)
        while len(self._awake) < wanted:
            self._awake.append(kind.remote(self.name))
        return self._awake[:wanted]

    def _answer(self, answer: Any) -> Canvas:
        from ray.exceptions import RayError, RayTaskError

        try:
            return self._ray.get(answer)
        except RayTaskError as error:
            cause: Any = error.cause
            raise cause from None
        except RayError as error:
            raise NoCluster(
                f"a worker of {self.address} was lost, and so were its replacements: {error}"
            ) from error


class _Worker:
    """Fills on one machine of the cluster; its filler stays awake."""

    def __init__(self, name: str) -> None:
        self._filler = load_filler(admit(name))

    def fill(self, canvas: Canvas, settings: FillSettings, diary: Any, number: int) -> Canvas:
        """One canvas; each step is written into the diary, which says when to stop."""
        import ray

        def report(progress: Progress) -> None:
            if ray.get(diary.tell.remote(number, progress)):
                raise Cancelled

        (filled,) = self._filler.fill([canvas], settings, report)
        return filled


class _Diary:
    """What workers have done since somebody last asked, and whether they are to stop."""

    def __init__(self) -> None:
        self._said: dict[int, Progress] = {}
        self._stopped = False

    def tell(self, number: int, progress: Progress) -> bool:
        """Keep the latest step of a canvas; True: stop."""
        self._said[number] = progress
        return self._stopped

    def take(self) -> list[tuple[int, Progress]]:
        """What is new."""
        said, self._said = self._said, {}
        return list(said.items())

    def stop(self) -> None:
        """From now on every step is the last."""
        self._stopped = True


def _connected(address: str) -> Any:
    try:
        import ray as library
    except ImportError as error:
        raise NoCluster("a cluster needs Ray; `pip install 'vitascope[cluster]'` brings it") from error
    ray: Any = library
    if ray.is_initialized():
        return ray
    how: dict[str, Any] = {"log_to_driver": False, "include_dashboard": False, "logging_level": "error"}
    if address != "local":
        how = {"address": address, "log_to_driver": False}
    try:
        ray.init(**how, configure_logging=False)
    except (ConnectionError, TimeoutError, ValueError, RuntimeError) as error:
        said = str(error).strip().splitlines()[0][:200]
        raise NoCluster(f"the cluster {address} can't be reached: {said}") from error
    return ray
