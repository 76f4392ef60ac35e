"""Somebody's server as a filler, in both dialects: one Vitascope asks another, by the official clients."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import httpx
import numpy as np
import pytest

from vitascope.apps.hosted.naming import CannotAsk, entry_for
from vitascope.canvas import Canvas
from vitascope.engine import Cancelled, Filler, FillSettings, Progress, admit, fill, filler_for, load_filler
from vitascope.tasks import between, extend, image_to_video, text_to_video

SIZE = (128, 72)


def fillers(url: str) -> dict[str, str]:
    """What to name on the command line, by dialect."""
    return {"openai": f"{url}/v1", "runway": f"runway+{url}"}


@pytest.fixture(params=["openai", "runway"])
def remote(request: pytest.FixtureRequest, server: Any) -> Filler:
    return load_filler(admit(fillers(server.url)[request.param]))


def clip(frames: int) -> np.ndarray:
    return np.random.default_rng(1).integers(256, size=(frames, SIZE[1], SIZE[0], 3), dtype=np.uint8)


def test_words_become_the_other_server_s_film(remote: Filler) -> None:
    canvas = text_to_video("a fox jumps", size=SIZE, duration_s=1, rate_fps=8)
    filled = fill(canvas, remote)
    assert filled.size == SIZE
    assert filled.frames == 8
    assert filled.known.min() == 1
    assert filled.pixels.std() > 1


def came_back(canvas: Canvas, remote: Filler) -> bool:
    given = canvas.known == 1
    return bool(given.any()) and np.array_equal(fill(canvas, remote).pixels[given], canvas.pixels[given])


def test_a_picture_begins_the_film_and_comes_back(remote: Filler) -> None:
    assert came_back(image_to_video(clip(1)[0], "a fox", duration_s=1, rate_fps=8), remote)


def test_what_else_is_known_comes_back(server: Any) -> None:
    remote = load_filler(admit(fillers(server.url)["openai"]))
    first, last = clip(2)
    assert came_back(extend(clip(4), "a fox", duration_s=1, direction="backward", rate_fps=8), remote)
    assert came_back(between(first, last, "a fox", duration_s=1, rate_fps=8), remote)


def test_jobs_are_gone_from_the_other_server_afterwards(server: Any) -> None:
    remote = load_filler(admit(fillers(server.url)["openai"]))
    before = httpx.get(f"{server.url}/v1/videos", timeout=60).json()["data"]
    fill(text_to_video("a fox", size=SIZE, duration_s=1, rate_fps=8), remote)
    assert httpx.get(f"{server.url}/v1/videos", timeout=60).json()["data"] == before


def test_a_cancelled_fill_ends_the_job_there(server: Any) -> None:
    remote = load_filler(admit(fillers(server.url)["openai"] + "#slow"))

    def report(progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fill(text_to_video("a fox", size=SIZE, duration_s=8, rate_fps=8), remote, FillSettings(), report)
    assert httpx.get(f"{server.url}/v1/videos", timeout=60).json()["data"] == []


def test_a_wrong_key_is_said(keyed_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITASCOPE_HOSTED_KEY", "vs_wrong")
    remote = entry_for(f"{keyed_server.url}/v1")
    assert remote is not None
    with pytest.raises(CannotAsk, match="401"):
        fill(text_to_video("a fox", size=SIZE, duration_s=1, rate_fps=8), remote())


def test_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = entry_for("http://127.0.0.1:9/v1")
    assert remote is not None
    with pytest.raises(CannotAsk, match="can't be asked"):
        fill(text_to_video("a fox", size=SIZE, duration_s=1, rate_fps=8), remote())


def test_addresses_and_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VITASCOPE_HOSTED_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert entry_for("built-in") is None
    assert entry_for("a/folder") is None
    with pytest.raises(CannotAsk, match="use https"):
        entry_for("http://example.com/v1")
    entry = entry_for("https://example.com/v1")
    assert entry is not None
    with pytest.raises(CannotAsk, match="VITASCOPE_HOSTED_KEY or OPENAI_API_KEY"):
        entry()


def test_it_is_never_asked_unless_it_is_named(server: Any) -> None:
    admit(f"{server.url}/v1")
    canvas = text_to_video("a fox", size=SIZE, duration_s=Fraction(1), rate_fps=8)
    assert filler_for(canvas).name in ("built-in", "toy")
