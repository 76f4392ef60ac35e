"""A filler named by what holds its weights: a folder on this machine, or a repository of the hub that was
pulled.

Which model of the catalogue it is like is read off its model_index.json, never off its name.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.engine.contracts import Capabilities, FillerEntry
from vitascope.engine.open_weights.catalogue import MODELS, Model

if TYPE_CHECKING:
    from vitascope.engine.contracts import Filler

INDEX = "model_index.json"
_DISTILLED = "is_distilled"
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


class Weights:
    """A folder of weights as a filler that may be loaded."""

    def __init__(self, model: Model, folder: Path) -> None:
        self.model, self.folder = model, folder

    @property
    def capabilities(self) -> Capabilities:
        """Those of the model that it is like, under its own name."""
        return self.model.capabilities

    def __call__(self) -> Filler:
        return self.model.filler(self.folder)


def entry_for(text: str) -> FillerEntry | None:
    """The filler that a folder or a hub id means; None where the text is neither.

    Raises NoWeights for a folder without a pipeline, one of a kind that isn't in the catalogue, or a
    repository that wasn't pulled.
    """
    from vitascope.engine.open_weights.loading import NoWeights, cached

    folder = Path(text).expanduser()
    if not folder.is_dir():
        if not _REPOSITORY.fullmatch(text):
            return None
        found = cached(text)
        if found is None:
            raise NoWeights(
                f"the weights of {text} aren't on this machine; `vitascope pull {text}` fetches them"
            )
        folder = found
    if not (folder / INDEX).is_file():
        raise NoWeights(f"{folder} has no {INDEX}; name the folder of a diffusers pipeline")
    like = _like(_read(folder / INDEX))
    if like is None:
        raise NoWeights(
            f"{folder} is of a kind that isn't in the catalogue; `vitascope fillers` lists what is"
        )
    alike = replace(
        like,
        name=text,
        summary=f"like {like.name}",
        repo=text,
        licence=like.licence if text == like.repo else "as its card says",
        terms=like.terms if text == like.repo else f"{like.name}, which has the same form, is {like.licence}",
    )
    return Weights(alike, folder.resolve())


def _like(index: dict[str, Any]) -> Model | None:
    """The model of the catalogue with such a pipeline, and most of such settings.

    What was distilled is never taken for what wasn't, nor the other way round: in the other's number of steps
    neither makes a picture.
    """
    kind = index.get("_class_name") or None
    able = [
        model
        for model in MODELS.values()
        if (kind == model.index or any(way.kind == kind for way in model.ways.values()))
        and bool(index.get(_DISTILLED)) == (_DISTILLED in model.marks)
    ]

    def alike(model: Model) -> int:
        return sum(
            bool(index.get(name)) == (name in model.marks) for name in ("expand_timesteps", "boundary_ratio")
        )

    return max(able, key=alike, default=None)


def _read(path: Path) -> dict[str, Any]:
    from vitascope.engine.open_weights.loading import NoWeights

    try:
        index: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoWeights(f"{path} is no JSON: {error}") from error
    return index if isinstance(index, dict) else {}
