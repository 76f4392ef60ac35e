"""Canvases, scripts, jobs and the queue over HTTP, against a server that really runs."""

from __future__ import annotations

import base64
import io
import json
import re
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

from vitascope.media import probe, read_clip, write_video

RED, BLUE = (250, 10, 20), (10, 20, 250)
SHORT: dict[str, Any] = {"words": [{"text": "a fox"}], "frames": 4, "width_px": 64, "height_px": 48}
LONG: dict[str, Any] = {"words": [{"text": "a fox"}], "duration_s": 100, "width_px": 1280, "height_px": 720}
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def client(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


def picture(colour: tuple[int, int, int] = RED, size: tuple[int, int] = (64, 48)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


def as_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def send(client: httpx.Client, data: bytes, name: str = "a.png") -> str:
    return client.post("/v1/files", files={"file": (name, data)}).raise_for_status().json()["id"]


def film(folder: Path, frames: int = 8) -> bytes:
    path = folder / "own.mp4"
    write_video(path, (np.full((48, 64, 3), 20 * number, np.uint8) for number in range(frames)), Fraction(8))
    return path.read_bytes()


def ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + 240
    while job["status"] in ("queued", "in_progress"):
        assert time.monotonic() < until, job
        time.sleep(0.1)
        job = client.get(f"/v1/jobs/{job['id']}").raise_for_status().json()
    return job


def made(client: httpx.Client, path: str, document: Any, folder: Path, **query: Any) -> np.ndarray:
    job = ended(client, client.post(path, json=document, params=query).raise_for_status().json())
    assert job["status"] == "completed", job
    (video,) = [output for output in job["outputs"] if output["variant"] == "video"]
    place = folder / "made.mp4"
    place.write_bytes(httpx.get(video["url"], timeout=60).raise_for_status().content)
    return read_clip(place)


def near(frame: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(frame.mean(axis=(0, 1)) - colour).max() < 30)


def test_a_canvas_becomes_a_video(client: httpx.Client) -> None:
    began = int(time.time())
    answer = client.post("/v1/fills", json=SHORT)
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert (job["object"], job["task"], job["kind"], job["dialect"]) == (
        "job",
        "fill_canvas",
        "video",
        "vitascope",
    )
    assert job["estimate"]["seconds"] > 0
    assert job["estimate"]["credits"] >= 1
    done = ended(client, job)
    assert (done["status"], done["progress"], done["error"], done["place"]) == ("completed", 100, None, None)
    assert began <= done["created_at"] <= done["started_at"] <= done["completed_at"] < done["expires_at"]
    assert done["took"]["credits"] >= 1
    assert done["took"]["seconds"] >= 0
    (video,) = [output for output in done["outputs"] if output["variant"] == "video"]
    assert (video["width_px"], video["height_px"], video["media_type"]) == (64, 48, "video/mp4")


def test_media_by_data_url_and_by_id(client: httpx.Client, tmp_path: Path) -> None:
    clip = send(client, film(tmp_path), "own.mp4")
    document = {
        "frames": 16,
        "rate_fps": 8,
        "width_px": 64,
        "height_px": 48,
        "clips": [
            {"uri": clip, "at": "first"},
            {"uri": as_url(picture(RED)), "at": "12f"},
            {"uri": send(client, picture(BLUE, (100, 50))), "at": "last", "fit": "stretch"},
        ],
        "known": [{"value": 0, "span": {"start": "2f", "stop": "3f"}}],
        "words": [{"text": "a fox", "span": {"start": "1s", "stop": "last"}}],
        "seed": 3,
    }
    frames = made(client, "/v1/fills", document, tmp_path)
    assert frames.shape == (16, 48, 64, 3)
    assert near(frames[12], RED)
    assert near(frames[15], BLUE)
    assert near(frames[4], (80, 80, 80))
    assert not near(frames[2], (40, 40, 40))
    # Sent again it is the same document: ids of files that were taken in are URIs, too.
    assert np.array_equal(frames, made(client, "/v1/fills", document, tmp_path))


def test_the_size_is_the_first_clips(client: httpx.Client, tmp_path: Path) -> None:
    document = {"frames": 3, "clips": [{"uri": as_url(picture(size=(80, 40)))}]}
    assert made(client, "/v1/fills", document, tmp_path).shape == (3, 40, 80, 3)


def test_regions_of_pictures_and_clips(client: httpx.Client, tmp_path: Path) -> None:
    half = np.zeros((48, 64, 3), np.uint8)
    half[:, :32] = 255
    data = io.BytesIO()
    Image.fromarray(half).save(data, "PNG")
    region = {"shape": "picture", "uri": as_url(data.getvalue())}
    document = {
        "frames": 2,
        "clips": [{"uri": as_url(picture(RED)), "at": f"{frame}f"} for frame in range(2)],
        "known": [{"value": 0, "region": {"shape": "everything_but", "region": region}}],
    }
    frames = made(client, "/v1/fills", document, tmp_path)
    assert near(frames[0][:, :24], RED)
    assert not near(frames[0][:, 40:], RED)


def test_a_script_becomes_a_film(client: httpx.Client, tmp_path: Path) -> None:
    script = {
        "size": "64x48",
        "rate": 8,
        "cast": {"fox": as_url(picture(BLUE)), "cat": [as_url(picture(RED)), send(client, picture(BLUE))]},
        "shots": [
            {"picture": as_url(picture(RED)), "text": "it moves", "seconds": 0.5, "cast": []},
            {"text": "a fox", "seconds": 0.5, "cast": []},
            {"text": "it goes on", "seconds": 0.5, "continues": True, "cast": []},
        ],
    }
    frames = made(client, "/v1/shots", script, tmp_path)
    assert frames.shape == (12, 48, 64, 3)
    assert near(frames[0], RED)


def test_options_stand_in_the_query(client: httpx.Client) -> None:
    job = client.post("/v1/fills", json=SHORT, params={"filler": "toy", "steps": 2}).raise_for_status().json()
    assert job["model"] == "toy"
    assert ended(client, job)["status"] == "completed"
    for query in ({"filler": "no-such-filler"}, {"steps": 0}, {"steps": "many"}, {"webhook": "http://a.b"}):
        refused = client.post("/v1/fills", json=SHORT, params=query)
        assert refused.status_code == 400, query
        assert next(iter(query)) in refused.text


WRONG = [
    ("/v1/fills", {"word": []}, "words"),
    ("/v1/fills", [], "object"),
    ("/v1/fills", {"words": [{"text": "a", "span": {"start": "9s"}}]}, "words[0].span"),
    ("/v1/fills", {"clips": [{"uri": "photo.png"}]}, "clips[0].uri"),
    ("/v1/fills", {"clips": [{"uri": "/etc/passwd"}]}, "clips[0].uri"),
    ("/v1/fills", {"clips": [{"uri": "file:///etc/passwd"}]}, "clips[0].uri"),
    ("/v1/fills", {"clips": [{"uri": "https://169.254.169.254/x.png"}]}, "clips[0].uri"),
    ("/v1/fills", {"clips": [{"uri": as_url(picture()), "at": "99f"}]}, "clips[0]"),
    ("/v1/fills", {"clips": [{"uri": as_url(picture())}], "width_px": 32, "height_px": 32}, "fit"),
    ("/v1/fills", {"clips": [{"uri": as_url(b"no picture")}]}, "clips[0].uri"),
    ("/v1/fills", {"known": [{"value": 1, "clip": "x.png"}]}, "known[0].clip"),
    ("/v1/fills", {"cast": [{"name": "a", "pictures": ["x.png"]}]}, "cast[0].pictures[0]"),
    ("/v1/fills", {"frames": 3, "duration_s": 2}, "frames"),
    ("/v1/fills", {"sound": {}}, "sound.uri"),
    ("/v1/fills", {"known": [{"value": 1}], "sound": {"known": 0}}, "makes no sound"),
    ("/v1/fills", {"duration_s": 100000}, "duration_s: 100000 s are longer than the 120 s"),
    ("/v1/shots", {"shots": [{"text": "a", "seconds": 61}] * 2}, "shots: 122 s are longer"),
    ("/v1/fills", {"width_px": 16000, "height_px": 16000, "duration_s": 60}, "smaller"),
    ("/v1/fills", {"rate_fps": 0}, "rate"),
    ("/v1/fills", {"words": [{"text": "a\0b"}]}, "NUL"),
    ("/v1/shots", {"shots": []}, "shots"),
    ("/v1/shots", {"shots": [{"text": "a", "camera": "fly"}]}, "shots[0].camera"),
    ("/v1/shots", {"shots": [{"text": "a", "picture": "x.png"}]}, "shots[0].picture"),
    ("/v1/shots", {"shots": [{"text": "a", "continues": True}]}, "shots[0].continues"),
    ("/v1/shots", {"shots": [{"text": "a", "cast": ["nobody"]}]}, "shots[0].cast"),
    ("/v1/shots", {"cast": {"fox": ["x.png"]}, "shots": [{"text": "a"}]}, "cast.fox[0]"),
    ("/v1/shots", {"size": "huge", "shots": [{"text": "a"}]}, "size"),
]


@pytest.mark.parametrize(("path", "document", "sentence"), WRONG)
def test_what_is_wrong_is_said_before_any_work(
    client: httpx.Client, path: str, document: Any, sentence: str
) -> None:
    for place in (path, "/v1/estimate"):
        answer = client.post(place, json=document)
        assert answer.status_code == 400, answer.text
        assert sentence in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b'"text"',
        b'{"seed": NaN}',
        b'{"seed": 1, "seed": 2}',
        b"[" * 100000,
        b'{"words": [{"text": "\\ud800"}]}',
        b'{"seed": 1e999}',
        b'{"seed": ' + b"9" * 10000 + b"}",
    ],
)
def test_what_is_no_document(client: httpx.Client, body: bytes) -> None:
    for path in ("/v1/fills", "/v1/shots", "/v1/estimate"):
        answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["message"]
    answer = client.post("/v1/fills", files={"file": ("canvas.json", b"{}")})
    assert answer.status_code == 400


