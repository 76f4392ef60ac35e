"""A server that speaks Runway's dialect, by its official client."""

from __future__ import annotations

import base64
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from vitascope.apps.hosted.asking import LARGEST_BYTES, Server, png, seconds_for
from vitascope.apps.hosted.naming import CannotAsk

if TYPE_CHECKING:
    from vitascope.apps.hosted.naming import Address
    from vitascope.engine.open_weights.request import Request

RATIOS = ((1280, 720), (720, 1280), (1104, 832), (832, 1104), (960, 960), (1584, 672))
LONGEST_S = 10
MODELS = {"words": "veo3.1", "picture": "gen4_turbo"}


class RunwayServer(Server):
    """text_to_video or image_to_video, then the task until it's over."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        try:
            from runwayml import RunwayML
        except ImportError as error:
            raise CannotAsk("asking servers needs their client; `pip install 'vitascope[hosted]'`") from error
        self._client: Any = RunwayML(base_url=address.url, api_key=address.key(), max_retries=3)
        self._films: dict[str, str] = {}

    def begin(self, request: Request) -> str:
        """Ask for the film; the task's id."""
        width, height = min(
            RATIOS, key=lambda size: abs(size[0] / size[1] - request.width_px / request.height_px)
        )
        kind = "words" if request.first is None else "picture"
        asked: dict[str, Any] = {
            "model": self.address.model or MODELS[kind],
            "ratio": f"{width}:{height}",
            "duration": seconds_for(request, tuple(range(2, LONGEST_S + 1))),
        }
        with _refusals(self.address.url):
            if request.first is None:
                return self._client.text_to_video.create(prompt_text=request.text, **asked).id
            picture = "data:image/png;base64," + base64.b64encode(png(request.first)).decode()
            asked |= {"prompt_image": picture, "seed": request.seed % 2**32}
            return self._client.image_to_video.create(prompt_text=request.text or "continue", **asked).id

    def share(self, job: str) -> float:
        """How far a task is: 1 once it's done."""
        with _refusals(self.address.url):
            task = self._client.tasks.retrieve(job)
        if task.status in ("FAILED", "CANCELLED"):
            raise CannotAsk(f"{self.address.url} couldn't make it: {getattr(task, 'failure', task.status)}")
        if task.status != "SUCCEEDED":
            return min(0.99, float(getattr(task, "progress", 0.0) or 0.0))
        self._films[job] = task.output[0]
        return 1.0

    def fetch(self, job: str) -> bytes:
        """The film of a task that is done."""
        import httpx

        data = bytearray()
        with httpx.stream("GET", self._films.pop(job), timeout=60, follow_redirects=True) as answer:
            if answer.status_code != 200:
                raise CannotAsk(f"{self.address.url} doesn't hand out its film: {answer.status_code}")
            for block in answer.iter_bytes():
                data += block
                if len(data) > LARGEST_BYTES:
                    raise CannotAsk(f"{self.address.url} sends more than a film may have")
        return bytes(data)

    def stop(self, job: str) -> None:
        """Cancel a task, or forget it when it's over."""
        with suppress(CannotAsk), _refusals(self.address.url):
            self._client.tasks.delete(job)


@contextmanager
def _refusals(url: str) -> Generator[None]:
    """The client's errors in our words."""
    from runwayml import APIStatusError, RunwayMLError

    try:
        yield
    except APIStatusError as error:
        raise CannotAsk(f"{url} says {error.status_code}: {error.message}") from error
    except RunwayMLError as error:
        raise CannotAsk(f"{url} can't be asked: {error}") from error
