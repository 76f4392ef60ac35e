"""OpenAI's dialect: /v1/videos and /v1/models, for its official clients with another base URL.

A thin translation: what a client asks becomes a request of jobs/requests.py, and a job becomes its Video.
Pictures are in openai_images.py. Knows no queue and no painting.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

import vitascope
from vitascope.apps.server import openai_images
from vitascope.apps.server import openai_schemas as said
from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.asking import STAY, Asker, Key, Sent, missing, needs, take
from vitascope.apps.server.errors import ServerError, bad_request, not_found
from vitascope.apps.server.files import serve_file
from vitascope.apps.server.jobs import requests as ask
from vitascope.apps.server.jobs.jobs import Job, Output
from vitascope.apps.server.jobs.storage import StoredFile
from vitascope.apps.server.openai_characters import Characters

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile

    from vitascope.apps.server.application import Server

DIALECT = "openai"
MODEL, SIZE, SECONDS = "sora-2", "720x1280", "4"  # what OpenAI's server took where nothing was said
MOST_LISTED = 100
SLOWEST_POLL_MS, QUICKEST_POLL_MS = 5000, 250

STATUS: dict[str, said.Status] = {
    "queued": "queued",
    "in_progress": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "failed",  # the dialect has no other word for it; the error's code has
}
Variant = Literal["video", "thumbnail", "spritesheet"]


def router(server: Server) -> APIRouter:
    """All routes of the dialect."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])
    _add_videos(routes, Videos(server))
    models = Models(server)
    routes.add_api_route("/models", models.list, methods=["GET"])
    routes.add_api_route("/models/{model}", models.retrieve, methods=["GET"])
    routes.add_api_route("/audio/speech", speech, methods=["POST"], status_code=501)
    openai_images.add_routes(routes, server)
    return routes


def _add_videos(routes: APIRouter, videos: Videos) -> None:
    def add(path: str, *args: Any, **options: Any) -> None:
        routes.add_api_route(f"/videos{path}", *args, dependencies=[needs("videos")], **options)

    pictures = ("input_reference",)
    add("", videos.create, methods=["POST"], openapi_extra=said.asks(said.CreateVideo, pictures))
    add("", videos.list, methods=["GET"])
    add("/edits", videos.edit, methods=["POST"], openapi_extra=said.asks(said.EditVideo, ("video",)))
    add(
        "/extensions",
        videos.extend,
        methods=["POST"],
        openapi_extra=said.asks(said.ExtendVideo, ("video",)),
    )
    add(
        "/characters",
        videos.create_character,
        methods=["POST"],
        openapi_extra=said.asks(said.CreateCharacter, ("video",), required=("video",)),
    )
    add("/characters/{character_id}", videos.get_character, methods=["GET"])
    add("/{video_id}", videos.retrieve, methods=["GET"])
    add("/{video_id}", videos.delete, methods=["DELETE"])
    for method in ("GET", "HEAD"):  # each a route, for one of both would give both the same name
        add(
            "/{video_id}/content",
            videos.content,
            methods=[method],
            response_class=Response,
            response_model=None,
        )
    add("/{video_id}/remix", videos.remix, methods=["POST"], openapi_extra=said.asks(said.RemixVideo))


