"""Single pictures come back as they were meant to be seen."""

import os
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from vitascope.media import Limits, MediaError, read_clip, read_picture, read_picture_rgba, write_picture


@pytest.fixture
def corners():
    """Red, green / blue, white, each 8 x 12 px: tells every turn from every other."""
    picture = np.full((16, 24, 3), 255, np.uint8)
    picture[:8, :12], picture[:8, 12:], picture[8:, :12] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    return picture


# What a camera stores (EXIF's own table): how to make the stored picture from the upright one.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.mark.parametrize("orientation", STORED)
def test_exif_orientation_is_applied(tmp_path, corners, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(STORED[orientation](corners))).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_picture(tmp_path / "a.png"), corners)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff"])
def test_without_loss_every_level_comes_back(tmp_path, suffix):
    picture = np.random.default_rng(1).integers(0, 256, (9, 13, 3), np.uint8)
    write_picture(tmp_path / f"a{suffix}", picture)
    assert np.array_equal(read_picture(tmp_path / f"a{suffix}"), picture)


@pytest.mark.parametrize(("suffix", "levels"), [(".jpg", 2), (".webp", 6)])
def test_with_loss_colours_stay(tmp_path, chart, chart_error, suffix, levels):
    write_picture(tmp_path / f"a{suffix}", chart)
    assert chart_error(read_picture(tmp_path / f"a{suffix}")) <= levels


