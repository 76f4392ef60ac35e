"""A server whose painters fill on a real Ray cluster of two machines (raylets) here, each with a processor.

The server's own diary of "slow" is another file than that of the cluster's machines, so it shows who painted.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from vitascope.apps.server.errors import SettingsError
from vitascope.apps.server.serving import _check_shared
from vitascope.apps.server.settings import Settings
from vitascope.engine import ToyFiller, fill
from vitascope.media import read_clip, write_video
from vitascope.tasks import text_to_video

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"
    ),
]
PROGRAM = "from vitascope.apps.cli import main; raise SystemExit(main())"
FOX = {
    "words": [{"text": "a fox jumps"}],
    "frames": 16,
    "width_px": 64,
    "height_px": 64,
    "rate_fps": 8,
    "seed": 5,
}


@dataclass
class Machines:
    """Two machines of a cluster, and what "slow" writes down on them."""

    address: str
    diary: Path
    ray: Any

    def lines(self) -> list[str]:
        """The steps that were painted here."""
        return self.diary.read_text().splitlines() if self.diary.exists() else []


@pytest.fixture(scope="module")
def machines(more_fillers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    diary = tmp_path_factory.mktemp("cluster") / "diary.txt"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        patch.setenv("SLOW_DIARY", str(diary))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(more_fillers), os.environ.get("PYTHONPATH", "")]))
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        cluster.add_node(num_cpus=1)
        yield Machines(cluster.address, diary, cluster)
        cluster.shutdown()


@pytest.fixture(scope="module")
def served(machines: Machines, make_running: Any) -> Any:
    return make_running(cluster=machines.address, watermark=False, sign=False)


def post(client: httpx.Client, filler: str, **more: Any) -> str:
    answer = client.post("/v1/fills", json=FOX | more, params={"filler": filler})
    return answer.raise_for_status().json()["id"]


def test_a_job_comes_out_as_it_does_without_a_cluster(served: Any, tmp_path: Path) -> None:
    with served.client() as client:
        job = served.settled(post(client, "toy"))
        assert job["status"] == "completed", job
        (video,) = [output for output in job["outputs"] if output["variant"] == "video"]
        (tmp_path / "there.mp4").write_bytes(httpx.get(video["url"], timeout=60).raise_for_status().content)
    canvas = text_to_video("a fox jumps", size=(64, 64), duration_s=2, rate_fps=8, seed=5)
    write_video(tmp_path / "here.mp4", fill(canvas, ToyFiller()).pixels, 8)
    here, there = (read_clip(tmp_path / f"{name}.mp4") for name in ("here", "there"))
    assert here.std() > 5
    assert np.array_equal(here, there)


def test_steps_and_previews_come_from_the_cluster_as_events(served: Any, machines: Machines) -> None:
    began = len(machines.lines())
    names, progress = set[str](), set[int]()
    with served.client() as client:
        job_id = post(client, "slow", frames=40)
        with client.stream("GET", f"/v1/jobs/{job_id}/events") as answer:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    names.add(line.removeprefix("event: "))
                if line.startswith("data: "):
                    progress.add(json.loads(line.removeprefix("data: ")).get("progress", 0))
        assert served.settled(job_id)["status"] == "completed"
    assert {"status", "preview"} <= names
    assert len(progress) > 2
    assert len(machines.lines()) - began >= 40
    assert not (served.data.parent / "diary.txt").exists()


def test_cancelling_reaches_the_cluster_s_worker_within_a_step(served: Any, machines: Machines) -> None:
    with served.client() as client:
        began = len(machines.lines())
        job_id = post(client, "slow", frames=900)
        until_s = time.monotonic() + 120
        while len(machines.lines()) == began:
            assert time.monotonic() < until_s, served.log
            time.sleep(0.05)
        client.post(f"/v1/jobs/{job_id}/cancel").raise_for_status()
        assert served.settled(job_id)["status"] == "cancelled"
        time.sleep(3)  # a worker hears of it within 200 ms, and a step takes 100
        painted = len(machines.lines())
        time.sleep(1)
        assert len(machines.lines()) == painted
        assert served.settled(post(client, "slow", frames=4))["status"] == "completed"


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_cluster_that_is_not_there_is_said_at_the_start(command: str, tmp_path: Path) -> None:
    arguments = [command, "--data", str(tmp_path), "--cluster", "127.0.0.1:1"]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, timeout=300)
    said = done.stderr.decode()
    assert done.returncode != 0
    assert "127.0.0.1:1 can't be reached" in " ".join(said.split())
    assert "Traceback" not in said


def test_several_workers_share_a_clip_where_the_settings_say_so(
    machines: Machines, start_server: Any
) -> None:
    machines.ray.add_node(num_cpus=2)  # the workers of the server above keep what there is
    how = {"filler": "together", "gpus": 2, "models": '{"old": "together"}'}
    served = start_server(cluster=machines.address, watermark=False, sign=False, **how)
    with served.client() as client:
        for filler in ("", "together"):
            began = len(machines.lines())
            job = served.settled(post(client, filler))
            assert job["status"] == "completed", job
            assert sorted(machines.lines()[began:]) == ["2: 0 of 2", "2: 1 of 2"]
        refused = client.post("/v1/fills", json=FOX, params={"filler": "toy"})
        assert refused.status_code == 400
        assert 'the filler "toy" can\'t share a clip among 2 GPUs' in refused.json()["error"]["message"]


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--filler", "toy"], 'gpus: the filler "toy" can\'t share a clip among 2 GPUs; these can: .*wan2'),
        (["--filler", "ty"], 'gpus: no filler is called "ty"; did you mean "toy"'),
        ([], "gpus: name the filler whose clips 2 GPUs are to share .--filler.: .*wan2"),
    ],
)
def test_who_cannot_share_is_refused_at_the_start(
    command: str, given: list[str], said: str, tmp_path: Path
) -> None:
    arguments = [command, "--data", str(tmp_path), "--gpus", "2", *given]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, timeout=300)
    heard = " ".join(done.stderr.decode().split())
    assert done.returncode != 0
    assert re.search(said, heard), heard
    assert "Traceback" not in heard


def test_a_model_name_that_means_one_that_cannot_share_is_refused_too(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, filler="flux.1-schnell", models={"old": "toy"}, gpus=2)
    with pytest.raises(SettingsError, match='gpus: the filler "toy"'):
        _check_shared(settings)
    _check_shared(settings.model_copy(update={"models": {"old": ""}}))
    _check_shared(settings.model_copy(update={"gpus": 1}))


def test_several_workers_need_a_cluster_to_share_its_gpus(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, filler="flux.1-schnell", gpus=2, workers=3)
    with pytest.raises(SettingsError, match="3 workers on one machine would all take the same GPUs"):
        _check_shared(settings)
    _check_shared(settings.model_copy(update={"cluster": "head:6379"}))


def test_a_cluster_that_went_away_fails_jobs_with_a_sentence(served: Any, machines: Machines) -> None:
    """The last one here, for it ends the machines."""
    machines.ray.shutdown()
    with served.client() as client:
        job = served.settled(post(client, "toy"))
        assert job["status"] == "failed"
        assert f"the cluster {machines.address} can't be reached" in job["error"]["message"]
        assert "Traceback" not in json.dumps(job)
        assert client.get("/health/live").status_code == 200