def test_an_estimate_queues_nothing(client: httpx.Client) -> None:
    def ids() -> list[str]:
        return [job["id"] for job in client.get("/v1/jobs").json()["data"]]

    before = ids()
    small = client.post("/v1/estimate", json=SHORT).raise_for_status().json()
    large = client.post("/v1/estimate", json=LONG).raise_for_status().json()
    assert large["estimate"]["credits"] > small["estimate"]["credits"] >= 1
    assert large["estimate"]["seconds"] > small["estimate"]["seconds"] > 0
    script = {"size": "64", "shots": [{"text": "shots", "seconds": 1}]}
    assert client.post("/v1/estimate", json=script).json()["object"] == "estimate"
    # A canvas that only speaks of shots is a canvas.
    assert client.post("/v1/estimate", json={"words": [{"text": "shots"}]}).status_code == 200
    assert ids() == before


def test_the_same_key_is_the_same_job(client: httpx.Client) -> None:
    document = SHORT | {"clips": [{"uri": as_url(picture()), "at": "first"}]}
    key = {"Idempotency-Key": f"mine-{time.time()}"}
    first = client.post("/v1/fills", json=document, headers=key).raise_for_status().json()
    again = client.post("/v1/fills", json=document, headers=key).raise_for_status().json()
    assert first["id"] == again["id"]
    assert client.post("/v1/fills", json=SHORT, headers=key).status_code == 409
    client.delete(f"/v1/jobs/{first['id']}")


