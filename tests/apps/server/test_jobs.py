"""Jobs as dialects see them: submit, list, cancel, delete; and what each kind of request becomes, painted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from vitascope.apps.server.accounts.keys import SCOPES, Accounts, Caller
from vitascope.apps.server.accounts.limits import Limits
from vitascope.apps.server.accounts.policy import Policies
from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs import requests as r
from vitascope.apps.server.jobs.database import FileRow, JobRow, create_all, make_engine, reading
from vitascope.apps.server.jobs.jobs import Job, Jobs
from vitascope.apps.server.jobs.queue import Queue
from vitascope.apps.server.jobs.storage import Files, NewFile, Store, StoredFile
from vitascope.apps.server.jobs.tickets import Tickets
from vitascope.apps.server.settings import Settings, load_settings
from vitascope.media import read_clip, read_picture_rgba, write_picture, write_video

WITHIN_S = 240
FOX = r.MakeVideo(prompt="a fox", size=(32, 32), seconds="1")


def jobs_of(settings: Settings) -> Jobs:
    """What a server with these settings has."""
    settings.make_folder()
    engine = make_engine(settings.database_url)
    create_all(engine)
    files = Files(engine, Store(settings.store_url))
    queue = Queue(engine, files, settings)
    limits, policies = Limits(engine, settings), Policies(settings.policies)
    return Jobs(engine, files, settings, queue, limits, policies, Tickets(settings))


def close(jobs: Jobs) -> None:
    tickets = jobs.tickets
    assert isinstance(tickets, Tickets)
    tickets.close()
    jobs.engine.dispose()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """Jobs that nobody paints."""
    jobs = jobs_of(Settings(data=tmp_path_factory.mktemp("quiet"), filler="toy", max_queued_per_key=30))
    yield jobs
    close(jobs)


@pytest.fixture(scope="module")
def painted(server: Any) -> Iterator[Jobs]:
    """Jobs that the server's worker paints."""
    jobs = jobs_of(load_settings(data=server.data, filler="toy"))
    yield jobs
    close(jobs)


@pytest.fixture
def caller() -> Caller:
    """Somebody new."""
    return Caller("local", "test", frozenset(SCOPES) - {"admin"}, "127.0.0.1")


def somebody(jobs: Jobs) -> Caller:
    """Somebody with a new key."""
    key, _ = Accounts(jobs.engine, jobs.settings).make("somebody")
    return Caller(key.id, key.name, frozenset(key.scopes), "127.0.0.1")


def submit(jobs: Jobs, request: r.Request, caller: Caller, **more: Any) -> Job:
    return jobs.submit(request, caller, dialect=more.pop("dialect", "test"), model="sora-2", **more)


def over(jobs: Jobs, job: Job, caller: Caller) -> Job:
    """The job once it's over."""
    until_s = time.monotonic() + WITHIN_S
    while time.monotonic() < until_s:
        job = jobs.get(job.id, caller)
        if job.status not in ("queued", "in_progress"):
            return job
        time.sleep(0.1)
    raise AssertionError(job)


def keep(jobs: Jobs, path: Path, media_type: str, **about: Any) -> StoredFile:
    return jobs.files.keep(path, NewFile(key_id="local", purpose="input", media_type=media_type, **about))


@pytest.fixture
def clip(painted: Jobs, tmp_path: Path) -> StoredFile:
    """One second at 8 fps of 32x24 px."""
    frames = [np.full((24, 32, 3), 20 * number, np.uint8) for number in range(8)]
    write_video(tmp_path / "clip.mp4", frames, 8)
    about = {"width_px": 32, "height_px": 24, "frames": 8, "rate_fps": "8", "duration_s": 1.0}
    return keep(painted, tmp_path / "clip.mp4", "video/mp4", **about)


@pytest.fixture
def picture(painted: Jobs, tmp_path: Path) -> StoredFile:
    """Red, 32x32 px; its right half is see-through."""
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[..., 0], pixels[:, :16, 3] = 200, 255
    write_picture(tmp_path / "picture.png", pixels)
    return keep(painted, tmp_path / "picture.png", "image/png", width_px=32, height_px=32)


# Without a worker


def test_a_job_is_queued_with_an_estimate(quiet: Jobs, caller: Caller) -> None:
    job = submit(quiet, FOX, caller, prefix="video", webhook="https://example.com/done")
    assert job.id.startswith("video_")
    assert (job.status, job.progress, job.kind) == ("queued", 0, "video")
    assert job.place is not None
    assert job.estimate_s > 0
    assert job.credits_estimated == 1
    assert job.request == FOX.model_copy(update={"filler": "toy"})
    assert quiet.get(job.id, caller) == job


