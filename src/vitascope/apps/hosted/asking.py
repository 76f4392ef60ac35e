"""What asking any server for a video has in common: calls composed of words and a first picture, a job that
is watched, a film that is read back at the canvas's times.

Knows no dialect.
"""

from __future__ import annotations

import tempfile
import time
from abc import abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitascope.engine import Capabilities, FillSettings, Progress, Report
from vitascope.engine.open_weights.catalogue import Pipeline, Way
from vitascope.engine.open_weights.composed import Composed
from vitascope.engine.open_weights.composing import Call
from vitascope.engine.open_weights.request import Made, Pixels, Request

if TYPE_CHECKING:
    from vitascope.apps.hosted.naming import Address

POLL_S = 1.0
LARGEST_BYTES = 2 * 2**30


class Server(Composed):
    """A server as a filler: each call becomes a job of its."""

    name = "hosted"
    ways: Mapping[Way, Pipeline] = {"words": Pipeline(kind="words"), "first": Pipeline(kind="picture")}
    frames_step, composites, still, steps, guidance = 1, False, False, 0, 0.0

    def __init__(self, address: Address) -> None:
        super().__init__(self)
        self.address = address

    @property
    def capabilities(self) -> Capabilities:
        """What such a server takes."""
        return self.address.capabilities

    def make(self, call: Call, request: Request, settings: FillSettings, report: Report, said: str) -> Made:
        """Ask for a film at least as long as the call, watch it, and read it at the call's times.

        Raises CannotAsk. Cancelled, or whatever the report raises, ends the job on the server too.
        """
        job = self.begin(request)
        try:
            while (share := self.share(job)) < 1:
                report(Progress(f"{self.address.url} paints{said}", round(100 * share), 100))
                time.sleep(POLL_S)
            film = self.fetch(job)
        except BaseException:
            self.stop(job)
            raise
        self.stop(job)
        report(Progress(f"{self.address.url} paints{said}", 100, 100))
        return Made(_read(film, request))

    @abstractmethod
    def begin(self, request: Request) -> str:
        """Ask for the film; the job's id."""

    @abstractmethod
    def share(self, job: str) -> float:
        """How far a job is: 1 once it's done. Raises CannotAsk if it failed."""

    @abstractmethod
    def fetch(self, job: str) -> bytes:
        """The film of a job that is done."""

    @abstractmethod
    def stop(self, job: str) -> None:
        """End a job, or forget it when it's over; silent where the server won't."""


def png(picture: Pixels) -> bytes:
    """A picture uint8 [H, W, 3] as a file."""
    from PIL import Image

    data = BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(data, "PNG")
    return data.getvalue()


def seconds_for(request: Request, choices: tuple[int, ...] = ()) -> int:
    """Whole seconds that hold so many frames: the fewest, or the fewest of those that a server offers."""
    least = -(-request.frames // request.rate_fps)
    return next((choice for choice in choices if choice >= least), int(least) if not choices else choices[-1])


def _read(film: bytes, request: Request) -> Pixels:
    """The frames shown at the request's times, at its size; the last one is held where the film is short."""
    from vitascope.canvas import fit_picture
    from vitascope.media import read_video

    made: list[Pixels] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "film.mp4"
        place.write_bytes(film)
        video = read_video(place)
        due = [Fraction(frame) / request.rate_fps for frame in range(request.frames)]
        for number, picture in enumerate(video):
            until_s = Fraction(number + 1) / video.rate_fps
            while len(made) < len(due) and due[len(made)] < until_s:
                made.append(fit_picture(picture, request.width_px, request.height_px).copy())
            if len(made) == len(due):
                break
    made += [made[-1]] * (request.frames - len(made))
    return np.stack(made)
