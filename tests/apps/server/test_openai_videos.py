"""client.videos of the official openai package, as it comes, against a server that really runs."""

from __future__ import annotations

import base64
import io
import time
import uuid
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from openai import OpenAI, omit
from openai.types import Video
from PIL import Image

from vitascope.apps.server.jobs.database import FileRow, JobRow, make_engine, reading
from vitascope.apps.server.settings import load_settings
from vitascope.media import probe, read_clip, write_video

# OpenAI's package says of every call that OpenAI's own server has shut down. Ours hasn't.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled")

SMALL: Any = {"size": "64x48", "seconds": "0.5"}  # painted in no time
LONG: Any = {"model": "slow", "size": "64x48", "seconds": "60"}  # still being painted when we look
RED = (250, 10, 20)


@pytest.fixture
def client(server: Any) -> OpenAI:
    return OpenAI(base_url=f"{server.url}/v1", api_key="any", timeout=120)


def picture(colour: tuple[int, int, int] = RED, size: tuple[int, int] = (64, 48)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


def film(folder: Path, seconds: int = 1) -> Path:
    path = folder / "own.mp4"
    frames = (np.full((48, 64, 3), 10 * number, np.uint8) for number in range(8 * seconds))
    write_video(path, frames, Fraction(8))
    return path


def content(client: OpenAI, video: Video, folder: Path) -> Path:
    path = folder / f"{video.id}.mp4"
    client.videos.download_content(video.id).write_to_file(path)
    return path


def made(client: OpenAI, prompt: str = "a fox jumps", **options: Any) -> Video:
    video = client.videos.create_and_poll(prompt=prompt, **(SMALL | options))
    assert video.status == "completed", video.error
    return video


def test_a_video_from_words(client: OpenAI, tmp_path: Path) -> None:
    began = int(time.time())
    video = client.videos.create(
        prompt="a fox jumps on the beach", model="sora-2", seconds="1", size="720x1280"
    )  # type: ignore[arg-type]
    Video.model_validate(video.to_dict())  # every field is there, of the right type
    assert video.status in ("queued", "in_progress")
    assert (video.object, video.model, video.seconds, video.size) == ("video", "sora-2", "1", "720x1280")
    assert video.prompt == "a fox jumps on the beach"
    assert began <= video.created_at <= time.time()
    assert (video.error, video.completed_at, video.remixed_from_video_id) == (None, None, None)
    done = client.videos.poll(video.id)
    assert (done.status, done.progress, done.seconds, done.size) == ("completed", 100, "1", "720x1280")
    assert done.completed_at is not None
    assert done.expires_at is not None
    assert done.created_at <= done.completed_at < done.expires_at
    info = probe(content(client, video, tmp_path))
    assert (info.width_px, info.height_px, info.frames, info.rate_fps) == (720, 1280, 16, 16)


def test_progress_is_told_while_it_is_painted(client: OpenAI) -> None:
    video = client.videos.create(prompt="a fox", model="slow", size="64x48", seconds="2")  # type: ignore[arg-type]
    seen = [video]
    while seen[-1].status in ("queued", "in_progress"):
        time.sleep(0.05)
        seen.append(client.videos.retrieve(video.id))
    assert seen[-1].status == "completed"
    told = [each.progress for each in seen]
    assert told == sorted(told)
    assert "in_progress" in {each.status for each in seen}
    assert any(0 < progress < 100 for progress in told)


def test_defaults_are_as_they_were(client: OpenAI) -> None:
    video = client.videos.create(prompt="a fox")
    assert (video.model, video.seconds, video.size) == ("sora-2", "4", "720x1280")
    client.videos.delete(video.id)


def test_when_to_ask_again_is_told(client: OpenAI) -> None:
    answer = client.videos.with_raw_response.create(prompt="a fox", **LONG)
    assert 250 <= int(answer.headers["openai-poll-after-ms"]) <= 5000
    client.videos.delete(answer.parse().id)


@pytest.mark.parametrize("seconds", ["0.5", 0.5, "1", 1])
def test_json_and_numbers_do_as_well(client: OpenAI, seconds: str | float) -> None:
    video = client.videos.create(
        prompt="a fox",
        size="64x48",  # type: ignore[arg-type]
        extra_headers={"Content-Type": "application/json"},
        extra_body={"seconds": seconds, "some_field_of_the_future": {"deep": [1]}},
    )
    assert video.seconds == str(seconds)
    assert client.videos.poll(video.id).status == "completed"


def test_unknown_models_and_fields_are_no_obstacle(client: OpenAI) -> None:
    video = made(client, model="sora-9-ultra", extra_body={"quality": "best", "deep": {"er": 1}})
    assert video.model == "sora-9-ultra"


@pytest.mark.parametrize("way", ["file", "path", "named", "data url", "file id", "json"])
def test_the_first_picture(client: OpenAI, tmp_path: Path, server: Any, way: str) -> None:
    place = tmp_path / "red.png"
    place.write_bytes(picture())
    data_url = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    options: dict[str, Any] = {
        "file": {"input_reference": picture()},
        "path": {"input_reference": place},
        "named": {"input_reference": ("red.png", io.BytesIO(picture()), "image/png")},
        "data url": {"extra_body": {"input_reference": {"image_url": data_url}}},
        "file id": {"extra_body": {"input_reference": {"file_id": uploaded(server, place)}}},
        "json": {
            "extra_headers": {"Content-Type": "application/json"},
            "extra_body": {"input_reference": {"image_url": data_url}},
        },
    }[way]
    first, *_, last = read_clip(content(client, made(client, **options), tmp_path))
    assert np.abs(first - np.array(RED, float)).mean() < 12
    assert np.abs(last - np.array(RED, float)).mean() > 30


def uploaded(server: Any, place: Path) -> str:
    """The id of a file that was sent before."""
    answer = httpx.post(f"{server.url}/v1/files", files={"file": place.read_bytes()}, timeout=60)
    answer.raise_for_status()
    return answer.json()["id"]


def test_a_large_data_url_fits_into_a_form(client: OpenAI, tmp_path: Path) -> None:
    noise = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (900, 900, 3), np.uint8)).save(noise, "PNG")
    assert len(noise.getvalue()) > 2_000_000
    url = f"data:image/png;base64,{base64.b64encode(noise.getvalue()).decode()}"
    made(client, extra_body={"input_reference": {"image_url": url}})


