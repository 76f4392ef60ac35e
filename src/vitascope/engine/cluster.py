"""A filler spread over a Ray cluster: each canvas is filled by a worker that has what the filler needs.

Workers stay awake between canvases; one that dies is replaced, and its canvas filled again (the same seed
gives the same pixels). A worker may be a gang that shares one canvas (gangs.py). Knows Ray and the door that
fillers come through; not what any of them does.
"""

from __future__ import annotations

import importlib.util
import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from vitascope.canvas import Canvas
from vitascope.engine.contracts import Capabilities, Filler, FillSettings, Progress, Report
from vitascope.engine.gangs import Gang, NoCluster, check_shared
from vitascope.engine.plugins import Runner, find_entry

WAIT_S = 0.2
REACHED_WITHIN_S = 5.0
STOPS_WITHIN_S = 15.0
"""How long a worker may take to its next step once it's to stop; then its process is ended."""


def on_cluster(address: str, gpus: int = 1) -> Runner:
    """For running_on(): fillers fill on that cluster, so many GPUs to one clip unless a fill's settings say
    more; one that streams fills here, for its frames would have to come one by one. A filler of another name
    lets its workers go where there is no room for both.

    The runner raises CannotFill for several GPUs to one clip of a filler that can't share.
    """
    clusters: dict[str, Cluster] = {}

    def run(name: str) -> Filler | None:
        declared = find_entry(name).capabilities
        check_shared(name, declared, gpus)
        if declared.streams:
            return None
        if name not in clusters:
            clusters[name] = Cluster(name, address, neighbours=clusters.values(), gpus=gpus)
        return clusters[name]

    return run


def check_reachable(address: str) -> None:
    """Raise NoCluster, within seconds, where nobody listens at that address or Ray isn't installed here."""
    if importlib.util.find_spec("ray") is None:
        raise NoCluster("a cluster needs Ray; `pip install 'vitascope[cluster]'` brings it")
    if address in ("local", "auto"):
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise NoCluster(f'"{address}" is no cluster: say "ray://host:10001", "host:6379", or "local"')
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACHED_WITHIN_S).close()
    except (OSError, OverflowError) as error:
        raise NoCluster(f"the cluster {address} can't be reached: {error}") from error


