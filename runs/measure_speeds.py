"""What `--speed balanced` and `draft` lose on trained weights: a small real Wan learns the built-in world.

Thresholds of caching mean nothing on random weights. So `train` teaches diffusers' own WanTransformer3DModel
(10 blocks, patch 1 x 2 x 2, flow matching) the procedural world: 9 frames of 64 x 64 px, one thing of 16
that does something somewhere. Its words are one-hot vectors, one for each label; its latents a linear (PCA)
code of cells of 8 x 8 px, the first frame alone and then four together, as in Wan's autoencoder. `measure`
runs the library's WanPipeline on the averaged weights, on held-out combinations of thing, action and place,
one clip at a time: as it is, once more with other seeds, then with each speed or threshold. It prints

- left out: share of block evaluations that were not computed, in percent;
- time: processor time against exact's (other work on the machine doesn't count);
- PSNR of the decoded frames against exact's own, mean of the clips, dB;
- Fréchet: distance to real clips in the leading features of the project's reader; less is better;
- thing, place, action: share of clips that the reader reads as asked, in percent. The row `real` has what it
  reads of true clips after the linear code.

    python runs/measure_speeds.py train /tmp/small_wan --minutes 28
    python runs/measure_speeds.py measure /tmp/small_wan --sweep --json speeds.json --picture speeds.png

Training takes the minutes it is told and one more to draw clips; it goes on where it stopped. Measuring 64
clips takes about a minute of one core for each row. OMP_NUM_THREADS=1 is best where cores are shared.
"""

import argparse
import copy
import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from vitascope.engine.open_weights import quickening
from vitascope.engine.open_weights.loading import How
from vitascope.evaluate.metrics import frechet_distance
from vitascope.evaluate.reading import TrainedReader
from vitascope.train.world import vocab
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, Scenes, Split, sample
from vitascope.train.world.sprites import Atlas

THINGS, FRAMES, SIDE_PX, CELL_PX, CHANNELS = 16, 9, 64, 8, 16
CELLS = SIDE_PX // CELL_PX
# One plain thing under a clear sky: what so small a network can learn in half an hour.
MIX = Mix(
    n_things=THINGS, p_style=0, p_colour=0, p_count=0, p_pair=0, p_bump=0, p_weather=0, p_camera=0, p_size=0
)
LABELS = (THINGS, len(vocab.ACTIONS), len(vocab.PLACES), len(vocab.DAYTIMES), 2)
BATCH, RATE, WARM_UP, AVERAGE, DROPPED = 32, 1e-3, 200, 0.998, 0.1
SHIFT = 3.0
SWEEP = (0.04, 0.08, 0.12, 0.24, 0.4)
FEATURES = 16  # of the reader's: more can't be told from so few clips
READ = ("thing", "place", "action")


@dataclass
class Code:
    """Clips <-> latents, linear: first frames' cells and cells of four frames have bases of their own."""

    bases: list[Tensor]  # [C, 192] and [C, 768]
    means: list[Tensor]  # [192] and [768]
    scales: list[Tensor]  # [C] each: with them every channel's deviation is 1

    @classmethod
    def fitted(cls, clips_BTHWC: Tensor) -> "Code":
        """The code that keeps most of these uint8 clips."""
        bases, means, scales = [], [], []
        for cells in (_cells(clips_BTHWC[:, :1]), _cells(clips_BTHWC[:, 1:5])):
            x = cells.flatten(0, 2)
            x = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))[:20_000]]
            mean = x.mean(0)
            basis = torch.linalg.svd(x - mean, full_matrices=False)[2][:CHANNELS]
            bases.append(basis)
            means.append(mean)
            scales.append(((x - mean) @ basis.T).std(0))
        return cls(bases, means, scales)

    def encode(self, clips_BTHWC: Tensor) -> Tensor:
        """uint8 [B, 9, 64, 64, 3] -> float [B, C, 3, 8, 8]."""
        parts = clips_BTHWC[:, :1], *clips_BTHWC[:, 1:].split(4, dim=1)
        latents = []
        for i, part in enumerate(parts):
            k = min(i, 1)
            latents.append((_cells(part) - self.means[k]) @ self.bases[k].T / self.scales[k])
        return torch.stack(latents, 1).permute(0, 4, 1, 2, 3)

    def decode(self, latents: Tensor) -> Tensor:
        """Float [B, C, 3, 8, 8] -> uint8 [B, 9, 64, 64, 3]."""
        frames = []
        for i, part in enumerate(latents.float().permute(2, 0, 3, 4, 1)):
            k = min(i, 1)
            x = (part * self.scales[k]) @ self.bases[k] + self.means[k]
            x = x.unflatten(-1, (-1, CELL_PX, CELL_PX, 3)).permute(0, 3, 1, 4, 2, 5, 6)
            frames.append(x.reshape(len(x), -1, SIDE_PX, SIDE_PX, 3))
        x = torch.cat(frames, 1)
        return ((x + 1) * 127.5).round().clamp(0, 255).byte()


