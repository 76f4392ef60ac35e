"""Training the planner: it learns ways from mechanics alone."""

import torch
from tests.train.test_loop import make_painter

from vitascope.model.bodies import ABSENT
from vitascope.model.planner import FRAMES, MOST_THINGS
from vitascope.train import planning
from vitascope.train.planning import Teacher, begun, loss_of
from vitascope.train.scripts import Scripts


def teacher(monkeypatch) -> Teacher:
    painter = make_painter()
    scripts = painter.scripts
    monkeypatch.setattr(planning, "SHARD", 0)
    return Teacher(Scripts(scripts.scenes, scripts.words_BLW), painter.atlas)


def test_a_draw_is_poses_and_words(monkeypatch) -> None:
    lesson = teacher(monkeypatch).draw(6)
    poses, words = lesson.poses_BTK5, lesson.words_BLW
    assert poses.shape == (6, FRAMES, MOST_THINGS, 5)
    assert words.shape == (6, 32, 384)
    there = poses[:, 0, :, 0] < ABSENT[0] / 2
    assert there[:, 0].all()
    assert poses[:, :, 0, :2].abs().max() < 5


def test_takes_of_one_script_differ(monkeypatch) -> None:
    rows = torch.zeros(2, dtype=torch.long)
    first, second = teacher(monkeypatch).poses(rows)
    assert not torch.equal(first, second)


def test_it_learns(monkeypatch) -> None:
    torch.manual_seed(0)
    drawn = teacher(monkeypatch)
    planner = begun(drawn)
    optimiser = torch.optim.AdamW(planner.parameters(), 2e-3)
    losses: list[float] = []
    for _ in range(30):
        loss = loss_of(planner, drawn.draw(16))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert sum(losses[-8:]) < 0.6 * sum(losses[:8])
