"""Requests that are wrong in many ways, for whoever asks whether a server stands them: Hypothesis strategies.

`raw_asks` takes good requests of all three dialects and breaks them: in their JSON, their bytes, headers,
queries and ids. `schema_asks` are made by schemathesis from what a server says of itself in /openapi.json.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode

VERSION = {"X-Runway-Version": "2024-11-06"}
CANVAS: dict[str, Any] = {
    "words": [{"text": "a fox", "begin_s": 0, "end_s": 1}],
    "duration_s": 1,
    "rate_fps": 8,
    "width_px": 64,
    "height_px": 64,
    "seed": 1,
    "given": [{"uri": "data:image/png;base64,AAAA", "at_s": 0}],
}
SCRIPT: dict[str, Any] = {"size": "64", "rate": 8, "shots": [{"text": "a", "seconds": 1}, {"text": "b"}]}
VIDEO: dict[str, Any] = {"prompt": "a boat", "model": "sora-2", "size": "64x64", "seconds": "1"}
IMAGE: dict[str, Any] = {"prompt": "a hare", "model": "gpt-image-1", "n": 1, "size": "64x64"}
RUNWAY: dict[str, Any] = {
    "promptText": "a hare",
    "model": "gen4.5",
    "ratio": "64:64",
    "duration": 2,
    "seed": 1,
    "promptImage": [{"uri": "data:image/png;base64,AAAA", "position": "first"}],
}
OF_VIDEO: dict[str, Any] = {"prompt": "more", "video": {"id": "ID"}, "seconds": "1"}
BLUR: dict[str, Any] = {"file": "ID", "what": "rect:0,0,0.5,1", "strength": 0.5, "but": False, "start": "1f"}
OTIO: dict[str, Any] = {
    "OTIO_SCHEMA": "Timeline.1",
    "name": "a film",
    "tracks": {
        "OTIO_SCHEMA": "Stack.1",
        "children": [
            {
                "OTIO_SCHEMA": "Track.1",
                "kind": "Video",
                "children": [
                    {
                        "OTIO_SCHEMA": "Clip.2",
                        "source_range": {
                            "OTIO_SCHEMA": "TimeRange.1",
                            "start_time": {"OTIO_SCHEMA": "RationalTime.1", "rate": 8.0, "value": 0.0},
                            "duration": {"OTIO_SCHEMA": "RationalTime.1", "rate": 8.0, "value": 4.0},
                        },
                        "media_references": {
                            "DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "ID"}
                        },
                        "active_media_reference_key": "DEFAULT_MEDIA",
                    }
                ],
            }
        ],
    },
}
SMOOTH: dict[str, Any] = {"file": "data:video/mp4;base64,AAAA", "rate": "60", "slow": 2}
# Where what is sent; ID stands for an id of the kind that belongs there.
GOOD: list[tuple[str, str, Any]] = [
    ("POST", "/v1/fills", CANVAS),
    ("POST", "/v1/shots", SCRIPT),
    ("POST", "/v1/estimate", CANVAS),
    ("POST", "/v1/estimate", SCRIPT),
    ("POST", "/v1/footage/blur", BLUR),
    ("POST", "/v1/footage/blur", BLUR | {"what": "mask", "mask": "ID"}),
    ("POST", "/v1/footage/interpolate", SMOOTH),
    ("POST", "/v1/footage/ID", BLUR),
    ("GET", "/v1/footage", None),
    ("POST", "/v1/renders", OTIO),
    ("POST", "/v1/queue/ID/move", {"to": "front"}),
    ("POST", "/v1/queue/ID/move", {"before": "ID"}),
    ("POST", "/v1/files", {"file": "x"}),
    ("POST", "/v1/videos", VIDEO | {"input_reference": "data:image/png;base64,AAAA"}),
    ("POST", "/v1/videos/ID/remix", {"prompt": "at night"}),
    ("POST", "/v1/videos/edits", OF_VIDEO),
    ("POST", "/v1/videos/extensions", OF_VIDEO),
    ("POST", "/v1/videos/characters", {"name": "Mo", "video": {"id": "ID"}}),
    ("POST", "/v1/images/generations", IMAGE),
    ("POST", "/v1/images/edits", IMAGE | {"image": "data:image/png;base64,AAAA"}),
    ("POST", "/v1/audio/speech", {"input": "hello", "voice": "alloy", "model": "tts-1"}),
    ("POST", "/v1/text_to_video", RUNWAY),
    ("POST", "/v1/image_to_video", RUNWAY),
    ("POST", "/v1/video_to_video", RUNWAY | {"videoUri": "runway://ID"}),
    ("POST", "/v1/text_to_image", RUNWAY | {"referenceImages": [{"uri": "runway://ID", "tag": "fox"}]}),
    ("POST", "/v1/video_upscale", {"videoUri": "runway://ID", "model": "upscale_v1"}),
    ("POST", "/v1/uploads", {"filename": "a.png", "type": "ephemeral"}),
    ("POST", "/v1/organization/usage", {"startDate": "2026-01-01", "beforeDate": "2026-02-01"}),
    *(("GET", path, None) for path in ("/v1/jobs", "/v1/jobs/ID", "/v1/jobs/ID/events", "/v1/queue")),
    *(
        ("GET", path, None)
        for path in ("/v1/files/ID", "/v1/files/ID/content", "/v1/videos", "/v1/videos/ID")
    ),
    *(("GET", path, None) for path in ("/v1/videos/ID/content", "/v1/videos/characters/ID", "/v1/tasks/ID")),
    *(("GET", path, None) for path in ("/v1/models", "/v1/models/ID", "/v1/organization", "/v1/ID")),
    ("HEAD", "/v1/files/ID/content", None),
    ("POST", "/v1/jobs/ID/cancel", None),
]
QUERIES = (
    "limit",
    "after",
    "order",
    "kind",
    "filler",
    "steps",
    "webhook",
    "variant",
    "format",
    "sound",
    "signature",
    "until",
    "by",
)
HEADERS = (
    "Range",
    "Idempotency-Key",
    "X-Runway-Version",
    "Last-Event-ID",
    "Authorization",
    "If-Range",
    "Accept",
)
ODD_IDS = (
    "",
    "..",
    "%2e%2e",
    "%00",
    "a%00b",
    "%ff",
    "x" * 3000,
    "video_",
    "job_%F0%9F%A6%8A",
    "-1",
    "null",
    "a/b",
)
TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "application/x-www-form-urlencoded",
)
TYPES += (
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "x",
    "",
    "image/png",
)

PATIENCE_S, LITTLE_S = 60.0, 2.0
WAITS = 202  # what a picture comes to that was accepted, and waits for a worker that never comes


def patience_for(path: str) -> float:
    """How long an answer may take: OpenAI's pictures are answered when they are painted."""
    return LITTLE_S if path.startswith("/v1/images/") else PATIENCE_S