def test_the_same_idempotency_key_is_the_same_job(quiet: Jobs, caller: Caller) -> None:
    first = submit(quiet, FOX, caller, idempotency_key="once")
    assert submit(quiet, FOX, caller, idempotency_key="once").id == first.id
    with pytest.raises(ServerError) as other:
        submit(quiet, r.MakeVideo(prompt="a bus"), caller, idempotency_key="once")
    assert other.value.status == 409
    assert submit(quiet, FOX, somebody(quiet), idempotency_key="once").id != first.id


def test_a_file_sent_again_is_the_same_request(quiet: Jobs, caller: Caller, tmp_path: Path) -> None:
    write_picture(tmp_path / "first.png", np.zeros((8, 8, 3), np.uint8))
    ids = [keep(quiet, tmp_path / "first.png", "image/png", width_px=8, height_px=8).id for _ in range(2)]
    made = [
        submit(quiet, FOX.model_copy(update={"first": file_id}), caller, idempotency_key="file").id
        for file_id in ids
    ]
    assert made[0] == made[1]


def test_lists_go_both_ways_page_by_page(quiet: Jobs) -> None:
    caller = somebody(quiet)
    ids = [submit(quiet, FOX, caller).id for _ in range(5)]
    seen: list[str] = []
    after, more = None, True
    while more:
        page, more = quiet.list(caller, after=after, limit=2, ascending=True)
        seen += [job.id for job in page]
        after = page[-1].id
    assert seen == ids
    newest, more = quiet.list(caller, limit=3)
    assert ([job.id for job in newest], more) == (ids[:1:-1], True)
    rest, more = quiet.list(caller, after=newest[-1].id)
    assert ([job.id for job in rest], more) == (ids[1::-1], False)
    assert quiet.list(caller, kind="image") == quiet.list(somebody(quiet)) == ([], False)


def test_others_see_neither_jobs_nor_files(quiet: Jobs, caller: Caller, tmp_path: Path) -> None:
    job = submit(quiet, FOX, caller)
    write_picture(tmp_path / "a.png", np.zeros((8, 8, 3), np.uint8))
    file = keep(quiet, tmp_path / "a.png", "image/png")
    other = somebody(quiet)
    calls: list[Callable[[], object]] = [
        lambda: quiet.get(job.id, other),
        lambda: quiet.cancel(job.id, other),
        lambda: quiet.delete(job.id, other),
        lambda: quiet.preview(job.id, other),
        lambda: quiet.stored(file.id, other),
        lambda: quiet.list(other, after=job.id),
        lambda: submit(quiet, FOX.model_copy(update={"first": file.id}), other),
    ]
    for call in calls:
        with pytest.raises(ServerError) as refused:
            call()
        assert refused.value.status == 404
    admin = Caller("key_admin", "admin", frozenset({"admin"}), "")
    assert quiet.get(job.id, admin).id == job.id


def test_a_queued_job_is_cancelled_at_once_and_once_only(quiet: Jobs, caller: Caller) -> None:
    job = submit(quiet, FOX, caller)
    cancelled = quiet.cancel(job.id, caller)
    assert (cancelled.status, cancelled.place, cancelled.credits) == ("cancelled", None, 0)
    assert quiet.cancel(job.id, caller) == cancelled


def test_a_deleted_job_is_gone_with_its_words(quiet: Jobs, caller: Caller) -> None:
    job = submit(quiet, FOX, caller, idempotency_key="deleted")
    quiet.delete(job.id, caller)
    with pytest.raises(ServerError) as gone:
        quiet.get(job.id, caller)
    assert gone.value.status == 404
    with reading(quiet.engine) as session:
        row = session.get_one(JobRow, job.id)
        assert "fox" not in str(row.request)
    assert submit(quiet, FOX, caller, idempotency_key="deleted").id != job.id


def test_bad_words_are_refused_before_they_are_queued(quiet: Jobs, caller: Caller) -> None:
    before = quiet.queue.waiting()
    with pytest.raises(ServerError) as refused:
        submit(quiet, FOX.model_copy(update={"prompt": "child porn"}), caller)
    assert (refused.value.status, refused.value.code) == (400, "content_policy_violation")
    assert quiet.queue.waiting() == before


def test_too_many_waiting_jobs_are_refused(quiet: Jobs) -> None:
    caller = somebody(quiet)
    for _ in range(30):
        submit(quiet, FOX, caller)
    with pytest.raises(ServerError) as refused:
        submit(quiet, FOX, caller)
    assert (refused.value.status, refused.value.code) == (429, "queue_full")


# With one


