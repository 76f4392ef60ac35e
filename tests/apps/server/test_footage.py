"""The tools of the cutting room over HTTP, against a server that really runs."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import numpy as np
import pytest
from PIL import Image
from tests.footage.hostile import FILM, SIMPLE, film, pictures

from vitascope.apps.server.jobs.finishing import marked
from vitascope.apps.server.jobs.painting import Order
from vitascope.apps.server.jobs.requests import UseTool
from vitascope.apps.server.settings import load_settings
from vitascope.canvas import Sound
from vitascope.footage import TOOLS, load_tool
from vitascope.media import probe, read_clip, read_sound, read_video, write_video
from vitascope.media.provenance import read_provenance

OVER = ("completed", "failed", "cancelled")


@pytest.fixture
def client(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """12 frames of 64x48 at 10 fps, with a tone."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    tone = np.sin(np.arange(int(1.2 * 16_000)) / 6)[:, None].astype(np.float32) / 2
    write_video(path, pictures(12), 10, sound=Sound(tone, 16_000), quality=90)
    return path.read_bytes()


def send(client: httpx.Client, data: bytes, name: str = "clip.mp4") -> str:
    return client.post("/v1/files", files={"file": (name, data)}).raise_for_status().json()["id"]


def settled(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + 240
    while job["status"] not in OVER:
        assert time.monotonic() < until, job
        time.sleep(0.1)
        job = client.get(f"/v1/jobs/{job['id']}").raise_for_status().json()
    return job


def used(client: httpx.Client, tool: str, body: dict[str, Any], **query: Any) -> dict[str, Any]:
    """The job, once it's over, and completed."""
    answer = client.post(f"/v1/footage/{tool}", json=body, params=query)
    assert answer.status_code == 202, answer.text
    job = settled(client, answer.json())
    assert job["status"] == "completed", job
    return job


def fetched(job: dict[str, Any], variant: str, folder: Path) -> Path:
    (output,) = [output for output in job["outputs"] if output["variant"] == variant]
    suffix = {"video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov"}.get(
        output["media_type"], ""
    )
    place = folder / f"result{suffix}"
    place.write_bytes(httpx.get(output["url"], timeout=60).raise_for_status().content)
    return place


def refused(client: httpx.Client, tool: str, body: Any, **query: Any) -> tuple[int, str, str | None]:
    answer = client.post(f"/v1/footage/{tool}", json=body, params=query)
    assert answer.status_code >= 400, answer.text
    error = answer.json()["error"]
    return answer.status_code, error["message"], error["param"]


REGION = {"what": "rect:0,0,0.5,1", "style": "solid"}


def test_the_tools_are_told_with_their_schemas(client: httpx.Client) -> None:
    listed = client.get("/v1/footage").raise_for_status().json()["data"]
    assert [tool["name"] for tool in listed] == list(TOOLS)
    for tool in listed:
        schema = tool["parameters"]
        jsonschema.Draft202012Validator.check_schema(schema)
        own = load_tool(tool["name"])
        assert set(schema["properties"]) == {"file", *own.model_fields}
        assert "file" in schema["required"]
        assert set(tool["media"]) == set(own.media)
        assert set(tool["makes"]) <= {"video", "data"}
        assert tool["makes"]
        assert len(tool["summary"]) > 10
    paths = client.get("/openapi.json").json()["paths"]
    assert {f"/v1/footage/{name}" for name in TOOLS} <= set(paths)


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool(client: httpx.Client, clip: bytes, tmp_path: Path, tool: str) -> None:
    id_ = send(client, clip)
    simple = SIMPLE.get(tool, {})
    body = {"file": id_} | {name: id_ if value == FILM else value for name, value in simple.items()}
    job = used(client, tool, body)
    assert (job["task"], job["dialect"], job["progress"]) == (tool, "vitascope", 100)
    assert job["took"]["credits"] >= 1
    kinds = {output["variant"] for output in job["outputs"]}
    if job["kind"] == "data":
        assert kinds == {"data"}
        found = json.loads(fetched(job, "data", tmp_path).read_text())
        assert isinstance(found, dict)
        assert found
    else:
        assert kinds == {"video", "thumbnail", "spritesheet"}
        (video,) = [output for output in job["outputs"] if output["variant"] == "video"]
        info = probe(fetched(job, "video", tmp_path))
        assert (info.width_px, info.height_px) == (video["width_px"], video["height_px"])


def test_a_region_is_blurred_and_the_rest_is_as_it_was(
    client: httpx.Client, clip: bytes, tmp_path: Path
) -> None:
    job = used(client, "blur", {"file": send(client, clip), **REGION})
    place = fetched(job, "video", tmp_path)
    frames = read_clip(place)
    assert frames.shape == (12, 48, 64, 3)
    assert frames[:, :, :28].max() < 30
    (tmp_path / "clip.mp4").write_bytes(clip)
    given = read_clip(tmp_path / "clip.mp4")
    assert np.abs(frames[:, :, 36:].astype(int) - given[:, :, 36:]).mean() < 3
    heard = read_sound(place)
    assert abs(len(heard.samples) / heard.rate_hz - 1.2) < 0.1
    assert np.abs(heard.samples).max() > 0.3


def test_no_sound_where_none_is_wished(client: httpx.Client, clip: bytes, tmp_path: Path) -> None:
    job = used(client, "blur", {"file": send(client, clip), **REGION}, sound=False, format="mov")
    place = fetched(job, "video", tmp_path)
    info = probe(place)
    assert (place.suffix, info.has_sound, info.codec) == (".mov", False, "prores")


def test_a_picture_beside_the_film(client: httpx.Client, clip: bytes, tmp_path: Path) -> None:
    """A mask as a data: URL, and as a file."""
    half = np.zeros((48, 64, 3), np.uint8)
    half[:, 32:] = 255
    data = io.BytesIO()
    Image.fromarray(half).save(data, "PNG")
    url = "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
    for mask in (url, send(client, data.getvalue(), "mask.png")):
        body = {"file": send(client, clip), "what": "mask", "mask": mask, "style": "solid"}
        frames = read_clip(fetched(used(client, "blur", body), "video", tmp_path))
        assert frames[:, :, 36:].max() < 30
        assert frames[:, :, :28].max() > 60


def test_the_result_says_what_it_was_made_from(client: httpx.Client, clip: bytes, tmp_path: Path) -> None:
    job = used(client, "blur", {"file": send(client, clip), **REGION})
    assert job["relation"] == "edit"
    said = read_provenance(fetched(job, "video", tmp_path))
    assert said is not None
    assert said.valid
    edited = next(action for action in said.actions if action.name == "edited")
    assert (edited.model, edited.relation, edited.source_type) == ("blur", "edit", "algorithmicallyEnhanced")
    assert not said.made_by_ai
    assert [ancestor.role for ancestor in said.lineage] == ["parentOf"]


def test_what_is_made_is_what_the_next_tool_takes(client: httpx.Client, clip: bytes, tmp_path: Path) -> None:
    first = used(client, "blur", {"file": send(client, clip), **REGION})
    (video,) = [output for output in first["outputs"] if output["variant"] == "video"]
    second = used(client, "blur", {"file": video["file_id"], "what": "rect:0.5,0,1,1", "style": "solid"})
    place = fetched(second, "video", tmp_path)
    assert read_clip(place).max() < 40
    said = read_provenance(place)
    assert said is not None
    assert "blur" in {ancestor.model for ancestor in said.lineage}


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"what": "faces"}, "file", "Missing required parameter"),
        ({"file": 3}, "file", "id of a file"),
        ({"file": "/etc/passwd"}, "file", "names no media"),
        ({"file": "file_of_nobody"}, "file", "doesn't exist"),
        ({"file": "CLIP", "strength": 7}, "strength", "less than or equal to 1"),
        ({"file": "CLIP", "strength": "much"}, "strength", "number"),
        ({"file": "CLIP", "what": "rect:9,9"}, "what", "rect"),
        ({"file": "CLIP", "what": "mask:/etc/passwd"}, "what", "mask"),
        ({"file": "CLIP", "colour": "red"}, "colour", "not permitted"),
        ({"file": "CLIP", "what": "mask", "mask": "/etc/passwd"}, "mask", "names no media"),
        ({"file": "CLIP", "what": "mask", "mask": ["a"]}, "mask", "string"),
        ({"file": "PICTURE"}, "file", "a video is needed"),
        ({"file": "CLIP", "what": "rect:0,0,1,1", "start": "9"}, None, "start"),
        ([], None, "JSON object"),
    ],
)
def test_what_is_wrong_is_said_before_it_is_queued(
    client: httpx.Client, clip: bytes, body: Any, param: str | None, words: str
) -> None:
    data = io.BytesIO()
    Image.new("RGB", (64, 48)).save(data, "PNG")
    if isinstance(body, dict) and body.get("file") in ("CLIP", "PICTURE"):
        sent = (clip, "clip.mp4") if body["file"] == "CLIP" else (data.getvalue(), "a.png")
        body = body | {"file": send(client, *sent)}
    before = client.get("/v1/jobs").json()["first_id"]
    status, said, named = refused(client, "blur", body)
    assert (status, named) == (404 if words == "doesn't exist" else 400, param), said
    assert words in said
    assert client.get("/v1/jobs").json()["first_id"] == before


