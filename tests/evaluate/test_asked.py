"""What words ask for: by hand, and of the world's own captions, whose truth is known."""

import random

import pytest
import torch

from vitascope.evaluate.asked import asked
from vitascope.train.benchmark import Questions, spoken
from vitascope.train.reading import LABELS, answers
from vitascope.train.world.captions import caption
from vitascope.train.world.scene import Mix, sample

WANTED = {
    "A fox jumps on the beach.": "thing: fox, action: jumps, place: beach",
    "three small red cars race left in the city at night, the camera is following them": (
        "thing: car, action: runs, place: city, daytime: night, colour: red, size: small, count: 3, "
        "direction: left, camera: follow"
    ),
    "a kitty saunters at the seaside": "thing: cat, action: walks, place: beach",
    "a dog to the left of a cat in the snow while it snows": (
        "thing: dog, place: snow, weather: snowfall, relation: left of"
    ),
    "a bee flying": "thing: bee, action: flies up|floats|runs",
    "two dogs walk from left to right": "thing: dog, action: walks, count: 2, direction: right",
    "a pencil sketch of a whale, camera: zoom in": "style: pencil sketch, thing: whale, camera: zoom in",
    "the fox left the room": "thing: fox, place: room",
    "a bus is green": "thing: bus, colour: green",
    "a top hat under a flying saucer": "thing: top hat",
    "a ghost spins to the left while the camera pans left": "thing: ghost, action: spins, camera: pan left",
    "a snow-white horse in a green field": "thing: horse, place: meadow, colour: white",
    "a lion dances on Jupiter": "",
    "": "",
}


@pytest.mark.parametrize("text", WANTED)
def test_what_words_name(text: str) -> None:
    said = [f"{name}: {'|'.join(values)}" for name, values in asked(text, LABELS).items()]
    assert sorted(said) == sorted(filter(None, WANTED[text].split(", ")))


def test_only_what_the_reader_knows_is_asked_for() -> None:
    assert asked("a red fox jumps", {"thing": ("cat", "dog"), "colour": ("own", "red")}) == {}
    assert asked("a red fox jumps", {"thing": ("fox",)}) == {"thing": ("fox",)}
    assert asked("a bird flies", {"action": ("floats", "walks")}) == {"action": ("floats",)}


@pytest.mark.parametrize(("split", "found"), [("train", 0.95), ("held-out", 0.9)])
def test_what_the_worlds_captions_say_is_found_and_nothing_else(split: str, found: float) -> None:
    """Of 400 scenes: what is read from their captions is true, and most of what they say is read.

    Colour is compared where the scene has one: a "red fox" may just be a fox.
    """
    scenes = sample(400, torch.Generator().manual_seed(5), Mix(p_camera=0.6), split)  # pyright: ignore
    rng = random.Random(5)
    captions = [caption(scenes, i, rng, split) for i in range(len(scenes))]  # pyright: ignore
    truth, said = answers(scenes), spoken(Questions(scenes, captions, 0))
    right = wrong = missed = 0
    for i, text in enumerate(captions):
        wanted = asked(text, LABELS)
        for name, labels in LABELS.items():
            answer = int(truth[name][i])
            true = labels[answer] if answer >= 0 else ""
            if name in wanted and true != "own":
                right, wrong = right + (true in wanted[name]), wrong + (true not in wanted[name])
            elif name not in wanted:
                missed += bool(said[name][i])
    assert wrong / (right + wrong) < 0.01
    assert right / (right + missed) > found
