"""Best of several: --variations 8 --keep 1 fills eight, shows what each is worth and why, and keeps one.

Knows the options and the table; how clips are judged is evaluate/choosing.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from vitascope.apps.cli.tables import show_table

if TYPE_CHECKING:
    from vitascope.canvas import Camera, Canvas
    from vitascope.engine import Report
    from vitascope.evaluate.choosing import Score
    from vitascope.evaluate.reading import TrainedReader

_FAINT = 20  # of 100: what a camera does less than this goes unseen


@dataclass(frozen=True)
class BestOf:
    """How many are filled, how many of them are kept, and where else the table goes."""

    variations: int
    keep: int
    json_file: Path | None

    def judge(self, canvas: Canvas) -> Judge:
        """Whoever will choose; loaded before anything is filled, so that what is missing is said at once."""
        from vitascope.evaluate.asked import asked
        from vitascope.evaluate.reading import TrainedReader

        reader, words = TrainedReader.load(), _said(canvas)
        if canvas.frames == 1 and not asked(words, reader.labels):
            known = ", ".join(list(reader.labels["thing"])[:4])
            raise typer.BadParameter(
                f"the words name nothing that could be read from a picture; it knows {known} ...",
                param_hint="--keep",
            )
        return Judge(self, reader, words)


@dataclass(frozen=True)
class Judge:
    """Chooses among filled canvases, and says why."""

    best: BestOf
    reader: TrainedReader
    words: str

    def choose(self, filled: Sequence[Canvas], report: Report, say: Callable[[str], None]) -> list[Canvas]:
        """The best of them, the best first; prints the table of all."""
        from vitascope.engine import Progress
        from vitascope.evaluate.choosing import choose

        clips = [canvas.pixels for canvas in filled]

        def after(done: int) -> None:
            report(Progress("judging", done, len(clips)))

        scores = choose(clips, self.words, self.best.keep, self.reader, after)
        if not scores[0].named:
            say("The words name nothing that can be read from a video; how steady it is decides alone.")
        seeds = [canvas.seed for canvas in filled]
        pairs = list(zip(scores, seeds, strict=True))
        show_table([_row(*pair) for pair in pairs], self.best.json_file, [_record(*pair) for pair in pairs])
        kept = sorted((score for score in scores if score.kept), key=lambda score: score.rank)
        return [filled[score.number] for score in kept]


def best_of(variations: int, keep: int | None, json_file: Path | None) -> BestOf | None:
    """What --variations, --keep and --json ask for; None if there is nothing to choose."""
    if keep is None:
        if json_file is not None:
            raise typer.BadParameter("writes the table of --keep; say how many to keep", param_hint="--json")
        return None
    if keep > variations:
        raise typer.BadParameter(
            f"{keep} of {variations} can't be kept; let --variations make {keep + 1} or more",
            param_hint="--keep",
        )
    if keep == variations:
        if json_file is not None:
            raise typer.BadParameter(
                f"all {variations} are kept, so nothing is judged; let --variations make more",
                param_hint="--json",
            )
        return None
    if json_file is not None and not json_file.parent.is_dir():
        message = f"the folder {json_file.parent} doesn't exist; make it first"
        raise typer.BadParameter(message, param_hint="--json")
    return BestOf(variations, keep, json_file)


def _said(canvas: Canvas) -> str:
    """All that the canvas's words ask for, and in words its strongest camera move."""
    return ". ".join([*(words.text for words in canvas.words), *map(_move, canvas.camera)])


def _move(camera: Camera) -> str:
    ways = {"pan": ("left", "right"), "tilt": ("down", "up"), "zoom": ("out", "in")}
    sizes = {name: getattr(camera, name) for name in ways}
    name = max(sizes, key=lambda name: abs(sizes[name]))
    if abs(sizes[name]) < _FAINT:
        return ""
    return f"camera: {name} {ways[name][sizes[name] > 0]}"


def _row(score: Score, seed: int) -> dict[str, str | int]:
    from vitascope.evaluate.tables import percent

    row: dict[str, str | int] = {"seed": seed}
    for each in score.named:
        row[f"{each.attribute}: {' or '.join(each.values)}"] = percent(each.probability)
    row["consistency"] = percent(score.consistency)
    row["score"] = percent(score.score)
    return row | {"kept": f"{score.rank}." if score.kept else ""}


def _record(score: Score, seed: int) -> dict[str, Any]:
    attributes = [
        {"attribute": each.attribute, "asked": list(each.values), "probability": each.probability}
        for each in score.named
    ]
    return {
        "seed": seed,
        "attributes": attributes,
        "adherence": score.adherence,
        "consistency": score.consistency,
        "score": score.score,
        "rank": score.rank,
        "kept": score.kept,
    }
