"""The training loop of the built-in model: one command on one CPU, one GPU or many (torchrun).

Stills first, then clips: a still costs a quarter of a clip and teaches what things look like. Muon turns the
matrices, AdamW the rest; the shipped weights are a moving average. Stop it at any moment (Ctrl-C or kill: it
writes a checkpoint and ends; kill -9 loses two minutes), and the same command goes on. Knows the world only
through `batches`.

    python -m vitascope.train.loop FOLDER --scripts SCRIPTS --stills 250000 --clips 100000
"""

import argparse
import json
import math
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn

from vitascope.model import flow
from vitascope.model.checkpoint import load_network
from vitascope.model.context import Context
from vitascope.model.network import Network, NetworkConfig, Tokens
from vitascope.model.staging import Staging
from vitascope.model.waves import counted
from vitascope.train.batches import Batch, Painter, Plan
from vitascope.train.scripts import Scripts
from vitascope.train.world.sprites import Atlas, read_pictures
from vitascope.train.world.things import THINGS

__all__ = ["Recipe", "Run", "train"]

SAVE_EVERY_S = 120


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights, beside the seed."""

    stills: int = 250_000
    clips: int = 100_000
    still_batch: int = 64
    clip_batch: int = 32
    muon_lr: float = 0.02
    adam_lr: float = 1e-3
    warm_up: int = 100
    decay_share: float = 0.4  # of the clips, at the end, while the rate falls linearly to 2 %
    average: float = 0.999
    thing_weight: float = 2.0
    shapes: tuple[tuple[int, int], ...] = ((8, 8),)


class Trainer:
    """Network, its moving average and two optimisers; `step` is all that happens in a step."""

    def __init__(self, network: Network, recipe: Recipe, device: str, compiled: bool) -> None:
        self.network, self.recipe, self.device = network.to(device), recipe, device
        matrices = [p for n, p in network.named_parameters() if n.startswith("blocks.") and p.ndim == 2]
        ids = {id(p) for p in matrices}
        rest = [p for p in network.parameters() if id(p) not in ids]
        self.optimisers = (
            torch.optim.Muon(
                matrices, lr=recipe.muon_lr, momentum=0.95, weight_decay=0.01, adjust_lr_fn="original"
            ),
            torch.optim.AdamW(rest, lr=recipe.adam_lr, betas=(0.9, 0.99), weight_decay=0.0),
        )
        self.rates = (recipe.muon_lr, recipe.adam_lr)
        self.average = {name: p.detach().clone() for name, p in network.named_parameters()}
        self.seen = 0
        self.steps = 0
        self.loss_of = torch.compile(self._loss, dynamic=False) if compiled else self._loss

    def _loss(
        self,
        frames: Tensor,
        tubelets: Tensor,
        noises: tuple[Tensor, Tensor],
        clock_BN: Tensor,
        weight_BN: Tensor,
        places_N3: Tensor,
        staging: tuple[Tensor, ...],
        grid: tuple[int, int],
        context: tuple[Tensor, ...],
        lap_frames: float | None,
    ) -> Tensor:
        clean = [patch.float() / 127.5 - 1 for patch in (frames, tubelets)]
        clocks = clock_BN.split([frames.shape[1], tubelets.shape[1]], dim=1)
        noisy = [flow.mix(x, n, c.unsqueeze(-1)) for x, n, c in zip(clean, noises, clocks, strict=True)]
        weights = weight_BN.split([frames.shape[1], tubelets.shape[1]], dim=1)
        with torch.autocast(self.device, torch.bfloat16):
            tokens = Tokens(noisy[0], noisy[1], clock_BN, places_N3, grid, Staging(*staging), lap_frames)
            frames_too, tubelets_too = self.network(tokens, Context(*context))
        F = self.network.config.tubelet_frames
        clean, predicted = (clean[0], counted(clean[1], F)), (frames_too, counted(tubelets_too, F))
        parts = [
            flow.loss(p, x, c, w) * p.shape[1] / clock_BN.shape[1]
            for p, x, c, w in zip(predicted, clean, clocks, weights, strict=True)
            if p.shape[1]
        ]
        return torch.stack(parts).sum()

    def step(self, batch: Batch, rate: float) -> float:
        """One update; `rate` in 0..1 scales the learning rates. Returns the loss."""
        batch = batch.to(self.device)
        frames = torch.randn(batch.frames_BNP.shape, device=self.device)
        white = torch.randn(batch.tubelets_BNP.shape, device=self.device)
        tubelets = batch.staging.noise(white, batch.grid)
        loss = self.loss_of(
            batch.frames_BNP,
            batch.tubelets_BNP,
            (frames, tubelets),
            batch.clock_BN,
            batch.weight_BN,
            batch.places_N3,
            batch.staging.tensors,
            batch.grid,
            (
                batch.words_BLW.float(),
                batch.cast_BSP,
                batch.cast_place_BS3,
                batch.camera_BC5,
                batch.tracks_BR7,
                batch.tracks_world_BR3,
            ),
            batch.lap_frames,
        )
        loss.backward()
        _share_gradients(self.network)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimiser, full in zip(self.optimisers, self.rates, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = full * rate
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        keep = min(self.recipe.average, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for mean, parameter in zip(self.average.values(), self.network.parameters(), strict=True):
                mean.lerp_(parameter, 1 - keep)
        return float(loss.detach())

    def begin_with(self, weights: Path) -> None:
        """Starts from shipped weights: their stills are behind it, the optimisers begin anew."""
        self.network.load_state_dict(load_network(weights).state_dict())
        self.average = {name: p.detach().clone() for name, p in self.network.named_parameters()}
        self.seen = self.recipe.stills

    def begin_clips(self) -> None:
        """Stills are done: tubelets start from what the frame tokens know, in the average too."""
        self.network.tubelets_from_frames()
        for name, parameter in self.network.named_parameters():
            if name.startswith(("pyramid.read.1", "pyramid.write.1")) or name == "kind":
                self.average[name].copy_(parameter.detach())

    def save(self, folder: Path) -> None:
        """Writes a checkpoint that appears whole or not at all."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimisers": [o.state_dict() for o in self.optimisers],
            "seen": self.seen,
            "steps": self.steps,
            "config": asdict(self.network.config),
            "recipe": asdict(self.recipe),
        }
        scratch = folder / "checkpoint.part"
        torch.save(state, scratch)
        os.replace(scratch, folder / "checkpoint.pt")

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint of the same network."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average = {k: v.clone() for k, v in state["average"].items()}
        for optimiser, kept in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        self.seen, self.steps = state["seen"], state["steps"]


