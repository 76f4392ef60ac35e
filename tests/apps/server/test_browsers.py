"""Who may use a server without keys: this machine's programs, and no other site's page."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_this_machines_names_are_answered(server, host: str) -> None:
    assert httpx.get(f"{server.url}/v1/models", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7", "[::"])
def test_a_rebound_name_is_not(server, host: str) -> None:
    answer = httpx.get(f"{server.url}/v1/models", headers={"host": host})
    assert answer.status_code == 403
    assert "base_url" in answer.json()["error"]["message"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil"])
def test_another_sites_page_is_not(server, origin: str) -> None:
    answer = httpx.post(f"{server.url}/v1/queue/pause", headers={"origin": origin})
    assert answer.status_code == 403
    assert not httpx.get(f"{server.url}/v1/queue").json()["paused"]


def test_its_own_page_is(server) -> None:
    for origin in (server.url, "http://localhost:3000"):
        assert httpx.get(f"{server.url}/v1/models", headers={"origin": origin}).status_code == 200


def test_where_keys_are_asked_for_they_decide(keyed_server) -> None:
    answer = httpx.get(f"{keyed_server.url}/v1/models", headers={"host": "videos.example"})
    assert answer.status_code == 401
