"""Trains the planner of things' ways on scripts and the world's mechanics; no picture is drawn.

    python -m vitascope.train.planning SCRIPTS

Scripts from `vitascope.train.scripts`. The last shard isn't trained on: how far plans for its captions lie
from poses of the same scenes, and how far second takes of those do, is printed.
"""

import argparse
import math
import os
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.model import flow
from vitascope.model.bodies import told
from vitascope.model.checkpoint import WEIGHTS
from vitascope.model.planner import FRAMES, LEAST_SPREAD, RATE_FPS, UNSAID, Planner
from vitascope.train.mishearing import misheard
from vitascope.train.scripts import SHARD, Scripts
from vitascope.train.world.render import ways
from vitascope.train.world.scene import Scenes
from vitascope.train.world.sprites import Atlas

__all__ = ["train"]

BATCH, LEARNING_RATE = 128, 1e-3
WORN = (0.1, 0.5)  # how far word vectors are off, of their spread: those of half of the texts hardly
HEARING_STEPS = 2000  # of the reader of actions, which is trained apart
LAPS, LATER = 0.12, 0.3  # of the batches go in a circle, or show things that are known at some moments
THERE_AND_BACK_S = 6.0  # what goes on for long stays in the picture: half of what goes on takes so long a lap
LATEST_S = 0.75  # when the other half begins
FOUND = 0.5  # of what is known is known as if found in pictures: boxes, a little off
FAR = 1.5  # frame heights from the middle
OFF_PLACE, OFF_SIZE = 0.012, 0.06  # frame heights; of a box's size


@dataclass(frozen=True)
class Lesson:
    """Ways [B, T, K, 5], and what a planner is told of them (`Planner.forward` says how)."""

    poses_BTK5: Tensor
    words_BLW: Tensor
    lap: bool
    action_B: Tensor
    known_BTK5: Tensor


class Teacher:
    """Draws lessons without end."""

    def __init__(self, scripts: Scripts, atlas: Atlas, seed: int = 0) -> None:
        self.scripts, self.atlas = scripts, atlas
        self.generator = torch.Generator().manual_seed(seed)

    def poses(self, rows: Tensor, lap_s: float | None = None, start_s: float | Tensor = 0.0) -> Tensor:
        """Poses of new takes of these scripts."""
        scenes: Scenes = self.scripts.scenes[rows].second_take(self.generator)
        return ways(scenes, self.atlas, FRAMES, RATE_FPS, lap_s, start_s)

    def draw(self, count: int) -> Lesson:
        """From the beginning with nothing known; in a circle, whose first moment may be known; or later."""
        rows = torch.randint(len(self.scripts) - SHARD, (count,), generator=self.generator)
        kind = float(self._uniform())
        lap, later = kind < LAPS, kind > 1 - LATER
        start_s: float | Tensor = 0.0
        if later:
            lap_s = THERE_AND_BACK_S if self._uniform() < 0.5 else None
            # A third of what doesn't go there and back begins as a clip does.
            start_s = self._uniform(count) * THERE_AND_BACK_S if lap_s else self._latish(count)
        else:
            lap_s = FRAMES / RATE_FPS if lap else None
        poses = _near(self.poses(rows, lap_s, start_s))
        times = torch.zeros(count, FRAMES, dtype=torch.bool)
        if later:
            times = self._moments(count)
        elif lap:
            times[:, 0] = self._uniform(count) < 0.4
        action = self.scripts.scenes.action_B[rows].long()
        words = self._worn(self.scripts.words_BLW[rows].float())
        # Now and then nothing but the action is told, so that it is followed whatever its words were.
        silent = (words == 0).flatten(1).all(1)
        unsaid = self._uniform(count) < torch.where(silent, 0.5, 0.1)
        return Lesson(poses, words, lap, torch.where(unsaid, UNSAID, action), self._known(poses, times))

    def _latish(self, count: int) -> Tensor:
        return (self._uniform(count) * 1.5 - 0.5).clamp(min=0) * LATEST_S

    def _moments(self, count: int) -> Tensor:
        """At which moments something is known [B, T]: at first, for a while, until the end, at both ends, or
        now and then.
        """
        time = torch.arange(FRAMES).expand(count, -1)
        until = torch.randint(2, FRAMES // 2 + 1, (count, 1), generator=self.generator)
        some = self._uniform(count, FRAMES) < 0.2
        some[:, 0] |= ~some.any(1)
        kinds = (time == 0, time < until, time >= FRAMES - until, time % (FRAMES - 1) == 0, some)
        chosen = torch.multinomial(
            torch.tensor((0.35, 0.35, 0.1, 0.1, 0.1)), count, True, generator=self.generator
        )
        return torch.stack(kinds)[chosen, torch.arange(count)]

    def _known(self, poses_BTK5: Tensor, times_BT: Tensor) -> Tensor:
        """The poses at these moments, exactly or as they are found in pictures; NaN for all that isn't
        known.
        """
        B, _, K, _ = poses_BTK5.shape
        found = (self._uniform(B) < FOUND)[:, None, None, None]
        off = torch.randn(B, FRAMES, K, 5, generator=self.generator)
        off = (off + torch.randn(B, 1, K, 5, generator=self.generator)) * torch.tensor(
            (OFF_PLACE, OFF_PLACE, 0.0, OFF_SIZE, OFF_SIZE)
        )
        there = told(poses_BTK5)
        x, y = poses_BTK5[..., 0].abs(), poses_BTK5[..., 1].abs()
        unseen = there & ((x > 0.5) | (y > 0.5))
        boxes = poses_BTK5 + off * there[..., None]
        boxes[..., 2] = math.nan
        boxes = boxes.masked_fill(unseen[..., None], math.nan)
        known = torch.where(found, boxes, poses_BTK5)
        return known.masked_fill(~times_BT[:, :, None, None], math.nan)

    def _worn(self, words_BLW: Tensor) -> Tensor:
        """Words as sentences that training doesn't hold might have them: some are lost, all are off; a tenth
        of the texts say nothing.
        """
        B, L, _ = words_BLW.shape
        lost = self._uniform(B, L) < 0.15 * self._uniform(B, 1)
        lost |= self._uniform(B, 1) < 0.1
        worn = torch.where(self._uniform(B, 1, 1) < 0.5, *WORN) * words_BLW.std()
        off = worn * torch.randn(words_BLW.shape, generator=self.generator)
        gone = lost[..., None] | (words_BLW == 0).all(-1, keepdim=True)
        return torch.where(gone, 0.0, words_BLW + off)

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self.generator)