def _cells(clips_BTHWC: Tensor) -> Tensor:
    """uint8 clips -> floats in -1..1 [B, 8, 8, T * 8 * 8 * 3]."""
    x = clips_BTHWC.unflatten(2, (CELLS, CELL_PX)).unflatten(4, (CELLS, CELL_PX))
    return x.permute(0, 2, 4, 1, 3, 5, 6).flatten(3).float() / 127.5 - 1


def labels_of(scenes: Scenes) -> Tensor:
    """Thing, action, place, time of day, direction: int64 [B, 5]."""
    sides = (scenes.direction_B > 0).long()
    return torch.stack(
        (scenes.things_BK[:, 0], scenes.action_B, scenes.place_B, scenes.daytime_B, sides), dim=1
    )


def words(labels_BL: Tensor) -> Tensor:
    """One word a label, a one-hot vector: float [B, 5, all values]. The network's own layer embeds it."""
    starts = torch.tensor([0, *LABELS]).cumsum(0)
    return F.one_hot(labels_BL + starts[:-1], int(starts[-1])).float()


def draw(scenes: Scenes, at_once: int = 64) -> Iterator[Tensor]:
    """The scenes' clips, uint8 [b, 9, 64, 64, 3] at a time."""
    atlas = Atlas.load(THINGS)
    for rows in torch.arange(len(scenes)).split(at_once):
        yield render(scenes[rows], atlas, frames=FRAMES, height_px=SIDE_PX, width_px=SIDE_PX).pixels_BTHWC


def some_scenes(count: int, seed: int, split: Split) -> Scenes:
    """So many scenes of the simple mix."""
    return sample(count, torch.Generator().manual_seed(seed), MIX, split)


def network(blocks: int, heads: int) -> Any:
    """diffusers' Wan, small: `heads` x 32 wide."""
    from diffusers import WanTransformer3DModel

    return WanTransformer3DModel(
        num_attention_heads=heads,
        attention_head_dim=32,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        text_dim=sum(LABELS),
        freq_dim=128,
        ffn_dim=heads * 128,
        num_layers=blocks,
    )


def data(folder: Path, count: int) -> tuple[Code, Tensor, Tensor]:
    """The code, latents float16 [N, C, 3, 8, 8] and labels [N, 5]; drawn once, then read from the folder."""
    kept = folder / "clips.pt"
    if not kept.exists():
        scenes = some_scenes(count, seed=0, split="train")
        code, latents = None, list[Tensor]()
        for clips in draw(scenes, at_once=min(count, 512)):
            code = code or Code.fitted(clips)
            latents.append(code.encode(clips).half())
        _save({"code": vars(code), "latents": torch.cat(latents), "labels": labels_of(scenes)}, kept)
    held = torch.load(kept)
    return Code(**held["code"]), held["latents"], held["labels"]


def _save(what: dict[str, Any], path: Path) -> None:
    scratch = path.with_suffix(".part")
    torch.save(what, scratch)
    scratch.replace(path)


