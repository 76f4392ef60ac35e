"""The tool "scenes": where a clip's shots begin and end. Looks only; writes nothing.

Knows how changes become scenes, and not how they are found (footage/cut_finders.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from vitascope.footage.contracts import Findings, Footage, FootageError, Frame, Report, Tool
from vitascope.footage.cut_finders import Change, CutFinder
from vitascope.footage.parts import load_part

Seconds = Annotated[str, Field(description='Exact seconds, as a fraction: "271/24".')]


class SeenChange(BaseModel):
    """A cut, a dissolve or a fade."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["cut", "dissolve", "fade"]
    first_frame: Annotated[int, Field(description="The first frame in which the new shot is seen.")]
    alone_frame: Annotated[int, Field(description="The first in which it alone is; the same, for a cut.")]
    first_s: Seconds
    alone_s: Seconds
    score: Annotated[float, Field(description="How sure, 0..1.")]


class Scene(BaseModel):
    """From start_frame up to, not including, stop_frame. A dissolve is shared out by its middle."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_frame: int
    stop_frame: int
    start_s: Seconds
    stop_s: Seconds


class SceneList(Findings):
    """What "scenes" answers. The scenes follow one another without a gap, from the first frame on."""

    rate_fps: Annotated[str, Field(description='Frames a second, as a fraction: "24", "30000/1001".')]
    frames: int
    changes: tuple[SeenChange, ...]
    scenes: tuple[Scene, ...]


class Scenes(Tool):
    """Finds a clip's cuts, dissolves and fades, and so its scenes."""

    name: ClassVar[str] = "scenes"

    finder: Annotated[
        str | None, Field(description='Which cut-finder: "content", "transnet" ...; the best that is there.')
    ] = None
    least_score: Annotated[
        float, Field(ge=0, le=1, description="Changes that are less sure are left out.")
    ] = 0.0
    shortest_s: Annotated[
        float, Field(ge=0, le=3600, description="A scene is no shorter; sooner changes are left out.")
    ] = 0.0

    def make(self, footage: Footage, report: Report, others: Mapping[str, Footage]) -> SceneList:
        """All frames are looked at once. Raises FootageError for none, MissingPart for a missing finder."""
        finder: CutFinder = load_part("cut-finder", self.finder)
        count = 0

        def counted() -> Iterator[Frame]:
            nonlocal count
            for frame in footage:
                yield frame
                count += 1
                report("looking for cuts", count, footage.count)

        found = [
            change
            for change in finder.changes(counted(), footage.rate_fps)
            if change.score >= self.least_score
        ]
        if not count:
            raise FootageError("there are no frames to look at")
        found = _far_apart(found, count, Fraction(str(self.shortest_s)) * footage.rate_fps)
        return scene_list(found, count, footage.rate_fps)


def scene_list(changes: Sequence[Change], frames: int, rate_fps: Fraction) -> SceneList:
    """Changes in order, and so many frames, as what the tool answers."""

    def seconds(frame: int) -> str:
        return str(Fraction(frame) / rate_fps)

    edges = [0, *(_edge(change) for change in changes), frames]
    return SceneList(
        rate_fps=str(rate_fps),
        frames=frames,
        changes=tuple(
            SeenChange(
                kind=change.kind,
                first_frame=change.first,
                alone_frame=change.alone,
                first_s=seconds(change.first),
                alone_s=seconds(change.alone),
                score=round(change.score, 4),
            )
            for change in changes
        ),
        scenes=tuple(
            Scene(start_frame=start, stop_frame=stop, start_s=seconds(start), stop_s=seconds(stop))
            for start, stop in pairwise(edges)
            if stop > start
        ),
    )


def _edge(change: Change) -> int:
    """The frame with which the new scene begins: of a dissolve, the one in the middle."""
    return (change.first + change.alone) // 2


def _far_apart(changes: Sequence[Change], frames: int, least: Fraction) -> list[Change]:
    kept: list[Change] = []
    for change in changes:
        last = _edge(kept[-1]) if kept else 0
        if _edge(change) - last >= least and frames - _edge(change) >= least:
            kept.append(change)
    return kept
