"""Uploads: looked at by decoding, whatever they are called; kept whole, or refused in words."""

from __future__ import annotations

import base64
import io
import tempfile
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from PIL import Image

from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.inputs.uploads import Uploads
from vitascope.apps.server.jobs.database import create_all, make_engine
from vitascope.apps.server.jobs.storage import Files, Store
from vitascope.apps.server.settings import Settings
from vitascope.canvas import Sound
from vitascope.media import write_sound, write_video

ME = Caller("key_1", "a studio", frozenset({"videos"}), "192.0.2.7")
OTHER = Caller("key_2", "another", frozenset({"videos"}), "192.0.2.8")
ADMIN = Caller("key_3", "an admin", frozenset({"admin"}), "192.0.2.9")


def picture(form: str = "PNG", size: tuple[int, int] = (24, 16), **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(file, form, **options)
    return file.getvalue()


def film(folder: Path, suffix: str = ".mp4", frames: int = 8, sound: Sound | None = None) -> bytes:
    path = folder / f"film{suffix}"
    moving = np.zeros((frames, 32, 48, 3), np.uint8)
    moving[:, :, :, 0] = np.arange(frames, dtype=np.uint8)[:, None, None] * 20
    write_video(path, moving, 8, sound=sound)
    return path.read_bytes()


PNG = picture()
GIF = picture("GIF", save_all=True, append_images=[Image.new("RGB", (24, 16), (0, 0, n)) for n in (99, 199)])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data", max_upload_mb=2, max_picture_mb=1, max_seconds=5, allow_private_urls=True
    )


@pytest.fixture
def files(settings: Settings) -> Files:
    settings.make_folder()
    engine = make_engine(settings.database_url)
    create_all(engine)
    return Files(engine, Store(settings.store_url))