def test_a_video_is_painted_as_it_was_asked_for(painted: Jobs, caller: Caller) -> None:
    request = r.MakeVideo(prompt="a fox", size=(70, 50), seconds="1.5", rate_fps=10, seed=3)
    job = over(painted, submit(painted, request, caller), caller)
    assert (job.status, job.progress, job.error_message) == ("completed", 100, None)
    assert job.expires_at is not None
    assert [output.variant for output in job.outputs] == ["video", "thumbnail", "spritesheet"]
    film = job.output()
    assert film is not None
    assert (film.media_type, film.width_px, film.height_px, film.seconds) == ("video/mp4", 70, 50, 1.5)
    stored = painted.stored(film.file_id, caller)
    assert (stored.frames, stored.rate_fps, stored.purpose) == (15, "10", "output")
    data = b"".join(painted.open(stored))
    assert len(data) == film.bytes
    assert b"".join(painted.open(stored, 5, 50)) == data[5:50]
    with painted.files.local(stored) as path:
        assert read_clip(path).shape == (15, 50, 70, 3)


def test_the_same_seed_paints_the_same(painted: Jobs, caller: Caller) -> None:
    clips = []
    for seed in (1, 1, 2):
        job = over(painted, submit(painted, FOX.model_copy(update={"seed": seed}), caller), caller)
        clips.append(film_of(painted, job, caller))
    same, other = (np.abs(clips[0].astype(int) - clip).mean() for clip in clips[1:])
    assert same < 4 < 20 < other  # the encoder's threads don't always come to the same bits


def film_of(jobs: Jobs, job: Job, caller: Caller) -> np.ndarray:
    film = job.output()
    assert film is not None, job
    with jobs.files.local(jobs.stored(film.file_id, caller)) as path:
        return read_clip(path)


def test_pictures_come_in_their_number(painted: Jobs, caller: Caller) -> None:
    request = r.MakePicture(prompt="a fox", size=(40, 24), count=3, seed=1)
    job = over(painted, submit(painted, request, caller), caller)
    assert [(o.variant, o.media_type, o.width_px, o.height_px) for o in job.outputs] == [
        ("image", "image/png", 40, 24)
    ] * 3
    stored = [painted.stored(output.file_id, caller) for output in job.outputs]
    assert len({file.sha256 for file in stored}) == 3


def test_a_pictures_see_through_part_is_painted_and_the_rest_stays(
    painted: Jobs, caller: Caller, picture: StoredFile
) -> None:
    job = over(painted, submit(painted, r.EditPicture(picture=picture.id, prompt="a bus"), caller), caller)
    assert job.status == "completed", job.error_message
    with painted.files.local(painted.stored(job.outputs[0].file_id, caller)) as path:
        pixels = read_picture_rgba(path)
    assert (pixels[:, :16, :3] == (200, 0, 0)).all()
    assert not (pixels[:, 16:, :3] == (200, 0, 0)).all()


def test_a_video_goes_on(painted: Jobs, caller: Caller, clip: StoredFile) -> None:
    for direction, frames, known in (("forward", 12, slice(0, 8)), ("backward", 12, slice(4, 12))):
        request = r.ExtendVideo(video=clip.id, seconds="0.5", direction=direction, prompt="on")
        job = over(painted, submit(painted, request, caller), caller)
        assert job.status == "completed", job.error_message
        film = film_of(painted, job, caller)
        assert film.shape == (frames, 24, 32, 3)
        levels = film[known].mean(axis=(1, 2, 3))
        assert np.abs(levels - 20 * np.arange(8)).max() < 6  # H.264's loss


@pytest.mark.parametrize(
    ("request_", "shape"),
    [
        (lambda file: r.RestyleVideo(video=file, prompt="as clay"), (8, 24, 32, 3)),
        (lambda file: r.ExpandVideo(video=file, size=(64, 24)), (8, 24, 64, 3)),
        (lambda file: r.ExpandVideo(video=file, size=(64, 64)), (8, 64, 64, 3)),
        (lambda file: r.MakeVideo(cast=(), size=(32, 24), seconds="1", rate_fps=8), (8, 24, 32, 3)),
    ],
)
def test_a_video_is_changed(
    painted: Jobs, caller: Caller, clip: StoredFile, request_: Callable[[str], r.Request], shape: Any
) -> None:
    job = over(painted, submit(painted, request_(clip.id), caller, relation="edit"), caller)
    assert job.status == "completed", job.error_message
    assert film_of(painted, job, caller).shape == shape


@pytest.mark.weights
def test_a_video_is_enlarged(painted: Jobs, caller: Caller, clip: StoredFile) -> None:
    job = over(painted, submit(painted, r.EnlargeVideo(video=clip.id, factor=2), caller), caller)
    assert job.status == "completed", job.error_message
    assert film_of(painted, job, caller).shape == (8, 48, 64, 3)


