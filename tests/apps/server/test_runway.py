"""client.* of the official runwayml package, as it comes, against a server that really runs."""

from __future__ import annotations

import base64
import importlib
import inspect
import io
import pkgutil
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import runwayml
import runwayml.resources
from PIL import Image
from runwayml import RunwayML
from runwayml._resource import SyncAPIResource
from runwayml.types import organization_retrieve_response, organization_retrieve_usage_response

from vitascope.media import probe, read_clip, write_video

VERSION = "2024-11-06"
RED, BLUE = (250, 10, 20), (10, 20, 250)
SMALL = "64:48"  # pixels: painted in no time
LARGE: Any = {"ratio": "1280:720", "duration": 100}  # still being painted when we look


@pytest.fixture
def client(server: Any) -> RunwayML:
    return RunwayML(base_url=server.url, api_key="any", timeout=120)


def picture(colour: tuple[int, int, int] = RED, size: tuple[int, int] = (64, 48)) -> str:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def film(folder: Path, frames: int = 8, size: tuple[int, int] = (64, 48)) -> Path:
    path = folder / "own.mp4"
    pictures = (np.full((size[1], size[0], 3), 10 * number, np.uint8) for number in range(frames))
    write_video(path, pictures, Fraction(8))
    return path


def sent(client: RunwayML, path: Path) -> str:
    return client.uploads.create_ephemeral(file=path).uri


