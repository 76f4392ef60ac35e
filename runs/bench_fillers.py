"""Step time of open-weights fillers against the library's own pipeline, on the same random weights.

No weights are fetched: a denoiser of the shape that is asked for is filled with chance, so quality means
nothing here and time everything. Each line: seconds a step of the library's pipeline as it comes, and of
ours; then how far our latents are from its. `--shape tiny` runs anywhere; 1.3b and 14b are Wan 2.1's, for a
GPU.

    python runs/bench_fillers.py --shape tiny
    python runs/bench_fillers.py --shape 1.3b --size 832x480 --frames 81 --parts --json bench.json
"""

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch

from vitascope.engine.open_weights import quickening
from vitascope.engine.open_weights.families.wan import join_guidance
from vitascope.engine.open_weights.loading import How
from vitascope.engine.open_weights.placing import Mode

SHAPES = {  # heads, width of a head, feed forward, layers: Wan 2.1's own
    "tiny": (2, 12, 32, 2),
    "small": (4, 64, 1024, 8),
    "1.3b": (12, 128, 8960, 30),
    "14b": (40, 128, 13824, 40),
}
WORDS = 512


def machine() -> str:
    """The device's name."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{name or platform.processor()}, {torch.get_num_threads()} threads"


def pipeline(shape: str, dtype: torch.dtype, device: str) -> Any:
    """A Wan pipeline without words' encoder: its embeddings are drawn by chance."""
    from diffusers import (
        AutoencoderKLWan,
        FlowMatchEulerDiscreteScheduler,
        WanPipeline,
        WanTransformer3DModel,
    )

    heads, head, forward, layers = SHAPES[shape]
    torch.manual_seed(0)
    with torch.device(device):
        denoiser = WanTransformer3DModel(
            num_attention_heads=heads, attention_head_dim=head, ffn_dim=forward, num_layers=layers
        ).to(dtype)
        vae = AutoencoderKLWan(base_dim=8, dim_mult=[1, 1, 1, 1], num_res_blocks=1)
    scheduler = FlowMatchEulerDiscreteScheduler(shift=5.0)
    pipe = WanPipeline(tokenizer=None, text_encoder=None, vae=vae, scheduler=scheduler, transformer=denoiser)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def run(pipe: Any, o: argparse.Namespace, steps: int) -> tuple[torch.Tensor, float]:
    """Latents after so many steps, and the seconds they took."""
    width, height = (int(side) for side in o.size.split("x"))
    device = pipe.transformer.device
    chance = torch.Generator().manual_seed(1)
    told = torch.randn(2, 1, WORDS, 4096, generator=chance).to(device, pipe.transformer.dtype)
    began_s = time.perf_counter()
    with torch.no_grad():
        latents = pipe(
            prompt_embeds=told[0],
            negative_prompt_embeds=told[1],
            height=height,
            width=width,
            num_frames=o.frames,
            num_inference_steps=steps,
            guidance_scale=5.0,
            generator=torch.Generator().manual_seed(0),
            output_type="latent",
        ).frames
    if device.type == "cuda":
        torch.cuda.synchronize()
    return latents.float().cpu(), time.perf_counter() - began_s


Way = Callable[[], AbstractContextManager[None]]


def measure(pipe: Any, o: argparse.Namespace, within: Way) -> tuple[torch.Tensor, float]:
    """The latents, and the least seconds a step of several runs, each of them within that context."""

    def once() -> tuple[torch.Tensor, float]:
        with within():
            return run(pipe, o, o.steps)

    once()  # compiles, warms up
    latents, seconds = min((once() for _ in range(o.repeats)), key=lambda done: done[1])
    return latents, seconds / o.steps


def ways(o: argparse.Namespace, fresh: Callable[[], Any]) -> Iterator[tuple[str, Any, Way]]:
    """What is measured, each on a pipeline of its own: name, pipeline, and the context that it runs in.

    With --parts also each part of `exact` alone, to see what it is made of.
    """
    mode: Mode = "whole" if torch.cuda.is_available() else "cpu"
    exact = How()
    if o.parts:
        pipe = fresh()
        yield "attention", pipe, partial(quickening.quickened, pipe, exact, True)
        pipe = fresh()
        join_guidance(pipe)
        yield "one batch", pipe, nullcontext
        pipe = fresh()
        pipe.transformer.compile_repeated_blocks(fullgraph=True)
        yield "compiled", pipe, nullcontext
    for how in (exact, How(speed="balanced"), How(speed="draft")):
        pipe = fresh()
        quickening.quicken(pipe, how, mode)
        if quickening.joins(how, mode):
            join_guidance(pipe)
        yield how.speed, pipe, partial(quickening.quickened, pipe, how, True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--size", default="64x64")
    parser.add_argument("--frames", type=int, default=9)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--parts", action="store_true", help="also what exact is made of, each alone")
    parser.add_argument("--json", type=Path)
    o = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    fresh = partial(pipeline, o.shape, dtype, device)
    rows: list[dict[str, Any]] = []
    own, base_s = measure(fresh(), o, nullcontext)
    print(f"{machine()}, {o.shape}, {o.size}, {o.frames} frames, {o.steps} steps")
    print(f"{'the library':>12}  {base_s:8.3f} s a step", flush=True)
    for name, pipe, within in ways(o, fresh):
        latents, seconds = measure(pipe, o, within)
        off = float((latents - own).pow(2).mean().sqrt() / own.pow(2).mean().sqrt())
        rows.append({"speed": name, "step_s": seconds, "ratio": base_s / seconds, "off": off})
        said = f"{seconds:8.3f} s a step  {base_s / seconds:5.2f}x  latents off by {off:.2e}"
        print(f"{name:>12}  {said}", flush=True)
        torch.compiler.reset()
    told = {"machine": machine(), "library_step_s": base_s}
    told |= {name: getattr(o, name) for name in ("shape", "size", "frames", "steps")}
    if o.json:
        o.json.write_text(json.dumps(told | {"rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
