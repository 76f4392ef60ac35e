"""Runway's dialect: /v1/text_to_video to /v1/tasks, for its official clients with another base URL.

A thin translation: what a client asks becomes a request of jobs/requests.py, and a job becomes its task. The
forms are in runway_schemas.py; how a video is redrawn in runway_videos.py; accounts and uploads in
runway_accounts.py. Knows no queue and no painting.
"""

from __future__ import annotations

import secrets
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Response

from vitascope.apps.server import runway_schemas as said
from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.asking import Asker, Key, Sent, needs
from vitascope.apps.server.errors import ServerError, bad_request, not_found
from vitascope.apps.server.jobs import requests as ask
from vitascope.apps.server.jobs.jobs import ACTIVE, Job
from vitascope.apps.server.runway_accounts import add_accounts, add_uploads
from vitascope.apps.server.runway_media import Media, Pictures, as_request, filler_of, size_of
from vitascope.apps.server.runway_missing import add_missing
from vitascope.apps.server.runway_videos import upscale, video_to_video

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitascope.apps.server.application import Server

DIALECT = "runway"
USUAL_S = 5  # where a client leaves the duration out, or to the model
SHOWN = ("video", "image")  # outputs of other variants are OpenAI's

TaskId = Annotated[str, Path(max_length=200, examples=["task_0f3c..."])]
Version = Annotated[str | None, Header(alias="X-Runway-Version", examples=[said.VERSION])]


def router(server: Server) -> APIRouter:
    """All routes of the dialect."""
    routes = APIRouter(prefix="/v1", tags=["Runway"])
    add_uploads(routes, server)
    versioned = APIRouter(dependencies=[Depends(_checked_version)])
    tasks = Tasks(server)
    for name, make in tasks.makers.items():
        versioned.add_api_route(
            f"/{name}",
            make,
            methods=["POST"],
            response_model=said.Created,
            openapi_extra=said.asks(tasks.forms[name]),
            dependencies=[needs("images" if name == "text_to_image" else "videos")],
            name=name,
        )
    get: dict[str, Any] = {"response_model": said.Task, "response_model_exclude_none": True}
    versioned.add_api_route("/tasks/{task_id}", tasks.retrieve, methods=["GET"], **get)
    versioned.add_api_route("/tasks/{task_id}", tasks.delete, methods=["DELETE"], status_code=204)
    add_accounts(versioned, server)
    signed_in = APIRouter(dependencies=[Depends(_asking)])
    add_missing(signed_in)
    versioned.include_router(signed_in)
    routes.include_router(versioned)
    return routes


def _checked_version(version: Version = None) -> None:
    if version != said.VERSION:
        sent = "is missing" if version is None else f"says {version[:40]!r}"
        raise bad_request(
            f"the header X-Runway-Version {sent}; this server speaks {said.VERSION}: send "
            f"X-Runway-Version: {said.VERSION}",
            "X-Runway-Version",
            "unsupported_version",
        )


def _asking(caller: Asker) -> Caller:
    return caller