def test_listing_in_pages(client: httpx.Client) -> None:
    ids = [client.post("/v1/fills", json=SHORT | {"seed": n}).json()["id"] for n in range(5)]
    page = client.get("/v1/jobs", params={"limit": 2}).json()
    assert [job["id"] for job in page["data"]] == ids[:-3:-1]
    assert (page["object"], page["has_more"]) == ("list", True)
    assert (page["first_id"], page["last_id"]) == (ids[-1], ids[-2])
    found, after = [], None
    while True:
        query = {"limit": 2, "order": "asc"} | ({"after": after} if after else {})
        page = client.get("/v1/jobs", params=query).json()
        found += [job["id"] for job in page["data"]]
        if not page["has_more"]:
            break
        after = page["last_id"]
    assert found[-5:] == ids
    assert len(found) == len(set(found))
    pictures = client.get("/v1/jobs", params={"kind": "image"}).json()
    assert not set(ids) & {job["id"] for job in pictures["data"]}
    for query in ({"limit": 0}, {"limit": 101}, {"order": "up"}, {"kind": "sound"}):
        assert client.get("/v1/jobs", params=query).status_code == 400
    assert client.get("/v1/jobs", params={"after": "job_none"}).status_code == 404


def test_cancelling_and_deleting(client: httpx.Client) -> None:
    job = client.post("/v1/fills", json=LONG).raise_for_status().json()
    stopped = client.post(f"/v1/jobs/{job['id']}/cancel").raise_for_status().json()
    assert (stopped["status"], stopped["took"]["credits"]) == ("cancelled", 0)
    assert client.post(f"/v1/jobs/{job['id']}/cancel").json()["status"] == "cancelled"
    gone = client.delete(f"/v1/jobs/{job['id']}").raise_for_status().json()
    assert gone == {"id": job["id"], "object": "job.deleted", "deleted": True}
    for answer in (
        client.get(f"/v1/jobs/{job['id']}"),
        client.delete(f"/v1/jobs/{job['id']}"),
        client.post(f"/v1/jobs/{job['id']}/cancel"),
        client.get("/v1/jobs/a%00b"),
    ):
        assert answer.status_code == 404


