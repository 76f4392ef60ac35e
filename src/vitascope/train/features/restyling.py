"""The exam of restyle: does the look become what was asked, while what happens stays what it was?"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vitascope.evaluate.reading import Reading
from vitascope.tasks import restyle
from vitascope.train.features.exam import RATE_FPS, Clip, Clips, Examiner, Row, Section, Shown
from vitascope.train.world import vocab
from vitascope.train.world.scene import Scenes
from vitascope.train.world.wordings import STYLE

__all__ = ["STRENGTHS", "restyles"]

STRENGTHS = (0.4, 0.6, 0.8)
_STRUCTURE = ("thing", "action", "place", "camera")


def restyles(examiner: Examiner) -> Section:
    """Plain clips, each in one other style, at three strengths."""
    n = examiner.exam.samples
    scenes = examiner.scenes(n)
    styles = 1 + torch.arange(n) % (len(vocab.STYLES) - 1)
    before = examiner.clips(examiner.render(scenes))
    scenes_after = _styled(scenes, styles)
    best = examiner.clips(examiner.render(scenes_after))
    words = [STYLE[vocab.STYLES[int(style)]].train[0] for style in styles]
    canvases = [
        restyle(clip, said, rate_fps=RATE_FPS, strength=strength)
        for strength in STRENGTHS
        for clip, said in zip(before, words, strict=True)
    ]
    made = examiner.fill(canvases)
    seen_before, seen_best = examiner.read(before), examiner.read(best)
    plain = {"left as it was": _reached(seen_before, styles)}
    rows = list[Row]()
    for number, strength in enumerate(STRENGTHS):
        part = made[number * n : (number + 1) * n]
        seen = examiner.read(part)
        rows += [
            Row(
                f"strength {strength}: the style asked for, as read",
                _reached(seen, styles),
                None,
                plain,
                _reached(seen_best, styles),
                "%",
                n,
            ),
            Row(
                f"strength {strength}: thing, action, place and camera as before",
                _kept(seen, seen_before),
                None,
                {},
                _kept(seen_best, seen_before),
                "%",
                n,
            ),
            Row(
                f"strength {strength}: outlines where they were",
                _outlines(part, before),
                None,
                {},
                _outlines(best, before),
                asked=n,
            ),
        ]
    rows.append(Row("more strength, more change", _rises(made, before), None, {}, None, "%", n))
    shown = [Shown(clip, f"{words[i % n]}, strength {STRENGTHS[i // n]}") for i, clip in enumerate(made)]
    return Section("restyle", [*rows, examiner.known()], shown)


def _styled(scenes: Scenes, styles_B: torch.Tensor) -> Scenes:
    return dataclasses.replace(scenes, style_B=styles_B)


def _reached(seen: Reading, styles_B: torch.Tensor) -> float:
    return 100 * float((seen.values["style"] == styles_B.numpy()).mean())


def _kept(seen: Reading, before: Reading) -> float:
    """The share of attributes that are read as before."""
    return 100 * float(np.mean([(seen.values[name] == before.values[name]).mean() for name in _STRUCTURE]))


def _outlines(clips: Clips, before: Clips) -> float:
    """The correlation of how steep the picture is, pixel by pixel: 1 where every edge is where it was."""
    pairs = zip(clips, before, strict=True)
    return float(np.mean([_alike(_steepness(a), _steepness(b)) for a, b in pairs]))


def _alike(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _steepness(clip_THWC: Clip) -> NDArray[np.float32]:
    frames = list[NDArray[np.float32]]()
    for frame in clip_THWC:
        grey = cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (0, 0), 1.0).astype(np.float32)
        frames.append(np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)))
    return np.stack(frames)


def _rises(made: Clips, before: Clips) -> float:
    """The share of clips that differ the more from what was given, the stronger they were restyled."""
    n = len(before)
    changes = [np.abs(clip.astype(np.float32) - before[i % n]).mean() for i, clip in enumerate(made)]
    by_clip = np.reshape(changes, (-1, n))
    return 100 * float((np.diff(by_clip, axis=0) > 0).all(axis=0).mean())