def train(o: argparse.Namespace) -> None:
    """Teaches the network for so many minutes in all, in one or several goes."""
    o.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(int(time.time()))
    code, latents, labels = data(o.folder, o.clips)
    file = o.folder / "wan.pt"
    held = torch.load(file) if file.exists() else None
    shape = held["shape"] if held else {"blocks": o.blocks, "heads": o.heads}
    net = network(**shape)
    average = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, betas=(0.9, 0.95), weight_decay=0.01)
    step, spent_s = 0, 0.0
    if held:
        net.load_state_dict(held["network"])
        average.load_state_dict(held["average"])
        optimizer.load_state_dict(held["optimizer"])
        step, spent_s = held["step"], held["spent_s"]
    print(
        f"{sum(p.numel() for p in net.parameters()) / 1e6:.1f} M parameters, {len(latents)} clips", flush=True
    )

    def save() -> None:
        told = {"shape": shape, "code": vars(code), "step": step, "spent_s": spent_s, "clips": step * BATCH}
        parts = {"network": net, "average": average, "optimizer": optimizer}
        _save(told | {name: part.state_dict() for name, part in parts.items()}, file)

    began_s, saved_s, losses = time.perf_counter() - spent_s, spent_s, list[float]()
    while spent_s < o.minutes * 60:
        rate = RATE * min(1.0, (step + 1) / WARM_UP) * (1 - 0.97 * spent_s / (o.minutes * 60))
        for group in optimizer.param_groups:
            group["lr"] = rate
        rows = torch.randint(len(latents), (BATCH,))
        loss = _loss(net, latents[rows].float(), words(labels[rows]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        _follow(average, net, min(AVERAGE, step / (step + 10)))
        losses.append(float(loss.detach()))
        spent_s = time.perf_counter() - began_s
        if step % 100 == 0:
            pace = f"{step * BATCH} clips seen in {spent_s:.0f} s"
            print(f"step {step}: loss {np.mean(losses[-100:]):.4f}, {pace}", flush=True)
        if spent_s - saved_s > 180:
            save()
            saved_s = spent_s
    save()


def _loss(net: Any, clean: Tensor, told: Tensor) -> Tensor:
    """Flow matching as FlowMatchEulerDiscreteScheduler has it: at (1 - s) clean + s noise, noise - clean."""
    u = torch.rand(len(clean))
    s = 2 * u / (1 + u)  # more of the noisy levels, as its sampling will have
    noise = torch.randn_like(clean)
    level = s[:, None, None, None, None]
    told = told * (torch.rand(len(clean), 1, 1) >= DROPPED)
    # The fused attention's backward takes 50 ms a block here: a step of 2.1 s takes 0.43 s when it is written
    # out (one thread of an AMD EPYC). Compiled blocks were no faster (0.6 s).
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        guess = net((1 - level) * clean + level * noise, s * 1000, told, return_dict=False)[0]
    return F.mse_loss(guess.float(), noise - clean)


@torch.no_grad()
def _follow(average: Any, net: Any, keep: float) -> None:
    torch._foreach_lerp_(list(average.parameters()), list(net.parameters()), 1 - keep)


def pipeline(held: dict[str, Any], scheduler: str) -> Any:
    """The library's pipeline around a fresh copy of the averaged weights; with no encoder, no decoder."""
    from diffusers import FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler, WanPipeline

    net = network(**held["shape"])
    net.load_state_dict(held["average"])
    net.eval().requires_grad_(False)
    unipc = UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=SHIFT, num_train_timesteps=1000
    )
    chosen = unipc if scheduler == "unipc" else FlowMatchEulerDiscreteScheduler(shift=SHIFT)
    pipe = WanPipeline(tokenizer=None, text_encoder=None, vae=None, scheduler=chosen, transformer=net)  # pyright: ignore[reportArgumentType]
    pipe.set_progress_bar_config(disable=True)
    return pipe


@dataclass
class Made:
    """What one way of running made of all the labels."""

    latents: Tensor  # [B, C, 3, 8, 8]
    left_out: float  # share of block evaluations
    seconds: float  # of processor time


def make(pipe: Any, how: How, labels: Tensor, steps: int, guidance: float, first_seed: int) -> Made:
    """One clip at a time, each with its own seed, as people ask for them."""
    quickening.quicken(pipe, how, "cpu")
    computed = 0

    def count(*_: object) -> None:
        nonlocal computed
        computed += 1

    hooks = [block.register_forward_hook(count) for block in pipe.transformer.blocks]
    told = words(labels)
    nothing = torch.zeros_like(told[:1])
    latents = list[Tensor]()
    began_s = time.process_time()
    for i in range(len(told)):
        with torch.no_grad(), quickening.quickened(pipe, how, guided=True):
            latents.append(
                pipe(
                    prompt_embeds=told[i : i + 1],
                    negative_prompt_embeds=nothing,
                    height=SIDE_PX,
                    width=SIDE_PX,
                    num_frames=FRAMES,
                    num_inference_steps=steps,
                    guidance_scale=guidance,
                    generator=torch.Generator().manual_seed(first_seed + i),
                    output_type="latent",
                ).frames
            )
    seconds = time.process_time() - began_s
    for hook in hooks:
        hook.remove()
    asked = len(told) * steps * 2 * len(hooks)
    return Made(torch.cat(latents), 1 - computed / asked, seconds)


@dataclass
class Judge:
    """Real clips of the same world, and the reader's eyes."""

    reader: TrainedReader
    real_ND: np.ndarray  # leading features of real clips after the code
    mean_D: np.ndarray
    basis_FD: np.ndarray

    @classmethod
    def of(cls, code: Code, count: int) -> "Judge":
        """From so many other held-out clips: the code's own loss is in them, so it doesn't count."""
        reader = TrainedReader.load()
        scenes = some_scenes(count, seed=77, split="held-out")
        clips = torch.cat([code.decode(code.encode(some)) for some in draw(scenes)])
        features = reader.read(clips).features_BD
        mean = features.mean(0)
        basis = np.linalg.svd(features - mean, full_matrices=False)[2][:FEATURES]
        return cls(reader, (features - mean) @ basis.T, mean, basis)

    def of_clips(self, clips: Tensor, scenes: Scenes) -> dict[str, float]:
        """Fréchet distance to real clips, and shares read as asked."""
        seen = self.reader.read(clips)
        wanted = {"thing": scenes.things_BK[:, 0], "place": scenes.place_B, "action": scenes.action_B}
        right = {name: float((seen.values[name] == wanted[name].numpy()).mean()) for name in READ}
        return {
            "frechet": frechet_distance((seen.features_BD - self.mean_D) @ self.basis_FD.T, self.real_ND)
        } | right


def psnr(a: Tensor, b: Tensor) -> float:
    """Mean of the clips' PSNR, dB; equal clips count as 99."""
    squared = (a.float() - b.float()).pow(2).flatten(1).mean(1)
    return float((10 * torch.log10(255**2 / squared)).clamp(max=99).mean())


def ways(sweep: bool) -> Iterator[tuple[str, How, int, dict[str, float]]]:
    """Name, speed, shift of the seeds, thresholds."""
    usual = dict(quickening.THRESHOLDS)
    yield "exact", How(), 0, usual
    yield "other seeds", How(), 1_000_000, usual
    yield "balanced", How(speed="balanced"), 0, usual
    yield "draft", How(speed="draft"), 0, usual
    for threshold in SWEEP if sweep else ():
        yield f"at {threshold}", How(speed="balanced"), 0, usual | {"balanced": threshold}


@contextmanager
def settings(thresholds: dict[str, float]) -> Generator[None]:
    """Within, caching has these thresholds."""
    usual = quickening.THRESHOLDS
    quickening.THRESHOLDS = thresholds
    try:
        yield
    finally:
        quickening.THRESHOLDS = usual


def measure(o: argparse.Namespace) -> None:
    """Prints a table for each number of steps."""
    held = torch.load(o.folder / "wan.pt")
    code = Code(**held["code"])
    scenes = some_scenes(o.samples, seed=o.seed, split="held-out")
    labels = labels_of(scenes)
    judge = Judge.of(code, o.real)
    real = code.decode(code.encode(torch.cat(list(draw(scenes)))))
    size = sum(t.numel() for t in held["average"].values()) / 1e6
    about = {
        "parameters_M": round(size, 1),
        "trained_minutes": round(held["spent_s"] / 60, 1),
        "trained_clips": held["clips"],
        "samples": o.samples,
        "guidance": o.guidance,
        "shift": SHIFT,
        "scheduler": o.scheduler,
    }
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    rows: list[dict[str, Any]] = [{"name": "real", "steps": None, **judge.of_clips(real, scenes)}]
    _print(rows[0])
    shown = {"real": real}
    make(pipeline(held, o.scheduler), How(), labels[:1], 4, o.guidance, 0)  # the first call of all is slow
    for steps in o.steps:
        exact: tuple[Tensor, float] | None = None
        for name, how, shift, thresholds in ways(o.sweep):
            with settings(thresholds):
                seed = o.seed * 1000 + shift
                made = make(pipeline(held, o.scheduler), how, labels, steps, o.guidance, seed)
            clips = code.decode(made.latents)
            exact = exact or (clips, made.seconds)
            row = {"name": name, "steps": steps, "left_out": made.left_out, "time": made.seconds / exact[1]}
            row |= {"seconds": made.seconds, "psnr_db": psnr(clips, exact[0])}
            rows.append(row | judge.of_clips(clips, scenes))
            _print(rows[-1])
            if steps == o.steps[0] and name in ("exact", "balanced", "draft"):
                shown[name] = clips
            if o.json:
                o.json.write_text(json.dumps(about | {"rows": rows}, indent=1) + "\n")
        if o.picture:
            _picture(shown, o.picture)


def _print(row: dict[str, Any]) -> None:
    text = f"{row['name']:>12}"
    if row["steps"]:
        text += f"  {row['steps']} steps  left out {100 * row['left_out']:4.1f} %  time {row['time']:.2f}"
        text += f"  PSNR {row['psnr_db']:5.1f} dB"
    read = ", ".join(f"{name} {100 * row[name]:.0f}" for name in READ)
    print(f"{text}  Fréchet {row['frechet']:.3f}  read right: {read} %", flush=True)


def _picture(shown: dict[str, Tensor], path: Path, across: int = 4, down: int = 2, times: int = 2) -> None:
    """Frames 0, 4 and 8 of the first clips, four clips side by side, their ways under each other."""
    rows = list[Tensor]()
    for first in range(0, across * down, across):
        for clips in shown.values():
            row = clips[first : first + across, ::4]  # [b, 3, H, W, 3]
            if len(row) == across:
                rows.append(row.permute(2, 0, 1, 3, 4).flatten(1, 3))
    big = torch.cat(rows).repeat_interleave(times, 0).repeat_interleave(times, 1)
    Image.fromarray(big.numpy()).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    doing = parser.add_subparsers(required=True)
    teach = doing.add_parser("train")
    teach.add_argument("folder", type=Path)
    teach.add_argument("--minutes", type=float, default=27)
    teach.add_argument("--clips", type=int, default=24_000, help="drawn once")
    teach.add_argument("--blocks", type=int, default=10)
    teach.add_argument("--heads", type=int, default=6)
    teach.set_defaults(run=train)
    look = doing.add_parser("measure")
    look.add_argument("folder", type=Path)
    look.add_argument("--samples", type=int, default=64)
    look.add_argument("--real", type=int, default=512, help="clips that stand for the real thing")
    look.add_argument("--steps", type=int, nargs="+", default=[50, 30])
    look.add_argument("--guidance", type=float, default=5.0)
    look.add_argument("--scheduler", choices=("unipc", "euler"), default="unipc", help="Wan comes with unipc")
    look.add_argument("--sweep", action="store_true", help="other thresholds too")
    look.add_argument("--seed", type=int, default=1)
    look.add_argument("--json", type=Path)
    look.add_argument("--picture", type=Path)
    look.set_defaults(run=measure)
    o = parser.parse_args()
    o.run(o)


if __name__ == "__main__":
    main()