def test_quality_is_obeyed(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for quality in (10, 95):
        write_picture(tmp_path / f"{quality}.jpg", noise, quality=quality)
    write_picture(tmp_path / "exact.webp", noise, quality=100)
    assert (tmp_path / "10.jpg").stat().st_size < (tmp_path / "95.jpg").stat().st_size / 2
    assert np.array_equal(read_picture(tmp_path / "exact.webp"), noise)


def test_alpha_is_kept_or_laid_over_white(tmp_path):
    picture = np.zeros((4, 6, 4), np.uint8)
    picture[..., 0], picture[:, :2, 3], picture[:, 2:4, 3] = 255, 255, 128
    write_picture(tmp_path / "a.png", picture)
    assert np.array_equal(read_picture_rgba(tmp_path / "a.png"), picture)
    seen = read_picture(tmp_path / "a.png")
    assert seen[0, 0].tolist() == [255, 0, 0]
    assert seen[0, 2].tolist() == [255, 127, 127]
    assert seen[0, 5].tolist() == [255, 255, 255]


@pytest.mark.parametrize("mode", ["L", "P", "LA", "1", "CMYK", "RGBA"])
def test_every_kind_of_pixel_is_read(tmp_path, corners, mode):
    suffix = ".tif" if mode == "CMYK" else ".png"
    Image.fromarray(corners).convert(mode).save(tmp_path / f"a{suffix}")
    picture = read_picture(tmp_path / f"a{suffix}")
    assert picture.shape == (16, 24, 3)
    assert picture[12, 18].tolist() == [255, 255, 255]
    if mode in ("P", "CMYK", "RGBA"):
        assert np.array_equal(picture, corners)


def test_sixteen_bits_are_scaled_not_cut(tmp_path):
    grey = np.array([[0, 257 * 100, 65535]], np.uint16)
    Image.fromarray(grey).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png")[0, :, 0].tolist() == [0, 100, 255]


def test_an_embedded_profile_is_applied(tmp_path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    Image.fromarray(np.full((2, 2, 3), 90, np.uint8)).save(tmp_path / "same.png", icc_profile=lab.tobytes())
    assert read_picture(tmp_path / "same.png")[0, 0].tolist() == [90, 90, 90]
    Image.fromarray(np.full((2, 2, 3), 90, np.uint8)).save(tmp_path / "broken.png", icc_profile=b"nonsense")
    assert read_picture(tmp_path / "broken.png")[0, 0].tolist() == [90, 90, 90]
    linear = linear_light_profile(lab.tobytes())
    Image.fromarray(np.full((2, 2, 3), 55, np.uint8)).save(tmp_path / "linear.png", icc_profile=linear)
    # 55/255 of linear light is the sRGB level 128.
    assert abs(int(read_picture(tmp_path / "linear.png")[0, 0, 0]) - 128) <= 1


def linear_light_profile(srgb: bytes) -> bytes:
    """The sRGB profile with straight lines for its curves: each "para" becomes a "curv" without points."""
    changed = bytearray(srgb)
    count = int.from_bytes(srgb[128:132], "big")
    for index in range(count):
        entry = 132 + 12 * index
        if srgb[entry : entry + 4] in (b"rTRC", b"gTRC", b"bTRC"):
            start = int.from_bytes(srgb[entry + 4 : entry + 8], "big")
            changed[start : start + 12] = b"curv" + bytes(8)
            changed[entry + 8 : entry + 12] = (12).to_bytes(4, "big")
    return bytes(changed)


def test_hidden_pictures_and_further_pages_are_no_frames(tmp_path, corners):
    for name, form in {"phone.jpg": "MPO", "pages.tiff": "TIFF"}.items():
        further = [Image.fromarray(corners[::-1].copy())]
        Image.fromarray(corners).save(tmp_path / name, form, save_all=True, append_images=further)
        assert len(read_clip(tmp_path / name)) == 1
        assert read_picture(tmp_path / name)[2, 2].tolist() == pytest.approx([255, 0, 0], abs=40)


def test_words_about_it_are_written(tmp_path, chart):
    write_picture(tmp_path / "a.png", chart, metadata={"prompt": "ein Fuchs springt \N{FOX FACE}"})
    write_picture(tmp_path / "a.jpg", chart, metadata={"prompt": "a fox jumps"})
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.info["prompt"] == "ein Fuchs springt \N{FOX FACE}"
    with Image.open(tmp_path / "a.jpg") as picture:
        assert picture.info["comment"] == b"prompt: a fox jumps"


def test_bad_files_are_refused_with_a_reason(tmp_path, chart):
    write_picture(tmp_path / "good.png", chart)
    data = (tmp_path / "good.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("not a picture at all")
    for name, reason in {
        "cut.png": "damaged",
        "empty.png": "empty",
        "text.png": "not a picture",
        "missing.png": "no such file",
        ".": "not an ordinary file",
    }.items():
        with pytest.raises(MediaError, match=reason):
            read_picture(tmp_path / name)


def test_a_picture_over_the_limit_is_refused_before_it_is_decoded(tmp_path):
    for side_px in (9_000, 60_000):
        header = b"IHDR" + side_px.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
        chunk = b"\0\0\0\r" + header + zlib.crc32(header).to_bytes(4, "big")
        (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\1IDAT" + bytes(9))
        with pytest.raises(MediaError, match="limit of"):
            read_picture(tmp_path / "bomb.png")
    write_picture(tmp_path / "small.png", np.zeros((10, 10, 3), np.uint8))
    with pytest.raises(MediaError, match="10x10"):
        read_picture(tmp_path / "small.png", Limits(max_pixels_per_frame=99))


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (np.zeros((4, 4, 3)), "uint8"),
        (np.zeros((4, 4), np.uint8), r"\[height, width, 3\]"),
        (np.zeros((0, 4, 3), np.uint8), r"\[height, width, 3\]"),
        (np.zeros((4, 4, 2), np.uint8), r"\[height, width, 3\]"),
    ],
)
def test_what_is_no_picture_is_not_written(tmp_path, picture, reason):
    with pytest.raises(MediaError, match=reason):
        write_picture(tmp_path / "a.png", picture)
    assert os.listdir(tmp_path) == []


def test_formats_say_what_they_cannot_hold(tmp_path):
    with pytest.raises(MediaError, match="can't hold alpha"):
        write_picture(tmp_path / "a.jpg", np.zeros((4, 4, 4), np.uint8))
    with pytest.raises(MediaError, match=r"try \.png"):
        write_picture(tmp_path / "a.xyz", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(MediaError, match="WEBP"):
        write_picture(tmp_path / "a.webp", np.zeros((1, 20_000, 3), np.uint8))
    assert os.listdir(tmp_path) == []
