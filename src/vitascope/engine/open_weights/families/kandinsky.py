"""Kandinsky 5: words, or a first picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import picture, plain
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Model, Pipeline, Way


FEWEST_FRAMES = 17
"""From a picture it brings the first four latents' colours to those of the fifth, which must be there."""


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For Kandinsky5T2VPipeline and Kandinsky5I2VPipeline."""
    asked = plain(request)
    if request.first is not None:
        asked["image"] = picture(request.first)
        asked["num_frames"] = max(request.frames, FEWEST_FRAMES)
    return asked


def parts(model: Model, folder: Path, dtype: Any) -> dict[str, Any]:
    """What reads the words: of a processor that needs torchvision for pictures and clips, words alone."""
    from transformers import AutoTokenizer, ProcessorMixin

    class Words(ProcessorMixin):
        def __init__(self, tokenizer: Any) -> None:
            super().__init__(tokenizer)

    return {"tokenizer": Words(AutoTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True))}
