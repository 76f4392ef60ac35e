"""The exams of parts of the picture: expand, erase, replace and new background.

The world can draw a wider picture of a scene, the scene without its thing, and the same scene with another
thing or in another place: so the truth of each is a render, and real renders have seams of their own to
compare with.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vitascope.evaluate.interpolation import psnr
from vitascope.evaluate.seams import Seam, seam
from vitascope.tasks import background, expand, replace
from vitascope.train.features.exam import (
    RATE_FPS,
    Clip,
    Clips,
    Examiner,
    Goal,
    Row,
    Section,
    Shown,
    doing,
    together,
)
from vitascope.train.world import vocab
from vitascope.train.world.render import Render
from vitascope.train.world.scene import Scenes

__all__ = ["SEAM", "backgrounds", "expands", "replaces"]

SEAM = Goal(high=1.5)
_ROOM = 3 / 64  # of the side, around a thing's box
_BELOW = 6 / 64  # and below it, for its shadow
_AWAY = 9.0  # frame heights: carried there, a thing and its shadow are seen no more
_STAYS = doing("stands still", "shakes", "spins", "floats", "grows", "swings")

Plane = NDArray[np.bool_]


def expands(examiner: Examiner) -> Section:
    """A square clip in the middle of a picture of 16:9."""
    n, side = examiner.exam.samples, examiner.exam.side_px
    width_px = round(side * 16 / 9 / 8) * 8
    scenes = examiner.scenes(n)
    real, said = examiner.clips(examiner.render(scenes, width_px=width_px)), examiner.said(scenes)
    left = (width_px - side) // 2
    middle = slice(left, left + side)
    canvases = [
        expand(clip[:, :, middle], size=(width_px, side), rate_fps=RATE_FPS, text=text)
        for clip, text in zip(real, said, strict=True)
    ]
    made = examiner.fill(canvases)
    new = np.ones((side, width_px), np.bool_)
    new[:, middle] = False
    edges = ((0, 0), (0, 0), (left, width_px - side - left), (0, 0))
    stretched = [np.pad(clip[:, :, middle], np.array(edges), mode="edge") for clip in real]
    rows = [
        *_seams(made, real, [new] * n, {"edge repeated": stretched}),
        *_truth("new part like the true one", made, real, [new] * n, {"edge repeated": stretched}),
        examiner.known(),
    ]
    return Section("expand", rows, _shown(made, said))


def replaces(examiner: Examiner) -> Section:
    """A thing erased without words, and one replaced by another in words."""
    n = examiner.exam.samples
    scenes = examiner.scenes(n, wanted=_STAYS)
    drawn = examiner.render(scenes)
    real = examiner.clips(drawn)
    away = torch.full((n, 16, 2), _AWAY)
    nobody = examiner.clips(examiner.render(scenes, carry_BT2=away))
    regions = [_around(boxes, examiner.exam.side_px) for boxes in _boxes(drawn)]
    other_scenes = _with_other_thing(scenes)
    others_drawn = examiner.render(other_scenes)
    said = examiner.said(other_scenes)
    both = [
        mine | theirs
        for mine, theirs in zip(
            regions, [_around(boxes, examiner.exam.side_px) for boxes in _boxes(others_drawn)], strict=True
        )
    ]
    made = examiner.fill(
        [
            *(
                replace(clip, where.astype(np.float32), rate_fps=RATE_FPS)
                for clip, where in zip(real, regions, strict=True)
            ),
            *(
                replace(clip, where.astype(np.float32), text, rate_fps=RATE_FPS)
                for clip, where, text in zip(real, both, said, strict=True)
            ),
        ]
    )
    erased, replaced = made[:n], made[n:]
    inpainted = [_inpainted(clip, where) for clip, where in zip(real, regions, strict=True)]
    wanted = other_scenes.things_BK[:, 0].numpy()
    rows = [
        *(
            dataclasses.replace(row, measure=f"erase: {row.measure}")
            for row in (
                *_seams(erased, nobody, regions, {"Telea's inpainting": inpainted}),
                *_truth(
                    "like the place without it", erased, nobody, regions, {"Telea's inpainting": inpainted}
                ),
            )
        ),
        Row(
            "replace: the thing asked for, as read",
            _share(examiner.read(replaced).values["thing"], wanted),
            None,
            {"left as it was": _share(examiner.read(real).values["thing"], wanted)},
            _share(examiner.read(examiner.clips(others_drawn)).values["thing"], wanted),
            "%",
            n,
        ),
        examiner.known(),
    ]
    return Section("replace", rows, _shown(made, ["erased"] * n + said))


def backgrounds(examiner: Examiner) -> Section:
    """The thing stays, the place is another one."""
    n = examiner.exam.samples
    scenes = examiner.scenes(n, wanted=_STAYS)
    drawn = examiner.render(scenes)
    real = examiner.clips(drawn)
    assert drawn.masks_BTHW is not None
    subjects = [plane == 0 for plane in drawn.masks_BTHW.numpy()]
    steps = 1 + torch.arange(n) % (len(vocab.PLACES) - 1)
    elsewhere = dataclasses.replace(scenes, place_B=(scenes.place_B + steps) % len(vocab.PLACES))
    said = examiner.said(elsewhere)
    made = examiner.fill(
        [
            background(clip, subject.astype(np.float32), text, rate_fps=RATE_FPS)
            for clip, subject, text in zip(real, subjects, said, strict=True)
        ]
    )
    there = examiner.clips(examiner.render(elsewhere))
    seen, best, before = (examiner.read(clips).values for clips in (made, there, real))
    place, thing = elsewhere.place_B.numpy(), elsewhere.things_BK[:, 0].numpy()
    rows = [
        Row(
            "the place asked for, as read",
            _share(seen["place"], place),
            None,
            {"left as it was": _share(before["place"], place)},
            _share(best["place"], place),
            "%",
            n,
        ),
        Row(
            "the thing still read",
            _share(seen["thing"], thing),
            None,
            {},
            _share(best["thing"], thing),
            "%",
            n,
        ),
        *_seams(made, there, subjects, {}),
        examiner.known(),
    ]
    return Section("background", rows, _shown(made, said))


def _seams(made: Clips, real: Clips, regions: Sequence[Plane], others: dict[str, Clips]) -> list[Row]:
    def seams(clips: Clips) -> list[Seam]:
        return [seam(clip, where) for clip, where in zip(clips, regions, strict=True)]

    painted, best = seams(made), seams(real)
    ways = {name: seams(clips) for name, clips in others.items()}
    return [
        Row(
            f"{what} jump at the seam",
            together([getattr(each, what) for each in painted]),
            None if regions[0].ndim == 3 and not others else SEAM,  # an outline jumps in real clips, too
            {name: together([getattr(each, what) for each in some]) for name, some in ways.items()},
            together([getattr(each, what) for each in best]),
            "x",
            len(made),
        )
        for what in ("colour", "gradient")
    ]


def _truth(
    measure: str, made: Clips, real: Clips, regions: Sequence[Plane], others: dict[str, Clips]
) -> list[Row]:
    def likeness(clips: Clips) -> float:
        return float(
            np.mean(
                [
                    psnr(clip, truth, np.broadcast_to(where, clip.shape[:3]))
                    for clip, truth, where in zip(clips, real, regions, strict=True)
                ]
            )
        )

    ways = {name: likeness(clips) for name, clips in others.items()}
    return [Row(measure, likeness(made), None, ways, unit="dB", asked=len(made))]


def _with_other_thing(scenes: Scenes) -> Scenes:
    """The same with the next scene's thing in the place of each (or, of one scene, the next thing)."""
    things = scenes.things_BK.clone()
    rolled = things[:, 0].roll(1)
    things[:, 0] = torch.where(rolled == things[:, 0], (things[:, 0] + 1) % 64, rolled)
    return dataclasses.replace(scenes, things_BK=things)


