"""From a canvas to files, the same for every command that makes something: choose, say, load, fill, save.

Knows no feature. Whatever can be wrong is found before the first line is shown, and that line comes before
anything heavy is imported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vitascope.apps.cli.model_options import awake

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope.apps.cli.best import BestOf
    from vitascope.apps.cli.progress import Display
    from vitascope.canvas import Canvas
    from vitascope.engine import Choice, Filler, FillSettings


def make(
    canvas: Canvas,
    outputs: list[Path],
    filler_name: str | None,
    settings: FillSettings,
    note: str = "",
    best: BestOf | None = None,
) -> None:
    """Fill the canvas once for each output, with its seed and those that follow, and write the results.

    The note, if there is one, is a line to say first. `best` fills more of them, of which the outputs get the
    best. A canvas longer than a window goes to its file as it is painted, where nothing is to be chosen.
    """
    from vitascope.apps.cli.progress import Display
    from vitascope.engine import fill_many, filler_for, in_windows
    from vitascope.media import save

    began_s = time.monotonic()
    canvases = [
        canvas.with_seed(canvas.seed + number) for number in range(best.variations if best else len(outputs))
    ]
    choice = filler_for(canvas, filler_name)
    with Display() as display:
        if note:
            display.say(note)
        display.say(_announcement(canvas, choice))
        judge = best.judge(canvas) if best else None
        filler = awake(choice.name)
        warn_of_unknown(filler, [canvas], choice, display.say)
        if judge is None and in_windows(canvas, choice.capabilities):
            for each, output in zip(canvases, outputs, strict=True):
                _save_as_painted(each, output, filler, settings, display)
                typer.echo(f"{output}  seed {each.seed}")
        else:
            filled = fill_many(canvases, filler, settings, display.report)
            if judge:
                filled = judge.choose(filled, display.report, display.say)
            for result, output in zip(filled, outputs, strict=True):
                save(result, output)
                typer.echo(f"{output}  seed {result.seed}")
        display.say(f"Done in {time.monotonic() - began_s:.1f} s.")


def _save_as_painted(
    canvas: Canvas, output: Path, filler: Filler, settings: FillSettings, display: Display
) -> None:
    """Write a long canvas window by window, in flat memory; the file appears whole or not at all."""
    from vitascope.engine import stream
    from vitascope.media import write_video

    def frames() -> Iterator[NDArray[np.uint8]]:
        done = 0
        for chunk in stream(canvas, filler, settings, display.report):
            # Each frame a copy, for the writer may hold its last one while the next window is painted.
            yield from (frame.copy() for frame in chunk)
            done += len(chunk)
            display.written(done, canvas.frames)
            del chunk

    display.written(0, canvas.frames)
    write_video(output, frames(), canvas.rate_fps, sound=canvas.sound)


def _announcement(canvas: Canvas, choice: Choice) -> str:
    length = f"{float(canvas.duration_s):g} s at {float(canvas.rate_fps):g} fps"
    what = "one picture" if canvas.frames == 1 else length
    heard = "" if canvas.sound_known else ", and its sound"
    return f"Filling {canvas.width_px}x{canvas.height_px}, {what}{heard}, with {choice.name} ..."


def warn_of_unknown(
    filler: Filler, canvases: Sequence[Canvas], choice: Choice, say: Callable[[str], None]
) -> None:
    """Say which words the filler never learnt, and which installed filler might know them."""
    from vitascope.engine import ReadsWords, fillers

    if not isinstance(filler, ReadsWords):
        return
    unknown = filler.unknown_words(" ".join(words.text for canvas in canvases for words in canvas.words))
    if not unknown:
        return
    others = [(item.name, item.entry.capabilities) for item in fillers().values() if item.entry]
    names = [name for name, can in others if can.open_vocabulary and can.pictures and name != choice.name]
    advice = f"--filler {names[0]}" if names else "a larger model, as a plug-in (docs/plugins.md),"
    advice += " (or another of `vitascope fillers`)" if len(names) > 1 else ""
    listed = ", ".join(f"'{word}'" for word in dict.fromkeys(unknown))
    said = f"The {choice.name} model doesn't know: {listed}. It paints the nearest or nothing"
    say(f"{said}; {advice} would know more.")
