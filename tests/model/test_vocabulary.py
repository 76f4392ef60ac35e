"""Which words are known: those that were used, and their near neighbours."""

from pathlib import Path

import pytest
import torch

from vitascope.model.vocabulary import Vocabulary
from vitascope.model.words import WordEncoder


@pytest.fixture(scope="module")
def encoder() -> WordEncoder:
    return WordEncoder.load()


def test_used_words_and_their_neighbours_are_known(encoder: WordEncoder, tmp_path: Path) -> None:
    made = Vocabulary.of(["A cat jumps on the beach.", "two ducks, at night"], encoder)
    made.save(tmp_path / "words.safetensors")
    vocabulary = Vocabulary.load(tmp_path / "words.safetensors")
    assert set(vocabulary.words) == {"cat", "jumps", "beach", "ducks", "night"}
    torch.testing.assert_close(vocabulary.vectors_VW, made.vectors_VW, atol=1e-2, rtol=1e-2)
    assert vocabulary.unknown("the kitty jumps!", encoder) == ()
    assert vocabulary.unknown("A samurai, a Samurai and a duck", encoder) == ("samurai",)
    assert vocabulary.unknown("", encoder) == ()
    assert vocabulary.unknown("123 ... ?!", encoder) == ()