def _near(poses_BTK5: Tensor) -> Tensor:
    """The same ways without what nobody sees: whole turns, of long ago or where a lap begins anew, and how
    far away something is.
    """
    near = poses_BTK5.clone()
    turns = near[..., 2].diff(dim=1, prepend=torch.zeros_like(near[:, :1, :, 2]))
    near[..., 2] = (turns - (turns / math.tau).round() * math.tau).cumsum(1)
    near[..., :2] = near[..., :2].clamp(-FAR, FAR)
    return near.where(told(poses_BTK5)[..., None], poses_BTK5)


def begun(teacher: Teacher) -> Planner:
    """A planner that knows how far plans spread."""
    planner = Planner()
    with torch.no_grad():
        plans = planner.of_poses(torch.cat([teacher.draw(1024).poses_BTK5 for _ in range(8)]))
        waves = plans[plans[..., 0] > 0][:, 1:].unflatten(-1, planner.middle.shape)
        planner.middle.copy_(waves.mean(0))
        planner.spread.copy_(waves.std(0).clamp(min=LEAST_SPREAD))
    return planner


def loss_of(planner: Planner, lesson: Lesson) -> Tensor:
    """How far a prediction is off, near the noise and near the end alike; absent things are only counted."""
    plans = planner.of_poses(lesson.poses_BTK5)
    clock = torch.sigmoid(1.4 * torch.randn(len(plans)))
    noisy = flow.mix(plans, torch.randn_like(plans), clock[:, None, None])
    laps = torch.full((len(plans),), lesson.lap)
    guess = planner(noisy, clock, lesson.words_BLW, laps, lesson.action_B, lesson.known_BTK5)
    error = (guess - plans).square()
    there = (plans[..., :1] > 0).float()
    error = error[..., :1].mean(-1) + (error[..., 1:] * there).mean(-1)
    return (error.mean(-1) / (1 - clock).clamp(min=flow.NEAREST).square()).mean()


def learn_to_hear(planner: Planner, scripts: Scripts, steps: int) -> None:
    """Trains the planner's reader of actions, on words that are far off: it shall know those it never saw."""
    torch.manual_seed(0)
    optimiser = torch.optim.AdamW(planner.hears.parameters(), 2 * LEARNING_RATE, weight_decay=0.1)
    falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.01, steps)
    for _ in range(steps):
        rows = torch.randint(len(scripts) - SHARD, (2 * BATCH,))
        heard = planner.hears(misheard(scripts.words_BLW[rows]))
        loss = F.cross_entropy(heard, scripts.scenes.action_B[rows].long())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        falling.step()


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
            loss = loss_of(planner, teacher.draw(BATCH))
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
    learn_to_hear(planner, teacher.scripts, HEARING_STEPS)
    return planner.eval()


@torch.no_grad()
def examined(planner: Planner, teacher: Teacher, count: int = 512) -> dict[str, float]:
    """Of captions that weren't trained on: counts that are right, and the first thing's mean distance (frame
    heights) from a take of its scene, beside that of a second take from it.
    """
    rows = torch.arange(len(teacher.scripts) - count, len(teacher.scripts))
    true, second = teacher.poses(rows), teacher.poses(rows)
    words = teacher.scripts.words_BLW[rows].float()
    plans, heard = planner.plan(words), planner.heard(words)
    here, there = (told(poses[:, 0]).sum(-1) for poses in (plans, true))

    def apart(one: Tensor, other: Tensor) -> float:
        return float((one[:, :, 0, :2] - other[:, :, 0, :2]).norm(dim=-1).mean())

    def steps(poses: Tensor) -> float:
        return float(poses[:, :, 0, :2].diff(dim=1).norm(dim=-1).mean())

    return {
        "actions heard": float((heard == teacher.scripts.scenes.action_B[rows]).float().mean()),
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