def test_lists(client: OpenAI) -> None:
    ids = [client.videos.create(prompt=f"fox {number}", **SMALL).id for number in range(5)]
    page = client.videos.list(limit=2)
    raw = page.to_dict()
    assert raw["object"] == "list"
    assert [video.id for video in page.data] == ids[:2:-1]
    assert (raw["first_id"], raw["last_id"], raw["has_more"]) == (ids[4], ids[3], True)
    assert [video.id for video in client.videos.list(limit=2)][:5] == ids[::-1]  # the pager goes on by itself
    assert [video.id for video in client.videos.list(limit=3, after=ids[4]).data] == ids[3:0:-1]
    rising = [video.id for video in client.videos.list(limit=2, order="asc")]
    assert rising[-5:] == ids
    assert list(client.videos.list(after=ids[-1], order="asc")) == []
    everything = client.videos.list(limit=100)
    assert everything.has_more is False
    for video_id in ids:
        client.videos.delete(video_id)


def test_delete(client: OpenAI) -> None:
    video = made(client)
    answer = client.videos.delete(video.id)
    assert (answer.id, answer.deleted, answer.object) == (video.id, True, "video.deleted")
    for call in (client.videos.retrieve, client.videos.download_content, client.videos.delete):
        with pytest.raises(openai.NotFoundError):
            call(video.id)
    assert video.id not in [each.id for each in client.videos.list()]


def test_deleting_stops_the_work(client: OpenAI) -> None:
    long = client.videos.create(prompt="a very long walk", **LONG)
    wait_until(lambda: client.videos.retrieve(long.id).status == "in_progress")
    client.videos.delete(long.id)
    began_s = time.monotonic()
    made(client)  # the one worker is free for it
    assert time.monotonic() - began_s < 60


def wait_until(true: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until_s, "nothing happened for a minute"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("variant", "media_type"),
    [("video", "video/mp4"), ("thumbnail", "image/webp"), ("spritesheet", "image/jpeg")],
)
def test_all_variants_of_content(client: OpenAI, variant: Any, media_type: str, tmp_path: Path) -> None:
    answer = client.videos.download_content(made(client).id, variant=variant)
    assert answer.response.headers["content-type"] == media_type
    if variant == "video":
        answer.write_to_file(tmp_path / "video.mp4")
        assert probe(tmp_path / "video.mp4").frames == 8
    else:
        with Image.open(io.BytesIO(answer.read())) as seen:
            seen.load()
            columns, rows = (1, 1) if variant == "thumbnail" else (5, 2)  # eight frames, five in a row
            assert seen.size == (64 * columns, 48 * rows)


