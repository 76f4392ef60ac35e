"""Timelines over HTTP, against a server that really runs: what comes out, what is refused, and a kill."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.footage.hostile import film, pictures

from vitascope.canvas import Sound
from vitascope.media import probe, read_clip, read_sound, write_sound
from vitascope.media.provenance import read_provenance
from vitascope.media.timelines import (
    Clip,
    Colour,
    Fill,
    Level,
    PictureTrack,
    SoundTrack,
    Still,
    Timeline,
    Title,
)
from vitascope.media.timelines.otio import to_otio

OVER = ("completed", "failed", "cancelled")
RATE_FPS = Fraction(10)
SECOND = Fraction(1)


@pytest.fixture
def client(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


def send(client: httpx.Client, data: bytes, name: str = "clip.mp4") -> str:
    return client.post("/v1/files", files={"file": (name, data)}).raise_for_status().json()["id"]


def timeline(*tracks: Any, size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    made = Timeline(width_px=size[0], height_px=size[1], rate_fps=RATE_FPS, tracks=tracks, **more)
    return to_otio(made).encode()


def asked(client: httpx.Client, document: bytes, **query: Any) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return client.post("/v1/renders", content=document, headers=headers, params=query)


def settled(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + 240
    while job["status"] not in OVER:
        assert time.monotonic() < until, job
        time.sleep(0.1)
        job = client.get(f"/v1/jobs/{job['id']}").raise_for_status().json()
    return job


def rendered(client: httpx.Client, document: bytes, place: Path, **query: Any) -> dict[str, Any]:
    answer = asked(client, document, **query)
    assert answer.status_code == 202, answer.text
    job = settled(client, answer.json())
    assert job["status"] == "completed", job
    (video,) = [output for output in job["outputs"] if output["variant"] == "video"]
    place.write_bytes(httpx.get(video["url"], timeout=60).raise_for_status().content)
    return job


def colour(name: str, seconds: Fraction = SECOND) -> PictureTrack:
    return PictureTrack(items=(Colour(colour=name, duration_s=seconds),))


def test_clips_stills_and_sound(client: httpx.Client, tmp_path: Path) -> None:
    clip = send(client, film(pictures(12)))
    tone = np.sin(np.arange(16_000) / 6)[:, None].astype(np.float32) / 2
    write_sound(tmp_path / "tone.wav", Sound(tone, 8000))
    sound = send(client, (tmp_path / "tone.wav").read_bytes(), "tone.wav")
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 250
    still = send(client, film([red], form="gif", codec="gif", pixel_format="rgb8"), "red.gif")
    document = timeline(
        PictureTrack(
            items=(
                Clip(source=clip, duration_s=SECOND, start_s=Fraction(1, 5)),
                Still(source=still, duration_s=SECOND),
            )
        ),
        SoundTrack(items=(Clip(source=sound, duration_s=Fraction(2), level=Level()),)),
    )
    place = tmp_path / "film.mp4"
    job = rendered(client, document, place)
    assert (job["task"], job["kind"], job["relation"]) == ("render_timeline", "video", None)
    frames = read_clip(place)
    assert frames.shape == (20, 48, 64, 3)
    (tmp_path / "own.mp4").write_bytes(httpx.get(f"{client.base_url}/v1/files/{clip}/content").content)
    own = read_clip(tmp_path / "own.mp4")
    assert np.abs(frames[:10].astype(int) - own[2:12]).mean() < 6
    assert frames[12:, ..., 0].min() > 200
    assert frames[12:, ..., 1].max() < 60
    assert np.abs(read_sound(place).samples).max() > 0.3
    said = read_provenance(place)
    assert said is not None
    assert said.valid
    assert not said.made_by_ai
    assert {ancestor.role for ancestor in said.lineage} == {"inputTo"}


def test_a_title_and_a_fill(client: httpx.Client, tmp_path: Path) -> None:
    """A canvas within the timeline is filled, and what comes out says that a model had its hands in it."""
    canvas = json.dumps(
        {"words": [{"text": "a fox"}], "frames": 8, "rate_fps": 8, "width_px": 64, "height_px": 48}
    )
    document = timeline(
        PictureTrack(items=(Fill(canvas=canvas, duration_s=SECOND),)),
        PictureTrack(items=(Title(text="Hello", duration_s=SECOND),)),
    )
    place = tmp_path / "film.webm"
    job = rendered(client, document, place, format="webm")
    assert job["estimate"]["credits"] >= 1
    assert probe(place).codec == "vp9"
    assert len(read_clip(place)) == 10
    place = tmp_path / "film.mp4"
    rendered(client, document, place)
    said = read_provenance(place)
    assert said is not None
    assert said.made_by_ai


@pytest.mark.parametrize(
    ("track", "param", "words"),
    [
        (Clip(source="/etc/passwd", duration_s=SECOND), "tracks[0].items[0].source", "no id of a file"),
        (
            Clip(source="https://example.com/a.mp4", duration_s=SECOND),
            "tracks[0].items[0].source",
            "/v1/files",
        ),
        (Clip(source="file_nobody", duration_s=SECOND), "tracks[0].items[0].source", "doesn't exist"),
        (Clip(source="CLIP", duration_s=Fraction(9)), "tracks[0].items[0]", "ends at"),
        (Still(source="CLIP", duration_s=SECOND), "tracks[0].items[0].source", "a picture is needed"),
        (Colour(colour="#ff0000", duration_s=Fraction(500)), None, "longer than the 120 s"),
        (Fill(canvas="canvas.json", duration_s=SECOND), "tracks[0].items[0].canvas", "itself"),
        (Fill(canvas='{"frames": -1}', duration_s=SECOND), "tracks[0].items[0].canvas.frames", "frames"),
        (
            Fill(canvas='{"clips": [{"uri": "/etc/passwd"}]}', duration_s=SECOND),
            "tracks[0].items[0].canvas.clips[0].uri",
            "no id of a file",
        ),
    ],
)
def test_what_is_wrong_is_said_before_it_is_queued(
    client: httpx.Client, track: Any, param: str | None, words: str
) -> None:
    clip = send(client, film(pictures(12)))
    document = timeline(PictureTrack(items=(track,))).replace(b"CLIP", clip.encode())
    before = client.get("/v1/jobs").json()["first_id"]
    answer = asked(client, document)
    error = answer.json()["error"]
    assert (answer.status_code in (400, 404), error["param"]) == (True, param), error
    assert words in error["message"]
    assert client.get("/v1/jobs").json()["first_id"] == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"OTIO_SCHEMA": "Timeline.1"}', b'{"OTIO_SCHEMA": 3}', b"[" * 5000, b"\xff"],
)
def test_documents_that_are_none(client: httpx.Client, body: bytes) -> None:
    answer = asked(client, body)
    assert answer.status_code == 400, answer.text


def test_an_odd_size_is_refused(client: httpx.Client) -> None:
    answer = asked(client, timeline(colour("#ff0000"), size=(63, 48)))
    assert answer.status_code == 400
    assert "even" in answer.json()["error"]["message"]


def test_a_killed_worker_loses_no_part(start_server: Any, tmp_path: Path) -> None:
    """kill -9 of everything in the middle: the next start goes on with the parts that were finished."""
    server = start_server()
    titles = tuple(Title(text=f"Part {number}", duration_s=Fraction(5)) for number in range(8))
    document = timeline(colour("#203040", Fraction(40)), PictureTrack(items=titles), size=(640, 360))
    with server.client() as client:
        job = asked(client, document).raise_for_status().json()
        parts = wait_for_parts(server, job["id"], 2)
    server.kill_group()
    finished = {path: path.stat().st_mtime_ns for path in parts}
    server.start()
    with server.client() as client:
        later = wait_for_parts(server, job["id"], len(finished) + 1)
        assert {path: path.stat().st_mtime_ns for path in later if path in finished} == finished
        done = settled(client, job)
        assert done["status"] == "completed", done
        (video,) = [output for output in done["outputs"] if output["variant"] == "video"]
        (tmp_path / "film.mp4").write_bytes(httpx.get(video["url"], timeout=60).content)
    assert sum(1 for _ in read_clip(tmp_path / "film.mp4")) == 400
    assert not list((server.data / "renders").iterdir())


def wait_for_parts(server: Any, job_id: str, count: int) -> list[Path]:
    """The finished parts, once there are so many."""
    folder = server.data / "renders" / job_id / ".film.mp4.parts"
    until = time.monotonic() + 200
    while time.monotonic() < until:
        found = sorted(folder.glob("[0-9a-f]*.mp4"))
        if len(found) >= count:
            return found
        time.sleep(0.02)
    raise AssertionError(server.log[-3000:])
