"""Single pictures, files <-> arrays, upright and in sRGB. Knows nothing of video streams."""

from __future__ import annotations

import io
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place, regular_file
from vitascope.media.whole import whole_file

# No parser but these ever sees a stranger's file.
_READABLE = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
WRITABLE = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
_ORIENTATION = 0x0112  # EXIF's tag; 5..8 lie on their side


def read_picture(path: Place, limits: Limits = DEFAULT_LIMITS) -> np.ndarray:
    """Read a picture as uint8 [H, W, 3] RGB, upright by its EXIF orientation; see-through parts are white."""
    return on_white(read_picture_rgba(path, limits))


def read_picture_rgba(path: Place, limits: Limits = DEFAULT_LIMITS) -> np.ndarray:
    """Read a picture as uint8 [H, W, 4], alpha last (255 everywhere if the file has none), upright."""
    with opened_picture(path, limits) as picture:
        return upright_rgba(picture)


@contextmanager
def opened_picture(path: Place, limits: Limits) -> Generator[Image.Image]:
    """Open a picture of an allowed size, still undecoded; any failure, in the block too, is a MediaError."""
    place = regular_file(path, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's bomb warning (our own limit decides) and odd EXIF data
            with Image.open(place, formats=_READABLE) as picture:
                limits.check_size(picture.width, picture.height, place.name)
                yield picture
    except MediaError:
        raise
    except UnidentifiedImageError as error:
        raise MediaError(
            f"{place.name}: not a picture that can be read (PNG, JPEG, WebP, GIF, BMP, TIFF)"
        ) from error
    except Image.DecompressionBombError as error:
        raise MediaError(
            f"{place.name}: too many pixels, far above the limit of {limits.max_pixels_per_frame:,}"
        ) from error
    except Exception as error:  # parsers trip over strangers' files in every way there is
        raise MediaError(f"{place.name}: damaged picture ({error})") from error


def turned_size(picture: Image.Image) -> tuple[int, int]:
    """The (width, height) that an opened picture will have when it is upright."""
    lying = picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    return (picture.height, picture.width) if lying else (picture.width, picture.height)


def upright_rgba(picture: Image.Image) -> np.ndarray:
    """The present frame of an opened picture as uint8 [H, W, 4], in sRGB."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion would cut it off at 255
        grey = np.asarray(picture).astype(np.float32) / 257 + 0.5
        picture = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    return np.array(_in_srgb(picture).convert("RGBA"))


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Apply the embedded colour profile (phones save Display P3), if there is one that makes sense."""
    profile: bytes | None = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    cms: Any = ImageCms  # Pillow leaves its types half said
    mode = "RGB" if picture.mode == "CMYK" else picture.mode
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = cms.profileToProfile(picture, source, cms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return picture  # a broken profile says nothing about the pixels
    return changed or picture


def on_white(rgba: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 4] laid over white, as [H, W, 3]."""
    alpha = rgba[..., 3:].astype(np.uint16)
    if (alpha == 255).all():
        return np.ascontiguousarray(rgba[..., :3])
    return ((rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def write_picture(
    path: Place, picture: np.ndarray, *, quality: int | None = None, metadata: dict[str, str] | None = None
) -> None:
    """Write uint8 [H, W, 3], or 4 with alpha where the format has it; the suffix says how.

    ``quality`` is 1..100 for JPEG and WebP (92 if None; 100 makes WebP lossless). ``metadata`` is written as
    PNG text or a JPEG comment; the other formats have no place for it. Raises MediaError.
    """
    picture_format(path)
    array = checked_picture(picture, "the picture")
    with whole_file(path) as part:
        save_picture(part, array, quality, metadata)


def save_picture(part: Path, array: np.ndarray, quality: int | None, metadata: dict[str, str] | None) -> None:
    """Write a checked picture straight to a path (inside a ``whole_file``)."""
    form = picture_format(part)
    if array.shape[2] == 4 and form in ("JPEG", "BMP"):
        raise MediaError(f"{form} can't hold alpha; write .png or .webp, or leave the fourth channel out")
    options: dict[str, Any] = {}
    if form in ("JPEG", "WEBP"):
        options["quality"] = 92 if quality is None else quality
    if form == "JPEG":
        options["subsampling"] = 0  # full-size colour: thin red lines stay red
    if form == "WEBP" and quality == 100:
        options |= {"lossless": True, "exact": True}
    if metadata and form == "JPEG":
        options["comment"] = "\n".join(f"{key}: {value}" for key, value in metadata.items()).encode()
    if metadata and form == "PNG":
        options["pnginfo"] = text = PngInfo()
        for key, value in metadata.items():
            text.add_itxt(key, value)
    try:
        Image.fromarray(array).save(part, form, **options)
    except (OSError, ValueError) as error:  # too wide for WebP or JPEG; a full disk
        raise MediaError(f"can't write {array.shape[1]}x{array.shape[0]} px as {form} ({error})") from error


def picture_format(path: Place) -> str:
    """Pillow's name for the format that a suffix means."""
    suffix = Path(path).suffix.lower()
    if suffix not in WRITABLE:
        what = suffix or "a file without suffix"
        raise MediaError(f"{path}: can't write pictures as {what}; try {', '.join(WRITABLE)}")
    return WRITABLE[suffix]


def checked_picture(picture: np.ndarray, name: str) -> np.ndarray:
    """The array, if it is a picture: uint8, [H, W, 3 or 4], not empty."""
    array = np.asarray(picture)
    if array.dtype != np.uint8:
        raise MediaError(
            f"{name} must be uint8, 0..255, not {array.dtype}; scale floats by 255 and round first"
        )
    if array.ndim != 3 or array.shape[2] not in (3, 4) or 0 in array.shape:
        raise MediaError(f"{name} must be [height, width, 3], not {list(array.shape)}")
    return array
