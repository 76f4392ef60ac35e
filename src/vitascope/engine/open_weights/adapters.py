"""LoRA files and schedulers for a pipeline: checked by what they are before anything heavy runs.

Knows files of weights by their header alone, and the library's schedulers by name.
"""

from __future__ import annotations

import difflib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.engine.contracts import CannotFill

if TYPE_CHECKING:
    from vitascope.engine.open_weights.loading import How

SCHEDULERS = {
    "euler": "EulerDiscreteScheduler",
    "euler-ancestral": "EulerAncestralDiscreteScheduler",
    "ddim": "DDIMScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
    "flow-euler": "FlowMatchEulerDiscreteScheduler",
    "flow-heun": "FlowMatchHeunDiscreteScheduler",
    "lcm": "LCMScheduler",
    "flow-lcm": "FlowMatchLCMScheduler",
}
_LARGEST_HEADER = 100 * 2**20


def check(how: How) -> None:
    """Refuse unknown schedulers and files that are no LoRA, before weights are loaded. Raises CannotFill."""
    if how.scheduler is not None and how.scheduler not in SCHEDULERS:
        near = difflib.get_close_matches(how.scheduler, SCHEDULERS, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(SCHEDULERS)}"
        raise CannotFill(f'no scheduler is called "{how.scheduler}"; {hint}')
    for file, _ in how.lora:
        _check_lora(Path(file))


def schedule(pipe: Any, how: How) -> None:
    """Give the pipeline the scheduler that is asked for. Raises CannotFill where it doesn't fit."""
    import diffusers

    if how.scheduler is not None:
        _schedule(pipe, getattr(diffusers, SCHEDULERS[how.scheduler]), how.scheduler)


@contextmanager
def explained(pipe: Any, how: How) -> Generator[None]:
    """Within, a pipeline runs; what it can't do with a scheduler that was asked for is said as CannotFill.

    Some pipelines hand their own noise levels to the scheduler, which not every one takes: that is known when
    it is asked.
    """
    try:
        yield
    except (ValueError, TypeError, AssertionError) as error:
        if how.scheduler is None or isinstance(error, CannotFill):
            raise
        said = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise CannotFill(
            f'the scheduler "{how.scheduler}" doesn\'t go with {type(pipe).__name__}; leave --scheduler out, '
            f"or take another. The library says: {said[0][:200]}"
        ) from error


def adapt(pipe: Any, how: How) -> None:
    """Give the pipeline's networks their adapters, once. Raises CannotFill where they don't fit."""
    if not how.lora:
        return
    if not hasattr(pipe, "load_lora_weights"):
        raise CannotFill(f"{type(pipe).__name__} takes no LoRA")
    names: list[str] = []
    for number, (file, _) in enumerate(how.lora):
        name = f"lora_{number}"
        try:
            pipe.load_lora_weights(str(Path(file).parent), weight_name=Path(file).name, adapter_name=name)
        except (ValueError, KeyError, RuntimeError) as error:
            said = str(error).strip().splitlines()[0][:200]
            raise CannotFill(f"{file} doesn't fit {type(pipe).__name__}: {said}") from error
        names.append(name)
    fitting = {name for each in pipe.get_list_adapters().values() for name in each}
    if missing := [file for name, (file, _) in zip(names, how.lora, strict=True) if name not in fitting]:
        raise CannotFill(
            f"{missing[0]} has no weights for {type(pipe).__name__}; it was made for another model"
        )
    pipe.set_adapters(names, [weight for _, weight in how.lora])


def _schedule(pipe: Any, kind: Any, name: str) -> None:
    """Exchange the scheduler, keeping its settings. Flow and noise schedules can't stand for each other."""
    own = pipe.scheduler
    flows = "flow" in type(own).__name__.lower() or own.config.get("use_flow_sigmas", False)
    wanted = "flow" in kind.__name__.lower()
    settings: dict[str, Any] = {}
    if own.config.get("stages", 1) > 1:
        raise CannotFill(
            f'the scheduler "{name}" is not for {type(pipe).__name__}, which works from coarse to fine: no'
            " other scheduler than its own knows how"
        )
    if flows and not wanted:
        if "use_flow_sigmas" not in kind().config:
            raise CannotFill(
                f'the scheduler "{name}" is not for {type(pipe).__name__}, which is a flow model'
            )
        shift = own.config.get("shift", own.config.get("flow_shift", 1.0))
        settings = {"use_flow_sigmas": True, "flow_shift": shift, "prediction_type": "flow_prediction"}
    elif wanted and not flows:
        raise CannotFill(f'the scheduler "{name}" is for flow models, and {type(pipe).__name__} is none')
    elif wanted and "flow_shift" in own.config:
        settings = {"shift": own.config["flow_shift"]}
    pipe.scheduler = kind.from_config(own.config, **settings)


def _check_lora(path: Path) -> None:
    """Whether a file is safetensors with low-rank pairs in it; only its header is read."""
    if path.suffix.lower() != ".safetensors":
        raise CannotFill(f"{path}: a LoRA is a .safetensors file; pickles run code when they are read")
    if not path.is_file():
        raise CannotFill(f"{path}: no such file")
    from safetensors import SafetensorError, safe_open

    with path.open("rb") as file:
        if int.from_bytes(file.read(8), "little") > _LARGEST_HEADER:
            raise CannotFill(f"{path}: damaged, its header says it is larger than any")
    try:
        with safe_open(path, "pt") as weights:
            keys = list(weights.keys())
    except (SafetensorError, OSError) as error:
        raise CannotFill(f"{path}: can't be read as safetensors: {error}") from error
    if not any("lora" in key.lower() for key in keys):
        raise CannotFill(f"{path}: no LoRA, there are no low-rank pairs in it")