@pytest.fixture
def uploads(
    files: Files, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Uploads]:
    """And whatever happens, nothing is left in the folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield Uploads(files, settings)
    assert list(folder.iterdir()) == []


def refusal(uploads: Uploads, data: Any, status: int = 400, **more: Any) -> str:
    with pytest.raises(ServerError) as caught:
        uploads.take(ME, data, **({"purpose": "input"} | more))
    assert caught.value.status == status
    assert "/tmp" not in caught.value.message
    assert "Limits" not in caught.value.message
    return caught.value.message


def test_a_picture_is_kept_as_it_came(uploads: Uploads, files: Files) -> None:
    stored = uploads.take(ME, PNG, purpose="upload", name="../../etc/a fox\n.exe")
    assert (stored.media_type, stored.name, stored.bytes) == ("image/png", "a fox.exe", len(PNG))
    assert (stored.width_px, stored.height_px, stored.frames, stored.duration_s) == (24, 16, 1, None)
    assert (stored.key_id, stored.purpose) == ("key_1", "upload")
    assert b"".join(files.open(stored)) == PNG
    assert 0 < (stored.expires_at or 0) - time.time() <= 7 * 24 * 3600
    assert uploads.take(ME, PNG, purpose="character").expires_at is None


@pytest.mark.parametrize(
    ("data", "media_type", "name"),
    [
        (picture("JPEG"), "image/jpeg", "a.mp4"),
        (picture("WEBP"), "image/webp", "a.png"),
        (picture("BMP"), "image/bmp", ""),
        (picture("TIFF"), "image/tiff", None),
        (GIF, "image/gif", "a.html"),
    ],
)
def test_names_count_for_nothing(uploads: Uploads, data: bytes, media_type: str, name: str | None) -> None:
    stored = uploads.take(ME, io.BytesIO(data), purpose="input", name=name)
    assert stored.media_type == media_type
    assert (stored.width_px, stored.height_px) == (24, 16)


def test_films_say_how_long_they_are(uploads: Uploads, tmp_path: Path) -> None:
    for suffix, media_type in ((".mp4", "video/mp4"), (".webm", "video/webm"), (".mov", "video/quicktime")):
        stored = uploads.take(ME, film(tmp_path, suffix), purpose="input", kinds={"video"})
        assert stored.media_type == media_type
        assert (stored.width_px, stored.height_px, stored.frames) == (48, 32, 8)
        assert stored.duration_s == pytest.approx(1, abs=0.01)
        assert Fraction(str(stored.rate_fps)) == 8


def test_a_picture_that_moves_is_both(uploads: Uploads) -> None:
    for kinds in ({"image"}, {"video"}):
        stored = uploads.take(ME, GIF, purpose="input", kinds=kinds)
        assert (stored.media_type, stored.frames) == ("image/gif", 3)
        assert uploads.take(ME, stored.id, purpose="input", kinds=kinds) == stored


def test_sound_is_taken_where_it_is_wanted(uploads: Uploads, tmp_path: Path) -> None:
    sound = Sound(np.sin(np.linspace(0, 900, 8000, dtype=np.float32))[:, None], 8000)
    write_sound(tmp_path / "sound.wav", sound)
    wav = (tmp_path / "sound.wav").read_bytes()
    stored = uploads.take(ME, wav, purpose="input", kinds={"video", "audio"})
    assert (stored.media_type, stored.duration_s) == ("audio/wav", pytest.approx(1, abs=0.01))
    assert "sound only" in refusal(uploads, wav)
    assert "audio/wav" in refusal(uploads, stored.id)
    heard = uploads.take(ME, film(tmp_path, sound=sound), purpose="input", kinds={"audio"})
    assert heard.media_type == "video/mp4"
    assert "sound is needed" in refusal(uploads, film(tmp_path), kinds={"audio"})


def test_what_isnt_needed_is_refused(uploads: Uploads, tmp_path: Path) -> None:
    assert refusal(uploads, PNG, kinds={"video"}) == "a video is needed, and this is image/png"
    assert refusal(uploads, film(tmp_path), kinds={"image"}) == "a picture is needed, and this is video/mp4"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"%PDF-1.7\n",
        b"PK\x03\x04" + bytes(100),
        PNG[: len(PNG) // 2],
        picture("JPEG")[:300],
        b"\x00\x00\x00\x18ftypmp42" + bytes(200),
    ],
)
def test_what_cant_be_decoded_is_refused(uploads: Uploads, data: bytes) -> None:
    refusal(uploads, data)


@given(
    junk=st.binary(max_size=400), start=st.sampled_from([b"", b"GIF89a", b"RIFF____WEBP", b"BM", PNG[:40]])
)
@profile(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_junk_is_refused_in_words(uploads: Uploads, junk: bytes, start: bytes) -> None:
    try:
        uploads.take(ME, start + junk, purpose="input")
    except ServerError as error:
        assert error.status == 400  # noqa: PT017


def test_sizes_are_limited(uploads: Uploads, tmp_path: Path) -> None:
    assert "limit of 2 MiB" in refusal(uploads, bytes(3 << 20), 413)
    assert "limit of 1 MiB" in refusal(uploads, bytes(3 << 20), 413, kinds={"image"})
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (700, 700, 3), np.uint8))
    file = io.BytesIO()
    noise.save(file, "PNG")
    assert 1 << 20 < len(file.getvalue()) < 2 << 20
    assert "limit of 1 MiB" in refusal(uploads, file.getvalue(), 413)
    assert "limit of 1 MiB" in refusal(uploads, data_url(file.getvalue()), 413, kinds={"image"})
    endless = Endless()
    assert "limit of 2 MiB" in refusal(uploads, endless, 413)
    assert endless.given < 4 << 20
    assert "past the limit of 5 s" in refusal(uploads, film(tmp_path, frames=48))
    # A bomb: 100,000,000 pixels in less than a megabyte.
    bomb = picture("PNG", (10_000, 10_000))
    assert len(bomb) < 1 << 20
    assert "10000x10000 px is above the limit" in refusal(uploads, bomb)


class Endless(io.RawIOBase):
    given = 0

    def read(self, size: int = -1) -> bytes:
        self.given += size
        return bytes(size)


def data_url(data: bytes, head: str = "data:image/png;base64,") -> str:
    return head + base64.b64encode(data).decode()


def test_data_urls(uploads: Uploads, files: Files) -> None:
    for head in ("data:image/png;base64,", "DATA:;base64,", "data:video/mp4;name=a.mp4;base64,"):
        stored = uploads.take(ME, data_url(PNG, head), purpose="input")
        assert stored.media_type == "image/png"  # whatever it says of itself
        assert b"".join(files.open(stored)) == PNG
    whole = data_url(PNG)
    for broken in (
        whole[:-1],
        whole + "!",
        whole.replace("iVBO", "iV BO"),
        whole[:40] + "\n" + whole[40:],
        whole + "é",
    ):
        assert "proper base64" in refusal(uploads, broken)
    for other in ("data:image/png,abc", "data:", "data:image/png;base64"):
        assert "looks like data:image/png;base64," in refusal(uploads, other)
    assert "empty" in refusal(uploads, "data:image/png;base64,")


def test_files_that_are_here_already(uploads: Uploads) -> None:
    stored = uploads.take(ME, PNG, purpose="upload")
    assert uploads.take(ME, stored.id, purpose="input") == stored
    assert uploads.take(ADMIN, stored.id, purpose="input") == stored
    for who, file_id in ((OTHER, stored.id), (ME, "file_nothing"), (ME, "file_../../x"), (ME, "file_\0")):
        with pytest.raises(ServerError) as caught:
            uploads.take(who, file_id, purpose="input")
        assert caught.value.status == 404
    assert "a video is needed" in refusal(uploads, stored.id, kinds={"video"})


@pytest.mark.parametrize(
    "text", ["", "a.png", "/etc/passwd", "../a.png", "C:\\a.png", "video_123", "\0", "é" * 99]
)
def test_paths_lead_nowhere(uploads: Uploads, text: str) -> None:
    assert "names no media" in refusal(uploads, text)


class Site(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg" if "png" in self.path else "text/html")
        self.send_header("Content-Length", str(len(PNG)))
        self.end_headers()
        self.wfile.write(PNG)


def test_urls(uploads: Uploads, files: Files, settings: Settings) -> None:
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{site.server_port}"
    try:
        stored = uploads.take(ME, f"{url}/pictures/a%20fox.png?x=1", purpose="input")
        assert (stored.media_type, stored.name, stored.bytes) == ("image/png", "a fox.png", len(PNG))
        assert "'text/html'" in refusal(uploads, url)
        assert "image/... is needed" in refusal(uploads, url, kinds={"image"})
        strict = Uploads(files, settings.model_copy(update={"allow_private_urls": False}))
        assert "https://" in refusal(strict, f"{url}/a.png")
        assert "private" in refusal(strict, "https://127.0.0.1/a.png")
    finally:
        site.shutdown()
        site.server_close()
