"""Webhooks: signed so that any standard-webhooks library accepts them, and never to a private address."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.settings import Settings
from vitascope.apps.server.webhooks import NotDelivered, checked, deliver, secret_of, signature


@dataclass
class Receiver:
    """Somebody's server that keeps what it is told."""

    url: str = ""
    answer: int = 204
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.answer)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}/told?by=us"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


@dataclass
class Ended:
    """What a job's row says when it is over."""

    webhook: str | None
    id: str = "job_1"
    key_id: str = "key_1"
    kind: str = "video"
    model: str = "sora-2"
    status: str = "completed"
    completed_at: float | None = 1_795_348_800.25
    error_code: str | None = None
    error_message: str | None = None


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, allow_private_urls=True)


def holds(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver checks it, written from the standard's text and not from our code."""
    key = base64.b64decode(secret[len("whsec_") :])
    text = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    right = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{right}" in headers["webhook-signature"].split(" ")


def test_the_standards_own_example() -> None:
    assert (
        signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_what_is_told(settings: Settings, receiver: Receiver) -> None:
    deliver(settings, Ended(receiver.url))
    ((headers, body),) = receiver.told
    assert holds(secret_of(settings, "key_1"), headers, body)
    assert not holds(secret_of(settings, "key_2"), headers, body)
    assert not holds(secret_of(settings, "key_1"), headers, body + b" ")
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    assert told["type"] == "job.completed"
    assert datetime.fromisoformat(told["timestamp"]).timestamp() == 1_795_348_800.25
    assert told["data"] == {
        "id": "job_1",
        "kind": "video",
        "model": "sora-2",
        "status": "completed",
        "error": None,
    }


def test_a_failure_says_why(settings: Settings, receiver: Receiver) -> None:
    ended = Ended(
        receiver.url, status="failed", error_code="out_of_memory", error_message="too large – Größe"
    )
    deliver(settings, ended)
    told = json.loads(receiver.told[0][1])
    assert told["type"] == "job.failed"
    assert told["data"]["error"] == {"code": "out_of_memory", "message": "too large – Größe"}


def test_a_second_attempt_has_the_same_id(settings: Settings, receiver: Receiver) -> None:
    receiver.answer = 500
    with pytest.raises(NotDelivered, match="500"):
        deliver(settings, Ended(receiver.url))
    receiver.answer = 200
    deliver(settings, Ended(receiver.url))
    first, second = (headers["webhook-id"] for headers, _ in receiver.told)
    assert first == second
    deliver(settings, replace(Ended(receiver.url), id="job_2"))
    assert receiver.told[2][0]["webhook-id"] != first


@pytest.mark.parametrize("answer", [199 + 102, 400, 404, 410, 503])
def test_anything_but_2xx_is_to_be_tried_again(settings: Settings, receiver: Receiver, answer: int) -> None:
    receiver.answer = answer
    with pytest.raises(NotDelivered, match=str(answer)):
        deliver(settings, Ended(receiver.url))


def test_nobody_there(settings: Settings) -> None:
    with pytest.raises(NotDelivered, match="can't be reached"):
        deliver(settings, Ended("http://127.0.0.1:9/"))
    deliver(settings, Ended(None))


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://169.254.169.254/latest"]
)
def test_private_addresses_are_never_called(tmp_path: Path, url: str) -> None:
    settings = Settings(data=tmp_path)
    assert checked(settings, url) == url  # its text is all right: where it leads is seen when it's called
    with pytest.raises(NotDelivered, match="private"):
        deliver(settings, Ended(url))


@pytest.mark.parametrize(
    "url", ["http://example.com/", "ftp://example.com/", "example.com", "https://", "https://a:b@c.de/", ""]
)
def test_what_can_never_be_called_is_refused_at_once(tmp_path: Path, url: str) -> None:
    with pytest.raises(ServerError) as error:
        checked(Settings(data=tmp_path), url)
    assert (error.value.status, error.value.param) == (400, "webhook")


def test_each_key_has_its_own_secret_and_keeps_it(settings: Settings) -> None:
    assert secret_of(settings, "key_1") == secret_of(settings, "key_1") != secret_of(settings, "key_2")
    assert len(base64.b64decode(secret_of(settings, "key_1").removeprefix("whsec_"))) == 32


def test_a_job_tells_its_webhook(start_server: Any, receiver: Receiver) -> None:
    server = start_server(allow_private_urls=True)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        secret = client.get("/v1/webhooks/secret").json()["secret"]
        canvas = {"words": [{"text": "a fox"}], "frames": 4, "width_px": 64, "height_px": 64}
        job = (
            client.post("/v1/fills", json=canvas, params={"webhook": receiver.url}).raise_for_status().json()
        )
        assert job["webhook"] == receiver.url
        until = time.monotonic() + 120
        while not receiver.told and time.monotonic() < until:
            time.sleep(0.1)
        ((headers, body),) = receiver.told
        assert holds(secret, headers, body)
        assert json.loads(body)["data"] == {
            "id": job["id"],
            "kind": "video",
            "model": job["model"],
            "status": "completed",
            "error": None,
        }
        refused = client.post("/v1/fills", json=canvas, params={"webhook": "https://user@example.com/"})
        assert refused.status_code == 400
        assert "webhook" in refused.text
