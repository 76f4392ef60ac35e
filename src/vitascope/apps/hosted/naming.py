"""An address -> a filler: which dialect it speaks, whose key it is asked with. Imports no client."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from vitascope.engine import Capabilities, EngineError, Filler, FillerEntry

RUNWAY = "runway+"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class CannotAsk(EngineError):
    """The address can't be used, the key is missing, or the server said no."""


@dataclass(frozen=True)
class Address:
    """A server that may be asked: a FillerEntry."""

    text: str
    url: str
    dialect: str
    key_variables: tuple[str, ...]
    model: str = ""

    @property
    def capabilities(self) -> Capabilities:
        """What such a server takes: words, and a picture to begin with; what it lacks is composed."""
        return Capabilities(
            name=self.text,
            summary=f"a server that speaks {self.dialect}'s dialect",
            size_multiple_px=2,
            min_side_px=64,
            max_side_px=4096,
            stills=False,
            known=frozenset({"nothing", "frames"}),
            open_vocabulary=True,
            composed=(
                "extend: from a picture, the last given frame; that frame is trimmed",
                "what comes before given frames: the same, shown in reverse",
                "between two given frames: from both sides, joined in the middle",
            ),
            licence="the server's terms",
            terms="words and pictures leave this machine; it may cost money",
            needs="a network",
            on_request=True,
            rank=-20,
        )

    def key(self) -> str:
        """The key, out of the environment; a server on this machine may do without."""
        for name in self.key_variables:
            if value := os.environ.get(name):
                return value
        if urlsplit(self.url).hostname in _LOOPBACK:
            return "none"
        raise CannotAsk(f"{self.url} wants a key: set {' or '.join(self.key_variables)}")

    def __call__(self) -> Filler:
        if self.dialect == "Runway":
            from vitascope.apps.hosted.runway import RunwayServer

            return RunwayServer(self)
        from vitascope.apps.hosted.openai import OpenAIServer

        return OpenAIServer(self)


def entry_for(text: str) -> FillerEntry | None:
    """The server that an address means, "https://host/v1" or "runway+https://host", each with "#model" after
    it for a model of its; None for what is no address. Raises CannotAsk for http to another machine.
    """
    runway = text.startswith(RUNWAY)
    url, _, model = text.removeprefix(RUNWAY).partition("#")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise CannotAsk(f"{url} would send your key in the open; use https (http is for this machine only)")
    dialect, own = ("Runway", "RUNWAYML_API_SECRET") if runway else ("OpenAI", "OPENAI_API_KEY")
    return Address(text, url.rstrip("/"), dialect, ("VITASCOPE_HOSTED_KEY", own), model)
