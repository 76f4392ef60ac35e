"""The official openai package's other half, AsyncOpenAI, against a server that really runs."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, omit
from PIL import Image

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled")

SMALL: Any = {"size": "64x48", "seconds": "0.5"}


def run(server: Any, talk: Callable[[AsyncOpenAI], Awaitable[None]]) -> None:
    async def connected() -> None:
        async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key="any", timeout=120) as client:
            await talk(client)

    asyncio.run(connected())


def test_a_video_and_all_that_can_be_made_of_it(server: Any) -> None:
    async def talk(client: AsyncOpenAI) -> None:
        video = await client.videos.create_and_poll(prompt="a fox jumps", **SMALL)
        assert (video.status, video.progress) == ("completed", 100)
        assert await client.videos.retrieve(video.id) == video
        film = (await client.videos.download_content(video.id)).content
        assert film[4:8] == b"ftyp"
        by_id = {"video": {"id": video.id}}
        made = await asyncio.gather(
            client.videos.remix(video.id, prompt="in neon"),
            client.videos.edit(prompt="in clay", video=film),
            client.videos.edit(prompt="in clay", video=omit, extra_body=by_id),  # type: ignore[arg-type]
            client.videos.extend(prompt="on", seconds="4", video=omit, extra_body=by_id),  # type: ignore[arg-type]
        )
        done = await asyncio.gather(*(client.videos.poll(each.id) for each in made))
        assert [each.status for each in done] == ["completed"] * 4
        assert [each.seconds for each in done] == ["0.5", "0.5", "0.5", "4.5"]
        assert (await client.videos.delete(video.id)).deleted
        with pytest.raises(openai.NotFoundError):
            await client.videos.retrieve(video.id)

    run(server, talk)


def test_streams_and_parts_of_content(server: Any) -> None:
    async def talk(client: AsyncOpenAI) -> None:
        video = await client.videos.create_and_poll(prompt="a fox jumps", **SMALL)
        whole = await client.videos.download_content(video.id)
        get = client.videos.with_streaming_response.download_content
        async with get(video.id, extra_headers={"Range": "bytes=-100"}) as answer:
            assert answer.status_code == 206
            assert b"".join([part async for part in answer.iter_bytes()]) == whole.content[-100:]

    run(server, talk)


def test_the_pager_goes_through_all(server: Any) -> None:
    async def talk(client: AsyncOpenAI) -> None:
        ids = [(await client.videos.create(prompt=f"fox {n}", **SMALL)).id for n in range(5)]
        seen = [video.id async for video in client.videos.list(limit=2)]
        assert seen[:5] == ids[::-1]
        assert len(seen) == len(set(seen))

    run(server, talk)


def test_characters(server: Any) -> None:
    async def talk(client: AsyncOpenAI) -> None:
        video = await client.videos.create_and_poll(prompt="a fox", **SMALL)
        film = (await client.videos.download_content(video.id)).content
        character = await client.videos.create_character(name="Fenja", video=film)
        again = await client.videos.get_character(character.id or "")
        assert (again.id, again.name, again.created_at) == (character.id, "Fenja", character.created_at)

    run(server, talk)


def test_pictures_and_models(server: Any) -> None:
    async def talk(client: AsyncOpenAI) -> None:
        made = await client.images.generate(prompt="a castle", n=2, size="64x48")
        assert made.data
        assert len(made.data) == 2
        hole = io.BytesIO()
        Image.new("RGBA", (64, 48)).save(hole, "PNG")
        edited = await client.images.edit(image=hole.getvalue(), prompt="a castle", response_format="url")
        assert edited.data
        assert (edited.data[0].url or "").startswith(server.url)
        assert "sora-2" in [model.id async for model in client.models.list()]

    run(server, talk)


def test_many_at_once(server: Any) -> None:
    async def talk(client: AsyncOpenAI) -> None:
        videos = await asyncio.gather(
            *(
                client.videos.create_and_poll(prompt=f"fox {n}", poll_interval_ms=200, **SMALL)
                for n in range(12)
            )
        )
        assert {video.status for video in videos} == {"completed"}
        assert len({video.id for video in videos}) == 12

    run(server, talk)


def test_errors_reach_the_client(server: Any) -> None:
    async def talk(client: AsyncOpenAI) -> None:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.videos.create(prompt="a fox", size="0x0")  # type: ignore[arg-type]
        assert (caught.value.param, caught.value.code) == ("size", "invalid_value")

    run(server, talk)
