"""A few hundred malformed requests, and not one 5xx but 501; runs/server_fuzz.py sends ten thousand."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import ReadTimeout
from tests.apps.server.malformed import VERSION, Ask, patience_for, raw_asks, schema_asks
from tests.footage.hostile import FILM, SIMPLE, film, pictures

from vitascope.footage import TOOLS, load_tool

BROKEN = 200
OF_EACH_OPERATION = 5
NOT_BUILT = 501


@pytest.fixture(scope="module")
def waiting_server(make_running: Any) -> Any:
    """A server that answers and paints nothing, with a job of each dialect in its queue."""
    return make_running(workers=0, fetch_seconds=1, max_queued_per_key=10**6)


@pytest.fixture(scope="module")
def ids(waiting_server: Any) -> list[str]:
    canvas = {"words": [{"text": "a fox"}], "frames": 4, "width_px": 64, "height_px": 64}
    video = {"prompt": "a boat", "size": "64x64", "seconds": "1"}
    task = {"promptText": "a hare", "model": "gen4.5", "ratio": "64:64", "duration": 2}
    with waiting_server.client() as client:
        return [
            client.post(path, json=body, headers=VERSION).raise_for_status().json()["id"]
            for path, body in (("/v1/fills", canvas), ("/v1/videos", video), ("/v1/text_to_video", task))
        ]


def with_examples(number: int, strategy: st.SearchStrategy[Any], check: Any) -> None:
    """Check so many examples, the same in every run."""
    how = settings(
        max_examples=number,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    how(given(strategy)(check))()


def test_broken_requests(waiting_server: Any, ids: list[str]) -> None:
    with httpx.Client(base_url=waiting_server.url) as client:

        def check(ask: Ask) -> None:
            status, text = ask.send(client)
            assert status < 500 or status == NOT_BUILT, f"{status} {ask}\n{text}"

        with_examples(BROKEN, raw_asks(ids), check)


ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        0,
        10**40,
        1e308,
        5e-324,
        "",
        "0",
        "1/3",
        "1e400",
        "inf",
        "\ud800",
        "9" * 5000,
        "first",
    ),
    *(
        "rect:0,0,1,1",
        "rect:1,1,0,0",
        "mask:/etc/passwd",
        "0.5,0.5",
        "file:///etc/passwd",
        "16:9",
        "1x1",
        "a\nb",
    ),
    *([], ["rect:0,0,1,1"], [""] * 100, {}, {"a": 1}, [[1, 2], [3]], "x" * 2_000_000),
)


@pytest.mark.parametrize("tool", TOOLS)
def test_odd_parameters_of_every_tool(waiting_server: Any, tool: str) -> None:
    """Of a film that is there: accepted, or refused in words; no value is the server's fault."""
    with waiting_server.client() as client:
        answer = client.post("/v1/files", files={"file": ("a.mp4", film(pictures(4)))})
        id_ = answer.raise_for_status().json()["id"]
        simple = {name: id_ if value == FILM else value for name, value in SIMPLE.get(tool, {}).items()}
        for field in load_tool(tool).model_fields:
            for odd in ODD:
                content = json.dumps({"file": id_} | simple | {field: odd})
                answer = client.post(
                    f"/v1/footage/{tool}", content=content, headers={"Content-Type": "application/json"}
                )
                said = f"{answer.status_code} {field}={str(odd)[:50]!r} {answer.text[:500]}"
                assert answer.status_code in (202, 400, 404, 501), said


def test_what_openapi_says(waiting_server: Any) -> None:
    def check(case: Any) -> None:
        try:
            answer = case.call(base_url=waiting_server.url, timeout=patience_for(case.formatted_path))
        except ReadTimeout:  # a picture that is waited for was accepted
            assert case.formatted_path.startswith("/v1/images/")
            return
        said = f"{case.method} {case.formatted_path} {case.query} {case.body}\n{answer.text}"
        status = answer.status_code
        assert status < 500 or status == NOT_BUILT, f"{status} {said}"

    operations = schema_asks(waiting_server.url)
    assert len(operations) > 40
    for _, strategy in operations:
        with_examples(OF_EACH_OPERATION, strategy, check)
    with waiting_server.client() as client:
        assert client.get("/health/ready").status_code == 200
