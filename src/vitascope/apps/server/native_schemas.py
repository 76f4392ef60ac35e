"""What our own routes answer. Times are unix seconds, lengths seconds, sizes pixels. Knows no route."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vitascope.apps.server.jobs.jobs import Job as TheJob
from vitascope.apps.server.jobs.storage import StoredFile

FILE: dict[str, Any] = {
    "id": "file_5b1d0c8e7a6f4d3c2b1a0f9e",
    "object": "file",
    "name": "fox.png",
    "media_type": "image/png",
    "bytes": 20481,
    "width_px": 256,
    "height_px": 256,
    "seconds": None,
    "frames": 1,
    "rate_fps": None,
    "created_at": 1795348800,
    "expires_at": 1795953600,
}


class Form(BaseModel):
    """What a client sends: no unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Estimate(BaseModel):
    """What a request takes."""

    seconds: Annotated[float, Field(description="Of painting, without waiting.")]
    credits: Annotated[int, Field(description="One is a second of 1280x720 at 16 fps.")]


class Estimated(BaseModel):
    """What a document would take if it were sent now."""

    object: Literal["estimate"] = "estimate"
    estimate: Estimate
    waiting_jobs: Annotated[int, Field(description="Jobs in the queue, of everybody.")]
    paused: bool


class Error(BaseModel):
    """Why a job failed: a code for programs, a sentence for people."""

    code: str
    message: str


class Result(BaseModel):
    """A file that a job made."""

    file_id: str
    variant: Literal["video", "image", "data", "thumbnail", "spritesheet"]
    url: Annotated[
        str, Field(description="Works without a key, for a day; ask for the job again for a new one.")
    ]
    media_type: str
    bytes: int
    width_px: int | None
    height_px: int | None
    seconds: float | None


class Job(BaseModel):
    """A job as it is now."""

    id: str
    object: Literal["job"] = "job"
    task: str
    kind: Literal["video", "image", "data"]
    model: str
    dialect: Annotated[str, Field(description="By which of this server's interfaces it came.")]
    status: Literal["queued", "in_progress", "completed", "failed", "cancelled"]
    progress: Annotated[int, Field(ge=0, le=100, description="Percent.")]
    stage: Annotated[str, Field(description="What is being done, in words.")]
    place: Annotated[int | None, Field(description="In the queue; 1 is next.")]
    created_at: int
    started_at: int | None
    completed_at: int | None
    expires_at: int | None
    estimate: Estimate
    took: Annotated[Estimate | None, Field(description="What it really took, once it is over.")]
    error: Error | None
    outputs: list[Result]
    parent_id: str | None
    relation: str | None
    webhook: str | None


class Tool(BaseModel):
    """A tool of the cutting room."""

    name: str
    object: Literal["tool"] = "tool"
    summary: str
    makes: Annotated[
        tuple[Literal["video", "data"], ...], Field(description="data: findings, as a JSON file.")
    ]
    media: Annotated[tuple[str, ...], Field(description="Parameters that name another picture or film.")]
    parameters: Annotated[dict[str, Any], Field(description="The body of POST /v1/footage/{name}.")]


class Tools(BaseModel):
    """The tools, in the order in which people read them."""

    object: Literal["list"] = "list"
    data: list[Tool]


class Jobs(BaseModel):
    """A page of jobs; more with after=last_id."""

    object: Literal["list"] = "list"
    data: list[Job]
    first_id: str | None
    last_id: str | None
    has_more: bool


class Deleted(BaseModel):
    """It is gone."""

    id: str
    object: Literal["job.deleted"] = "job.deleted"
    deleted: Literal[True] = True


class File(BaseModel):
    """A stored file."""

    model_config = ConfigDict(json_schema_extra={"examples": [FILE]})

    id: str
    object: Literal["file"] = "file"
    name: str
    media_type: str
    bytes: int
    width_px: int | None
    height_px: int | None
    seconds: float | None
    frames: int | None
    rate_fps: str | None
    created_at: int
    expires_at: int | None


class Waiting(BaseModel):
    """A job in the queue."""

    id: str
    place: int
    kind: str
    status: Literal["queued"] = "queued"
    estimate_s: float
    created_at: int


class Queue(BaseModel):
    """The queue: how much waits, and those jobs in it that the caller may see, in order."""

    object: Literal["queue"] = "queue"
    paused: bool
    waiting: Annotated[int, Field(description="Jobs that wait, of everybody.")]
    painting: Annotated[int, Field(description="Jobs that are being painted.")]
    jobs: list[Waiting]


class Move(Form):
    """Where a waiting job goes: {"to": "front"}, or {"before": "job_..."}."""

    to: Literal["front"] | None = None
    before: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class WebhookSecret(BaseModel):
    """What this key's webhooks are signed with (standard-webhooks, v1)."""

    object: Literal["webhook.secret"] = "webhook.secret"
    secret: Annotated[str, Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])]


def as_job(job: TheJob, urls: dict[str, str]) -> Job:
    """A job as it is shown; `urls` has a link for each file that it made."""
    seconds = None if job.completed_at is None else job.completed_at - (job.started_at or job.completed_at)
    fields: dict[str, Any] = {
        name: getattr(job, name)
        for name in ("id", "kind", "model", "dialect", "status", "progress", "stage", "place")
    }
    return Job(
        **fields,
        task=job.request.name,
        created_at=int(job.created_at),
        started_at=whole(job.started_at),
        completed_at=whole(job.completed_at),
        expires_at=whole(job.expires_at),
        estimate=Estimate(seconds=job.estimate_s, credits=job.credits_estimated),
        took=None if seconds is None else Estimate(seconds=round(seconds, 3), credits=job.credits or 0),
        error=Error(code=job.error_code or "failed", message=job.error_message or "it failed")
        if job.status == "failed"
        else None,
        outputs=[
            Result(
                file_id=output.file_id,
                variant=output.variant,  # pyright: ignore[reportArgumentType]  # a row holds no others
                url=urls[output.file_id],
                media_type=output.media_type,
                bytes=output.bytes,
                width_px=output.width_px,
                height_px=output.height_px,
                seconds=output.seconds,
            )
            for output in job.outputs
        ],
        parent_id=job.parent_id,
        relation=job.relation,
        webhook=job.webhook,
    )


def as_file(file: StoredFile) -> File:
    """A stored file as it is shown."""
    names = ("id", "name", "media_type", "bytes", "width_px", "height_px", "frames", "rate_fps")
    fields: dict[str, Any] = {name: getattr(file, name) for name in names}
    return File(
        **fields,
        seconds=file.duration_s,
        created_at=int(file.created_at),
        expires_at=whole(file.expires_at),
    )


def whole(time_s: float | None) -> int | None:
    """Unix seconds without their fraction."""
    return None if time_s is None else int(time_s)
