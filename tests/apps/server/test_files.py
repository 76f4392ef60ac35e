"""Stored files over HTTP: the right bytes of the right file for whoever may have them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

# The server outlives the examples, and nothing in it changes with them.
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def picture(width_px: int = 64, height_px: int = 48, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


DATA = picture()


@pytest.fixture
def client(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture
def stored(client: httpx.Client) -> dict[str, Any]:
    return send(client, DATA)


def send(client: httpx.Client, data: bytes, name: str = "noise.png") -> dict[str, Any]:
    return client.post("/v1/files", files={"file": (name, data)}).raise_for_status().json()


def content(client: httpx.Client, file: dict[str, Any], **headers: str) -> httpx.Response:
    return client.get(
        f"/v1/files/{file['id']}/content",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def test_a_file_comes_back_as_it_was(client: httpx.Client, stored: dict[str, Any]) -> None:
    assert stored["object"] == "file"
    assert (stored["media_type"], stored["bytes"]) == ("image/png", len(DATA))
    assert (stored["width_px"], stored["height_px"]) == (64, 48)
    assert client.get(f"/v1/files/{stored['id']}").json() == stored
    whole = content(client, stored)
    assert (whole.status_code, whole.content) == (200, DATA)
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["content-length"] == str(len(DATA))
    assert whole.headers["accept-ranges"] == "bytes"
    assert "noise.png" in whole.headers["content-disposition"]
    assert whole.headers["x-content-type-options"] == "nosniff"


def test_head_says_the_same_without_the_bytes(client: httpx.Client, stored: dict[str, Any]) -> None:
    whole = content(client, stored)
    head = client.head(f"/v1/files/{stored['id']}/content")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "last-modified", "accept-ranges"):
        assert head.headers[name] == whole.headers[name]


@MANY
@given(start=st.integers(0, len(DATA) + 9), length=st.integers(0, len(DATA) + 9))
def test_any_range(client: httpx.Client, stored: dict[str, Any], start: int, length: int) -> None:
    part = content(client, stored, range=f"bytes={start}-{start + length}")
    if start >= len(DATA):
        assert part.status_code == 416
        assert part.headers["content-range"] == f"bytes */{len(DATA)}"
        return
    wanted = DATA[start : start + length + 1]
    assert (part.status_code, part.content) == (206, wanted)
    assert part.headers["content-range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(DATA)}"
    assert part.headers["content-length"] == str(len(wanted))


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=0-", DATA),
        ("bytes=10-", DATA[10:]),
        ("bytes=-10", DATA[-10:]),
        (f"bytes=-{len(DATA) + 100}", DATA),
        ("bytes=0-0", DATA[:1]),
        ("BYTES = 2 - 4", DATA[2:5]),
    ],
)
def test_open_ranges(client: httpx.Client, stored: dict[str, Any], asked: str, wanted: bytes) -> None:
    part = content(client, stored, range=asked)
    assert (part.status_code, part.content) == (206, wanted)


@pytest.mark.parametrize("asked", ["bytes=-0", f"bytes={len(DATA)}-", "bytes=99999999-"])
def test_ranges_that_the_file_lacks(client: httpx.Client, stored: dict[str, Any], asked: str) -> None:
    part = content(client, stored, range=asked)
    assert part.status_code == 416
    assert str(len(DATA)) in part.text


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=a-b",
        "lines=1-2",
        "bytes=0-1,4-5",
        "bytes=--1",
        "bytes=" + "9" * 5000 + "-",
        "bytes=0x1-0x2",
        "bytes=1.5-3",
        "bytes=²-5",
    ],
)
def test_what_is_no_single_range_gets_everything(
    client: httpx.Client, stored: dict[str, Any], asked: str
) -> None:
    part = client.get(f"/v1/files/{stored['id']}/content", headers={"range": asked.encode("latin-1")})
    assert (part.status_code, part.content) == (200, DATA)


def test_what_the_client_has_is_not_sent_again(client: httpx.Client, stored: dict[str, Any]) -> None:
    first = content(client, stored)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for had in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = content(client, stored, if_none_match=had)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert content(client, stored, if_none_match='"other"').status_code == 200
    assert content(client, stored, if_modified_since=date).status_code == 304
    assert content(client, stored, if_modified_since=formatdate(0, usegmt=True)).status_code == 200
    # The tag is the better witness, so the date is not asked.
    assert content(client, stored, if_modified_since=date, if_none_match='"other"').status_code == 200


def test_conditions_that_don_t_hold(client: httpx.Client, stored: dict[str, Any]) -> None:
    tag = content(client, stored).headers["etag"]
    assert content(client, stored, if_match='"other"').status_code == 412
    assert content(client, stored, if_match=f"W/{tag}").status_code == 412
    assert content(client, stored, if_match=tag).content == DATA
    assert content(client, stored, if_match="*").content == DATA
    assert content(client, stored, if_unmodified_since=formatdate(0, usegmt=True)).status_code == 412
    assert content(client, stored, if_unmodified_since="no date").status_code == 200
    assert content(client, stored, if_modified_since="Mon, 99 Foo 2026 99:99:99 GMT").status_code == 200


def test_a_download_goes_on_only_with_the_same_file(client: httpx.Client, stored: dict[str, Any]) -> None:
    first = content(client, stored)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    assert content(client, stored, range="bytes=5-", if_range=tag).content == DATA[5:]
    assert content(client, stored, range="bytes=5-", if_range=date).content == DATA[5:]
    for other in ('"other"', f"W/{tag}", formatdate(0, usegmt=True), "no date"):
        whole = content(client, stored, range="bytes=5-", if_range=other)
        assert (whole.status_code, whole.content) == (200, DATA)


def test_the_same_bytes_have_one_tag_and_others_another(client: httpx.Client, stored: dict[str, Any]) -> None:
    tag = content(client, stored).headers["etag"]
    assert content(client, send(client, DATA, "copy.png")).headers["etag"] == tag
    assert content(client, send(client, picture(seed=1))).headers["etag"] != tag


@pytest.mark.parametrize(
    "name", ['fü"chs\\.png', "../../etc/passwd", "a\r\nb: c.png", "x" * 300 + ".png", "%41.png"]
)
def test_names_do_no_harm(client: httpx.Client, name: str) -> None:
    answer = client.post("/v1/files", files={"file": (name, DATA)})
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        whole = content(client, answer.json())
        assert whole.content == DATA
        said = whole.headers["content-disposition"]
        assert said.startswith("inline; filename=")
        assert "/" not in said
        assert "b" not in whole.headers


def test_no_such_file(client: httpx.Client) -> None:
    for path in ("/v1/files/file_none", "/v1/files/file_none/content", "/v1/files/a%00b/content"):
        assert client.get(path).status_code == 404
    assert client.post("/v1/files", files={"other": ("a.png", DATA)}).status_code == 400
    assert client.post("/v1/files", json={}).status_code == 400
    refused = client.post("/v1/files", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 100)})
    assert refused.status_code == 400


def test_a_link_works_until_it_is_changed(client: httpx.Client) -> None:
    canvas = {"words": [{"text": "a fox"}], "frames": 3, "width_px": 64, "height_px": 64}
    job = client.post("/v1/fills", json=canvas).raise_for_status().json()
    while job["status"] in ("queued", "in_progress"):
        job = client.get(f"/v1/jobs/{job['id']}").json()
    (video,) = [output for output in job["outputs"] if output["variant"] == "video"]
    film = httpx.get(video["url"], timeout=60)
    assert film.status_code == 200
    assert len(film.content) == video["bytes"]
    assert film.headers["content-type"] == "video/mp4"
    part = httpx.get(video["url"], headers={"Range": "bytes=4-7"}, timeout=60)
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert httpx.head(video["url"], timeout=60).headers["content-length"] == str(video["bytes"])
    assert httpx.get(video["url"][:-2] + "AA", timeout=60).status_code == 403
    other = send(client, DATA)
    assert httpx.get(video["url"].replace(video["file_id"], other["id"]), timeout=60).status_code == 403