class Tasks:
    """What makes tasks, and client.tasks."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.forms: dict[str, type[said.Asked]] = {
            "text_to_video": said.TextToVideo,
            "image_to_video": said.ImageToVideo,
            "video_to_video": said.VideoToVideo,
            "video_upscale": said.VideoUpscale,
            "text_to_image": said.TextToImage,
        }
        self.makers: dict[str, Callable[..., said.Created]] = {
            "text_to_video": self.text_to_video,
            "image_to_video": self.image_to_video,
            "video_to_video": self.video_to_video,
            "video_upscale": self.video_upscale,
            "text_to_image": self.text_to_image,
        }

    def text_to_video(self, caller: Asker, body: Sent, key: Key = None) -> said.Created:
        """Make a video from words; references show who must appear in it."""
        asked = body.read(said.TextToVideo)
        media = Media(self._server, caller)
        pictures = media.placed("references", asked.references)
        return self._make(self._video(asked, pictures, asked.prompt_text), asked, caller, key)

    def image_to_video(self, caller: Asker, body: Sent, key: Key = None) -> said.Created:
        """Make a video from its first picture, its last, or both."""
        asked = body.read(said.ImageToVideo)
        media = Media(self._server, caller)
        given = asked.prompt_image
        first = [said.Placed(uri=given, position="first")] if isinstance(given, str) else given
        pictures = media.placed("promptImage", first) | media.placed("references", asked.references)
        return self._make(self._video(asked, pictures, asked.prompt_text or ""), asked, caller, key)

    def video_to_video(self, caller: Asker, body: Sent, key: Key = None) -> said.Created:
        """Redraw a video, lead it by keyframes, put it into a wider frame, or carry it on."""
        asked = body.read(said.VideoToVideo)
        # The same idempotency key must make the same request.
        seed = secrets.randbelow(2**32) if key is None else zlib.crc32(key.encode())
        filler = filler_of(self._server, asked.model)
        request = video_to_video(Media(self._server, caller), asked, filler, seed)
        return self._make(request, asked, caller, key)

    def video_upscale(self, caller: Asker, body: Sent, key: Key = None) -> said.Created:
        """Make a video larger."""
        asked = body.read(said.VideoUpscale)
        return self._make(upscale(Media(self._server, caller), asked), asked, caller, key)

    def text_to_image(self, caller: Asker, body: Sent, key: Key = None) -> said.Created:
        """Make pictures from words; reference pictures show who must appear in them."""
        asked = body.read(said.TextToImage)
        pictures = Media(self._server, caller).placed("referenceImages", asked.reference_images)
        request = as_request(
            ask.MakePicture,
            prompt=asked.prompt_text,
            size=size_of(asked.ratio or "1:1", None, None),
            count=asked.output_count,
            seed=asked.seed,
            cast=tuple(file.id for file in pictures.all),
            filler=filler_of(self._server, asked.model),
        )
        return self._make(request, asked, caller, key)

    def retrieve(self, task_id: TaskId, caller: Asker) -> said.Task:
        """How far a task is; when it has succeeded, `output` says where the results are."""
        return self._task(self._job(task_id, caller), caller)

    def delete(self, task_id: TaskId, caller: Asker) -> Response:
        """Cancel a task that isn't over; delete one that is, with its results."""
        job = self._job(task_id, caller)
        if job.status in ACTIVE:
            self._server.jobs.cancel(job.id, caller)
        else:
            self._server.jobs.delete(job.id, caller)
        return Response(status_code=204)

    def _video(
        self, asked: said.TextToVideo | said.ImageToVideo, pictures: Pictures, prompt: str
    ) -> ask.MakeVideo:
        first, last = pictures.first, pictures.last
        seconds = asked.duration or USUAL_S
        return as_request(
            ask.MakeVideo,
            prompt=prompt,
            negative=asked.negative_prompt or "",
            size=size_of(asked.ratio, asked.resolution, first or last),
            seconds=str(seconds),
            seed=asked.seed,
            first=first and first.id,
            last=last and last.id,
            cast=tuple(file.id for file in pictures.cast),
            filler=filler_of(self._server, asked.model),
        )

    def _make(self, request: ask.Request, asked: said.Asked, caller: Caller, key: str | None) -> said.Created:
        job = self._server.jobs.submit(
            request, caller, dialect=DIALECT, model=asked.model, prefix="task", idempotency_key=key
        )
        return said.Created(id=job.id, estimated_cost=said.Cost(credits=job.credits_estimated))

    def _job(self, task_id: str, caller: Caller) -> Job:
        try:
            job = self._server.jobs.get(task_id, caller)
        except ServerError as error:
            raise (not_found(f"task {task_id[:80]}") if error.status == 404 else error) from None
        if job.dialect != DIALECT:
            raise not_found(f"task {task_id[:80]}")
        return job

    def _task(self, job: Job, caller: Caller) -> said.Task:
        task = said.Task(
            id=job.id, created_at=datetime.fromtimestamp(job.created_at, UTC), status=_STATUS[job.status]
        )
        if job.status in ACTIVE:
            task.estimated_cost = said.Cost(credits=job.credits_estimated)
        else:
            task.cost = said.Spent(credits=job.credits or 0)
        if job.status == "queued" and ((job.place or 1) > 1 or self._server.queue.paused()):
            task.status = "THROTTLED"
        elif job.status == "in_progress":
            task.progress = job.progress / 100
        elif job.status == "completed":
            minutes = self._server.settings.link_minutes
            shown = [output for output in job.outputs if output.variant in SHOWN]
            task.output = [self._server.links.url(output.file_id, caller, minutes) for output in shown]
        elif job.status == "failed":
            task.failure = job.error_message or "the task failed"
            task.failure_code = failure_code(job.error_code)
        return task


_STATUS: dict[str, said.Status] = {
    "queued": "PENDING",
    "in_progress": "RUNNING",
    "completed": "SUCCEEDED",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}


def failure_code(code: str | None) -> str:
    """An error's code as Runway writes them: INTERNAL.OUT_OF_MEMORY, SAFETY.INPUT.TEXT."""
    if code in ("content_policy_violation", "moderation_blocked"):
        return "SAFETY.INPUT"
    return f"INTERNAL.{(code or 'unknown').upper()}"