def test_pictures_stand_at_their_moments(painted: Jobs, caller: Caller, picture: StoredFile) -> None:
    request = r.MakeVideo(
        size=(32, 32),
        seconds="1",
        rate_fps=8,
        first=picture.id,
        keyframes=(("0.5", picture.id),),
        last=picture.id,
    )
    job = over(painted, submit(painted, request, caller), caller)
    film = film_of(painted, job, caller)
    for frame in (0, 4, 7):
        assert abs(film[frame, 8, 8].astype(int) - (200, 0, 0)).max() < 12
    assert len(film) == 8


def test_a_canvas_document_with_its_media(painted: Jobs, caller: Caller, clip: StoredFile) -> None:
    document = {"clips": [{"uri": "clip"}], "duration_s": 2, "words": [{"text": "on"}]}
    request = r.FillCanvas(document=document, files={"clip": clip.id})
    job = over(painted, submit(painted, request, caller), caller)
    assert job.status == "completed", job.error_message
    assert film_of(painted, job, caller).shape == (16, 24, 32, 3)


def test_a_script_is_one_film(painted: Jobs, caller: Caller) -> None:
    script = {
        "size": "32",
        "rate": 8,
        "seed": 5,
        "shots": [
            {"text": "a fox", "seconds": 1},
            {"text": "it runs", "seconds": 1.5, "continues": True},
            {"text": "a bus", "seconds": 1},
        ],
    }
    job = over(painted, submit(painted, r.ShootScript(script=script), caller), caller)
    assert job.status == "completed", job.error_message
    from vitascope.films import shoot, shots

    whole = np.stack(list(shoot(shots(script, lambda uri, rate: np.zeros(0, np.uint8)), "toy")))
    film = film_of(painted, job, caller)
    assert film.shape == whole.shape == (28, 32, 32, 3)
    assert np.abs(film.astype(int) - whole).mean() < 10  # steep colours, twice through H.264


def test_wrong_media_fail_in_words(painted: Jobs, caller: Caller, picture: StoredFile) -> None:
    with pytest.raises(ServerError, match="a video is needed"):
        submit(painted, r.RestyleVideo(video=picture.id), caller)
    job = over(
        painted,
        submit(painted, r.FillCanvas(document={"clips": [{"uri": "none"}]}, files={}), caller),
        caller,
    )
    assert (job.status, job.error_code) == ("failed", "invalid_request")
    assert "none" in (job.error_message or "")


def test_what_was_made_is_deleted_with_its_job(painted: Jobs, caller: Caller) -> None:
    job = over(painted, submit(painted, FOX, caller), caller)
    files = [painted.stored(output.file_id, caller) for output in job.outputs]
    painted.delete(job.id, caller)
    for file in files:
        with pytest.raises(ServerError):
            painted.stored(file.id, caller)
        place = painted.files.store.local_path(file.key)
        assert place is not None
        assert not place.exists()
    with reading(painted.engine) as session:
        assert session.scalars(select(FileRow).where(FileRow.job_id == job.id)).all() == []


def test_a_running_job_stops_within_a_step(start_server: Any) -> None:
    running = start_server(filler="slow")
    jobs = jobs_of(load_settings(data=running.data, filler="slow"))
    caller = Caller("local", "test", frozenset({"videos"}), "")
    try:
        # The API knows "slow"; this process doesn't, so the request goes over HTTP.
        with running.client() as client:
            document = {
                "words": [{"text": "long"}],
                "duration_s": 60,
                "rate_fps": 16,
                "width_px": 32,
                "height_px": 32,
            }
            job_id = client.post("/v1/fills", json=document).json()["id"]
            wait_for(lambda: jobs.get(job_id, caller).progress > 0)
            assert jobs.preview(job_id, caller)
            assert client.post(f"/v1/jobs/{job_id}/cancel").json()["status"] == "cancelled"
            diary = running.data.parent / "diary.txt"
            time.sleep(1.5)
            seen = diary.read_text().count("long")
            time.sleep(1)
            assert diary.read_text().count("long") == seen
            after = client.post("/v1/fills", json=document | {"duration_s": 0.5}).json()["id"]
        assert running.settled(after)["status"] == "completed"
        assert jobs.get(job_id, caller).credits == 0
        assert not any((running.data / "files" / "parts").glob("*"))
    finally:
        close(jobs)


def wait_for(true: Callable[[], bool]) -> None:
    until_s = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.1)


def test_times_are_exact() -> None:
    assert r.exact("1001/30000") == Fraction(1001, 30000)
    assert r.MakeVideo(seconds=4).seconds == "4"  # pyright: ignore[reportArgumentType]
    for wrong in ("0", "-1", "1e3", "nan", "1/0", "٣", "1" * 20):
        with pytest.raises(ValueError, match="seconds"):
            r.MakeVideo(seconds=wrong)
