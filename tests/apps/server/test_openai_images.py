"""client.images of the official openai package, as it comes, against a server that really runs."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from numpy.typing import NDArray
from openai import OpenAI
from openai.types import ImagesResponse
from PIL import Image

GREY = (90, 100, 110)


@pytest.fixture
def client(server: Any) -> OpenAI:
    return OpenAI(base_url=f"{server.url}/v1", api_key="any", timeout=120)


def png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def grey(size: tuple[int, int] = (64, 48)) -> bytes:
    return png(Image.new("RGB", size, GREY))


def hole(size: tuple[int, int] = (64, 48)) -> bytes:
    """Opaque, but see-through in its left half."""
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1]))
    return png(mask)


def opened(answer: ImagesResponse) -> list[Image.Image]:
    assert answer.data
    return [Image.open(io.BytesIO(base64.b64decode(each.b64_json or ""))) for each in answer.data]


def pixels(picture: Image.Image) -> NDArray[np.int32]:
    return np.asarray(picture.convert("RGB")).astype(np.int32)


def test_pictures_from_words(client: OpenAI) -> None:
    answer = client.images.generate(prompt="a castle at night", model="gpt-image-1", n=3, size="64x48")
    ImagesResponse.model_validate(answer.to_dict())
    first, second, third = opened(answer)
    assert (first.size, first.format) == ((64, 48), "PNG")
    assert (answer.size, answer.output_format, answer.background) == ("64x48", "png", "opaque")
    assert (pixels(first) != pixels(second)).any()
    assert (pixels(second) != pixels(third)).any()


def test_defaults_are_as_they_were(client: OpenAI) -> None:
    (picture,) = opened(client.images.generate(prompt="a castle"))
    assert picture.size == (1024, 1024)


@pytest.mark.parametrize(("form", "name"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_formats_and_links(client: OpenAI, form: Any, name: str) -> None:
    (picture,) = opened(client.images.generate(prompt="a castle", size="64x48", output_format=form))
    assert picture.format == name
    answer = client.images.generate(
        prompt="a castle", size="64x48", output_format=form, response_format="url"
    )
    assert answer.data
    assert answer.data[0].b64_json is None
    got = httpx.get(answer.data[0].url or "")  # no key needed
    assert (got.status_code, got.headers["content-type"]) == (200, f"image/{form}")
    assert Image.open(io.BytesIO(got.content)).format == name


def test_retired_models_gave_links(client: OpenAI) -> None:
    answer = client.images.generate(prompt="a castle", model="dall-e-3", size="64x48")
    assert answer.data
    assert (answer.data[0].url or "").startswith("http")


def test_compression_saves_bytes(client: OpenAI) -> None:
    sizes = [
        len(
            client.images.generate(prompt="a", size="256x256", output_format="jpeg", output_compression=q)
            .data[0]
            .b64_json
        )  # type: ignore[index, arg-type]
        for q in (5, 95)
    ]
    assert sizes[0] < sizes[1]


def test_edit_within_a_mask(client: OpenAI) -> None:
    answer = client.images.edit(image=grey(), mask=hole(), prompt="a red fox", n=2)
    one, two = opened(answer)
    assert one.size == (64, 48)
    for picture in (pixels(one), pixels(two)):
        assert (picture[:, 32:] == GREY).all()  # what the mask keeps comes back to the bit
        assert np.abs(picture[:, :32] - GREY).mean() > 10
    assert (pixels(one) != pixels(two)).any()


def test_edit_where_the_picture_is_transparent(client: OpenAI) -> None:
    (picture,) = opened(client.images.edit(image=[hole()], prompt="a red fox"))
    assert (pixels(picture)[:, 32:] == 0).all()
    assert pixels(picture)[:, :32].std() > 10


def test_edit_all_of_it_at_another_size(client: OpenAI) -> None:
    (picture,) = opened(
        client.images.edit(image=("grey.png", io.BytesIO(grey())), prompt="a fox", size="32x24")
    )
    assert picture.size == (32, 24)
    assert (pixels(picture) != GREY).any()


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"mask": hole((32, 32))}, "mask"),
        ({"mask": grey()}, "mask"),
        ({"mask": b"no picture"}, "mask"),
        ({"image": b"no picture"}, "image"),
        ({"image": [grey(), grey()]}, "image"),
        ({"n": 11}, "n"),
        ({"size": "1x1"}, "size"),
        ({"prompt": " "}, "prompt"),
    ],
)
def test_edits_that_make_no_sense(client: OpenAI, options: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.edit(**({"image": grey(), "prompt": "a fox"} | options))
    assert caught.value.param == param, caught.value.message


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"n": 0}, "n"),
        ({"n": "2"}, "n"),
        ({"size": "63x48"}, "size"),
        ({"response_format": "hex"}, "response_format"),
        ({"output_format": "gif"}, "output_format"),
        ({"output_compression": 101}, "output_compression"),
        ({"background": "transparent"}, "background"),
        ({"stream": True}, "stream"),
    ],
)
def test_wishes_that_are_refused(client: OpenAI, options: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.generate(**({"prompt": "a fox"} | options))
    assert caught.value.param == param, caught.value.message


def test_who_goes_away_stops_the_work(client: OpenAI, server: Any) -> None:
    impatient = client.with_options(timeout=1, max_retries=0)
    with pytest.raises(openai.APITimeoutError):
        impatient.images.generate(prompt="a castle", n=10, size="64x48", model="slow")
    answer = client.with_options(timeout=60).images.generate(prompt="a castle", size="64x48")
    assert answer.data  # the one worker is free for it
