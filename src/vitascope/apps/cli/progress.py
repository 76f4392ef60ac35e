"""What a person sees while a fill runs: a bar on a terminal, a line for each stage in a log. All on stderr.

Knows Progress values and nothing about who sends them.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from vitascope.engine import Progress


class Display:
    """A context in which say() and report() show what goes on. Leaving it leaves the terminal as it was."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._stage = ""
        self._task = None
        self._whole = None

    def __enter__(self) -> Display:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        """One line that stays."""
        self.console.print(text, markup=False, soft_wrap=True)

    def written(self, frames: int, total: int) -> None:
        """So many frames of a long video are in the file: a bar above the stage's; a log does without."""
        if self._whole is None:
            self._whole = self._bar.add_task("frames", total=total)
        self._bar.update(self._whole, completed=frames, total=total)

    def report(self, progress: Progress) -> None:
        """The callback for fill()."""
        if progress.stage != self._stage:
            self._stage = progress.stage
            if not self.console.is_terminal:
                self.say(progress.stage + (f": {progress.total} steps" if progress.total > 1 else ""))
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(progress.stage, total=progress.total)
        if self._task is not None:
            self._bar.update(self._task, completed=progress.done, total=progress.total)