class Cluster:
    """The filler of that name, on the machines of a Ray cluster.

    `address` is "ray://host:10001", "host:6379", or "local" for a cluster of this machine alone. `workers` is
    how many fill at once; None: as many as the cluster has room for, at most one for each canvas.
    `neighbours` are others of this process, whose workers are let go where room is short. `gpus` share one
    clip where a fill's settings don't say more.
    """

    def __init__(
        self,
        name: str,
        address: str,
        workers: int | None = None,
        neighbours: Collection[Cluster] = (),
        gpus: int = 1,
    ) -> None:
        self.name, self.address, self.workers, self.gpus = name, address, workers, gpus
        self._neighbours = neighbours
        self._ray: Any = None
        self._awake: list[Gang] = []

    @property
    def capabilities(self) -> Capabilities:
        """Those of the filler itself."""
        return find_entry(self.name).capabilities

    def fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        """Fill the canvases, each on whichever worker is free; answers keep the order.

        Raises NoCluster, CannotFill for several GPUs to one clip of a filler that can't share, what the
        filler raises, and what the report raises: then all stop within a step.
        """
        if settings.gpus == 1:
            settings = replace(settings, gpus=self.gpus)
        check_shared(self.name, self.capabilities, settings.gpus)
        self._connect()
        from ray.exceptions import RayError

        try:
            return self._fill(canvases, settings, report)
        except (RayError, ConnectionError) as error:
            raise NoCluster(f"the cluster {self.address} was lost: {_first_line(error)}") from error

    def rest(self) -> None:
        """Let the workers go; the next fill starts new ones."""
        for gang in self._awake:
            gang.end()
        self._awake.clear()

    def _fill(self, canvases: Sequence[Canvas], settings: FillSettings, report: Report) -> list[Canvas]:
        ray = self._ray
        free = self._gangs(len(canvases), settings.gpus)
        diary = ray.remote(num_cpus=0)(Diary).remote()
        waiting, busy = list(range(len(canvases))), dict[Any, tuple[int, Gang]]()
        answers: list[Canvas | None] = [None] * len(canvases)
        last = Progress(f"waking {self.name} on {self.address}", 0, 1)
        used: list[Gang] = []
        try:
            while waiting or busy:
                while waiting and free:
                    number, gang = waiting.pop(0), free.pop()
                    used.append(gang)
                    for ref in gang.begin(canvases[number], settings, diary, number):
                        busy[ref] = number, gang
                ready, _ = ray.wait(list(busy), timeout=WAIT_S)
                for ref in ready:
                    number, gang = busy.pop(ref)
                    if (made := gang.take(ref)) is not None:
                        answers[number] = made
                    if all(gang is not other for _, other in busy.values()):
                        free.append(gang)
                news = [_of(number, told, len(canvases)) for number, told in ray.get(diary.take.remote())]
                # The last word again where there is none: who cancels is heard while a worker wakes.
                for told in news or [last]:
                    report(told)
                    last = told
        except BaseException:
            self._halt(diary, used)
            raise
        return [answer for answer in answers if answer is not None]

    def _halt(self, diary: Any, used: Sequence[Gang]) -> None:
        """Stop within a step; those who don't are ended."""
        from ray.exceptions import RayError

        until_s = time.monotonic() + STOPS_WITHIN_S
        try:
            self._ray.get(diary.stop.remote(), timeout=STOPS_WITHIN_S)
            gone = [gang for gang in used if not gang.settle(max(0.0, until_s - time.monotonic()))]
        except (RayError, ConnectionError):  # the cluster itself is gone
            self.rest()
            return
        self._awake = [gang for gang in self._awake if gang not in gone]

    def _gangs(self, wanted: int, ranks: int) -> list[Gang]:
        """Workers that are awake, as many as are wanted and there is room for. Raises NoCluster for none."""
        gpus = self.capabilities.gpus
        kind, each = ("GPU", gpus * ranks) if gpus else ("CPU", ranks)
        there = self._ray.cluster_resources().get(kind, 0)
        most = int(there // each)
        if not most and ranks > 1:
            raise NoCluster(f"{self.address} has {there:.0f} GPUs, not the {each} that are to share a clip")
        if not most:
            what = f"{gpus} GPU{'s' if gpus > 1 else ''}" if gpus else "a processor"
            raise NoCluster(f"no machine of {self.address} has {what}, which {self.name} needs")
        if any(len(gang) != ranks for gang in self._awake):
            self.rest()
        room = int(self._ray.available_resources().get(kind, 0) // each)
        if not room and not self._awake:
            for other in self._neighbours:
                other.rest()
            room = 1  # or as soon as somebody else's are done
        wanted = min(wanted, most, self.workers or most, len(self._awake) + room)
        while len(self._awake) < wanted:
            self._awake.append(Gang(self._ray, self.name, ranks, gpus))
        return self._awake[:wanted]

    def _connect(self) -> None:
        """Connect, if that isn't done or was lost; workers of a lost connection are gone with it."""
        ray, anew = _connected(self.address)
        if anew:
            self._awake.clear()
        self._ray = ray


class Diary:
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


def _of(number: int, told: Progress, canvases: int) -> Progress:
    stage = told.stage if canvases == 1 else f"{told.stage}, canvas {number + 1}"
    return Progress(stage, told.done, told.total, told.preview)


def _connected(address: str) -> tuple[Any, bool]:
    """Ray, and whether it was connected just now. Raises NoCluster."""
    check_reachable(address)
    import ray as library

    ray: Any = library
    if ray.is_initialized():
        return ray, False
    how: dict[str, Any] = {"log_to_driver": False, "include_dashboard": False, "logging_level": "error"}
    if address != "local":
        how = {"address": address, "log_to_driver": False}
    try:
        ray.init(**how, configure_logging=False)
    except (ConnectionError, TimeoutError, ValueError, RuntimeError) as error:
        raise NoCluster(f"the cluster {address} can't be reached: {_first_line(error)}") from error
    return ray, True


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
