"""The features' exam: its questions, the promises that it counts, and the world itself at the ceiling."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from vitascope.canvas import Canvas
from vitascope.engine import Cancelled, Progress, Report, ToyFiller, fill_many, live, stream
from vitascope.evaluate.reading import TrainedReader
from vitascope.model.reader import Reader, ReaderConfig
from vitascope.train.features import FEATURES, FeatureExam, Goal, Row, Section, examine_features
from vitascope.train.features.casting import NAMELESS, portrait
from vitascope.train.features.exam import Examiner, doing, together
from vitascope.train.reading import LABELS
from vitascope.train.world.scene import ACTION, held_out
from vitascope.train.world.sprites import Atlas

EXAM = FeatureExam(samples=2, shots=2, drift_s=(4,), live_s=2)


class Able(ToyFiller):
    """A toy that says it takes everything, and paints its gradient all the same."""

    capabilities = replace(ToyFiller.capabilities, name="able", tracks=True, cast=True, camera=True)


TOY = Able()


def paint(canvases: Sequence[Canvas], report: Report) -> list[Canvas]:
    return fill_many(canvases, TOY, report=report)


def silent(progress: Progress) -> None:
    pass


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    """Untrained: what it says means nothing, but the same clips make it say the same."""
    torch.manual_seed(0)
    sizes = {name: len(values) for name, values in LABELS.items()}
    network = Reader(ReaderConfig(sizes, widths=(8, 16, 24), near_blocks=1, far_blocks=2))
    return TrainedReader(network.eval().requires_grad_(False), LABELS, {})


def examined(reader: TrainedReader, atlas: Atlas, *only: str) -> list[Section]:
    return examine_features(
        paint,
        EXAM,
        reader,
        silent,
        only=only,
        atlas=atlas,
        stream=lambda canvas: stream(canvas, TOY),
        live=lambda first, words: live(first, words, TOY),
    )


def row(section: Section, measure: str) -> Row:
    found = [each for each in section.rows if each.measure.startswith(measure)]
    assert len(found) == 1, [each.measure for each in section.rows]
    return found[0]


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_is_measured(name: str, reader: TrainedReader, plain_atlas: Atlas) -> None:
    (section,) = examined(reader, plain_atlas, name)
    assert section.feature == name
    assert not section.refused
    assert section.rows
    assert section.shown
    for each in section.rows:
        numbers = [each.painted, *each.baselines.values(), *([] if each.real is None else [each.real])]
        assert np.isfinite(numbers).all(), each
        assert each.asked > 0
    if name not in ("drift", "live"):  # streams of words alone: nothing is known
        assert row(section, "known values changed").painted == 0


def test_real_clips_go_on_and_a_gradient_does_not(reader: TrainedReader, plain_atlas: Atlas) -> None:
    extended, looped = examined(reader, plain_atlas, "extend", "loop")
    for section, measure in ((extended, "forward: position"), (looped, "from a clip: position")):
        jump = row(section, measure)
        assert jump.real is not None
        assert jump.real < 2 < jump.painted
        assert jump.met is False
    assert row(looped, "from words: position").baselines["repeated"] > 1
    assert row(extended, "forward: speed").baselines["last frame held"] < 0.3


def test_what_is_true_of_real_clips_is_found_in_them(reader: TrainedReader, plain_atlas: Atlas) -> None:
    moved, filmed = examined(reader, plain_atlas, "move", "camera")
    path, leak = row(moved, "path error"), row(moved, "motion outside")
    assert path.real is not None
    assert leak.real is not None
    assert path.real < 2 < path.baselines["stays"]
    assert leak.painted < leak.real < 1  # what is held outside is exact; a render has its light and shadows
    for name in ("pan", "tilt", "zoom", "roll"):
        assert row(filmed, f"{name}: correlation").real == pytest.approx(1, abs=0.1)
        assert row(filmed, f"{name}: the right way").real == 100


def test_classical_interpolation_beats_a_gradient_on_the_world(
    reader: TrainedReader, plain_atlas: Atlas
) -> None:
    (section,) = examined(reader, plain_atlas, "smooth")
    like = row(section, "8 to 16 fps: like")
    assert like.baselines["blending"] > 20 > like.painted
    gain = row(section, "8 to 16 fps: gain")
    assert gain.painted == pytest.approx(like.painted - max(like.baselines.values()))
    assert gain.met is False


def test_a_second_take_is_the_measure_of_physics(reader: TrainedReader, plain_atlas: Atlas) -> None:
    (section,) = examined(reader, plain_atlas, "physics")
    score = row(section, "Physics-IQ")
    assert score.real == pytest.approx(100)
    assert score.baselines["last frame held"] < 60


def test_known_values_that_change_are_counted(reader: TrainedReader, plain_atlas: Atlas) -> None:
    def careless(canvases: Sequence[Canvas], report: Report) -> list[Canvas]:
        answers = paint(canvases, report)
        spoilt = [np.array(answer.pixels) for answer in answers]
        for pixels in spoilt:
            pixels[0, 0, :2] ^= 1  # six values
        return [replace(answer, pixels=pixels) for answer, pixels in zip(answers, spoilt, strict=True)]

    (section,) = examine_features(careless, EXAM, reader, silent, only=["expand"], atlas=plain_atlas)
    assert row(section, "known").painted == 0  # that corner is new
    (section,) = examine_features(careless, EXAM, reader, silent, only=["between"], atlas=plain_atlas)
    known = row(section, "known")
    assert known.painted == 4 * 6
    assert known.met is False


def test_what_is_refused_says_why(reader: TrainedReader, plain_atlas: Atlas) -> None:
    toy = ToyFiller()
    seen = list[str]()
    sections = examine_features(
        lambda canvases, report: fill_many(canvases, toy, report=report),
        EXAM,
        reader,
        silent,
        only=["move", "live", "drift"],
        atlas=plain_atlas,
        after=lambda section: seen.append(section.feature),
    )
    assert seen == ["move", "drift", "live"]
    assert "takes no tracks" in sections[0].refused
    assert all(section.refused and not section.rows for section in sections)


def test_a_feature_that_is_not_there_is_refused(reader: TrainedReader, plain_atlas: Atlas) -> None:
    with pytest.raises(KeyError):
        examined(reader, plain_atlas, "lop")


def test_it_can_be_cancelled(reader: TrainedReader, plain_atlas: Atlas) -> None:
    def cancel(progress: Progress) -> None:
        if progress.stage == "expand: painting":
            raise Cancelled

    with pytest.raises(Cancelled):
        examine_features(paint, EXAM, reader, cancel, only=["expand"], atlas=plain_atlas)


def examiner(reader: TrainedReader, atlas: Atlas, seed: int = 0) -> Examiner:
    made = Examiner(replace(EXAM, seed=seed), paint, reader, atlas, silent)
    made.begin("a feature")
    return made


def test_questions_are_unseen_and_the_same_for_the_same_seed(
    reader: TrainedReader, plain_atlas: Atlas
) -> None:
    scenes = examiner(reader, plain_atlas).scenes(5, wanted=doing("rolls", "slides"))
    assert len(scenes) == 5
    assert held_out(scenes.things_BK[:, 0], scenes.action_B, scenes.place_B).all()
    assert set(scenes.action_B.tolist()) <= {ACTION["rolls"], ACTION["slides"]}
    again = examiner(reader, plain_atlas).scenes(5, wanted=doing("rolls", "slides"))
    assert torch.equal(scenes.noise_BP, again.noise_BP)
    other = examiner(reader, plain_atlas, seed=1).scenes(5, wanted=doing("rolls", "slides"))
    assert not torch.equal(scenes.noise_BP, other.noise_BP)


def test_seeds_are_never_used_twice(reader: TrainedReader, plain_atlas: Atlas) -> None:
    seeds = list[int]()

    def noting(canvases: Sequence[Canvas], report: Report) -> list[Canvas]:
        seeds.extend(canvas.seed for canvas in canvases)
        return paint(canvases, report)

    examine_features(noting, EXAM, reader, silent, only=["restyle", "replace"], atlas=plain_atlas)
    assert len(set(seeds)) == len(seeds) == 2 * 3 + 2 * 2


def test_nobody_is_named_where_only_a_picture_tells(reader: TrainedReader, plain_atlas: Atlas) -> None:
    asked = list[Canvas]()

    def noting(canvases: Sequence[Canvas], report: Report) -> list[Canvas]:
        asked.extend(canvases)
        return paint(canvases, report)

    examine_features(noting, EXAM, reader, silent, only=["cast"], atlas=plain_atlas)
    with_picture = [canvas for canvas in asked if canvas.cast]
    assert len(with_picture) == len(asked) / 2 == 2
    for canvas in asked:
        assert NAMELESS in canvas.words[0].text.lower()
    assert with_picture[0].cast[0] == with_picture[1].cast[0]


def test_a_portrait_is_on_white(reader: TrainedReader, plain_atlas: Atlas) -> None:
    picture = portrait(examiner(reader, plain_atlas), 5)
    assert picture.shape == (64, 64, 3)
    assert (picture[0, 0] == 255).all()
    assert np.abs(picture[32, 32].astype(int) - (20, 235, 185)).max() < 3  # that thing's own colour


def test_goals() -> None:
    assert Goal(high=1.5).met(1.5)
    assert not Goal(high=1.5).met(1.6)
    assert not Goal(low=2).met(float("nan"))
    assert [str(goal) for goal in (Goal(high=1.5), Goal(low=2), Goal(0.5, 0.2), Goal(0, 0))] == [
        "≤ 1.5",
        "≥ 2",
        "0.2 to 0.5",
        "0",
    ]
    assert Row("x", 3.0).met is None
    assert Row("x", 3.0, Goal(low=2)).met


def test_ratios_are_averaged_as_ratios() -> None:
    assert together([0.5, 2.0]) == pytest.approx(1)


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"drift_s": (10, 2)}])
def test_an_exam_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"needs a sample|from 4 s on"):
        replace(EXAM, **wrong)
