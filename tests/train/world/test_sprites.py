"""Fetching, checking and laying out the sprites, against a real server, a real npm and real pictures."""

import base64
import hashlib
import http.server
import io
import json
import shutil
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from vitascope.train.world import sprites
from vitascope.train.world.sprites import Atlas, Package, SpritesError
from vitascope.train.world.things import THINGS

Files = dict[str, bytes]


def picture(width_px: int = 40, height_px: int = 60) -> bytes:
    """A red ellipse of this size, off centre on a clear 256 x 256 ground."""
    image = Image.new("RGBA", (256, 256))
    ImageDraw.Draw(image).ellipse((10, 20, 10 + width_px - 1, 20 + height_px - 1), fill=(255, 30, 20, 255))
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", lossless=True)
    return encoded.getvalue()


def archive(files: Files) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def integrity(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


CONTENT = archive(
    {
        "package/package.json": b'{"name": "toy-sprites", "version": "1.0.0"}',
        **{f"package/assets/{thing.codepoint}.webp": picture() for thing in THINGS[:3]},
    }
)


@pytest.fixture
def served() -> Iterator[tuple[Files, str]]:
    """What a local web server answers with, by path, and its address."""
    files: Files = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path.partition("?")[0])
            self.send_response(200 if content is not None else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield files, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def package(served: tuple[Files, str]) -> Package:
    """A package that the server has."""
    files, address = served
    files["/toy-sprites/-/toy-sprites-1.0.0.tgz"] = CONTENT
    return Package("toy-sprites", "1.0.0", integrity(CONTENT), 1 << 20, address)


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_fetches_once_and_keeps_it(served: tuple[Files, str], package: Package, tmp_path: Path) -> None:
    path = sprites.fetch(package, tmp_path / "cache")
    assert path.read_bytes() == CONTENT
    served[0].clear()
    assert sprites.fetch(package, tmp_path / "cache") == path
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["toy-sprites-1.0.0.tgz"]


@pytest.mark.usefixtures("no_npm")
def test_another_archive_is_refused_and_not_kept(package: Package, tmp_path: Path) -> None:
    with pytest.raises(SpritesError, match="its sum is sha512-"):
        sprites.fetch(replace(package, integrity=integrity(b"something else")), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("no_npm")
def test_a_download_that_is_too_long_is_stopped(package: Package, tmp_path: Path) -> None:
    with pytest.raises(SpritesError, match="longer than 100 bytes"):
        sprites.fetch(replace(package, most_bytes=100), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("no_npm")
def test_no_way_to_fetch_says_so(package: Package, tmp_path: Path) -> None:
    with pytest.raises(SpritesError, match=r"404.*no npm"):
        sprites.fetch(replace(package, version="2.0.0"), tmp_path / "cache")


def test_a_spoilt_cache_is_noticed(package: Package, tmp_path: Path) -> None:
    path = sprites.fetch(package, tmp_path)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(SpritesError, match="delete it"):
        sprites.fetch(package, tmp_path)


@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm command here")
def test_npm_is_the_second_way(
    served: tuple[Files, str], package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, address = served
    files["/elsewhere.tgz"] = files.pop(
        "/toy-sprites/-/toy-sprites-1.0.0.tgz"
    )  # https fails; npm asks for the way
    found = {"tarball": f"{address}/elsewhere.tgz", "integrity": package.integrity}
    version = {"name": "toy-sprites", "version": "1.0.0", "dist": found}
    files["/toy-sprites"] = json.dumps({"name": "toy-sprites", "versions": {"1.0.0": version}}).encode()
    monkeypatch.setenv("npm_config_registry", address)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    assert sprites.fetch(package, tmp_path / "cache").read_bytes() == CONTENT


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VITASCOPE_CACHE", str(tmp_path))
    assert sprites.cache_folder() == tmp_path / "world"


def test_missing_pictures_are_named(tmp_path: Path) -> None:
    path = tmp_path / "sprites.tgz"
    path.write_bytes(archive({f"package/assets/{THINGS[0].codepoint}.webp": picture()}))
    with pytest.raises(SpritesError, match=f"no pictures of {THINGS[1].name}"):
        sprites.read_pictures(path, THINGS[:2])


def test_links_and_monsters_are_no_pictures(tmp_path: Path) -> None:
    name = f"package/assets/{THINGS[0].codepoint}.webp"
    path = tmp_path / "sprites.tgz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo(name)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(SpritesError, match="no pictures of fox"):
        sprites.read_pictures(path, THINGS[:1])
    path.write_bytes(archive({name: bytes(2 << 20)}))
    with pytest.raises(SpritesError, match="no pictures of fox"):
        sprites.read_pictures(path, THINGS[:1])


def test_an_atlas_has_every_level() -> None:
    atlas = Atlas.of({thing.codepoint: picture() for thing in THINGS[:3]}, THINGS[:3])
    assert atlas.count == 3
    assert {side: tuple(level.shape) for side, level in atlas.levels.items()} == {
        side: (3, 4, side, side) for side in (16, 32, 64, 128, 256)
    }
    assert all(level.dtype == torch.uint8 for level in atlas.levels.values())
    assert atlas.faces_N.tolist() == [0, -1, -1]  # a fox from the front, a cat and a dog to the left
    assert atlas.round_N.tolist() == [False] * 3


@pytest.mark.parametrize(("width_px", "height_px"), [(40, 60), (60, 40), (90, 90), (31, 200)])
def test_a_sprite_fills_its_square_and_is_centred(width_px: int, height_px: int) -> None:
    atlas = Atlas.of({THINGS[0].codepoint: picture(width_px, height_px)}, THINGS[:1])
    assert atlas.aspect_N.item() == pytest.approx(width_px / height_px, rel=1e-6)
    seen = atlas.levels[256][0, 3] > 127
    rows, columns = seen.any(1).nonzero()[:, 0], seen.any(0).nonzero()[:, 0]
    for found, length_px in ((rows, height_px), (columns, width_px)):
        extent = 256 * length_px / max(width_px, height_px)
        assert found[-1] - found[0] + 1 == pytest.approx(extent, abs=8)
        assert (found[-1] + found[0]) / 2 == pytest.approx(127.5, abs=4)


def test_colours_are_premultiplied_at_every_level() -> None:
    """No colour above its alpha (that would glow), and what is solid keeps its colour."""
    atlas = Atlas.of({THINGS[0].codepoint: picture(101, 67)}, THINGS[:1])
    for side_px, level in atlas.levels.items():
        sprite = level[0].int()
        assert (sprite[:3] <= sprite[3]).all()
        middle = sprite[:, side_px // 2, side_px // 2].tolist()
        assert np.abs(np.subtract(middle, [255, 30, 20, 255])).max() <= 2


def test_levels_show_the_same_picture() -> None:
    atlas = Atlas.of({THINGS[0].codepoint: picture(150, 90)}, THINGS[:1])
    finest = atlas.levels[256].float()
    for side_px in (16, 32, 64, 128):
        coarse = torch.nn.functional.interpolate(finest, size=side_px, mode="area")
        assert (coarse - atlas.levels[side_px].float()).abs().mean() < 4


def test_an_empty_picture_is_refused() -> None:
    blank = io.BytesIO()
    Image.new("RGBA", (64, 64)).save(blank, "WEBP")
    with pytest.raises(SpritesError, match="no visible pixel"):
        Atlas.of({THINGS[0].codepoint: blank.getvalue()}, THINGS[:1])


@pytest.mark.skipif(
    not (sprites.cache_folder() / sprites.SPRITES.file_name).exists(),
    reason="the sprites are not in the cache: python runs/fetch_world.py",
)
def test_the_small_model_s_things_differ_at_24_pixels() -> None:
    """Root mean square difference on grey, in either mirroring; measured: the nearest pair has 0.25 of 1."""
    level = torch.nn.functional.interpolate(Atlas.load(64).levels[128].float() / 255, size=24, mode="area")
    on_grey = level[:, :3] + 0.5 * (1 - level[:, 3:])
    seen = torch.cat([on_grey, 0.5 * level[:, 3:]], 1)
    apart = torch.cdist(seen.flatten(1), seen.flatten(1))
    mirrored = torch.cdist(seen.flatten(1), seen.flip(-1).flatten(1))
    nearest = torch.minimum(apart, mirrored).fill_diagonal_(1e9).min() / 24
    assert nearest > 0.2