DEEP: Any = json.loads("[" * 300 + "]" * 300)
odd_values: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**40, 10**400, 1e308, 5e-324, 0.1, -0.0)),
    st.sampled_from((float("nan"), float("inf"), float("-inf"))),
    st.sampled_from(
        ("", " ", "0", "-1", "1e9", "NaN", "64x", "0x0", "x" * 20_000, "\0", "\ud800", "1/0", "8" * 999)
    ),
    st.sampled_from(
        ("data:,", "data:image/png;base64,!", "https://", "https://127.0.0.1/a.png", "file:///etc/passwd")
    ),
    st.sampled_from(
        ("https://[::1]/a", "https://a b/", "runway://..", "http://example.com:99999/", "https://\ud800/")
    ),
    st.just(DEEP),
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.lists(st.none() | st.integers() | st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3),
)


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    headers: tuple[tuple[str, bytes], ...] = ()
    content: bytes = field(default=b"", repr=False)

    def send(self, client: httpx.Client) -> tuple[int, str]:
        """The status, and the answer's text."""
        headers = [(name.encode(), value) for name, value in self.headers]
        url = httpx.URL(str(client.base_url).rstrip("/") + self.path)
        patience_s = patience_for(self.path)
        try:
            with client.stream(
                self.method, url, headers=headers, content=self.content, timeout=patience_s
            ) as answer:
                if answer.headers.get("content-type", "").startswith("text/event-stream"):
                    return answer.status_code, ""  # it goes on for as long as its job
                return answer.status_code, answer.read().decode(errors="replace")[:500]
        except httpx.ReadTimeout:
            if patience_s == PATIENCE_S:
                raise
            return WAITS, ""

    def __str__(self) -> str:
        return f"{self.method} {self.path[:200]} {dict(self.headers)} {self.content[:1000]!r}"


