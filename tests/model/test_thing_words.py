"""What a text speaks of, by the name that the painter knows it by."""

import pytest
import torch

from vitascope.model.thing_words import ThingReader
from vitascope.model.words import WordEncoder
from vitascope.train.thing_words import nothings
from vitascope.train.world.scene import Mix
from vitascope.train.world.things import THINGS


@pytest.fixture(scope="module")
def encoder() -> WordEncoder:
    return WordEncoder.load()


def test_things_are_heard_by_other_names(encoder: WordEncoder) -> None:
    said = {
        "a kitty hops in the snow": "cat",
        "the doggy runs to the left on a beach": "dog",
        "a spacecraft lifts off on the red planet at night": "rocket",
    }
    assert ThingReader.load().heard(encoder.encode(list(said))) == list(said.values())


def test_where_no_thing_is_spoken_of_none_is_heard(encoder: WordEncoder) -> None:
    texts = ["a beach at sunset", "mountains under a blue sky", "rain on a window", ""]
    assert ThingReader.load().heard(encoder.encode(texts)) == [""] * 4


def test_of_what_it_does_not_know_it_is_not_sure(encoder: WordEncoder) -> None:
    assert ThingReader.load().heard(encoder.encode(["a zebra runs in a meadow"])) == [""]


def test_what_one_text_says_does_not_depend_on_others(encoder: WordEncoder) -> None:
    texts = ["a fox runs", "an owl flies up over the forest"]
    together = ThingReader.load()(encoder.encode(texts))
    apart = torch.cat([ThingReader.load()(encoder.encode([text])) for text in texts])
    assert torch.allclose(together, apart, atol=1e-3)


def test_its_names_are_the_first_things_of_the_world() -> None:
    assert ThingReader.load().names == tuple(thing.name for thing in THINGS[: Mix.n_things])


def test_texts_of_empty_places_vary_and_name_no_thing() -> None:
    texts = nothings(200)
    assert len(set(texts)) > 100
    names = {thing.name for thing in THINGS[: Mix.n_things]} - {"tree", "rainbow"}
    assert not any(f" {name} " in f" {text} " for text in texts for name in names)