def test_parts_of_content(client: OpenAI, server: Any) -> None:
    video = made(client)
    whole = client.videos.download_content(video.id).read()
    part = client.videos.download_content(video.id, extra_headers={"Range": "bytes=10-19"})
    assert part.response.status_code == 206
    assert part.response.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert part.read() == whole[10:20]
    url = f"{server.url}/v1/videos/{video.id}/content"
    tag = part.response.headers["etag"]
    assert httpx.get(url, headers={"If-None-Match": tag}).status_code == 304
    head = httpx.head(url)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole)))
    with pytest.raises(openai.APIStatusError) as beyond:
        client.videos.download_content(video.id, extra_headers={"Range": "bytes=99999999-"})
    assert beyond.value.status_code == 416


def test_content_that_is_not_there_yet(client: OpenAI) -> None:
    video = client.videos.create(prompt="a long walk", **LONG)
    with pytest.raises(openai.ConflictError, match="ask again when it is completed") as caught:
        client.videos.download_content(video.id)
    assert caught.value.code == "video_not_ready"
    with pytest.raises(openai.ConflictError):
        client.videos.remix(video.id, prompt="as a pencil sketch")
    client.videos.delete(video.id)


def test_remix(client: OpenAI, tmp_path: Path) -> None:
    video = made(client, model="sora-2-pro")
    remix = client.videos.poll(client.videos.remix(video.id, prompt="as a pencil sketch").id)
    assert remix.status == "completed"
    assert (remix.remixed_from_video_id, remix.prompt) == (video.id, "as a pencil sketch")
    assert (remix.model, remix.seconds, remix.size) == ("sora-2-pro", "0.5", "64x48")
    before, after = (read_clip(content(client, each, tmp_path)) for each in (video, remix))
    assert before.shape == after.shape
    assert (before != after).any()


def test_edit_by_id_and_upload(client: OpenAI, tmp_path: Path) -> None:
    video = made(client)
    # The client's types take video={"id": ...}, but it then refuses to send it; this is the way around.
    by_id = client.videos.edit(prompt="in neon", video=omit, extra_body={"video": {"id": video.id}})  # type: ignore[arg-type]
    assert (by_id.seconds, by_id.size) == ("0.5", "64x48")
    with film(tmp_path).open("rb") as file:
        by_file = client.videos.edit(prompt="in neon", video=file)
    assert (by_file.seconds, by_file.size, by_file.remixed_from_video_id) == ("1", "64x48", None)
    for each in (by_id, by_file):
        assert client.videos.poll(each.id).status == "completed"


def test_extend_by_id_and_upload(client: OpenAI, tmp_path: Path) -> None:
    video = made(client)
    long: Any = "1.5"
    by_id = client.videos.extend(
        prompt="on", seconds=long, video=omit, extra_body={"video": {"id": video.id}}
    )  # type: ignore[arg-type]
    assert (by_id.seconds, by_id.size) == ("2", "64x48")  # half a second was there
    done = client.videos.poll(by_id.id)
    assert (done.status, done.seconds) == ("completed", "2")
    info = probe(content(client, done, tmp_path))
    assert (info.frames, info.rate_fps) == (32, 16)
    by_file = client.videos.extend(prompt="on", seconds=long, video=film(tmp_path))
    assert by_file.seconds == "2.5"
    assert client.videos.poll(by_file.id).seconds == "2.5"


def cast_of(server: Any, video: Video) -> list[str]:
    """The names of whoever was cast, as the job's row has them."""
    engine = make_engine(load_settings(data=server.data).database_url)
    with reading(engine) as session:
        row = session.get_one(JobRow, video.id)
        names = [session.get_one(FileRow, file_id).name for file_id in row.request["cast"]]
    engine.dispose()
    return names


def test_characters(client: OpenAI, server: Any, tmp_path: Path) -> None:
    mossy, fern = (f"{name} {uuid.uuid4().hex[:4]}" for name in ("Mossy", "Fern"))
    with film(tmp_path).open("rb") as file:
        character = client.videos.create_character(name=mossy, video=file)
    other = client.videos.create_character(name=fern, video=film(tmp_path))
    assert character.name == mossy
    assert client.videos.get_character(character.id or "").to_dict() == character.to_dict()
    with pytest.raises(openai.NotFoundError, match="char_unknown"):
        client.videos.get_character("char_unknown")
    httpx.post(f"{server.url}/v1/queue/pause", timeout=60).raise_for_status()  # so that only one is painted
    try:
        create = partial(
            client.videos.create, model="built-in", seconds="0.5", size="64x64"
        )  # toy casts nobody
        by_name = create(prompt=f"{mossy.upper()} walks in the snow")
        by_id = create(prompt=f"{fern} meets somebody", extra_body={"characters": [{"id": character.id}]})
        by_both = create(prompt=f"@{fern}, again", extra_body={"characters": [{"id": other.id}]})
        nobody = create(prompt=f"un{mossy} walks in the snow")
        cast = [cast_of(server, video) for video in (by_name, by_id, by_both, nobody)]
        assert cast == [[mossy], [mossy, fern], [fern], []]
        for video in (by_name, by_both, nobody):
            client.videos.delete(video.id)
    finally:
        httpx.post(f"{server.url}/v1/queue/resume", timeout=60).raise_for_status()
    done = client.videos.poll(by_id.id)
    assert done.status == "completed", done.error
    client.videos.delete(done.id)


