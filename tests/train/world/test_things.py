"""The table of things: whole, unambiguous, and in grammatical English."""

from collections import Counter

import pytest

from vitascope.train.world import vocab
from vitascope.train.world.things import THINGS, plural_of, read_thing


def test_there_are_enough_things() -> None:
    assert len(THINGS) >= 300


def test_the_small_model_s_set_keeps_its_order() -> None:
    """Weights store indices: a thing that moves would change what they mean."""
    first = [thing.name for thing in THINGS[:64]]
    assert first[:4] == ["fox", "cat", "dog", "duck"]
    assert first[-4:] == ["star", "crown", "top hat", "key"]


def test_every_picture_is_used_once() -> None:
    assert max(Counter(thing.codepoint for thing in THINGS).values()) == 1


def test_no_two_things_share_a_word() -> None:
    words = Counter(word for thing in THINGS for word in (thing.name, *thing.synonyms, *thing.kept))
    assert [word for word, count in words.items() if count > 1] == []


def test_names_leave_colour_and_size_to_the_scene() -> None:
    taken = {*vocab.COLOURS, *vocab.SIZES, "little", "tiny", "large", "huge", "giant"}
    assert [thing.name for thing in THINGS if taken & set(thing.name.split())] == []


def test_synonyms_leave_size_to_the_scene() -> None:
    taken = {*vocab.SIZES, "little", "tiny", "large", "huge", "giant"}
    words = [word for thing in THINGS for word in (*thing.synonyms, *thing.kept)]
    assert [word for word in words if taken & set(word.split())] == []


def test_everything_has_words_for_both_splits() -> None:
    assert [thing.name for thing in THINGS if not thing.synonyms or not thing.kept] == []


def test_balls_roll() -> None:
    assert all(thing.round for thing in THINGS if thing.kind == "ball")


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("fox", "foxes"),
        ("butterfly", "butterflies"),
        ("monkey", "monkeys"),
        ("angelfish", "angelfish"),
        ("goose", "geese"),
        ("polar bear", "polar bears"),
        ("slice of pizza", "slices of pizza"),
        ("pair of scissors", "pairs of scissors"),
        ("snowman with a hat", "snowmen with a hat"),
        ("sandwich", "sandwiches"),
        ("bunch of grapes", "bunches of grapes"),
        ("wooden box", "wooden boxes"),
    ],
)
def test_plurals(one: str, many: str) -> None:
    assert plural_of(one) == many


@pytest.mark.parametrize(
    "line",
    [
        "fox | 1f98a | mammal | left | a | b",
        "fox | 1f98a | animal | up | a | b",
        "fox | 1f98a | animal | left x | a | b",
        "fox | 1f98a | animal | left | a",
    ],
)
def test_a_line_that_makes_no_sense_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="fox"):
        read_thing(line)