def test_the_queue_is_paused_reordered_and_resumed(client: httpx.Client) -> None:
    assert client.post("/v1/queue/pause").raise_for_status().json()["paused"] is True
    try:
        ids = [client.post("/v1/fills", json=SHORT | {"seed": n}).json()["id"] for n in range(3)]

        def order() -> list[str]:
            queue = client.get("/v1/queue").raise_for_status().json()
            assert [job["place"] for job in queue["jobs"]] == list(range(1, len(queue["jobs"]) + 1))
            assert queue["waiting"] == len(queue["jobs"])
            return [job["id"] for job in queue["jobs"] if job["id"] in ids]

        def move(job_id: str, **where: str) -> httpx.Response:
            return client.post(f"/v1/queue/{job_id}/move", json=where)

        assert order() == ids
        assert client.get(f"/v1/jobs/{ids[0]}").json()["status"] == "queued"
        assert move(ids[2], to="front").status_code == 200
        assert order() == [ids[2], ids[0], ids[1]]
        assert client.get(f"/v1/jobs/{ids[2]}").json()["place"] == 1
        assert move(ids[1], before=ids[0]).status_code == 200
        assert order() == [ids[2], ids[1], ids[0]]
        for wrong in ({}, {"to": "front", "before": ids[0]}, {"to": "back"}, {"before": ids[1]}):
            assert move(ids[1], **wrong).status_code == 400
        assert move(ids[1], before="job_none").status_code == 404
        assert move("job_none", to="front").status_code == 404
        assert order() == [ids[2], ids[1], ids[0]]
    finally:
        assert client.post("/v1/queue/resume").raise_for_status().json()["paused"] is False
    jobs = [ended(client, client.get(f"/v1/jobs/{job_id}").json()) for job_id in ids]
    assert [job["status"] for job in jobs] == ["completed"] * 3
    assert move(ids[0], to="front").status_code == 409


