"""Trains the planner of things' ways on scripts and the world's mechanics; no picture is drawn.

    python -m vitascope.train.planning SCRIPTS

Scripts from `vitascope.train.scripts`. The last shard isn't trained on: how far plans for its captions lie
from poses of the same scenes, and how far second takes of those do, is printed.
"""

import argparse
import os
from pathlib import Path

import torch
from torch import Tensor

from vitascope.model import flow
from vitascope.model.bodies import told
from vitascope.model.checkpoint import WEIGHTS
from vitascope.model.planner import FRAMES, LEAST_SPREAD, RATE_FPS, Planner
from vitascope.train.scripts import SHARD, Scripts
from vitascope.train.world.render import ways
from vitascope.train.world.scene import Scenes
from vitascope.train.world.sprites import Atlas

__all__ = ["train"]

BATCH, LEARNING_RATE = 128, 1e-3
WORN = 0.1  # how far word vectors are off, of their spread
LAPS = 0.15  # of the batches go in a circle


class Teacher:
    """Draws plans with their words, without end."""

    def __init__(self, scripts: Scripts, atlas: Atlas, seed: int = 0) -> None:
        self.scripts, self.atlas = scripts, atlas
        self.generator = torch.Generator().manual_seed(seed)

    def poses(self, rows: Tensor, lap: bool = False) -> Tensor:
        """Poses of new takes of these scripts."""
        scenes: Scenes = self.scripts.scenes[rows].second_take(self.generator)
        return ways(scenes, self.atlas, FRAMES, RATE_FPS, FRAMES / RATE_FPS if lap else None)

    def draw(self, count: int) -> tuple[Tensor, Tensor, bool]:
        """Poses [B, T, K, 5], words [B, L, W], and whether they go in a circle."""
        rows = torch.randint(len(self.scripts) - SHARD, (count,), generator=self.generator)
        lap = bool(torch.rand((), generator=self.generator) < LAPS)
        return self.poses(rows, lap), self._worn(self.scripts.words_BLW[rows].float()), lap

    def _worn(self, words_BLW: Tensor) -> Tensor:
        """Words as sentences that training doesn't hold might have them: some are lost, all a little off; a
        tenth of the texts say nothing.
        """
        B, L, _ = words_BLW.shape
        lost = torch.rand(B, L, generator=self.generator) < 0.15 * torch.rand(B, 1, generator=self.generator)
        lost |= torch.rand(B, 1, generator=self.generator) < 0.1
        off = WORN * words_BLW.std() * torch.randn(words_BLW.shape, generator=self.generator)
        gone = lost[..., None] | (words_BLW == 0).all(-1, keepdim=True)
        return torch.where(gone, 0.0, words_BLW + off)


def begun(teacher: Teacher) -> Planner:
    """A planner that knows how far plans spread."""
    planner = Planner()
    with torch.no_grad():
        plans = planner.of_poses(torch.cat([teacher.draw(1024)[0] for _ in range(8)]))
        waves = plans[plans[..., 0] > 0][:, 1:].unflatten(-1, planner.middle.shape)
        planner.middle.copy_(waves.mean(0))
        planner.spread.copy_(waves.std(0).clamp(min=LEAST_SPREAD))
    return planner


def loss_of(planner: Planner, poses: Tensor, words: Tensor, lap: bool) -> Tensor:
    """How far a prediction is off, near the noise and near the end alike; absent things are only counted."""
    plans = planner.of_poses(poses)
    clock = torch.sigmoid(1.4 * torch.randn(len(plans)))
    noisy = flow.mix(plans, torch.randn_like(plans), clock[:, None, None])
    error = (planner(noisy, clock, words, torch.full((len(plans),), lap)) - plans).square()
    there = (plans[..., :1] > 0).float()
    error = error[..., :1].mean(-1) + (error[..., 1:] * there).mean(-1)
    return (error.mean(-1) / (1 - clock).clamp(min=flow.NEAREST).square()).mean()


def train(teacher: Teacher, steps: int, start: Path | None = None, average: float = 0.998) -> Planner:
    """A planner of these scripts' things, from nothing or from a planner's file; its weights are a moving
    average.
    """
    torch.manual_seed(0)
    planner = begun(teacher)
    if start is not None:
        planner.load_state_dict(Planner.load(start).state_dict())
    optimiser = torch.optim.AdamW(planner.parameters(), LEARNING_RATE, weight_decay=0.01)
    kept = torch.optim.swa_utils.AveragedModel(
        planner, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(average)
    )
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, steps + 1, pct_start=0.03)
    total = 0.0
    for step in range(steps):
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(planner, *teacher.draw(BATCH))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(planner.parameters(), 1.0)
        optimiser.step()
        rate.step()
        kept.update_parameters(planner)
        total += float(loss.detach())
        if step % 200 == 199:
            print(f"{step + 1} of {steps}: {total / 200:.4f}", flush=True)
            total = 0.0
    planner.load_state_dict(kept.module.state_dict())
    return planner.eval()


@torch.no_grad()
def examined(planner: Planner, teacher: Teacher, count: int = 512) -> dict[str, float]:
    """Of captions that weren't trained on: counts that are right, and the first thing's mean distance (frame
    heights) from a take of its scene, beside that of a second take from it.
    """
    rows = torch.arange(len(teacher.scripts) - count, len(teacher.scripts))
    true, second = teacher.poses(rows), teacher.poses(rows)
    plans = planner.plan(teacher.scripts.words_BLW[rows].float())
    here, there = (told(poses[:, 0]).sum(-1) for poses in (plans, true))

    def apart(one: Tensor, other: Tensor) -> float:
        return float((one[:, :, 0, :2] - other[:, :, 0, :2]).norm(dim=-1).mean())

    def steps(poses: Tensor) -> float:
        return float(poses[:, :, 0, :2].diff(dim=1).norm(dim=-1).mean())

    return {
        "counts right": float((here == there).float().mean()),
        "distance": apart(plans, true),
        "distance of a second take": apart(second, true),
        "step": steps(plans),
        "true step": steps(true),
    }


def main() -> None:
    from safetensors.torch import save_file

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("--output", type=Path, default=WEIGHTS / "planner.safetensors")
    parser.add_argument("--start", type=Path, help="a planner to go on from")
    parser.add_argument("--steps", type=int, default=9500)
    options = parser.parse_args()
    teacher = Teacher(Scripts.load(options.scripts), Atlas.load())
    planner = train(teacher, options.steps, options.start)
    measured = {name: f"{value:.4f}" for name, value in examined(planner, teacher).items()}
    print(measured)
    small = {name: tensor.to(torch.bfloat16).contiguous() for name, tensor in planner.state_dict().items()}
    scratch = options.output.with_suffix(".part")
    save_file(small, scratch, metadata={"licence": "Apache-2.0", **measured})
    os.replace(scratch, options.output)


if __name__ == "__main__":
    main()