class Videos:
    """client.videos"""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._characters = Characters(server)

    def create(self, caller: Asker, body: Sent, response: Response, key: Key = None) -> said.Video:
        """Make a video from words, perhaps with its first picture. Characters whom it names are in it."""
        asked = body.read(said.CreateVideo)
        model = asked.model or MODEL
        request = ask.MakeVideo(
            prompt=asked.prompt,
            size=said.size_px(asked.size or SIZE),
            seconds=asked.seconds or SECONDS,
            first=self._first(asked, body.file("input_reference"), caller),
            cast=self._characters.cast(
                asked.prompt, [character.id for character in asked.characters or ()], caller
            ),
        )
        job = self._server.jobs.submit(
            request, caller, dialect=DIALECT, model=model, prefix="video", idempotency_key=key
        )
        return self._answer(job, caller, response)

    def remix(
        self, video_id: str, caller: Asker, body: Sent, response: Response, key: Key = None
    ) -> said.Video:
        """A finished video, redrawn as other words say."""
        asked = body.read(said.RemixVideo)
        parent = self._video(video_id, caller)
        request = ask.RestyleVideo(video=self._film(parent).file_id, prompt=asked.prompt)
        return self._submit(request, parent, "remix", caller, key, response)

    def edit(self, caller: Asker, body: Sent, response: Response, key: Key = None) -> said.Video:
        """A video, uploaded or made here, redrawn as the words say."""
        asked = body.read(said.EditVideo)
        file, parent = self._source(asked.video, body.file("video"), caller)
        request = ask.RestyleVideo(video=file.id, prompt=asked.prompt)
        return self._submit(request, parent, "edit", caller, key, response)

    def extend(self, caller: Asker, body: Sent, response: Response, key: Key = None) -> said.Video:
        """A video, uploaded or made here, that goes on; the answer's seconds are the whole of it."""
        asked = body.read(said.ExtendVideo)
        file, parent = self._source(asked.video, body.file("video"), caller)
        request = ask.ExtendVideo(video=file.id, prompt=asked.prompt, seconds=asked.seconds)
        return self._submit(request, parent, "extend", caller, key, response)

    def retrieve(self, video_id: str, caller: Asker, response: Response) -> said.Video:
        """How far a video is."""
        return self._answer(self._video(video_id, caller), caller, response)

    def list(
        self,
        caller: Asker,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20,
        order: Literal["asc", "desc"] = "desc",
    ) -> said.Videos:
        """One page of this caller's videos."""
        jobs, more = self._server.jobs.list(
            caller, kind="video", dialect=DIALECT, after=after, limit=limit, ascending=order == "asc"
        )
        data = [self._as_video(job, caller) for job in jobs]
        ends = (data[0].id, data[-1].id) if data else (None, None)
        return said.Videos(data=data, first_id=ends[0], last_id=ends[1], has_more=more)

    def delete(self, video_id: str, caller: Asker) -> said.DeletedVideo:
        """Stop the work if it goes on, and remove the video with its files."""
        self._server.jobs.delete(self._video(video_id, caller).id, caller)
        return said.DeletedVideo(id=video_id)

    def content(self, video_id: str, request: Request, caller: Asker, variant: Variant = "video") -> Response:
        """The finished film, its thumbnail (a picture), or its spritesheet (some frames in one picture)."""
        job = self._video(video_id, caller)
        self._film(job)
        output = job.output(variant)
        if output is None:
            raise not_found(f"a {variant} of {_the_video(video_id)}")
        return serve_file(self._server, self._server.jobs.stored(output.file_id, caller), request)

    def create_character(self, caller: Asker, body: Sent) -> said.Character:
        """Keep the looks of whoever the video shows, for prompts that mention the name."""
        asked = body.read(said.CreateCharacter)
        video = body.file("video")
        if video is None:
            raise missing("video")
        row = self._characters.make(asked.name, video, caller)
        return said.Character(id=row.id, name=row.name, created_at=int(row.created_at))

    def get_character(self, character_id: str, caller: Asker) -> said.Character:
        """A character by its id."""
        row = self._characters.get(character_id, caller)
        return said.Character(id=row.id, name=row.name, created_at=int(row.created_at))

    def _submit(
        self,
        request: ask.RestyleVideo | ask.ExtendVideo,
        parent: Job | None,
        relation: str,
        caller: Caller,
        key: str | None,
        response: Response,
    ) -> said.Video:
        job = self._server.jobs.submit(
            request,
            caller,
            dialect=DIALECT,
            model=parent.model if parent else MODEL,
            prefix="video",
            parent_id=parent.id if parent else None,
            relation=relation,
            idempotency_key=key,
        )
        return self._answer(job, caller, response)

    def _first(self, asked: said.CreateVideo, upload: UploadFile | None, caller: Caller) -> str | None:
        """The id of the stored first picture, if one was given."""
        if upload and asked.input_reference:
            raise bad_request(
                "input_reference is a file or an object, not both", "input_reference", "invalid_value"
            )
        source = upload or (asked.input_reference and asked.input_reference.place)
        return take(self._server, caller, source, "input_reference", "image").id if source else None

    def _source(
        self, named: said.VideoReference | None, upload: UploadFile | None, caller: Caller
    ) -> tuple[StoredFile, Job | None]:
        """The video to work on: a finished one of the caller's with its job, or the uploaded one."""
        if upload and named:
            raise bad_request("video is a file or {id}, not both", "video", "invalid_value")
        if upload:
            return take(self._server, caller, upload, "video", "video"), None
        if named is None:
            raise missing("video")
        parent = self._video(named.id, caller)
        return self._server.jobs.stored(self._film(parent).file_id, caller), parent

    def _video(self, video_id: str, caller: Caller) -> Job:
        """A job of the caller's that is a video of this dialect; 404 for any other."""
        try:
            job = self._server.jobs.get(video_id, caller)
        except ServerError as error:
            raise (not_found(_the_video(video_id)) if error.status == 404 else error) from None
        if job.kind != "video" or job.dialect != DIALECT:
            raise not_found(_the_video(video_id))
        return job

    def _film(self, job: Job) -> Output:
        """The film of a finished job. 409 if it isn't finished, 404 if there is none (any more)."""
        if job.status in ("queued", "in_progress"):
            raise ServerError(
                409,
                "video_not_ready",
                f"{_the_video(job.id)} is {job.status}, at {job.progress} %; ask again when it is completed",
                "video_id",
                STAY,
            )
        if job.status != "completed":
            raise ServerError(
                404, "video_failed", f"{_the_video(job.id)} failed, so it has no content: {job.error_message}"
            )
        if film := job.output("video"):
            return film
        raise ServerError(404, "video_expired", f"{_the_video(job.id)} has expired; make it again")

    def _answer(self, job: Job, caller: Caller, response: Response) -> said.Video:
        """The job as a Video; the client is told when it's worth asking again."""
        if job.status in ("queued", "in_progress"):
            response.headers["openai-poll-after-ms"] = str(poll_after_ms(job.estimate_s))
        return self._as_video(job, caller)

    def _as_video(self, job: Job, caller: Caller) -> said.Video:
        seconds, size = self._shape(job, caller)
        return said.Video(
            id=job.id,
            model=job.model,
            status=STATUS[job.status],
            progress=job.progress,
            created_at=int(job.created_at),
            completed_at=_whole(job.completed_at if job.status == "completed" else None),
            expires_at=_whole(job.expires_at),
            prompt=getattr(job.request, "prompt", None),
            seconds=seconds,
            size=size,
            remixed_from_video_id=job.parent_id if job.relation in ("remix", "edit") else None,
            error=_error(job),
        )

    def _shape(self, job: Job, caller: Caller) -> tuple[str, str]:
        """(seconds, size) of a video: what was made, or before that, what will be."""
        if film := job.output("video"):
            return _number(film.seconds or 0), f"{film.width_px}x{film.height_px}"
        request = job.request
        if isinstance(request, ask.MakeVideo):
            return _number(ask.exact(request.seconds)), "{}x{}".format(*request.size)
        if not isinstance(request, ask.ExtendVideo | ask.RestyleVideo):
            raise TypeError(f"no video of this dialect: {request.task}")
        new_s = Fraction(request.seconds) if isinstance(request, ask.ExtendVideo) else Fraction(0)
        try:
            source = self._server.jobs.stored(request.video, caller)
        except ServerError:  # deleted since
            return _number(new_s), ""
        return _number(Fraction(source.duration_s or 0) + new_s), f"{source.width_px}x{source.height_px}"


