"""Fills spread over a real Ray cluster: two machines (raylets) here, each with one processor."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from vitascope.engine import Cancelled, Progress, ToyFiller, fill, fill_many
from vitascope.engine.cluster import Cluster, NoCluster, check_reachable, on_cluster
from vitascope.engine.plugins import awake, running_on
from vitascope.engine.stills.filler import StillsFiller
from vitascope.tasks import text_to_video

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"
    ),
]
CANVASES = [
    text_to_video("a fox", size=(32, 32), duration_s=Fraction(8, 8), rate_fps=8, seed=seed)
    for seed in range(6)
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster as Machines

    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    machines = Machines(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    machines.add_node(num_cpus=1)
    yield machines.address
    ray.shutdown()
    machines.shutdown()


@pytest.fixture
def toy(address: str) -> Cluster:
    return Cluster("toy", address)


def test_they_are_filled_as_here_in_order_by_two_workers(toy: Cluster) -> None:
    here = fill_many(CANVASES, ToyFiller())
    there = fill_many(CANVASES, toy)
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(here, there, strict=True))
    assert len(toy._awake) == 2


def test_steps_are_heard_and_cancelling_stops_the_workers(toy: Cluster) -> None:
    heard: list[Progress] = []
    fill(replace(CANVASES[0], seed=9), toy, report=heard.append)
    assert heard

    def report(progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fill_many(CANVASES, toy, report=report)
    assert np.array_equal(fill(CANVASES[1], toy).pixels, fill(CANVASES[1], ToyFiller()).pixels)


def test_a_worker_that_dies_is_replaced(toy: Cluster) -> None:
    fill(CANVASES[0], toy)
    import ray

    def pid(worker: object) -> int:
        return os.getpid()

    victim = ray.get(toy._awake[0].ranks[0].__ray_call__.remote(pid))
    os.kill(victim, signal.SIGKILL)
    assert np.array_equal(fill(CANVASES[2], toy).pixels, fill(CANVASES[2], ToyFiller()).pixels)


def test_who_needs_a_gpu_is_refused_where_there_is_none(address: str) -> None:
    with pytest.raises(NoCluster, match="has 1 GPU, which wan2"):
        fill(
            text_to_video("a fox", size=(256, 256), duration_s=1, rate_fps=16),
            Cluster("wan2.1-t2v-1.3b", address),
        )


def test_fillers_that_are_named_fill_there_and_make_room_for_each_other(address: str) -> None:
    run = on_cluster(address)
    with running_on(run):
        there = [fill(canvas, "toy") for canvas in CANVASES[:2]]
        assert isinstance(awake("toy"), Cluster)
        assert isinstance(awake("stills"), StillsFiller)  # it streams
    assert all(
        np.array_equal(a.pixels, fill(b, "toy").pixels) for a, b in zip(there, CANVASES[:2], strict=True)
    )
    assert isinstance(awake("toy"), ToyFiller)
    toy = run("toy")
    assert isinstance(toy, Cluster)
    fill_many(CANVASES[:2], toy)  # both processors are taken now
    assert len(toy._awake) == 2
    neighbour = Cluster("toy", address, neighbours=[toy])
    assert np.array_equal(fill(CANVASES[3], neighbour).pixels, fill(CANVASES[3], "toy").pixels)
    assert not toy._awake
    neighbour.rest()


@pytest.mark.parametrize("wrong", ["127.0.0.1:1", "ray://127.0.0.1:1"])
def test_who_listens_to_nobody_is_told_of_at_once(wrong: str) -> None:
    with pytest.raises(NoCluster, match="can't be reached"):
        check_reachable(wrong)
    with pytest.raises(NoCluster, match="can't be reached"):
        fill(CANVASES[0], Cluster("toy", wrong))


@pytest.mark.parametrize("wrong", ["", "machine", "http://machine", "ray://machine:"])
def test_what_is_no_address_is_told_what_would_be(wrong: str) -> None:
    with pytest.raises(NoCluster, match="is no cluster: say"):
        check_reachable(wrong)
