"""The features' exam: every single-fill feature on unseen clips of the world, whose truth is known.

A row for each number: what was painted, its goal, what simple ways reach without painting, and what real
renders reach by the same measure. One file for each kind of feature; here they are listed and run. Knows
whoever paints only as a callable from canvases to clips.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from vitascope.engine import CannotFill, Report
from vitascope.evaluate.reading import TrainedReader
from vitascope.train.benchmark import Paint
from vitascope.train.features.casting import casts, counts, sides
from vitascope.train.features.continuing import betweens, extends, loops
from vitascope.train.features.exam import (
    Examiner,
    FeatureExam,
    Goal,
    Live,
    Row,
    Section,
    Shown,
    Stream,
)
from vitascope.train.features.lasting import drifts, lives, physics
from vitascope.train.features.moving import cameras, moves
from vitascope.train.features.regions import backgrounds, expands, replaces
from vitascope.train.features.restyling import restyles
from vitascope.train.features.smoothing import smooths
from vitascope.train.world.sprites import Atlas

__all__ = [
    "FEATURES",
    "FeatureExam",
    "Goal",
    "Live",
    "Row",
    "Section",
    "Shown",
    "Stream",
    "examine_features",
]

FEATURES: Mapping[str, Callable[[Examiner], Section]] = MappingProxyType(
    {
        "extend": extends,
        "loop": loops,
        "between": betweens,
        "smooth": smooths,
        "expand": expands,
        "replace": replaces,
        "background": backgrounds,
        "restyle": restyles,
        "move": moves,
        "camera": cameras,
        "cast": casts,
        "counts": counts,
        "sides": sides,
        "physics": physics,
        "drift": drifts,
        "live": lives,
    }
)


def examine_features(
    paint: Paint,
    exam: FeatureExam,
    reader: TrainedReader,
    report: Report,
    *,
    only: Sequence[str] = (),
    atlas: Atlas | None = None,
    stream: Stream | None = None,
    live: Live | None = None,
    after: Callable[[Section], None] = lambda section: None,
) -> list[Section]:
    """Examines the features named in `only` (all by default), in the order of FEATURES.

    after(section) is called as each is done; `report` may raise, to cancel. What the filler refuses
    becomes a section that says why. `atlas` holds the world's pictures; None loads them. Raises KeyError for
    a feature that isn't there.
    """
    for name in only:
        if name not in FEATURES:
            raise KeyError(name)
    examiner = Examiner(exam, paint, reader, atlas or Atlas.load(64), report, stream, live)
    sections = list[Section]()
    for name, examine in FEATURES.items():
        if only and name not in only:
            continue
        examiner.begin(name)
        try:
            section = examine(examiner)
        except CannotFill as refusal:
            section = Section(name, refused=str(refusal))
        sections.append(section)
        after(section)
    return sections