class Models:
    """client.models: the fillers that are installed, and the old names that mean one of them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._since = int(Path(vitascope.__file__).stat().st_mtime)  # when it was installed here

    def list(self, caller: Asker) -> said.Models:
        """All names that `model` may have."""
        return said.Models(data=[self._card(name) for name in self._names()])

    def retrieve(self, model: str, caller: Asker) -> said.ModelCard:
        """One of them."""
        if model not in self._names():
            raise ServerError(
                404, "model_not_found", f"The model '{model[:80]}' does not exist here", "model"
            )
        return self._card(model)

    def _names(self) -> tuple[str, ...]:
        from vitascope.engine import fillers

        return tuple(dict.fromkeys((*fillers(), *self._server.settings.models)))

    def _card(self, name: str) -> said.ModelCard:
        return said.ModelCard(id=name, created=self._since, owned_by="vitascope")


def speech(caller: Asker) -> None:
    """Speech isn't built yet."""
    raise ServerError(
        501,
        "not_built",
        "no voice is installed here yet, so there is no speech; videos and pictures work",
        headers=STAY,
    )


def poll_after_ms(estimate_s: float) -> int:
    """When to ask again: some twenty times while it's made. The client keeps to the first answer it gets."""
    return round(min(SLOWEST_POLL_MS, max(QUICKEST_POLL_MS, estimate_s * 1000 / 20)))


def _error(job: Job) -> said.VideoError | None:
    if job.status == "cancelled":
        return said.VideoError(code="cancelled", message=job.error_message or "the job was cancelled")
    if job.status != "failed":
        return None
    return said.VideoError(code=job.error_code or "failed", message=job.error_message or "the job failed")


def _the_video(video_id: str) -> str:
    return f"the video '{video_id[:80]}'"


def _whole(moment: float | None) -> int | None:
    return None if moment is None else int(moment)


def _number(seconds: Fraction | float) -> str:
    """ "4", "4.5", "10.042" """
    return f"{round(float(seconds), 3):.10g}"