def test_bodies_that_are_no_json(client: httpx.Client) -> None:
    for content in (b"{", b'{"file": NaN}', b"\xff", b'{"file": "\\u0000"}', b"[" * 100_000):
        answer = client.post(
            "/v1/footage/blur", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400, answer.text
    assert client.post("/v1/footage/blur", data={"file": "x"}).status_code == 400


def test_an_unknown_tool_names_the_nearest(client: httpx.Client) -> None:
    status, said, _ = refused(client, "blurr", {"file": "x"})
    assert (status, '"blur"' in said) == (404, True)


def test_a_part_that_is_not_installed_is_said_at_once(client: httpx.Client, clip: bytes) -> None:
    """The part "absent", installed beside the fillers of the tests, needs a package that there isn't."""
    status, said, _ = refused(
        client, "blur", {"file": send(client, clip), "what": "faces", "finder": "absent"}
    )
    assert (status, "no_such_package" in said) == (501, True)


def test_findings_are_a_json_file(client: httpx.Client, clip: bytes, tmp_path: Path) -> None:
    job = used(client, "scenes", {"file": send(client, clip)})
    assert job["kind"] == "data"
    (output,) = job["outputs"]
    assert (output["variant"], output["media_type"], output["width_px"]) == ("data", "application/json", None)
    assert json.loads(fetched(job, "data", tmp_path).read_text())
    listed = client.get("/v1/jobs", params={"kind": "data"}).json()["data"]
    assert job["id"] in [each["id"] for each in listed]
    status, said, param = refused(client, "blur", {"file": output["file_id"]})
    assert (status, param) == (400, "file"), said


def test_time_that_is_stretched(client: httpx.Client, clip: bytes, tmp_path: Path) -> None:
    """Twice the rate is twice the frames; what that comes to is known before it's made."""
    job = used(client, "interpolate", {"file": send(client, clip), "rate": "20"})
    video = read_video(fetched(job, "video", tmp_path))
    assert video.rate_fps == 20
    assert 23 <= sum(1 for _ in video) <= 24
    assert video.info.has_sound


def test_too_long_a_result_is_refused(client: httpx.Client, clip: bytes) -> None:
    status, said, _ = refused(client, "interpolate", {"file": send(client, clip), "slow": "200"})
    assert status == 400
    assert "longer than the 120 s" in said


def test_the_same_key_makes_one_job(client: httpx.Client, clip: bytes) -> None:
    headers = {"Idempotency-Key": "footage-once"}
    body = {"file": send(client, clip), **REGION}
    first = client.post("/v1/footage/blur", json=body, headers=headers).json()
    # The same film sent anew is the same request.
    again = client.post("/v1/footage/blur", json=body | {"file": send(client, clip)}, headers=headers).json()
    assert first["id"] == again["id"]
    other = client.post("/v1/footage/blur", json=body | {"what": "rect:0,0,1,1"}, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    settled(client, first)


def test_cancelled_within_a_frame(client: httpx.Client) -> None:
    """A long film stops at once, and tells how far it was on the way."""
    data = film(pictures(8, 1280, 720) * 20, form="mp4", rate_fps=30)
    body = {"file": send(client, data), "what": "rect:0,0,1,1", "strength": 1}
    job = client.post("/v1/footage/blur", json=body).raise_for_status().json()
    until = time.monotonic() + 120
    seen: set[int] = set()
    while len(seen) < 3:
        assert time.monotonic() < until
        now = client.get(f"/v1/jobs/{job['id']}").json()
        assert now["status"] in ("queued", "in_progress"), now
        seen.add(now["progress"])
        time.sleep(0.1)
    began_s = time.monotonic()
    assert client.post(f"/v1/jobs/{job['id']}/cancel").json()["status"] == "cancelled"
    used(
        client, "blur", {"file": send(client, film(pictures(3))), "what": "rect:0,0,1,1"}
    )  # it is free again
    assert time.monotonic() - began_s < 30
    assert settled(client, job)["outputs"] == []


def test_nobody_uses_anothers_file(keyed_server: Any, new_key: Any, clip: bytes) -> None:
    with keyed_server.client() as mine:
        id_ = send(mine, clip)
    headers = {"Authorization": f"Bearer {new_key(keyed_server, ('videos', 'files'))}"}
    with httpx.Client(base_url=keyed_server.url, headers=headers, timeout=120) as theirs:
        status, _, param = refused(theirs, "blur", {"file": id_})
        assert (status, param) == (404, "file")
        status, _, param = refused(theirs, "blur", {"file": send(theirs, clip), "what": "mask", "mask": id_})
        assert (status, param) == (404, "mask")


def test_what_is_see_through(client: httpx.Client, clip: bytes, tmp_path: Path) -> None:
    """A webm by itself, ProRes 4444 if asked; an mp4 has no place for it, and that is said at once."""
    body = {"file": send(client, clip), "subject": ["rect:0,0,0.5,0.6"]}
    for form, suffix in ((None, ".webm"), ("mov", ".mov")):
        place = fetched(used(client, "matte", body, **({"format": form} if form else {})), "video", tmp_path)
        assert place.suffix == suffix
        frame = next(iter(read_video(place, alpha=True)))
        assert frame.shape == (48, 64, 4)
        assert probe(place).alpha
    status, said, param = refused(client, "matte", body, format="mp4")
    assert (status, param) == (400, "format"), said


def test_a_tool_that_finds_when_it_is_asked_to(client: httpx.Client, clip: bytes, tmp_path: Path) -> None:
    body = {"file": send(client, clip), "subject": ["rect:0,0,0.5,0.6"], "output": "confidence"}
    job = used(client, "matte", body)
    assert (job["kind"], len(job["outputs"])) == ("data", 1)
    assert len(json.loads(fetched(job, "data", tmp_path).read_text())["confidence"]) == 12


def test_the_mark_is_in_the_colours_and_alpha_stays(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    given = [rng.integers(60, 190, (200, 240, 4), np.uint8) for _ in range(3)]
    request = UseTool(tool="matte", file="file_a")
    order = Order(job_id="job_7", request=request, number=None, parts=1, folder=tmp_path)
    drawn = np.zeros((200, 240, 4), np.uint8)  # an owner that draws every frame into the same array

    def frames() -> Iterator[np.ndarray]:
        for frame in given:
            drawn[:] = frame
            yield drawn

    seen = list(marked(frames(), Fraction(10), order, load_settings(data=tmp_path)))
    assert len(seen) == 3
    for frame, before in zip(seen, given, strict=True):
        assert np.array_equal(frame[..., 3], before[..., 3])
        assert not np.array_equal(frame[..., :3], before[..., :3])
