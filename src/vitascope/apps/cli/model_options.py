"""--speed, --lora, --scheduler, --memory, --cluster, --gpus: the options of every command that has --filler,
written once.

A Typer command's options are its function's arguments, so `with_model_options` adds these to a function's
signature; what a person said is kept for fill_settings(), which the command calls for its FillSettings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from vitascope.engine import Filler, FillSettings

PANEL = "Large models"

Speed = Annotated[
    Literal["exact", "balanced", "draft"],
    typer.Option(help="How much may be lost for speed.", rich_help_panel=PANEL),
]
Lora = Annotated[
    list[Path] | None,
    typer.Option(
        "--lora", metavar="FILE", help="An adapter, .safetensors. Again for more.", rich_help_panel=PANEL
    ),
]
LoraWeight = Annotated[
    list[float] | None,
    typer.Option("--lora-weight", help="How much it counts; one for each --lora.", rich_help_panel=PANEL),
]
Scheduler = Annotated[
    str | None,
    typer.Option(help='"unipc", "flow-euler", "dpm++" ...', show_default="its own", rich_help_panel=PANEL),
]
Memory = Annotated[
    str | None,
    typer.Option(
        help='GPU memory to keep to, "12GB"; or how: whole, quantised, offloaded, streamed, cpu.',
        show_default="what is free",
        rich_help_panel=PANEL,
    ),
]

Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help='A Ray cluster whose machines fill: "ray://host:10001", or "local" for this one.',
        show_default="this machine",
        rich_help_panel=PANEL,
    ),
]

Gpus = Annotated[
    int,
    typer.Option(
        min=1,
        max=64,
        help="How many GPUs share one clip: of the cluster, or of this machine.",
        rich_help_panel=PANEL,
    ),
]

_OPTIONS: dict[str, tuple[Any, Any]] = {
    "speed": (Speed, "exact"),
    "lora": (Lora, None),
    "lora_weight": (LoraWeight, None),
    "scheduler": (Scheduler, None),
    "memory": (Memory, None),
    "cluster": (Cluster, None),
    "gpus": (Gpus, 1),
}
_said: ContextVar[dict[str, Any]] = ContextVar("said", default={})  # noqa: B039  # never written to


def with_model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with these options beside its own; one without --filler stays as it is, and one with a
    --cluster of its own: it starts others, who fill.
    """
    own = inspect.signature(command, eval_str=True)
    if "filler" not in own.parameters or "cluster" in own.parameters:
        return command

    @wraps(command)
    def asked(*arguments: Any, **named: Any) -> Any:
        said = {name: named.pop(name) for name in _OPTIONS}
        token = _said.set(said)
        try:
            with _where(said["cluster"], said["gpus"]):
                return command(*arguments, **named)
        finally:
            _said.reset(token)

    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _OPTIONS.items()
    ]
    asked.__signature__ = own.replace(parameters=[*own.parameters.values(), *added])  # type: ignore[attr-defined]
    asked.__annotations__ = {p.name: p.annotation for p in (*own.parameters.values(), *added)}
    return asked


def awake(name: str) -> Filler:
    """The filler of that name; on the machines of a cluster where one was named."""
    from vitascope.engine.plugins import awake as awake_here

    return awake_here(name)


def _where(cluster: str | None, gpus: int) -> AbstractContextManager[None]:
    """Within, fills run on the machines of a cluster where one was named; of this machine alone, where
    several of its GPUs are to share a clip.
    """
    if cluster is None and gpus == 1:
        return nullcontext()
    from vitascope.engine.cluster import on_cluster
    from vitascope.engine.plugins import running_on

    return running_on(on_cluster(cluster or "local", gpus))


def fill_settings(steps: int | None, guidance: float | None) -> FillSettings:
    """What a person said of how to fill, these options included. A usage error for weights without files."""
    from vitascope.engine import FillSettings

    said = _said.get()
    files: list[Path] = said.get("lora") or []
    weights: list[float] = said.get("lora_weight") or []
    if len(weights) > len(files):
        raise typer.BadParameter("there are more weights than --lora files", param_hint="--lora-weight")
    whole = [*weights, *[1.0] * (len(files) - len(weights))]
    return FillSettings(
        steps=steps,
        guidance=guidance,
        speed=said.get("speed", "exact"),
        scheduler=said.get("scheduler"),
        memory=said.get("memory"),
        gpus=said.get("gpus", 1),
        lora=tuple((str(file), weight) for file, weight in zip(files, whole, strict=True)),
    )
