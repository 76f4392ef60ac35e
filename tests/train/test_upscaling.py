"""Training the upscaler, on a world of three discs and with a very small network."""

import io
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

from vitascope.model.upscaler import Upscaler, UpscalerConfig, load_upscaler
from vitascope.train.convolutions import rate_at
from vitascope.train.upscaling import Recipe, Stock, Trainer, picture_loss, train
from vitascope.train.world.sprites import Atlas
from vitascope.train.world.things import THINGS

TINY = UpscalerConfig(width=8, blocks=1, full_width=4)
SHORT = Recipe(steps=6, batch=2, crop_px=16, side_px=32, stock=6, fresh=2, renew_every=2, leaf_share=0.3)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    encoded: dict[str, bytes] = {}
    for thing, colour in zip(THINGS[:3], ("red", "gold", "purple"), strict=True):
        image = Image.new("RGBA", (64, 64))
        ImageDraw.Draw(image).ellipse((4, 10, 60, 54), fill=colour)
        file = io.BytesIO()
        image.save(file, "WEBP", lossless=True)
        encoded[thing.codepoint] = file.getvalue()
    return Atlas.of(encoded, THINGS[:3])


def test_loss_is_zero_for_the_truth_and_blames_soft_edges() -> None:
    true = torch.zeros(1, 3, 8, 8)
    true[..., 4:] = 1
    soft = F.avg_pool2d(F.pad(true, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    paler = true + (soft - true).abs().mean()
    assert picture_loss(true, true, 1.0) == 0
    assert picture_loss(soft, true, 0.0) == pytest.approx(float(picture_loss(paler, true, 0.0)))
    assert picture_loss(soft, true, 1.0) > 1.5 * picture_loss(paler, true, 1.0)


def test_rate_rises_stays_and_falls() -> None:
    recipe = Recipe(steps=1000, warm_up=10, decay_share=0.5)
    assert rate_at(recipe, 0) == pytest.approx(0.1)
    assert rate_at(recipe, 400) == 1
    assert rate_at(recipe, 750) == pytest.approx(0.5)
    assert rate_at(recipe, 1000) == 0.01


def test_small_and_full_crops_show_the_same(atlas: Atlas) -> None:
    stock = Stock(atlas, SHORT, seed=1)
    for _ in range(3):
        stock.renew()
    errors: list[float] = []
    for _ in range(30):
        small, full, by_base = stock._crop()
        assert not by_base
        assert small.shape == (16, 16, 3)
        assert full.shape == (64, 64, 3)
        shrunk = F.avg_pool2d(full.permute(2, 0, 1).float(), 4).permute(1, 2, 0)
        aligned = (shrunk - small).abs().mean()
        shifted = (shrunk.roll(2, 1) - small)[:, 2:].abs().mean()
        errors.append(float(aligned - shifted))
    assert sum(errors) < 0


def test_stock_replaces_its_oldest(atlas: Atlas) -> None:
    stock = Stock(atlas, SHORT, seed=1)
    for _ in range(3):
        stock.renew()
    first, last = stock.full_NHWC[0], stock.full_NHWC[-1]
    stock.renew()
    assert len(stock.full_NHWC) == SHORT.stock
    assert not torch.equal(stock.full_NHWC[0], first)
    assert torch.equal(stock.full_NHWC[-1], last)


def test_a_base_model_s_pictures_are_used_beside_the_others(atlas: Atlas) -> None:
    shapes: list[tuple[int, ...]] = []

    def degrade(clips: torch.Tensor) -> torch.Tensor:
        shapes.append(tuple(clips.shape))
        return torch.full_like(clips, 77)

    stock = Stock(atlas, SHORT, seed=3, degrade=degrade)
    for _ in range(8):
        stock.renew()
    assert {shape[1] for shape in shapes} == {1, 16}
    crops = [stock._crop() for _ in range(60)]
    assert 10 <= sum(by_base for _, _, by_base in crops) <= 45
    assert all(bool((small == 77).all()) == by_base for small, _, by_base in crops)
    small, full = stock.draw()
    assert small.shape == (2, 3, 16, 16)
    assert full.shape == (2, 3, 64, 64)


def test_training_lowers_the_loss(atlas: Atlas) -> None:
    torch.manual_seed(0)
    stock = Stock(atlas, SHORT, seed=1)
    stock.renew()
    trainer = Trainer(Upscaler(TINY), Recipe(steps=12, warm_up=3, average=0.6))
    small, full = stock.draw()
    before = trainer.step(small, full)
    for _ in range(11):
        trainer.step(small, full)
    with torch.no_grad():
        assert picture_loss(trainer.average(small), full, 1.0) < 0.9 * before


def test_stopped_training_goes_on_where_it_was(atlas: Atlas, tmp_path: Path) -> None:
    start = Upscaler(TINY)
    weights = train(tmp_path, SHORT, network=start, atlas=atlas)
    assert load_upscaler(weights).config == TINY
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["steps"] == 6
    kept = weights.read_bytes()
    train(tmp_path, SHORT, network=Upscaler(TINY), atlas=atlas)  # done already: nothing changes
    assert weights.read_bytes() == kept
    longer = Recipe(**(vars(SHORT) | {"steps": 9}))
    train(tmp_path, longer, network=Upscaler(TINY), atlas=atlas)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["steps"] == 9
    assert weights.read_bytes() != kept


def test_training_stops_when_its_minutes_are_over(atlas: Atlas, tmp_path: Path) -> None:
    train(
        tmp_path,
        Recipe(**(vars(SHORT) | {"steps": 10**6})),
        network=Upscaler(TINY),
        atlas=atlas,
        minutes=0.01,
    )
    steps = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["steps"]
    assert 0 < steps < 10_000