def test_characters_that_are_none(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="char_x") as caught:
        client.videos.create(prompt="who", extra_body={"characters": [{"id": "char_x"}]})
    assert caught.value.param == "characters[0].id"
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.create_character(name="Mossy", video=picture())
    assert caught.value.param == "video"
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.create_character(name=" ", video=picture())
    assert caught.value.param == "name"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"prompt": ""}, "prompt", "invalid_value"),
    ({"prompt": "x" * 20_001}, "prompt", "invalid_value"),
    ({"size": "big"}, "size", "invalid_value"),
    ({"size": "721x1280"}, "size", "invalid_value"),
    ({"size": "99998x99998"}, "size", "invalid_value"),
    ({"seconds": "-4"}, "seconds", "invalid_value"),
    ({"seconds": "0"}, "seconds", "invalid_value"),
    ({"seconds": "nan"}, "seconds", "invalid_value"),
    ({"seconds": "1e9"}, "seconds", "invalid_value"),
    ({"seconds": "9999"}, "seconds", "invalid_request"),
    ({"input_reference": b"this is no picture"}, "input_reference", "invalid_media"),
    ({"extra_body": {"input_reference": "red.png"}}, "input_reference", "invalid_type"),
    ({"extra_body": {"input_reference": {"file_id": "file_x"}}}, "input_reference", "not_found"),
    (
        {"extra_body": {"input_reference": {"image_url": "http://a.org/a.png"}}},
        "input_reference",
        "invalid_url",
    ),
    (
        {"extra_body": {"input_reference": {"image_url": "https://127.0.0.1/a"}}},
        "input_reference",
        "invalid_url",
    ),
]


@pytest.mark.parametrize(("options", "param", "code"), WRONG)
def test_what_is_wrong_is_named(client: OpenAI, options: dict[str, Any], param: str, code: str) -> None:
    before = len(list(client.videos.list(limit=100)))
    with pytest.raises(openai.APIStatusError) as caught:
        client.videos.create(**({"prompt": "a fox"} | options))
    assert caught.value.status_code in (400, 404)
    assert (caught.value.param, caught.value.code) == (param, code), caught.value.message
    assert caught.value.type == "invalid_request_error"
    assert len(list(client.videos.list(limit=100))) == before


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "prompt", "missing_required_parameter"),
        ({"prompt": 5}, "prompt", "invalid_type"),
        ({"prompt": "a", "size": 5}, "size", "invalid_type"),
        ({"prompt": "a", "seconds": True}, "seconds", "invalid_type"),
        ({"prompt": "a", "model": ["sora-2"]}, "model", "invalid_type"),
        ({"prompt": "a", "input_reference": {}}, "input_reference", "invalid_value"),
        ({"prompt": "a", "characters": "char_1"}, "characters", "invalid_type"),
        ({"prompt": "a", "characters": [{}]}, "characters[0].id", "missing_required_parameter"),
        ({"prompt": "a\0b"}, "prompt", "invalid_value"),
    ],
)
def test_json_of_wrong_types(server: Any, body: dict[str, Any], param: str, code: str) -> None:
    answer = httpx.post(f"{server.url}/v1/videos", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (400, param, code), error
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"\\ud800"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"prompt": "\xff"}', "application/json"),
        (b"prompt", "text/plain"),
        (b"no parts", "multipart/form-data"),
        (b"no parts", "multipart/form-data; boundary=a"),
        (b"prompt=a&prompt[b]=c", "application/x-www-form-urlencoded"),
        (b"x[a][b][c][d][e]=c&prompt=a", "application/x-www-form-urlencoded"),
        (b"&".join(b"x%d=1" % number for number in range(300)), "application/x-www-form-urlencoded"),
    ],
)
def test_bodies_that_are_broken(server: Any, data: bytes, kind: str) -> None:
    answer = httpx.post(f"{server.url}/v1/videos", content=data, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "order=up", "after=video_unknown", "limit=1000"])