def test_the_openapi_page(client: httpx.Client) -> None:
    """Every route has a place, a sentence and a form of its answer; every example is what it should be."""
    page = client.get("/openapi.json").raise_for_status().json()
    assert client.get("/docs").status_code == 200
    paths = (
        "/v1/fills",
        "/v1/shots",
        "/v1/estimate",
        "/v1/jobs",
        "/v1/queue",
        "/v1/files",
        "/v1/text_to_video",
    )
    assert set(paths) <= set(page["paths"])
    ids: list[str] = []
    for path, operations in page["paths"].items():
        for method, operation in operations.items():
            ids.append(operation["operationId"])
            assert operation["tags"], path
            assert operation.get("description") or operation.get("summary"), path
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                assert body["schema"], (path, kind)
                if "example" in body:
                    whole = body["schema"] | {"components": page["components"]}
                    jsonschema.validate(body["example"], whole)
            good = next(text for status, text in operation["responses"].items() if status[0] in "25")
            ours = operation["tags"][0].startswith(("Vitascope", "Runway"))
            if ours and method != "head" and "application/json" in good.get("content", {}):
                assert good["content"]["application/json"]["schema"], path
    assert len(ids) == len(set(ids))
    for place in _refs(page):
        assert place.startswith("#/components/schemas/")
        assert place.rpartition("/")[2] in page["components"]["schemas"]
    canvas = page["paths"]["/v1/fills"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(canvas["properties"]) == set(
        json.loads((DOCS / "canvas.schema.json").read_text())["properties"]
    )


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _refs(item)
    elif isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from _refs(item)


def test_the_file_of_a_result_is_a_file(client: httpx.Client, tmp_path: Path) -> None:
    """What one job made is what the next one begins with."""
    job = ended(client, client.post("/v1/fills", json=SHORT).json())
    (video,) = [output for output in job["outputs"] if output["variant"] == "video"]
    file = client.get(f"/v1/files/{video['file_id']}").raise_for_status().json()
    assert (file["width_px"], file["height_px"], file["bytes"]) == (64, 48, video["bytes"])
    longer = {"frames": 8, "clips": [{"uri": video["file_id"], "at": "first"}]}
    assert made(client, "/v1/fills", longer, tmp_path).shape == (8, 48, 64, 3)
    assert probe(tmp_path / "made.mp4").frames == 8


def test_the_docs_example_runs(
    server: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (DOCS / "server-native.md").read_text()
    monkeypatch.setenv("VITASCOPE_URL", server.url)
    exec(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0], {})
    assert re.search(r"'credits': [1-9].*\nhttp://.*/content\?", capsys.readouterr().out)


def test_each_key_sees_its_own_and_does_what_it_may(start_server: Any, new_key: Any) -> None:
    server = start_server(key=True, unknown_models="refuse")
    mine = server.client()
    theirs, files_only = (
        httpx.Client(base_url=server.url, timeout=120, headers={"Authorization": f"Bearer {secret}"})
        for secret in (new_key(server, ("videos", "files")), new_key(server, ("files",)))
    )
    nobody = httpx.Client(base_url=server.url, timeout=120)
    with mine, theirs, files_only, nobody:
        job = theirs.post("/v1/fills", json=SHORT).raise_for_status().json()
        file = send(theirs, picture())
        other = files_only.get(f"/v1/jobs/{job['id']}"), files_only.get(f"/v1/jobs/{job['id']}/events")
        answers = [
            *other,
            files_only.get(f"/v1/files/{file}/content"),
            files_only.delete(f"/v1/jobs/{job['id']}"),
        ]
        answers.append(files_only.get(f"/v1/files/{file}"))
        assert [answer.status_code for answer in answers] == [404] * 5
        assert files_only.post("/v1/fills", json=SHORT).status_code == 403
        for call in ("pause", "resume"):
            assert theirs.post(f"/v1/queue/{call}").status_code == 403
            assert mine.post(f"/v1/queue/{call}").status_code == 200
        assert theirs.post(f"/v1/queue/{job['id']}/move", json={"to": "front"}).status_code == 403
        done = ended(theirs, job)
        assert nobody.get(f"/v1/jobs/{job['id']}").status_code == 401
        assert nobody.get(done["outputs"][0]["url"]).status_code == 200
        for path in ("/v1/queue", "/v1/jobs", "/v1/webhooks/secret", f"/v1/files/{file}/content"):
            assert nobody.get(path).status_code == 401
        assert theirs.get("/v1/webhooks/secret").json() != mine.get("/v1/webhooks/secret").json()
        body = {"model": "gen-9", "promptText": "a fox", "ratio": "64:48", "duration": 1}
        version = {"X-Runway-Version": "2024-11-06"}
        refused = theirs.post("/v1/text_to_video", json=body, headers=version)
        assert (refused.status_code, "gen4.5" in refused.json()["error"]) == (400, True)
        assert nobody.post("/v1/text_to_video", json=body, headers=version).status_code == 401


@pytest.mark.parametrize(
    ("route", "document"),
    [
        ("/v1/fills", {"cast": [{"name": "fox", "pictures": [as_url(picture(RED))]}]}),
        ("/v1/shots", {"cast": {"fox": as_url(picture(RED))}, "shots": [{"text": "the fox runs"}]}),
    ],
)
def test_what_the_filler_cant_do_is_refused_before_it_is_queued(client, route, document) -> None:
    """The toy takes no cast."""
    answer = client.post(route, json=document)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "cannot_fill"
    assert "cast" in answer.json()["error"]["message"]
