"""The pictures of the world's things: fetched once, checked, and laid out as mip levels for the renderer.

The pictures are the npm package @lobehub/fluent-emoji-3d (Microsoft's Fluent emoji, MIT licence). Its archive
is kept whole in the cache and read in memory: nothing is ever extracted, so no name in it can reach the disk.
runs/fetch_world.py fetches it by hand. This file does not know scenes or captions.

Legend: N things, 4 = R, G, B, A, S = side of a level in pixels.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

import numpy as np
import torch
from torch import Tensor

from vitascope.train.world.things import THINGS, Thing

if TYPE_CHECKING:
    from PIL import Image

LEVELS_PX = (16, 32, 64, 128, 256)
_FACES = {"left": -1, "front": 0, "right": 1}
_VISIBLE = 8  # alpha from which a pixel counts as part of the thing, of 255
_MOST_PICTURE_BYTES = 1 << 20


class SpritesError(RuntimeError):
    """The sprites' archive is missing, can't be fetched, or isn't the one that is expected."""


@dataclass(frozen=True)
class Package:
    """One npm archive, pinned; `integrity` is as npm writes it, "sha512-<base64>"."""

    name: str
    version: str
    integrity: str
    most_bytes: int
    registry: str = "https://registry.npmjs.org"

    @property
    def file_name(self) -> str:
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"

    @property
    def url(self) -> str:
        return f"{self.registry}/{self.name}/-/{self.name.rpartition('/')[2]}-{self.version}.tgz"


SPRITES = Package(
    "@lobehub/fluent-emoji-3d",
    "1.1.0",
    "sha512-Wlq2lVStTnr8BDpIJ0pEnTKO4LuDxxqTEhTvRtD1DLRF0me7ogeRQjKoehDHXuVJ2Qaecgl5wRBv60lUAG3h7g==",
    most_bytes=32 << 20,
)


def cache_folder() -> Path:
    """Where fetched archives are kept: $VITASCOPE_CACHE, else ~/.cache/vitascope, and in it "world"."""
    return Path(os.environ.get("VITASCOPE_CACHE") or Path.home() / ".cache" / "vitascope") / "world"


def fetch(package: Package = SPRITES, folder: Path | None = None) -> Path:
    """Puts the package's archive into the cache, unless it's there, and returns its path.

    Tries https first and then the npm command, which honours the user's own registry settings. Either way the
    archive must have the pinned sha512. Raises SpritesError; the cache then is as it was.
    """
    folder = folder or cache_folder()
    path = folder / package.file_name
    if path.exists():
        check(path, package)
        return path
    folder.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for way in (_download, _npm_pack):
            try:
                arrived = way(package, Path(scratch))
                check(arrived, package)
            except (OSError, HTTPException, subprocess.SubprocessError, SpritesError) as failure:
                failures.append(str(failure))
            else:
                os.replace(arrived, path)
                return path
    raise SpritesError(f"can't fetch {package.name} {package.version}: {'; and '.join(failures)}")


def check(path: Path, package: Package = SPRITES) -> None:
    """Raises SpritesError unless the file is, to the bit, the pinned archive."""
    size = path.stat().st_size
    if size > package.most_bytes:
        raise SpritesError(
            f"{path} has {size} bytes, more than {package.name} may have ({package.most_bytes})"
        )
    found = "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise SpritesError(f"{path} is not {package.name} {package.version}: its sum is {found}; delete it")


def _download(package: Package, scratch: Path) -> Path:
    path = scratch / package.file_name
    with urllib.request.urlopen(package.url, timeout=30) as source, path.open("wb") as target:
        _copy_at_most(source, target, package.most_bytes)
    return path


def _copy_at_most(source: IO[bytes], target: IO[bytes], most_bytes: int) -> None:
    left = most_bytes
    while piece := source.read(min(1 << 20, left + 1)):
        left -= len(piece)
        if left < 0:
            raise SpritesError(f"the download is longer than {most_bytes} bytes and was stopped")
        target.write(piece)


