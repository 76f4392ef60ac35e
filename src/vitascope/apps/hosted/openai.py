"""A server that speaks OpenAI's videos dialect, by its official client: another Vitascope, or anybody's."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from vitascope.apps.hosted.asking import LARGEST_BYTES, Server, png, seconds_for
from vitascope.apps.hosted.naming import CannotAsk

if TYPE_CHECKING:
    from vitascope.apps.hosted.naming import Address
    from vitascope.engine.open_weights.request import Request


class OpenAIServer(Server):
    """POST /videos, watched until it's done, then its content."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        try:
            from openai import OpenAI
        except ImportError as error:
            raise CannotAsk("asking servers needs their client; `pip install 'vitascope[hosted]'`") from error
        client: Any = OpenAI(base_url=address.url, api_key=address.key(), max_retries=3)
        self._videos = client.videos

    def begin(self, request: Request) -> str:
        """Ask for the film; the job's id."""
        asked: dict[str, Any] = {
            "prompt": request.text or "continue",
            "size": f"{request.width_px}x{request.height_px}",
            "seconds": str(seconds_for(request)),
        }
        if self.address.model:
            asked["model"] = self.address.model
        if request.first is not None:
            asked["input_reference"] = ("first.png", png(request.first), "image/png")
        with _refusals(self.address.url):
            return self._videos.create(**asked).id

    def share(self, job: str) -> float:
        """How far a job is: 1 once it's done."""
        with _refusals(self.address.url):
            video = self._videos.retrieve(job)
        if video.status == "failed":
            said = video.error.message if video.error else "it doesn't say why"
            raise CannotAsk(f"{self.address.url} couldn't make it: {said}")
        return 1.0 if video.status == "completed" else min(0.99, (video.progress or 0) / 100)

    def fetch(self, job: str) -> bytes:
        """The film of a job that is done."""
        with _refusals(self.address.url):
            content = self._videos.download_content(job)
            size = int(content.response.headers.get("content-length", 0))
            if size > LARGEST_BYTES:
                raise CannotAsk(f"{self.address.url} sends {size / 2**30:.1f} GB, more than a film may have")
            return content.read()

    def stop(self, job: str) -> None:
        """End a job, or forget it when it's over."""
        with suppress(CannotAsk), _refusals(self.address.url):
            self._videos.delete(job)


@contextmanager
def _refusals(url: str) -> Generator[None]:
    """The client's errors in our words."""
    from openai import APIStatusError, OpenAIError

    try:
        with catch_warnings():
            # The client calls these methods deprecated, for OpenAI's own server is gone; the dialect lives.
            simplefilter("ignore", DeprecationWarning)
            yield
    except APIStatusError as error:
        raise CannotAsk(f"{url} says {error.status_code}: {error.message}") from error
    except OpenAIError as error:
        raise CannotAsk(f"{url} can't be asked: {error}") from error