def ended(client: RunwayML, task_id: str) -> Any:
    """The task when it's over. The client's own way of waiting, 6 s at least, is tried elsewhere."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        task = client.tasks.retrieve(task_id)
        if task.status in ("SUCCEEDED", "FAILED", "CANCELLED"):
            return task
        time.sleep(0.1)
    raise AssertionError(f"{task.status} after four minutes")


def result(client: RunwayML, task_id: str, folder: Path, number: int = 0) -> Path:
    task = ended(client, task_id)
    assert task.status == "SUCCEEDED", task
    answer = httpx.get(task.output[number], timeout=60)
    assert answer.status_code == 200
    path = folder / f"result{number}"
    path.write_bytes(answer.content)
    return path


def near(frame: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(frame.mean(axis=(0, 1)) - colour).max() < 30)


def test_text_to_video_and_waiting_as_the_client_does(client: RunwayML, tmp_path: Path) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    task: Any = client.text_to_video.create(
        model="gen4.5", prompt_text="a fox jumps", ratio=SMALL, duration=2, seed=7
    )
    assert task.id
    assert task.estimated_cost.credits >= 1
    done = task.wait_for_task_output(timeout=240)
    assert done.status == "SUCCEEDED"
    assert began <= done.created_at <= datetime.now(UTC)
    assert isinstance(done.cost.credits, int)
    assert 1 <= done.cost.credits <= task.estimated_cost.credits
    (url,) = done.output
    assert url.startswith("http")
    info = probe(result(client, task.id, tmp_path))
    assert (info.width_px, info.height_px, info.frames, info.rate_fps) == (64, 48, 32, 16)


def test_the_same_seed_makes_the_same_video(client: RunwayML, tmp_path: Path) -> None:
    def made(seed: int) -> np.ndarray:
        how: Any = {"ratio": SMALL, "duration": 1, "seed": seed}
        task = client.text_to_video.create(model="gen4.5", prompt_text="a fox", **how)
        return read_clip(result(client, task.id, tmp_path))

    first = made(1)
    assert np.array_equal(first, made(1))
    assert not np.array_equal(first, made(2))


def test_image_to_video_from_a_string_and_from_first_and_last(client: RunwayML, tmp_path: Path) -> None:
    how: Any = {"ratio": SMALL, "duration": 1, "model": "gen4_turbo"}
    task = client.image_to_video.create(prompt_image=picture(RED), prompt_text="it moves", **how)
    clip = read_clip(result(client, task.id, tmp_path))
    assert clip.shape == (16, 48, 64, 3)
    assert near(clip[0], RED)
    assert not near(clip[-1], RED)
    both: Any = [{"uri": picture(RED), "position": "first"}, {"uri": picture(BLUE), "position": "last"}]
    task = client.image_to_video.create(prompt_image=both, **how)
    clip = read_clip(result(client, task.id, tmp_path))
    assert near(clip[0], RED)
    assert near(clip[-1], BLUE)


def test_a_size_that_follows_the_picture(client: RunwayML, server: Any) -> None:
    how: Any = {"model": "happyhorse_1_0", "duration": 1, "resolution": "720p"}
    task = client.image_to_video.create(prompt_image=picture(size=(40, 80)), **how)
    size = httpx.get(f"{server.url}/v1/jobs/{task.id}", timeout=60).json()
    client.tasks.delete(task.id)
    assert size["task"] == "make_video"


def test_uploads(client: RunwayML, tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    Image.new("RGB", (64, 48), RED).save(path)
    uri = client.uploads.create_ephemeral(file=path, file_metadata="a note").uri
    assert uri.startswith("runway://")
    how: Any = {"ratio": SMALL, "duration": 1, "model": "gen4_turbo"}
    task = client.image_to_video.create(prompt_image=uri, **how)
    assert near(read_clip(result(client, task.id, tmp_path))[0], RED)
    again = client.uploads.create_ephemeral(file=("red.png", path.read_bytes())).uri
    assert again != uri


def test_an_upload_is_taken_once_and_only_as_it_was_signed(client: RunwayML, server: Any) -> None:
    started: Any = client.post("/v1/uploads", cast_to=object, body={"filename": "a.png", "type": "ephemeral"})
    assert set(started) == {"uploadUrl", "fields", "runwayUri"}
    data = base64.b64decode(picture().partition(",")[2])

    def send(url: str = started["uploadUrl"], **fields: str) -> httpx.Response:
        return httpx.post(url, data=started["fields"] | fields, files={"file": ("a.png", data)}, timeout=60)

    for name in started["fields"]:
        assert send(**{name: "x"}).status_code == 403
    assert send(started["uploadUrl"] + "0").status_code == 403
    assert httpx.post(started["uploadUrl"], data=started["fields"], timeout=60).status_code == 400
    refused = httpx.post(
        started["uploadUrl"], data=started["fields"], files={"file": ("a.png", b"no picture")}, timeout=60
    )
    assert refused.status_code == 400
    assert send().status_code == 204
    assert send().status_code == 409
    # The signature of an upload opens no file.
    content = f"{server.url}/v1/files/{started['runwayUri'].removeprefix('runway://')}/content"
    assert httpx.get(content, params=started["fields"], timeout=60).status_code == 403


def test_video_to_video_redraws(client: RunwayML, tmp_path: Path) -> None:
    uri = sent(client, film(tmp_path))
    how: Any = {"model": "aleph2"}
    task = client.video_to_video.create(video_uri=uri, prompt_text="as a sketch", seed=3, **how)
    clip = read_clip(result(client, task.id, tmp_path))
    assert clip.shape == (8, 48, 64, 3)
    assert not near(clip[0], (0, 0, 0))


def test_video_to_video_with_keyframes(client: RunwayML, tmp_path: Path) -> None:
    uri = sent(client, film(tmp_path))
    keyframes: Any = [
        {"uri": picture(RED), "seconds": 0.25},
        {"uri": picture(BLUE, (100, 100)), "at": 1.0},
    ]
    how: Any = {"model": "aleph2", "keyframes": keyframes}
    task = client.video_to_video.create(video_uri=uri, **how)
    clip = read_clip(result(client, task.id, tmp_path))
    assert clip.shape == (8, 48, 64, 3)
    assert near(clip[2], RED)
    assert near(clip[7], BLUE)
    assert not near(clip[3], RED)


def test_a_keyframes_range_leaves_the_rest_as_it_was(client: RunwayML, tmp_path: Path) -> None:
    path = film(tmp_path, frames=24)
    before = read_clip(path)
    window = {"start_seconds": 1, "end_seconds": 2}
    keyframes: Any = [{"uri": picture(RED), "seconds": 1.5, "range": window}]
    how: Any = {"model": "aleph2", "keyframes": keyframes}
    task = client.video_to_video.create(video_uri=sent(client, path), **how)
    clip = read_clip(result(client, task.id, tmp_path))
    assert near(clip[12], RED)
    outside = [*range(8), *range(16, 24)]
    assert np.abs(clip[outside].astype(int) - before[outside]).mean() < 4  # what encoding twice may cost
    assert np.abs(clip[9].astype(int) - before[9]).mean() > 4


def test_outpainting(client: RunwayML, tmp_path: Path) -> None:
    path = film(tmp_path, size=(48, 48))
    how: Any = {"model": "aleph2", "target_aspect_ratio": "16:9"}
    task = client.video_to_video.create(video_uri=sent(client, path), prompt_text="a beach", **how)
    clip = read_clip(result(client, task.id, tmp_path))
    assert clip.shape == (8, 48, 86, 3)
    middle, before = clip[:, :, 19 + 4 : 67 - 4].astype(int), read_clip(path)[:, :, 4:-4]
    assert np.abs(middle - before).mean() < 6


def test_extending_and_another_size(client: RunwayML, tmp_path: Path) -> None:
    uri = sent(client, film(tmp_path))
    how: Any = {"model": "seedance2_5", "mode": "extend", "duration": 2}
    task = client.video_to_video.create(prompt_video=uri, prompt_text="it goes on", **how)
    assert read_clip(result(client, task.id, tmp_path)).shape == (24, 48, 64, 3)
    other: Any = {"model": "seedance2", "ratio": "96:96"}
    task = client.video_to_video.create(prompt_video=uri, prompt_text="in blue", **other)
    assert read_clip(result(client, task.id, tmp_path)).shape == (8, 96, 96, 3)


def test_video_upscale(client: RunwayML, tmp_path: Path) -> None:
    uri = sent(client, film(tmp_path, frames=2))
    model = "magnific_video_upscaler_creative"
    task = client.video_upscale.create(model=model, video_uri=uri, resolution="720p", creativity=10)
    info = probe(result(client, task.id, tmp_path))
    assert (info.width_px, info.height_px, info.frames) == (960, 720, 2)
    large = sent(client, film(tmp_path, frames=1, size=(960, 720)))
    with pytest.raises(runwayml.BadRequestError, match="960x720 already"):
        client.video_upscale.create(model=model, video_uri=large, resolution="720p")


def test_text_to_image_with_references(client: RunwayML, tmp_path: Path) -> None:
    still: Any = {"ratio": SMALL, "seed": 4}
    # The toy can't keep to references, and says so before any work.
    shown = still | {"reference_images": [{"uri": picture(), "tag": "fox"}]}
    with pytest.raises(runwayml.BadRequestError, match="takes no cast"):
        client.text_to_image.create(model="gen4_image", prompt_text="@fox at night", **shown)
    task = client.text_to_image.create(model="gen4_image", prompt_text="a fox at night", **still)
    with Image.open(result(client, task.id, tmp_path)) as image:
        assert (image.format, image.size) == ("PNG", (64, 48))
    several: Any = {"ratio": SMALL, "output_count": 3}
    task = client.text_to_image.create(model="muse_image", prompt_text="a fox", **several)
    assert len(ended(client, task.id).output) == 3


def test_from_pending_to_running_to_cancelled(client: RunwayML) -> None:
    first = client.text_to_video.create(model="gen4.5", prompt_text="a fox", **LARGE)
    second = client.text_to_video.create(model="gen4.5", prompt_text="a cat", **LARGE)
    third = client.text_to_video.create(model="gen4.5", prompt_text="a dog", **LARGE)
    seen: list[Any] = []
    until = time.monotonic() + 120
    while time.monotonic() < until and not (seen and seen[-1].status == "RUNNING" and seen[-1].progress > 0):
        seen.append(client.tasks.retrieve(first.id))
        time.sleep(0.05)
    assert seen[-1].status == "RUNNING"
    assert 0 < seen[-1].progress < 1
    assert {task.status for task in seen} <= {"PENDING", "RUNNING"}
    waiting = client.tasks.retrieve(third.id)
    assert waiting.status == "THROTTLED"
    assert waiting.estimated_cost.credits >= 1
    assert client.tasks.retrieve(second.id).status == "PENDING"
    for task in (third, second, first):
        client.tasks.delete(task.id)
        gone: Any = client.tasks.retrieve(task.id)
        assert (gone.status, gone.cost.credits) == ("CANCELLED", 0)
        client.tasks.delete(task.id)  # one that is over is deleted
        with pytest.raises(runwayml.NotFoundError):
            client.tasks.retrieve(task.id)


def test_deleting_a_task_deletes_its_results(client: RunwayML) -> None:
    how: Any = {"ratio": SMALL, "duration": 1}
    task = client.text_to_video.create(model="gen4.5", prompt_text="a fox", **how)
    (url,) = ended(client, task.id).output
    assert httpx.get(url, timeout=60).status_code == 200
    client.tasks.delete(task.id)
    assert httpx.get(url, timeout=60).status_code == 404
    for call in (client.tasks.retrieve, client.tasks.delete):
        with pytest.raises(runwayml.NotFoundError, match="doesn't exist"):
            call(task.id)


def test_organization(client: RunwayML) -> None:
    how: Any = {"ratio": SMALL, "duration": 1}
    before = client.organization.retrieve().usage.models["veo3.1"].daily_generations
    task = client.text_to_video.create(model="veo3.1", prompt_text="a fox", **how)
    cost = ended(client, task.id).cost.credits
    account = client.organization.retrieve()
    organization_retrieve_response.OrganizationRetrieveResponse.model_validate(account.to_dict())
    assert account.credit_balance > 0
    assert account.tier.models["gen4.5"].max_daily_generations is None
    assert account.usage.models["veo3.1"].daily_generations == before + 1
    usage = client.organization.retrieve_usage()
    assert "veo3.1" in usage.models
    today = datetime.now(UTC).date()
    amounts = {
        each.model: each.amount for day in usage.results if day.date == today for each in day.used_credits
    }
    assert amounts["veo3.1"] >= cost >= 1
    assert organization_retrieve_usage_response.OrganizationRetrieveUsageResponse.construct(**usage.to_dict())
    past = client.organization.retrieve_usage(start_date="2025-01-01", before_date="2025-03-01")
    assert (past.models, past.results) == ([], [])
    for start, before_date in (
        ("2025-01-01", "2025-01-01"),
        ("2025-01-01", "2026-01-01"),
        ("0001-01-01", None),
    ):
        with pytest.raises(runwayml.BadRequestError, match=r"startDate|beforeDate"):
            client.organization.retrieve_usage(start_date=start, before_date=before_date or runwayml.omit)


def test_the_versions_header(server: Any) -> None:
    body = {"model": "gen4.5", "promptText": "a fox", "ratio": SMALL, "duration": 1}
    for headers in ({}, {"X-Runway-Version": "2023-09-06"}):
        answer = httpx.post(f"{server.url}/v1/text_to_video", json=body, headers=headers, timeout=60)
        assert answer.status_code == 400
        assert VERSION in answer.json()["error"]
    other = RunwayML(base_url=server.url, api_key="any", runway_version="2025-01-01")
    with pytest.raises(runwayml.BadRequestError, match=VERSION):
        other.tasks.retrieve("task_1")


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("text_to_video", {"prompt_text": ""}, "promptText"),
    ("text_to_video", {"prompt_text": "x" * 1001}, "1001 UTF-16"),
    ("text_to_video", {"prompt_text": "🦊" * 501}, "1002 UTF-16"),
    ("text_to_video", {"prompt_text": "a\0b"}, "NUL"),
    ("text_to_video", {"ratio": "wide"}, "1280:720"),
    ("text_to_video", {"ratio": "1280:99999"}, "1280:720"),
    ("text_to_video", {"ratio": "0:0"}, "1280:720"),
    ("text_to_video", {"duration": 0}, "duration"),
    ("text_to_video", {"duration": 1000}, "120"),
    ("text_to_video", {"duration": "five"}, "duration"),
    ("text_to_video", {"seed": -1}, "seed"),
    ("text_to_video", {"seed": 1.5}, "seed"),
    ("text_to_video", {"audio": True}, "audio"),
    ("text_to_video", {"output_format": "prores"}, "outputFormat"),
    ("text_to_video", {"extra_body": {"promptTxt": "a"}}, "promptTxt"),
    ("text_to_video", {"references": [{"uri": "runway://file_none"}]}, r"references\[0\].uri"),
    ("image_to_video", {"prompt_image": "https://127.0.0.1:1/a.png"}, r"promptImage\[0\].uri"),
    ("image_to_video", {"prompt_image": "/etc/passwd"}, r"promptImage\[0\].uri"),
    ("image_to_video", {"prompt_image": "data:image/png;base64,AAAA"}, r"promptImage\[0\].uri"),
    ("image_to_video", {"prompt_image": []}, "promptImage"),
    ("image_to_video", {"prompt_image": [{"uri": picture(), "position": "middle"}]}, "position"),
    ("image_to_video", {"prompt_image": [{"uri": picture(), "position": "first"}] * 2}, "two pictures"),
    ("video_to_video", {"video_uri": picture()}, "videoUri"),
    ("video_to_video", {"video_uri": "x", "prompt_video": "y"}, "videoUri or promptVideo"),
    ("video_to_video", {"keyframes": [{"uri": picture()}]}, "seconds, or at"),
    ("video_to_video", {"keyframes": [{"uri": picture(), "at": 2}]}, "at"),
    ("video_to_video", {"target_aspect_ratio": "5:1"}, "16:9"),
    ("video_to_video", {"duration": 3}, "keeps its length"),
    ("video_upscale", {"resolution": "8k"}, "4k"),
    ("text_to_image", {"output_count": 11}, "outputCount"),
    ("text_to_image", {"background": "transparent"}, "see-through"),
]
RIGHT: dict[str, dict[str, Any]] = {
    "text_to_video": {"model": "gen4.5", "prompt_text": "a fox", "ratio": SMALL, "duration": 1},
    "image_to_video": {"model": "gen4_turbo", "prompt_image": picture(), "ratio": SMALL, "duration": 1},
    "video_to_video": {"model": "aleph2", "video_uri": "runway://file_none", "prompt_text": "a fox"},
    "video_upscale": {"model": "magnific_video_upscaler_creative", "video_uri": "runway://file_none"},
    "text_to_image": {"model": "gen4_image", "prompt_text": "a fox", "ratio": SMALL},
}


@pytest.mark.parametrize(("name", "change", "sentence"), WRONG)
def test_what_is_wrong_is_said(client: RunwayML, name: str, change: dict[str, Any], sentence: str) -> None:
    call = getattr(client, name).create
    known = inspect.signature(call).parameters
    asked = RIGHT[name] | change
    if name == "video_to_video" and "prompt_video" in change:
        asked = {"model": "aleph2", "video_uri": "x", "extra_body": {"promptVideo": "y"}}
    assert set(asked) <= set(known)
    with pytest.raises((runwayml.BadRequestError, runwayml.NotFoundError), match=sentence):
        call(**asked)


def test_emoji_count_two(client: RunwayML) -> None:
    task = client.text_to_video.create(**RIGHT["text_to_video"] | {"prompt_text": "🦊" * 500})
    assert ended(client, task.id).status == "SUCCEEDED"


def every_call(client: RunwayML) -> Iterator[tuple[str, Any]]:
    """(name, method) of everything that the package can ask of a server."""
    seen: set[type] = set()
    queue: list[tuple[str, Any]] = [("", client)]
    while queue:
        place, owner = queue.pop()
        seen.add(type(owner))
        for name in dir(owner):
            if name.startswith(("_", "with_")):
                continue
            if isinstance(part := getattr(owner, name), SyncAPIResource):
                queue.append((f"{place}{name}.", part))
            elif isinstance(owner, SyncAPIResource):
                yield f"{place}{name}", part
    modules = pkgutil.walk_packages(runwayml.resources.__path__, "runwayml.resources.")
    classes = {
        value
        for module in modules
        for name, value in vars(importlib.import_module(module.name)).items()
        if name.endswith("Resource") and isinstance(value, type) and issubclass(value, SyncAPIResource)
    }
    assert seen - {RunwayML} == classes - {SyncAPIResource}, "a resource was missed"


def test_every_call_of_the_package_has_an_answer(client: RunwayML) -> None:
    """What isn't built says so with 501 and a sentence; nothing is simply not there."""
    built = {"text_to_video", "image_to_video", "video_to_video", "video_upscale", "text_to_image"}
    usual = {"extra_headers", "extra_query", "extra_body", "timeout"}
    found = {"built": 0, "not built": 0}
    for name, call in every_call(client):
        if name.split(".")[0] in (*built, "tasks", "uploads") or name.startswith("organization.retrieve"):
            found["built"] += 1
            continue
        given = dict.fromkeys(set(inspect.signature(call).parameters) - usual, "x")
        with pytest.raises(runwayml.APIStatusError) as error:
            call(**given)
        assert error.value.response.status_code == 501, (name, error.value)
        sentence = error.value.response.json()["error"]
        assert sentence.startswith("It would "), name
        assert len(sentence) > 60, name
        found["not built"] += 1
    assert found["built"] == 10
    assert found["not built"] > 40


def test_the_docs_example_runs(
    server: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "server-runway.md").read_text()
    monkeypatch.setenv("VITASCOPE_URL", server.url)
    exec(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0], {})
    assert re.search(r"[1-9]\d*(\.0)? credits\n\['http://.*/content\?.*'\]", capsys.readouterr().out)