def _npm_pack(package: Package, scratch: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SpritesError("there is no npm command to try instead")
    wanted = f"{package.name}@{package.version}"
    command = [npm, "pack", wanted, "--silent", "--ignore-scripts", "--pack-destination", str(scratch)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    path = scratch / package.file_name
    if done.returncode or not path.exists():
        raise SpritesError(f"npm pack {wanted} said: {done.stderr[-400:].strip()}")
    return path


def read_pictures(path: Path, things: tuple[Thing, ...] = THINGS) -> dict[str, bytes]:
    """The encoded pictures of the things by codepoint, read from the archive without extracting it."""
    wanted = {f"package/assets/{thing.codepoint}.webp": thing.codepoint for thing in things}
    found: dict[str, bytes] = {}
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if member.isfile() and member.name in wanted and member.size <= _MOST_PICTURE_BYTES:
                picture = archive.extractfile(member)
                if picture is not None:
                    found[wanted[member.name]] = picture.read()
    missing = [thing.name for thing in things if thing.codepoint not in found]
    if missing:
        raise SpritesError(f"{path} has no pictures of {', '.join(missing)}")
    return found


@dataclass(frozen=True)
class Atlas:
    """Every thing's sprite at every size.

    `levels[S]` is uint8 [N, 4, S, S], colours multiplied by alpha; each sprite is cut to what's visible and
    centred in a square that it touches on two sides. `aspect_N` is its width / height; `faces_N` is -1, 0 or
    1 for left, front or right; `round_N` says what rolls.
    """

    levels: dict[int, Tensor]
    aspect_N: Tensor
    faces_N: Tensor
    round_N: Tensor

    @property
    def count(self) -> int:
        return len(self.aspect_N)

    @classmethod
    def load(cls, count: int | None = None, device: torch.device | str = "cpu") -> Self:
        """The first `count` things (all by default); fetches the archive where the cache lacks it."""
        things = THINGS[:count]
        return cls.of(read_pictures(fetch(), things), things, device)

    @classmethod
    def of(
        cls, pictures: dict[str, bytes], things: tuple[Thing, ...], device: torch.device | str = "cpu"
    ) -> Self:
        """The things with these encoded pictures, by codepoint."""
        squares = [_square(pictures[thing.codepoint]) for thing in things]
        levels = {
            side_px: torch.as_tensor(
                np.stack([_level(square, side_px) for square, _ in squares]), device=device
            )
            for side_px in LEVELS_PX
        }
        return cls(
            levels,
            torch.tensor([aspect for _, aspect in squares], device=device),
            torch.tensor([_FACES[thing.faces] for thing in things], device=device),
            torch.tensor([thing.round for thing in things], device=device),
        )


def _square(encoded: bytes) -> tuple["Image.Image", float]:
    """The picture, premultiplied, cut to its visible part and centred in a square; and its width / height."""
    from PIL import Image

    picture = Image.open(BytesIO(encoded)).convert("RGBA")
    box = picture.getchannel("A").point([0] * _VISIBLE + [255] * (256 - _VISIBLE)).getbbox()
    if box is None:
        raise SpritesError("a sprite has no visible pixel")
    width_px, height_px = box[2] - box[0], box[3] - box[1]
    side_px = max(width_px, height_px)
    square = Image.new("RGBa", (side_px, side_px))
    square.paste(picture.convert("RGBa").crop(box), ((side_px - width_px) // 2, (side_px - height_px) // 2))
    return square, width_px / height_px


def _level(square: "Image.Image", side_px: int) -> np.ndarray:
    from PIL import Image

    resized = np.asarray(square.resize((side_px, side_px), Image.Resampling.LANCZOS))
    # Lanczos rings: a colour may come out above its alpha, which would glow when composed.
    return np.minimum(resized, resized[..., 3:]).transpose(2, 0, 1).copy()
