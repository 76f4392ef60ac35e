"""Training the reader: true answers, mirrors, learning, resuming."""

from pathlib import Path

import pytest
import torch

from vitascope.model.reader import Reader, ReaderConfig
from vitascope.train.reading import LABELS, UNASKED, Clips, Recipe, Trainer, accuracy, answers, mirror, score
from vitascope.train.world.scene import ACTION, Mix, sample
from vitascope.train.world.sprites import Atlas

RECIPE = Recipe(short=64, whole=64, short_batch=8, whole_batch=4)


def small_reader() -> Reader:
    torch.manual_seed(0)
    sizes = {name: len(values) for name, values in LABELS.items()}
    return Reader(ReaderConfig(sizes, widths=(8, 16, 24), near_blocks=1, far_blocks=2))


def test_answers_name_what_the_scene_says() -> None:
    scenes = sample(300, torch.Generator().manual_seed(0), Mix(), "any")
    said = answers(scenes)
    assert set(said) == set(LABELS)
    for name, column in said.items():
        asked = column[column != UNASKED]
        assert asked.min() >= 0, name
        assert asked.max() < len(LABELS[name]), name
    assert (said["thing"] == scenes.things_BK[:, 0]).all()
    assert [LABELS["count"][i] for i in said["count"]] == [str(n) for n in scenes.count_B.tolist()]
    walks, stands = scenes.action_B == ACTION["walks"], scenes.action_B == ACTION["stands still"]
    assert [LABELS["direction"][i] for i in said["direction"][walks]] == [
        "right" if d > 0 else "left" for d in scenes.direction_B[walks]
    ]
    assert (said["direction"][stands] == UNASKED).all()


def test_a_mirror_turns_left_and_right_and_nothing_else() -> None:
    scenes = sample(64, torch.Generator().manual_seed(1), Mix(p_camera=0.9, p_pair=0.5), "any")
    pixels, said = torch.randint(0, 256, (64, 2, 8, 8, 3), dtype=torch.uint8), answers(scenes)
    rows = torch.arange(64) % 2 == 0
    seen, told = mirror(pixels, said, rows)
    assert torch.equal(seen[0], pixels[0].flip(2))
    assert torch.equal(seen[1::2], pixels[1::2])
    for name, column in told.items():
        before = [LABELS[name][i] if i >= 0 else "" for i in said[name][rows].tolist()]
        after = [LABELS[name][i] if i >= 0 else "" for i in column[rows].tolist()]
        assert after == [_mirrored(value) for value in before], name
        assert torch.equal(column[~rows], said[name][~rows])
    back, same = mirror(seen, told, rows)
    assert torch.equal(back, pixels)
    assert all(torch.equal(same[name], said[name]) for name in said)


def _mirrored(value: str) -> str:
    return value.replace("left", "?").replace("right", "left").replace("?", "right")


def test_accuracy_skips_what_was_not_asked() -> None:
    read = {"thing": torch.tensor([1, 2, 3]), "direction": torch.tensor([0, 1, 1])}
    said = {"thing": torch.tensor([1, 2, 0]), "direction": torch.tensor([0, UNASKED, 0])}
    assert accuracy(read, said) == {"thing": pytest.approx(2 / 3), "direction": pytest.approx(1 / 2)}


def test_clips_come_with_their_answers_each_so_many_times(plain_atlas: Atlas) -> None:
    drawn = Clips(RECIPE, plain_atlas, seed=0).draw(4, 8)
    batches = [next(drawn) for _ in range(8)]
    assert all(pixels.shape == (4, 8, 64, 64, 3) for pixels, _ in batches)
    assert all(len(column) == 4 for _, said in batches for column in said.values())
    first, second = (
        torch.cat([said["thing"] for _, said in half]).sort().values for half in (batches[:4], batches[4:])
    )
    assert torch.equal(first, second)  # the same sixteen clips, worn anew


def test_it_learns_what_it_sees_again_and_again(plain_atlas: Atlas) -> None:
    trainer = Trainer(small_reader(), Recipe(short=2000, whole=0))
    batch = next(Clips(RECIPE, plain_atlas, seed=0).draw(8, 4))
    losses = [trainer.step(*batch)[0] for _ in range(40)]
    assert losses[-1] < 0.75 * losses[0]


def test_it_resumes_where_it_stopped(plain_atlas: Atlas, tmp_path: Path) -> None:
    drawn = Clips(RECIPE, plain_atlas, seed=0).draw(4, 4)
    batches = [next(drawn) for _ in range(4)]
    straight = Trainer(small_reader(), RECIPE)
    for batch in batches[:2]:
        straight.step(*batch)
    straight.save(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]
    resumed = Trainer(small_reader(), RECIPE)
    resumed.resume(tmp_path / "checkpoint.pt")
    for batch in batches[2:]:
        straight.step(*batch)
        resumed.step(*batch)
    assert resumed.seen == straight.seen == 16
    for (name, a), b in zip(straight.average.items(), resumed.average.values(), strict=True):
        assert torch.allclose(a, b, atol=1e-6), name


def test_a_score_is_of_every_attribute(plain_atlas: Atlas) -> None:
    scores = score(small_reader().eval(), plain_atlas, count=40)
    assert set(scores) == set(LABELS)
    assert all(0 <= share <= 1 for share in scores.values())
