"""The exams of who appears, and how many: a cast across shots, counts from 1 to 5, left and right.

What a shot shows is read by the reader; real renders of the same scenes are its ceiling.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import torch
from numpy.typing import NDArray

from vitascope.canvas import Canvas
from vitascope.evaluate.identity import agreement, recognised
from vitascope.tasks import text_to_video
from vitascope.train.benchmark import Questions, spoken
from vitascope.train.features.exam import PLAIN, RATE_FPS, Examiner, Row, Section, Shown
from vitascope.train.reading import answers
from vitascope.train.world.things import THINGS

__all__ = ["casts", "counts", "portrait", "sides"]

NAMELESS = "hero"  # a word that no thing of the world has: only the picture tells who it is
_PORTRAIT_PX = 64
_COUNTS = (1, 2, 3, 4, 5)


def casts(examiner: Examiner) -> Section:
    """One thing in ten scenes, named only by a picture; and the same words without the picture."""
    shots, groups = examiner.exam.shots, examiner.exam.some
    scenes = examiner.scenes(shots * groups)
    heroes = scenes.things_BK[::shots, 0].repeat_interleave(shots)
    things = torch.full_like(scenes.things_BK, -1)
    things[:, 0] = heroes
    scenes = dataclasses.replace(scenes, things_BK=things)
    said = [_nameless(text, int(thing)) for text, thing in zip(examiner.said(scenes), heroes, strict=True)]
    without = [_asked(examiner, text) for text in said]
    canvases = [
        canvas.with_cast(NAMELESS, portrait(examiner, int(thing)))
        for canvas, thing in zip(without, heroes, strict=True)
    ]
    made = examiner.fill([*canvases, *without])
    count = len(canvases)
    seen, bare, best = (
        examiner.read(clips).values["thing"]
        for clips in (made[:count], made[count:], examiner.clips(examiner.render(scenes)))
    )
    wanted = heroes.numpy()
    rows = [
        Row(
            f"the cast's thing in each of {shots} shots, as read",
            _recognised(seen, wanted, shots),
            None,
            {"without its picture": _recognised(bare, wanted, shots)},
            _recognised(best, wanted, shots),
            "%",
            count,
        ),
        Row(
            "two shots show the same thing, as read",
            _agreement(seen, shots),
            None,
            {"without its picture": _agreement(bare, shots)},
            _agreement(best, shots),
            "%",
            count,
        ),
        examiner.known(),
    ]
    shown = [
        Shown(clip, f"{THINGS[int(thing)].name}: {text}")
        for clip, thing, text in zip(made, heroes, said, strict=False)
    ]
    return Section("cast", rows, shown)


def counts(examiner: Examiner) -> Section:
    """One to five of a thing, asked for in words."""
    each = max(1, examiner.exam.samples // 2)
    mix = dataclasses.replace(PLAIN, p_count=0.8)
    parts = [
        examiner.scenes(each, mix, lambda scenes, count=count: scenes.count_B == count) for count in _COUNTS
    ]
    wanted = np.repeat(np.array(_COUNTS) - 1, each)
    said = [text for part in parts for text in examiner.said(part)]
    made = examiner.fill([_asked(examiner, text) for text in said])
    real = [clip for part in parts for clip in examiner.clips(examiner.render(part))]
    seen, best = (examiner.read(clips).values["count"] for clips in (made, real))
    rows = [
        Row(
            f"{count} asked for, {count} read",
            _percent(seen == wanted, wanted == count - 1),
            real=_percent(best == wanted, wanted == count - 1),
            unit="%",
            asked=each,
        )
        for count in _COUNTS
    ]
    rows.append(
        Row(
            "all counts", _percent(seen == wanted), real=_percent(best == wanted), unit="%", asked=len(wanted)
        )
    )
    shown = [Shown(clip, text) for clip, text in zip(made, said, strict=True)]
    return Section("counts", [*rows, examiner.known()], shown)


def sides(examiner: Examiner) -> Section:
    """One thing left or right of another, and which way a thing goes: only where the words say so."""
    n = examiner.exam.samples
    pairs = examiner.scenes(n, dataclasses.replace(PLAIN, p_pair=0.8), lambda some: some.relation_B > 0)
    goers = examiner.scenes(n, wanted=lambda some: answers(some)["direction"] >= 0)
    said = [*examiner.said(pairs), *examiner.said(goers)]
    made = examiner.fill([_asked(examiner, text) for text in said])
    rows = list[Row]()
    for name, scenes, some, texts in (
        ("relation", pairs, made[:n], said[:n]),
        ("direction", goers, made[n:], said[n:]),
    ):
        told = spoken(Questions(scenes, texts, 0))[name]
        if not told.any():
            continue
        wanted = answers(scenes)[name].numpy()
        seen, best = (
            examiner.read(clips).values[name] for clips in (some, examiner.clips(examiner.render(scenes)))
        )
        measure = {"relation": "left of or right of", "direction": "going left or right"}[name]
        rows.append(
            Row(
                f"{measure}, as read",
                _percent(seen == wanted, told),
                None,
                {"chance": 50.0},
                _percent(best == wanted, told),
                "%",
                int(told.sum()),
            )
        )
    shown = [Shown(clip, text) for clip, text in zip(made, said, strict=True)]
    return Section("sides", [*rows, examiner.known()], shown)


def portrait(examiner: Examiner, thing: int) -> NDArray[np.uint8]:
    """A thing's picture [64, 64, 3] on white, as a person would hand it in."""
    sprite = examiner.atlas.levels[_PORTRAIT_PX][thing].cpu().numpy().astype(np.float32)
    picture = sprite[:3] + (255 - sprite[3:])  # colours are multiplied by alpha already
    return picture.clip(0, 255).astype(np.uint8).transpose(1, 2, 0)


def _asked(examiner: Examiner, text: str) -> Canvas:
    side = examiner.exam.side_px
    return text_to_video(text, duration_s=2, size=(side, side), rate_fps=RATE_FPS)


def _nameless(text: str, thing: int) -> str:
    """The text with another word for the thing."""
    named = THINGS[thing]
    names = sorted((named.name, *named.synonyms, *named.kept), key=len, reverse=True)
    return re.sub("|".join(re.escape(name) for name in names), NAMELESS, text, flags=re.IGNORECASE)


def _recognised(read: NDArray[np.int64], wanted: NDArray[np.int64], shots: int) -> float:
    groups = zip(read.reshape(-1, shots), wanted[::shots], strict=True)
    return 100 * float(np.mean([recognised(some, int(who)) for some, who in groups]))


def _agreement(read: NDArray[np.int64], shots: int) -> float:
    return 100 * float(np.mean([agreement(some) for some in read.reshape(-1, shots)]))


def _percent(right: NDArray[np.bool_], of: NDArray[np.bool_] | None = None) -> float:
    return 100 * float((right if of is None else right[of]).mean())
