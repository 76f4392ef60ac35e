"""The flat names: `import vitascope as vs`, and the three lines that the README shows."""

from pathlib import Path

import pytest

import vitascope as vs
from vitascope.media import probe


@pytest.mark.parametrize("name", vs.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(vs, name).__name__ == name
    assert name in dir(vs)


def test_a_wrong_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="text_to_video"):
        vs.text_to_vidoe  # noqa: B018  # pyright: ignore


def test_the_three_lines(tmp_path: Path) -> None:
    clip = vs.fill(vs.text_to_video("a fox jumps on the beach"), "toy")
    vs.save(clip, tmp_path / "fox.mp4")
    assert probe(tmp_path / "fox.mp4").frames == 16
