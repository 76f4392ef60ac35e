"""The asynchronous client of the official runwayml package, as it comes, against a real server."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import runwayml
from PIL import Image
from runwayml import AsyncRunwayML

from vitascope.media import probe, write_video

SMALL: Any = {"ratio": "64:48", "duration": 1}
LARGE: Any = {"ratio": "1280:720", "duration": 100}


@asynccontextmanager
async def opened(server: Any) -> AsyncIterator[AsyncRunwayML]:
    async with AsyncRunwayML(base_url=server.url, api_key="any", timeout=120) as client:
        yield client


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), (250, 10, 20)).save(data, "PNG")
    return data.getvalue()


async def size_of(url: str, folder: Path) -> tuple[int, int]:
    async with httpx.AsyncClient(timeout=60) as plain:
        answer = await plain.get(url)
    path = folder / "result"
    path.write_bytes(answer.raise_for_status().content)
    info = probe(path)
    return info.width_px, info.height_px


def test_everything_at_once(server: Any, tmp_path: Path) -> None:
    """Five tasks of all kinds, awaited together with the client's own waiting."""
    path = tmp_path / "own.mp4"
    write_video(path, (np.full((48, 64, 3), 20 * number, np.uint8) for number in range(8)), Fraction(8))

    async def run() -> list[Any]:
        async with opened(server) as client:
            photo = await client.uploads.create_ephemeral(file=("red.png", picture()))
            film = await client.uploads.create_ephemeral(file=path)
            image = "data:image/png;base64," + base64.b64encode(picture()).decode()
            redrawn: Any = {"model": "aleph2", "keyframes": [{"uri": image, "at": 0.5}]}
            still: Any = {"ratio": "64:48"}
            tasks: list[Any] = [
                await client.text_to_video.create(model="gen4.5", prompt_text="a fox", **SMALL),
                await client.image_to_video.create(model="gen4_turbo", prompt_image=photo.uri, **SMALL),
                await client.video_to_video.create(video_uri=film.uri, prompt_text="a sketch", **redrawn),
                await client.video_upscale.create(
                    model="magnific_video_upscaler_creative", video_uri=film.uri, resolution="720p"
                ),
                await client.text_to_image.create(model="gen4_image", prompt_text="a fox", **still),
            ]
            done = await asyncio.gather(*(task.wait_for_task_output(timeout=240) for task in tasks))
            assert [one.status for one in done] == ["SUCCEEDED"] * 5
            assert [one.id for one in done] == [task.id for task in tasks]
            account = await client.organization.retrieve()
            usage = await client.organization.retrieve_usage()
            assert account.usage.models["gen4_turbo"].daily_generations >= 1
            assert {"gen4.5", "aleph2", "gen4_image"} <= set(usage.models)
            return [await size_of(one.output[0], tmp_path) for one in done[:4]]

    assert asyncio.run(run()) == [(64, 48), (64, 48), (64, 48), (960, 720)]


def test_waiting_for_a_task_that_is_cancelled(server: Any) -> None:
    async def run() -> None:
        async with opened(server) as client:
            task: Any = await client.text_to_video.create(model="gen4.5", prompt_text="a fox", **LARGE)
            await client.tasks.delete(task.id)
            with pytest.raises(runwayml.TaskFailedError) as error:
                await task.wait_for_task_output(timeout=60)
            assert error.value.task_details.status == "CANCELLED"
            await client.tasks.delete(task.id)
            with pytest.raises(runwayml.NotFoundError):
                await client.tasks.retrieve(task.id)

    asyncio.run(run())


def test_errors(server: Any) -> None:
    async def run() -> None:
        async with opened(server) as client:
            with pytest.raises(runwayml.BadRequestError, match="UTF-16"):
                await client.text_to_video.create(model="gen4.5", prompt_text="🦊" * 501, **SMALL)
            with pytest.raises(runwayml.APIStatusError) as error:
                await client.text_to_speech.create(
                    model="eleven_multilingual_v2",
                    prompt_text="hello",
                    voice={"type": "x"},  # type: ignore[arg-type]
                )
            assert error.value.response.status_code == 501
            assert error.value.body["error"].startswith("It would speak")  # type: ignore[index]

    asyncio.run(run())
