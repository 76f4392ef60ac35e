"""Two ranks on processors (gloo) share what one process makes alone: the same pixels, of every family that
can."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.engine.open_weights.sharing_ranks import RANKS, Job, rank  # by a name that new processes know

from vitascope.engine import CannotFill, FillSettings, fill
from vitascope.engine.open_weights.catalogue import MODELS
from vitascope.engine.open_weights.filler import OpenWeights
from vitascope.tasks import text_to_image

from . import checks, tiny, tiny_helios, tiny_lucy, tiny_stills, tiny_wan

NOISE = 1
"""Of 255: sums in another order. Seen: none but in one of 3072 values of FLUX."""
BUILDS: dict[str, Callable[[Path], Path]] = {
    "wan2.1-t2v-1.3b": tiny.wan,
    "wan2.1-i2v-14b-480p": lambda folder: tiny_wan.with_an_eye(folder, 1),
    "wan2.2-t2v-a14b": tiny_wan.two_experts,
    "wan2.2-ti2v-5b": tiny_wan.by_latent,
    "helios": lambda folder: tiny_helios.helios(folder, 40),  # the library's plan names forty layers
    "helios-distilled": lambda folder: tiny_helios.distilled(folder, 40),
    "lucy-edit": tiny_lucy.lucy,
    "qwen-image": tiny_stills.qwen_image,
    "flux.1-schnell": tiny_stills.flux,
    "flux.2-klein-4b": tiny_stills.klein,
    "flux.2-klein-base-4b": tiny_stills.klein_base,
}
SIDES_PX = {
    "wan2.2-ti2v-5b": 64,
    "helios": 64,
    "helios-distilled": 128,
}  # at 32 px their tokens are an odd number
BROKEN = {"ltx-video", "ltx-2"}
"""The library has a plan for them, which fails where frames have clocks of their own (0.42)."""


def job(name: str, folder: Path) -> Job:
    side_px = SIDES_PX.get(name, 32)
    model = checks.small(name, size_multiple_px=side_px // 2)
    filler = OpenWeights(model, BUILDS[name](folder))
    if model.still:
        canvas = text_to_image("a fox jumps", size=(32, 32), seed=checks.SEED)
    elif "words" in model.ways:
        canvas = checks.words(filler, side_px=side_px)
    else:
        canvas = checks.pattern(filler, "restyle" if "soft" in model.ways else "first")
    return Job(model, folder, canvas, checks.FEW)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Job]:
    folder = tmp_path_factory.mktemp("weights")
    made = {name: job(name, folder / name) for name in BUILDS}
    wan, by_latent = made["wan2.1-t2v-1.3b"], made["wan2.2-ti2v-5b"]
    between = checks.pattern(OpenWeights(wan.model, wan.where), "between")
    first = checks.from_picture(OpenWeights(by_latent.model, by_latent.where), side_px=64)
    return made | {
        "held": Job(wan.model, wan.where, between, checks.FEW),
        "by-latent-first": Job(by_latent.model, by_latent.where, first, checks.FEW),
        "draft": Job(wan.model, wan.where, wan.canvas, FillSettings(steps=2, speed="draft")),
    }


@pytest.fixture(scope="module")
def together(jobs: dict[str, Job], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """What each of two ranks made of them."""
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "jobs").write_bytes(pickle.dumps(jobs))
    torch.multiprocessing.spawn(rank, (folder,), RANKS)
    return [pickle.loads((folder / f"made-{number}").read_bytes()) for number in range(RANKS)]


@pytest.mark.parametrize("name", [*BUILDS, "held", "by-latent-first"])
def test_all_ranks_make_what_one_process_makes(
    name: str, jobs: dict[str, Job], together: list[dict[str, object]]
) -> None:
    alone = jobs[name].fill(1)
    assert isinstance(alone, np.ndarray)
    assert alone.std() > 1
    for made in together:
        assert isinstance(made[name], np.ndarray), made[name]
        assert np.abs(alone.astype(int) - made[name]).max() <= NOISE


def test_blocks_are_not_left_out_by_some(together: list[dict[str, object]]) -> None:
    assert all("say --speed exact" in str(made["draft"]) for made in together)


def test_a_process_without_others_says_what_it_lacks(jobs: dict[str, Job]) -> None:
    wan = jobs["wan2.1-t2v-1.3b"]
    with pytest.raises(CannotFill, match="say --cluster"):
        fill(wan.canvas, OpenWeights(wan.model, wan.where), FillSettings(steps=2, gpus=2))


def test_heads_that_cannot_be_dealt_out_are_counted(jobs: dict[str, Job]) -> None:
    """Of Wan 1.3B's twelve heads none is left for an eighth GPU."""
    from vitascope.engine.open_weights.loading import How
    from vitascope.engine.open_weights.sharing import share

    class Twelve:
        transformer = tiny.wan_transformer()

    Twelve.transformer.register_to_config(num_attention_heads=12)
    with pytest.raises(CannotFill, match=r"12 heads .* 8 GPUs; of these counts: 2, 3, 4, 6, 12"):
        share(Twelve(), How(gpus=8))


@pytest.mark.parametrize("name", MODELS)
def test_who_is_said_to_share_is_who_the_library_has_a_plan_for(name: str) -> None:
    import diffusers

    model = MODELS[name]
    kinds = [getattr(diffusers, way.kind)._get_signature_types() for way in model.ways.values()]
    planned = all(
        any(getattr(kind, "_cp_plan", None) for kind in types.get("transformer", ())) for types in kinds
    )
    assert model.shared == (planned and name not in BROKEN)
