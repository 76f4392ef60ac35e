"""Step time of open-weights fillers against the library's own pipeline, on the same random weights.

No weights are fetched: a denoiser of the shape that is asked for is filled with chance, so quality means
nothing here and time everything. Each line: seconds a step of the library's pipeline as it comes, and of
ours; then how far our latents are from its. `--shape tiny` runs anywhere; 1.3b and 14b are Wan 2.1's, for a
GPU.

    python runs/bench_fillers.py --shape tiny
    python runs/bench_fillers.py --shape 1.3b --size 832x480 --frames 81 --json bench.json
"""

import argparse
import json
import platform
import time
from pathlib import Path
from typing import Any

import torch

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


def measure(pipe: Any, o: argparse.Namespace) -> tuple[torch.Tensor, float]:
    """The latents, and seconds a step: the least of several runs, without what a run of one step takes."""
    run(pipe, o, o.steps)  # compiles, warms up
    latents, seconds = min((run(pipe, o, o.steps) for _ in range(o.repeats)), key=lambda done: done[1])
    return latents, seconds / o.steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--size", default="64x64")
    parser.add_argument("--frames", type=int, default=9)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--json", type=Path)
    o = parser.parse_args()
    from vitascope.engine.open_weights.families.wan import join_guidance
    from vitascope.engine.open_weights.loading import How
    from vitascope.engine.open_weights.quickening import quicken

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    rows: list[dict[str, Any]] = []
    own, base_s = measure(pipeline(o.shape, dtype, device), o)
    print(f"{machine()}, {o.shape}, {o.size}, {o.frames} frames, {o.steps} steps")
    print(f"{'the library':>12}  {base_s:8.3f} s a step")
    for speed in ("exact", "balanced", "draft"):
        pipe = pipeline(o.shape, dtype, device)
        quicken(pipe, How(speed=speed), join_guidance)
        latents, seconds = measure(pipe, o)
        off = float((latents - own).pow(2).mean().sqrt() / own.pow(2).mean().sqrt())
        rows.append({"speed": speed, "step_s": seconds, "ratio": base_s / seconds, "off": off})
        print(f"{speed:>12}  {seconds:8.3f} s a step  {base_s / seconds:5.2f}x  latents off by {off:.2e}")
        del pipe
    said = {"machine": machine(), "library_step_s": base_s}
    said |= {name: getattr(o, name) for name in ("shape", "size", "frames", "steps")}
    if o.json:
        o.json.write_text(json.dumps(said | {"rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