def _share_gradients(network: Network) -> None:
    """Averages gradients over all processes of a torchrun; nothing to do alone."""
    if not dist.is_initialized():
        return
    grads = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for grad, part in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
        grad.copy_(part.view_as(grad))


def rate_at(recipe: Recipe, seen: int, steps: int) -> float:
    """The learning rates' share of their full height: warm up, flat, then linear to 2 %."""
    warm = min(1.0, (steps + 1) / recipe.warm_up)
    end = recipe.stills + recipe.clips
    left = (end - seen) / max(1.0, recipe.decay_share * max(recipe.clips, recipe.stills))
    return warm * max(0.02, min(1.0, left))


@dataclass(frozen=True)
class Run:
    """Where a run lives and what it runs on; nothing here changes the weights, but for the seed."""

    folder: Path
    scripts: Path
    sprites: Path | None = None  # an archive; None: the cached one
    start: Path | None = None  # weights to begin with, where the folder has no checkpoint
    device: str = "cpu"
    compiled: bool = True
    seed: int = 0
    minutes: float = math.inf


def train(run: Run, recipe: Recipe, config: NetworkConfig | None = None) -> None:
    """Trains until the recipe or the minutes are over; leaves checkpoints and progress as JSON lines."""
    run.folder.mkdir(parents=True, exist_ok=True)
    rank, world = _join_others(run.device)
    torch.manual_seed(run.seed)
    trainer = Trainer(Network(config), recipe, run.device, run.compiled)
    if (run.folder / "checkpoint.pt").exists():
        trainer.resume(run.folder / "checkpoint.pt")
    elif run.start is not None:
        trainer.begin_with(run.start)
    # From here on every process and every resumed run sees other pictures and other noise.
    torch.manual_seed(run.seed + 1000 * rank + trainer.steps)
    painter = _painter(run, recipe, run.seed + 1 + rank + 100 * trainer.steps)
    plans = torch.Generator().manual_seed(run.seed + trainer.steps)
    told_to_stop: list[int] = []
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda number, _: told_to_stop.append(number))
    began = saved = time.monotonic()
    progress = _Progress(run.folder / "progress.jsonl", trainer.seen)
    while trainer.seen < recipe.stills + recipe.clips and not told_to_stop:
        plan = next_plan(recipe, trainer.seen, plans)
        loss = trainer.step(painter.draw(plan), rate_at(recipe, trainer.seen, trainer.steps))
        if trainer.seen < recipe.stills <= trainer.seen + plan.count * world:
            trainer.begin_clips()
        trainer.seen += plan.count * world
        if rank == 0:
            progress.add(trainer, plan, loss)
        if time.monotonic() - began > 60 * run.minutes:
            break
        if rank == 0 and time.monotonic() - saved > SAVE_EVERY_S:
            trainer.save(run.folder)
            saved = time.monotonic()
    if rank == 0:
        trainer.save(run.folder)


