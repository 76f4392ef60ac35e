"""Links to files: whole or nothing, for this file, until then."""

from __future__ import annotations

import time
from contextvars import copy_context
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.accounts.links import Links, asked_at
from vitascope.apps.server.settings import Settings

CALLER = Caller("key_1", "a studio", frozenset({"videos"}), "")
LINKS = Links(b"a secret", "https://studio.example/")


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_link_opens_its_file_until_it_expires() -> None:
    url = LINKS.url("file_1", CALLER, 1)
    assert url.startswith("https://studio.example/v1/files/file_1/content?")
    assert LINKS.check("file_1", query(url))
    assert 50 < int(query(url)["expires"]) - time.time() <= 60
    assert query(url)["by"] == "key_1"
    assert not LINKS.check("file_2", query(url))
    over = LINKS.url("file_1", CALLER, -1)
    assert not LINKS.check("file_1", query(over))
    assert not Links(b"another", "https://studio.example").check("file_1", query(url))


@given(name=st.sampled_from(["expires", "by", "signature"]), value=st.text(max_size=30))
def test_nothing_in_a_link_can_be_changed(name: str, value: str) -> None:
    asked = query(LINKS.url("file_1", CALLER, 1))
    if asked[name] != value:
        assert not LINKS.check("file_1", asked | {name: value})
    del asked[name]
    assert not LINKS.check("file_1", asked)


@given(parts=st.lists(st.text("ab1:", max_size=4), min_size=2, max_size=2), cut=st.integers(0, 8))
def test_no_two_files_share_a_link(parts: list[str], cut: int) -> None:
    """Moving a letter from the id to the key that signed it makes another link."""
    whole = "".join(parts)
    other = whole[:cut], whole[cut:]
    made = query(LINKS.url(parts[0], Caller(parts[1], "", frozenset(), ""), 1))
    assert LINKS.check(other[0], made | {"by": other[1]}) == (tuple(parts) == other)


def test_where_a_link_leads(tmp_path: Path) -> None:
    def begins(links: Links, *, asked: str = "") -> str:
        def make() -> str:
            if asked:
                asked_at.set(asked)
            return links.url("file_1", CALLER, 1).partition("/v1/")[0]

        return copy_context().run(make)

    settings = Settings(data=tmp_path, host="::1", port=8123)
    assert begins(Links.of(settings)) == "http://[::1]:8123"
    assert begins(Links.of(settings), asked="https://as.asked") == "https://as.asked"
    fixed = Links.of(Settings(data=tmp_path, base_url="https://studio.example"))
    assert begins(fixed, asked="https://as.asked") == "https://studio.example"
    # One secret for all replicas of one data folder, and another for anybody else's.
    url = Links.of(settings).url("file_1", CALLER, 1)
    assert fixed.check("file_1", query(url))
    assert not Links.of(Settings(data=tmp_path / "other")).check("file_1", query(url))
