"""Weights on disk -> a pipeline, placed and quickened as asked. Nothing is ever fetched here: pulling.py does
that.

Weights lie in a folder that the person names, in one under VITASCOPE_WEIGHTS, or in the hub's own cache.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vitascope.engine.contracts import EngineError, FillSettings

if TYPE_CHECKING:
    from vitascope.engine.open_weights.catalogue import Model, Way
    from vitascope.engine.open_weights.placing import Mode


class NoWeights(EngineError):
    """The weights aren't on this machine, or what lies there is something else."""


class MissingExtra(EngineError):
    """The packages that open weights need aren't installed."""


@dataclass(frozen=True)
class How:
    """How a pipeline is to run: what of FillSettings changes what is loaded."""

    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    speed: Literal["exact", "balanced", "draft"] = "exact"
    memory: str | None = None
    scheduler: str | None = None
    lora: tuple[tuple[str, float], ...] = ()
    gpus: int = 1


def how_of(settings: FillSettings) -> How:
    """The part of the settings that loading must know."""
    return How(
        settings.precision,
        settings.speed,
        settings.memory,
        settings.scheduler,
        settings.lora,
        settings.gpus,
    )


@dataclass(frozen=True)
class Loaded:
    """A pipeline that is ready, where its weights lie, and that in words."""

    pipe: Any
    mode: Mode
    said: str


def load(model: Model, way: Way, where: Path | None, how: How, loaded: Sequence[Loaded] = ()) -> Loaded:
    """The pipeline for a way of this model. One that is loaded already lends its networks, as they are: where
    they were put, with their adapters, and quickened.

    Raises MissingExtra, NoWeights, or CannotFill where an adapter, a scheduler or a speed doesn't fit.
    """
    from vitascope.engine.open_weights import adapters, placing, quickening, sharing

    library = _library()
    adapters.check(how)
    placing.check(how)
    quickening.check(model, how)
    sharing.check(model, how)
    pipeline = model.ways[way]
    kind = getattr(library, pipeline.kind)
    folder = folder_of(model, pipeline.repo or model.repo, where)
    precisions = _precisions(model, how)
    lent = _lent(kind, [each.pipe for each in loaded])
    components = lent
    if parts := getattr(family_of(model), "parts", None):
        components = parts(model, folder, precisions["default"]) | lent
    arguments: dict[str, Any] = {"dtype": precisions, "local_files_only": True} | components
    try:
        pipe = kind.from_pretrained(folder, **arguments)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NoWeights(f"{folder} doesn't hold {pipeline.kind}: {_first_line(error)}") from error
    _check_parts(pipe, pipeline.kind, folder)
    adapters.schedule(pipe, how)
    if lent:
        ready = Loaded(pipe, loaded[0].mode, loaded[0].said)
    else:
        adapters.adapt(pipe, how)
        ready = Loaded(pipe, *placing.place(pipe, how))
        quickening.quicken(pipe, how, ready.mode)
        sharing.share(pipe, how)
    join_guidance = getattr(family_of(model), "join_guidance", None)
    if join_guidance is not None and quickening.joins(how, ready.mode):
        join_guidance(pipe)
    return ready


def _check_parts(pipe: Any, kind: str, folder: Path) -> None:
    """Refuse a folder whose networks are of other classes than this pipeline works with: it would only
    warn."""
    import torch

    for name, kinds in pipe._get_signature_types().items():
        part = pipe.components.get(name)
        known = tuple(each for each in kinds if isinstance(each, type) and issubclass(each, torch.nn.Module))
        if isinstance(part, torch.nn.Module) and known and not isinstance(part, known):
            wrong, right = type(part).__name__, known[0].__name__
            raise NoWeights(f"{folder} doesn't hold {kind}: its {name} is a {wrong}, not a {right}")


def folder_of(model: Model, repo: str, where: Path | None) -> Path:
    """The folder in which the weights lie. Raises NoWeights, saying how to get them."""
    return _checked(component_of(model, repo) if where is None else where)


def component_of(model: Model, repo: str) -> Path:
    """The folder of a repository, which needn't hold a pipeline. Raises NoWeights, saying how to get it."""
    if root := os.environ.get("VITASCOPE_WEIGHTS"):
        place = Path(root) / repo.replace("/", "--")
        if place.is_dir():
            return place
    if (place := cached(repo)) is not None:
        return place
    raise NoWeights(
        f"the weights of {model.name} aren't on this machine; `vitascope pull {model.name}` fetches them"
    )


def cached(repo: str) -> Path | None:
    """Where a repository of the hub lies that was pulled; None if it wasn't. Asks no network."""
    _library()
    from huggingface_hub.constants import HF_HUB_CACHE

    # By folder, not by branch: pull fetches a revision, which no branch of the cache need point to.
    snapshots = Path(HF_HUB_CACHE) / f"models--{repo.replace('/', '--')}" / "snapshots"
    folders = sorted(snapshots.glob("*"), key=lambda folder: folder.stat().st_mtime)
    return folders[-1] if folders else None


def machine(weights_bytes: int) -> str:
    """What this machine has for weights of that size, in a sentence."""
    import torch

    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        fits = "they fit" if weights_bytes < free else "too little for all: parts take turns (--memory)"
        return f"{name} has {free / 1e9:.0f} of {total / 1e9:.0f} GB free: {fits}."
    return "No GPU is in sight: a model of this size is very slow on a processor."


def _checked(folder: Path) -> Path:
    if not (folder / "model_index.json").is_file():
        raise NoWeights(f"{folder} has no model_index.json; name the folder of a diffusers pipeline")
    return folder


def family_of(model: Model) -> Any:
    """The module that knows this model's pipelines."""
    return importlib.import_module(f"vitascope.engine.open_weights.families.{model.family}")


def _lent(kind: Any, loaded: Sequence[Any]) -> dict[str, Any]:
    """Components of loaded pipelines that this kind takes too, so that weights are held once."""
    import inspect

    wanted = set(inspect.signature(kind.__init__).parameters)
    found: dict[str, Any] = {}
    for pipe in loaded:
        found |= {name: part for name, part in pipe.components.items() if name in wanted and part is not None}
    found.pop("scheduler", None)  # it has a state of its own
    return found


def _precisions(model: Model, how: How) -> dict[str, Any]:
    """The numbers that each network counts in, by its name; "default" for the others. Some never count in 16
    bits unless it is asked for by name.
    """
    import torch

    if how.precision != "auto":
        return {"default": getattr(torch, how.precision)}
    if not torch.cuda.is_available():
        return {"default": torch.float32}
    whole = dict.fromkeys(getattr(family_of(model), "IN_32_BITS", ()), torch.float32)
    return {"default": torch.bfloat16} | whole


def _library() -> Any:
    try:
        import diffusers
    except ImportError as error:
        raise MissingExtra(
            "open-weights models need diffusers; `pip install 'vitascope[open-weights]'` brings it"
        ) from error
    return diffusers


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
