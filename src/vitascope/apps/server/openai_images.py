"""OpenAI's dialect: /v1/images, generations and edits. The answer waits until the pictures are painted.

A client that goes away meanwhile stops the work. Knows no queue and no painting.
"""

from __future__ import annotations

import asyncio
import base64
import io
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from PIL import Image
from starlette.concurrency import run_in_threadpool

from vitascope.apps.server import openai_schemas as said
from vitascope.apps.server.asking import STAY, Asker, Key, Sent, missing, needs, take
from vitascope.apps.server.errors import ServerError, bad_request
from vitascope.apps.server.jobs import requests as ask
from vitascope.apps.server.jobs.jobs import Job

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile

    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.storage import StoredFile

MODEL, SIZE = "gpt-image-1", (1024, 1024)
LOOK_EVERY_S = 0.1
LINK_MINUTES = 60  # how long OpenAI's links held
BEST = 100  # OpenAI's output_compression where none is said
OUR_FAULT = frozenset({"server_error"})


def add_routes(routes: APIRouter, server: Server) -> None:
    """Add them to the dialect's router."""
    images = Images(server)
    routes.add_api_route(
        "/images/generations",
        images.generate,
        methods=["POST"],
        dependencies=[needs("images")],
        openapi_extra=said.asks(said.GeneratePictures),
    )
    routes.add_api_route(
        "/images/edits",
        images.edit,
        methods=["POST"],
        dependencies=[needs("images")],
        openapi_extra=said.asks(said.EditPicture, ("image", "mask"), required=("image",)),
    )


class Images:
    """client.images"""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def generate(self, request: Request, caller: Asker, body: Sent, key: Key = None) -> said.Pictures:
        """Pictures from words."""
        asked = body.read(said.GeneratePictures)
        model = asked.model or MODEL
        wanted = ask.MakePicture(
            prompt=asked.prompt,
            size=_size(asked.size) or SIZE,
            count=asked.n or 1,
        )
        return await self._made(wanted, asked, model, request, caller, key)

    async def edit(self, request: Request, caller: Asker, body: Sent, key: Key = None) -> said.Pictures:
        """A picture, painted anew where the mask is transparent.

        Without a mask it is where the picture itself is transparent, and if it is nowhere, all of it is
        redrawn as the words say.
        """
        asked = body.read(said.EditPicture)
        model = asked.model or MODEL
        picture, mask = body.file("image"), body.file("mask")
        if picture is None:
            raise missing("image")
        kept, region = await run_in_threadpool(self._kept, picture, mask, caller)
        wanted = ask.EditPicture(
            picture=kept.id,
            region=region and region.id,
            prompt=asked.prompt,
            size=_size(asked.size),
            count=asked.n or 1,
        )
        return await self._made(wanted, asked, model, request, caller, key)

    def _kept(
        self, picture: UploadFile, mask: UploadFile | None, caller: Caller
    ) -> tuple[StoredFile, StoredFile | None]:
        """The picture and its mask as stored files. 400 for a mask that doesn't say where to paint."""
        kept = take(self._server, caller, picture, "image", "image")
        if mask is None:
            return kept, None
        region = take(self._server, caller, mask, "mask", "image")
        if (region.width_px, region.height_px) != (kept.width_px, kept.height_px):
            raise bad_request(
                f"the mask is {region.width_px}x{region.height_px} px and the image "
                f"{kept.width_px}x{kept.height_px} px; they must have the same size",
                "mask",
                "invalid_value",
            )
        with self._server.jobs.files.local(region) as path, Image.open(path) as opened:
            least = opened.convert("RGBA").getchannel("A").getextrema()[0]
        if least == 255:
            raise bad_request(
                "nothing of the mask is transparent, so nothing would be painted; make it transparent where "
                "the image is to change",
                "mask",
                "invalid_value",
            )
        return kept, region

    async def _made(
        self,
        wanted: ask.MakePicture | ask.EditPicture,
        asked: said.GeneratePictures | said.EditPicture,
        model: str,
        request: Request,
        caller: Caller,
        key: str | None,
    ) -> said.Pictures:
        """Submit, wait, and hand over."""
        jobs = self._server.jobs
        job = await run_in_threadpool(
            lambda: jobs.submit(
                wanted, caller, dialect="openai", model=model, prefix="img", idempotency_key=key
            )
        )
        while job.status in ("queued", "in_progress"):
            await asyncio.sleep(LOOK_EVERY_S)
            if await request.is_disconnected():
                await run_in_threadpool(jobs.cancel, job.id, caller)
                raise ServerError(
                    499, "client_closed_request", "the client went away, so the work was stopped"
                )
            job = await run_in_threadpool(jobs.get, job.id, caller)
        if job.status != "completed":
            raise _failed(job)
        return await run_in_threadpool(self._answer, job, asked, caller)

    def _answer(
        self, job: Job, asked: said.GeneratePictures | said.EditPicture, caller: Caller
    ) -> said.Pictures:
        form = asked.output_format or "png"
        # The retired models gave links where nothing was said; the ones after them give no links at all.
        as_url = asked.response_format == "url" or (
            not asked.response_format and job.model.startswith("dall-e")
        )
        made = [output for output in job.outputs if output.variant == "image"]
        data: list[said.Picture] = []
        for output in made:
            file = self._server.jobs.stored(output.file_id, caller)
            if file.media_type != f"image/{form}":
                recoded = self._recoded(file, form, asked.output_compression)
                if not as_url:
                    data.append(_base64(recoded))
                    continue
                file = self._server.uploads.take(
                    caller, recoded, purpose="output", kinds={"image"}, name=f"picture.{form}"
                )
            if as_url:
                data.append(said.Picture(url=self._server.links.url(file.id, caller, LINK_MINUTES)))
            else:
                data.append(_base64(b"".join(self._server.jobs.open(file))))
        return said.Pictures(
            created=int(job.created_at),
            data=data,
            output_format=form,
            size=f"{made[0].width_px}x{made[0].height_px}",
        )

    def _recoded(self, file: StoredFile, form: said.PictureForm, quality: int | None) -> bytes:
        """A stored picture in another format; quality is 0..100."""
        result = io.BytesIO()
        with self._server.jobs.files.local(file) as path, Image.open(path) as picture:
            picture.convert("RGB").save(result, form.upper(), quality=BEST if quality is None else quality)
        return result.getvalue()


def _size(size: str | None) -> tuple[int, int] | None:
    """None where it is left to the server."""
    return None if size in (None, "auto") else said.size_px(size)


def _base64(picture: bytes) -> said.Picture:
    return said.Picture(b64_json=base64.b64encode(picture).decode())


def _failed(job: Job) -> ServerError:
    """Why there is no picture, as an error of the request that waited for it."""
    code, message = job.error_code or "failed", job.error_message or "the pictures couldn't be painted"
    if job.status == "cancelled":
        return ServerError(409, "cancelled", job.error_message or "the job was cancelled", headers=STAY)
    return ServerError(500 if code in OUR_FAULT else 400, code, message, headers=STAY)