def _join_others(device: str) -> tuple[int, int]:
    """This process's number, and how many a torchrun started; (0, 1) alone."""
    if "RANK" not in os.environ:
        return 0, 1
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if device == "cuda" else "gloo")
    return dist.get_rank(), dist.get_world_size()


def _painter(run: Run, recipe: Recipe, seed: int) -> Painter:
    if run.sprites is None:
        atlas = Atlas.load(device=run.device)
    else:
        atlas = Atlas.of(read_pictures(run.sprites), THINGS, run.device)
    return Painter(Scripts.load(run.scripts), atlas, seed, recipe.thing_weight, device=run.device)


def next_plan(recipe: Recipe, seen: int, generator: torch.Generator) -> Plan:
    """Stills until they are done; then clips: from words, from a picture, between frames, in a circle; and
    some stills to remember. Some clips have more frames a second, so that what lies between frames is learnt
    too.
    """
    kind, shape, rate, which = torch.rand(4, generator=generator).tolist()
    rows, columns = recipe.shapes[int(shape * len(recipe.shapes))]
    if seen < recipe.stills or kind < 0.1:
        return Plan(recipe.still_batch, rows, columns)
    faster = (12, 16, 24, 48)[int(which * 4)]
    if kind < 0.64:
        rate_fps = faster if rate < 0.1 else 8
        return Plan(recipe.clip_batch, rows, columns, tubelets=4, rate_fps=rate_fps)
    if kind < 0.86:
        rate_fps = faster if rate < 0.2 else 8
        return Plan(recipe.clip_batch, rows, columns, tubelets=4, keys=1, rate_fps=rate_fps)
    if kind < 0.93:
        rate_fps = faster if rate < 0.6 else 8
        return Plan(recipe.clip_batch // 2, rows, columns, tubelets=4, keys=3, rate_fps=rate_fps)
    return Plan(recipe.clip_batch, rows, columns, tubelets=4, loop=True)


class _Progress:
    """Writes a line every fifty steps: where we are, the mean loss of each kind of batch since, the pace."""

    def __init__(self, path: Path, seen: int) -> None:
        self.path, self.began, self.seen_before = path, time.monotonic(), seen
        self.losses: dict[str, list[float]] = {}

    def add(self, trainer: Trainer, plan: Plan, loss: float) -> None:
        kind = "still" if not plan.tubelets else "loop" if plan.loop else ("clip", "animated")[plan.keys > 0]
        self.losses.setdefault(kind, []).append(loss)
        if trainer.steps % 50:
            return
        seconds = time.monotonic() - self.began
        line = {"seen": trainer.seen, "steps": trainer.steps}
        line |= {name: round(sum(losses) / len(losses), 5) for name, losses in self.losses.items()}
        line |= {
            "a_second": round((trainer.seen - self.seen_before) / seconds, 1),
            "minutes": round(seconds / 60, 2),
        }
        self.losses.clear()
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scripts", type=Path, required=True)
    for name in ("stills", "clips", "still_batch", "clip_batch", "warm_up"):
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=getattr(Recipe, name))
    for name in ("muon_lr", "adam_lr", "decay_share", "average", "thing_weight"):
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=getattr(Recipe, name))
    parser.add_argument("--shapes", default="8x8", help="patches down x across, comma separated: 8x8,8x14")
    parser.add_argument("--width", type=int, default=NetworkConfig.width)
    parser.add_argument("--depth", type=int, default=NetworkConfig.depth)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--eager", action="store_true", help="do not compile")
    parser.add_argument("--start", type=Path, help="weights (.safetensors) to go on from, after the stills")
    parser.add_argument("--sprites", type=Path, help="archive of the sprites, if not the cached one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="stop after so many minutes; resumes later"
    )
    o = parser.parse_args()
    rows_columns = [shape.split("x") for shape in o.shapes.split(",")]
    shapes = tuple((int(rows), int(columns)) for rows, columns in rows_columns)
    names = Recipe.__dataclass_fields__.keys() - {"shapes"}
    recipe = Recipe(**{name: getattr(o, name) for name in names}, shapes=shapes)
    config = NetworkConfig(width=o.width, depth=o.depth, heads=o.width // 64)
    run = Run(o.folder, o.scripts, o.sprites, o.start, o.device, not o.eager, o.seed, o.minutes)
    train(run, recipe, config)


if __name__ == "__main__":
    main()
