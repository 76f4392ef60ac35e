"""A world of plain sprites for tests that need all of its things but not their looks."""

from io import BytesIO

import pytest
from PIL import Image

from vitascope.train.world.sprites import Atlas
from vitascope.train.world.things import THINGS


@pytest.fixture(scope="session")
def plain_atlas() -> Atlas:
    """The first 64 things, each a rectangle of its own colour."""
    pictures: dict[str, bytes] = {}
    for i, thing in enumerate(THINGS[:64]):
        encoded = BytesIO()
        Image.new("RGBA", (32, 24), (i * 4, 255 - i * 4, i * 37 % 256, 255)).save(
            encoded, "WEBP", lossless=True
        )
        pictures[thing.codepoint] = encoded.getvalue()
    return Atlas.of(pictures, THINGS[:64])