def _boxes(drawn: Render) -> NDArray[np.float32]:
    return drawn.boxes_BTK4[:, :, 0].numpy()


def _around(boxes_T4: NDArray[np.float32], side_px: int) -> Plane:
    """One box [H, W] around wherever the thing is seen, with room for its rim and its shadow."""
    seen = boxes_T4[boxes_T4[:, 2] > 0]
    plane = np.zeros((side_px, side_px), np.bool_)
    if len(seen):
        low = np.maximum(0, np.floor((seen[:, :2].min(0) - _ROOM) * side_px)).astype(int)
        high = np.ceil((seen[:, 2:].max(0) + np.array((_ROOM, _BELOW))) * side_px).astype(int)
        plane[low[1] : high[1], low[0] : high[0]] = True
    return plane


def _inpainted(clip_THWC: Clip, where_HW: Plane) -> Clip:
    """Telea's inpainting (2004) of each frame on its own."""
    plane = where_HW.astype(np.uint8)
    frames = [cv2.inpaint(frame, plane, 3, cv2.INPAINT_TELEA) for frame in clip_THWC]
    return np.stack(frames).astype(np.uint8)


def _share(read: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    return 100 * float((read == wanted).mean())


def _shown(clips: Clips, captions: Sequence[str]) -> list[Shown]:
    return [Shown(clip, text) for clip, text in zip(clips, captions, strict=True)]