def test_lists_that_are_asked_for_wrongly(server: Any, query: str) -> None:
    answer = httpx.get(f"{server.url}/v1/videos?{query}")
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("video_id", ["video_unknown", "a b", "%00", "x" * 3000, "😀"])
def test_videos_that_are_not_there(client: OpenAI, video_id: str) -> None:
    for call in (client.videos.retrieve, client.videos.delete, client.videos.download_content):
        with pytest.raises((openai.NotFoundError, openai.BadRequestError)):
            call(video_id)


def test_missing_videos_are_named(client: OpenAI, tmp_path: Path) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.edit(prompt="in neon", video=omit)  # type: ignore[arg-type]
    assert (caught.value.param, caught.value.code) == ("video", "missing_required_parameter")
    with pytest.raises(openai.NotFoundError, match="video_unknown"):
        client.videos.edit(prompt="in neon", video=omit, extra_body={"video": {"id": "video_unknown"}})  # type: ignore[arg-type]
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.extend(prompt="on", seconds="120", video=film(tmp_path))  # type: ignore[arg-type]
    assert caught.value.param == "seconds"  # with the second that it has, it would be too long


def test_idempotency_keys(client: OpenAI, tmp_path: Path) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = client.videos.create(prompt="a fox", input_reference=picture(), extra_headers=key, **SMALL)
    again = client.videos.create(prompt="a fox", input_reference=picture(), extra_headers=key, **SMALL)
    assert first.id == again.id
    with pytest.raises(openai.ConflictError):
        client.videos.create(prompt="an owl", input_reference=picture(), extra_headers=key, **SMALL)


def test_a_cancelled_job_reads_as_failed(client: OpenAI, server: Any) -> None:
    video = client.videos.create(prompt="a long walk", **LONG)
    httpx.post(f"{server.url}/v1/jobs/{video.id}/cancel", timeout=60).raise_for_status()
    done = client.videos.poll(video.id)
    assert done.status == "failed"
    assert done.error is not None
    assert done.error.code == "cancelled"
    with pytest.raises(openai.NotFoundError, match="failed"):
        client.videos.download_content(video.id)


def test_models(client: OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert {"sora-2", "sora-2-pro", "toy", "built-in"} <= set(names)
    assert client.models.retrieve("sora-2").object == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-5")


def test_speech_waits_for_a_voice(client: OpenAI) -> None:
    with pytest.raises(openai.InternalServerError, match="no voice is installed") as caught:
        client.audio.speech.create(model="tts-1", voice="alloy", input="hello")
    assert caught.value.status_code == 501


def test_the_docs_example_runs(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "server-openai.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    assert probe("fox.mp4").frames == 32


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(picture())

    def log_message(self, format: str, *args: object) -> None: ...


def test_the_first_picture_by_url(start_server: Any, tmp_path: Path) -> None:
    running = start_server(allow_private_urls=True)  # else only https, and never to this machine
    client = OpenAI(base_url=f"{running.url}/v1", api_key="any", timeout=120)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pictures) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{site.server_port}/red.png"
        video = made(client, extra_body={"input_reference": {"image_url": url}})
        site.shutdown()
    first = read_clip(content(client, video, tmp_path), max_frames=1)[0]
    assert np.abs(first - np.array(RED, float)).mean() < 12


def test_everybody_sees_their_own(keyed_server: Any, new_key: Callable[..., str], tmp_path: Path) -> None:
    def connected(key: str) -> OpenAI:
        return OpenAI(base_url=f"{keyed_server.url}/v1", api_key=key, timeout=120)

    mine, theirs = (connected(new_key(keyed_server, ("videos",))) for _ in range(2))
    video = made(mine)
    character = mine.videos.create_character(name="Mossy", video=film(tmp_path))
    assert [each.id for each in mine.videos.list()] == [video.id]
    assert list(theirs.videos.list()) == []
    with pytest.raises(openai.NotFoundError):
        theirs.videos.retrieve(video.id)
    with pytest.raises(openai.NotFoundError):
        theirs.videos.remix(video.id, prompt="in neon")
    with pytest.raises(openai.NotFoundError):
        theirs.videos.get_character(character.id or "")
    with pytest.raises(openai.BadRequestError):
        theirs.videos.create(prompt="who", extra_body={"characters": [{"id": character.id}]})
    assert theirs.videos.poll(theirs.videos.create(prompt="Mossy walks", **SMALL).id).status == "completed"
    with pytest.raises(openai.PermissionDeniedError, match="images"):
        mine.images.generate(prompt="a castle", size="64x48")
    with pytest.raises(openai.AuthenticationError):
        connected("vs_unknown").videos.list()
