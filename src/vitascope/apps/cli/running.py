"""From a canvas to files, the same for every command that makes something: choose, say, load, fill, save.

Knows no feature. Whatever can be wrong is found before the first line is shown, and that line comes before
anything heavy is imported.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from vitascope.canvas import Canvas
    from vitascope.engine import Choice, FillSettings


def make(
    canvas: Canvas, outputs: list[Path], filler_name: str | None, settings: FillSettings, note: str = ""
) -> None:
    """Fill the canvas once for each output, with its seed and those that follow, and write the results.

    The note, if there is one, is a line to say first.
    """
    from vitascope.apps.cli.progress import Display
    from vitascope.engine import ReadsWords, fill_many, filler_for, load_filler
    from vitascope.media import save

    began_s = time.monotonic()
    canvases = [canvas.with_seed(canvas.seed + number) for number in range(len(outputs))]
    choice = filler_for(canvas, filler_name)
    with Display() as display:
        if note:
            display.say(note)
        display.say(_announcement(canvas, choice))
        filler = load_filler(choice.name)
        if isinstance(filler, ReadsWords):
            _warn_of(
                filler.unknown_words(" ".join(words.text for words in canvas.words)), choice, display.say
            )
        filled = fill_many(canvases, filler, settings, display.report)
        for result, output in zip(filled, outputs, strict=True):
            save(result, output)
            typer.echo(f"{output}  seed {result.seed}")
        display.say(f"Done in {time.monotonic() - began_s:.1f} s.")


def _announcement(canvas: Canvas, choice: Choice) -> str:
    length = f"{float(canvas.duration_s):g} s at {float(canvas.rate_fps):g} fps"
    what = "one picture" if canvas.frames == 1 else length
    return f"Filling {canvas.width_px}x{canvas.height_px}, {what}, with {choice.name} ..."


def _warn_of(unknown: tuple[str, ...], choice: Choice, say: Callable[[str], None]) -> None:
    """Say which words the filler never learnt, and which installed filler might know them."""
    from vitascope.engine import fillers

    if not unknown:
        return
    others = [item for item in fillers().values() if item.entry and item.entry.capabilities.open_vocabulary]
    names = [item.name for item in others if item.name != choice.name]
    advice = f"--filler {' or '.join(names)}" if names else "a larger model, as a plug-in (docs/plugins.md),"
    listed = ", ".join(f"'{word}'" for word in dict.fromkeys(unknown))
    say(f"The {choice.name} model doesn't know: {listed}. It paints the nearest; {advice} would know more.")
