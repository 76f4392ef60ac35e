"""What a camera does, read off the words."""

import pytest
import torch

from vitascope.model.camera_words import CameraReader
from vitascope.model.words import WordEncoder


@pytest.fixture(scope="module")
def encoder() -> WordEncoder:
    return WordEncoder.load()


@pytest.mark.parametrize(
    ("text", "sliders"),
    [
        ("a fox jumps on a beach, the camera pans to the left", (-0.5, 0, 0, 0)),
        ("a pan right over a city at night", (0.5, 0, 0, 0)),
        ("in a meadow a cow eats; the camera tilts up", (0, 0.5, 0, 0)),
        ("camera: tilt down. a robot spins", (0, -0.5, 0, 0)),
        ("zoom in on a red car", (0, 0, 0.5, 0)),
        ("the camera pulls back from a castle", (0, 0, -0.5, 0)),
        ("the camera pans right and zooms out", (0.5, 0, -0.5, 0)),
        ("a dog runs to the left in a park", (0, 0, 0, 0)),
        ("a rocket flies up into the sky", (0, 0, 0, 0)),
        ("", (0, 0, 0, 0)),
    ],
)
def test_reads_what_the_camera_does(encoder: WordEncoder, text: str, sliders: tuple[float, ...]) -> None:
    assert CameraReader.load().sliders(encoder.encode([text]))[0].tolist() == list(sliders)


def test_every_text_is_read_by_itself(encoder: WordEncoder) -> None:
    texts = ["a fox", "zoom in on a fox that sits in front of a very old house", "pan left"]
    together = CameraReader.load().sliders(encoder.encode(texts))
    apart = torch.cat([CameraReader.load().sliders(encoder.encode([text])) for text in texts])
    assert torch.equal(together, apart)