def raw_asks(ids: list[str]) -> st.SearchStrategy[Ask]:
    """Good requests, broken. `ids` are of jobs and files that there are."""

    @st.composite
    def ask(draw: st.DrawFn) -> Ask:
        method, path, document = draw(st.sampled_from(GOOD))
        known = st.sampled_from(ids + list(ODD_IDS))
        while "ID" in path:
            path = path.replace("ID", draw(known), 1)
        headers = dict(VERSION) if draw(st.integers(0, 9)) else {}
        raw = {name: value.encode() for name, value in headers.items()}
        for name in draw(st.lists(st.sampled_from(HEADERS), max_size=2, unique=True)):
            raw[name] = draw(odd_header)
        if pairs := draw(st.lists(st.tuples(st.sampled_from(QUERIES), odd_texts), max_size=2)):
            path += "?" + str(httpx.QueryParams(pairs))
        if draw(st.integers(0, 19)) == 0:
            method = draw(st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "X")))
        if document is None:
            return Ask(method, path, tuple(raw.items()))
        content, kind = draw(bodies(document, known))
        if kind is not None:
            raw["Content-Type"] = kind.encode()
        return Ask(method, path, tuple(raw.items()), content)

    return ask()


odd_texts = odd_values.map(lambda value: str(value).encode(errors="replace").decode()[:3000])
odd_header = st.one_of(
    st.sampled_from(
        (
            b"bytes=0-0",
            b"bytes=-1",
            b"bytes=9-1",
            b"bytes=a-b",
            b"bytes=0-0,2-3",
            b"",
            b"\xff\xfe",
            b"9" * 500,
        )
    ),
    st.binary(max_size=20).map(lambda value: bytes(each for each in value if each > 32 and each != 127)),
)


@st.composite
def bodies(draw: st.DrawFn, document: Any, known: st.SearchStrategy[str]) -> tuple[bytes, str | None]:
    """(body, content type) of a document with some things changed; now and then its bytes are broken too."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, 3))):
        document = _changed(draw, document)
    how = draw(st.integers(0, 9))
    if how < 7 or not isinstance(document, dict):
        text = json.dumps(document).replace('"ID"', json.dumps(draw(known)))
        content, kind = text.encode(), "application/json"
    else:
        content, kind = _form(draw, document)
    if draw(st.integers(0, 3)) == 0:
        content = _broken(draw, content)
    if draw(st.integers(0, 9)) == 0:
        return content, draw(st.none() | st.sampled_from(TYPES))
    return content, kind


def _changed(draw: st.DrawFn, document: Any) -> Any:
    """Something in it replaced, dropped or added."""
    places = list(_places(document))
    parent, key = draw(st.sampled_from([(None, None), *places]))
    if parent is None:
        return draw(odd_values) if draw(st.integers(0, 4)) == 0 else document
    change = draw(st.integers(0, 5))
    if change == 0:
        del parent[key]
    elif change == 1 and isinstance(parent, dict):
        parent[draw(st.text(max_size=8))] = draw(odd_values)
    elif change == 2:
        parent[key] = [parent[key]] * draw(st.sampled_from((0, 1, 2, 600)))
    else:
        parent[key] = draw(odd_values)
    return document


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    if document is DEEP or not isinstance(document, dict | list):
        return
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(items):
        yield document, key
        yield from _places(value)


def _broken(draw: st.DrawFn, content: bytes) -> bytes:
    """Its bytes cut off, mixed up, or in another encoding."""
    at = draw(st.integers(0, max(0, len(content))))
    match draw(st.integers(0, 5)):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + draw(st.binary(min_size=1, max_size=4)) + content[at:]
        case 2:
            return b"\xef\xbb\xbf" + content
        case 3:
            return content.decode(errors="replace").encode("utf-16")
        case 4:
            return b"[" * 100_000
        case _:
            return content[:at] + content[at + 1 :]


def _form(draw: st.DrawFn, document: dict[str, Any]) -> tuple[bytes, str]:
    """The document as a form, some of it as files."""
    parts: list[bytes] = []
    for name, value in document.items():
        said = name.encode(errors="replace").replace(b'"', b"'")
        file = b'; filename="a.png"' if draw(st.integers(0, 3)) == 0 else b""
        text = value if isinstance(value, str) else json.dumps(value)
        kind = (
            b"\r\nContent-Type: " + draw(st.sampled_from((b"image/png", b"video/mp4", b"\xff")))
            if file
            else b""
        )
        head = b'--edge\r\nContent-Disposition: form-data; name="' + said + b'"' + file + kind
        parts.append(head + b"\r\n\r\n" + text.encode(errors="replace") + b"\r\n")
    return b"".join(parts) + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def schema_asks(url: str) -> list[tuple[str, st.SearchStrategy[Any]]]:
    """(name, strategy of cases) of each operation in the server's own /openapi.json; `.call()` sends a case.

    Most cases break what the document says; some keep to it.
    """
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    found: list[tuple[str, st.SearchStrategy[Any]]] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        found.append((operation.label, st.one_of(wrong, wrong, right)))
    return found
