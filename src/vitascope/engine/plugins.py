"""The door that every filler comes through, the built-in one too: the entry-point group "vitascope.fillers".

An entry point names something that carries `capabilities` and gives a Filler when called. Reading the list
imports the modules so named and nothing else, so they must be light; a filler with heavy imports registers a
LazyFiller. A plug-in that fails to import fails alone: it stays in the list with its error.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from vitascope.engine.contracts import BrokenFiller, Capabilities, Filler, FillerEntry, UnknownFiller

GROUP = "vitascope.fillers"
FORMS = "vitascope.filler_forms"
"""Functions of a text that give a FillerEntry, or None where it isn't of their form."""

Runner = Callable[[str], Filler | None]
"""Says who stands in for the filler of that name: one that has it fill on other machines. None: nobody."""

_ADMITTED: dict[str, FillerEntry] = {}
_runners: list[Runner] = []


@dataclass(frozen=True)
class LazyFiller:
    """A filler known by its capabilities; its code ("package.module:Class") is imported when it's called."""

    capabilities: Capabilities
    target: str

    def __call__(self) -> Filler:
        module, _, name = self.target.partition(":")
        return getattr(importlib.import_module(module), name)()


@dataclass(frozen=True)
class Listed:
    """One line of the list of fillers: its name, and either the entry that loads it or why there is none."""

    name: str
    entry: FillerEntry | None
    fault: str = ""


@cache
def fillers() -> dict[str, Listed]:
    """Every installed filler by its name, the highest rank first, broken ones last. Read once per process."""
    listed = [_read(point) for point in entry_points(group=GROUP)]
    ordered = sorted(listed, key=lambda item: (item.entry is None, -_rank(item), item.name))
    return {item.name: item for item in ordered}


@cache
def load_filler(name: str) -> Filler:
    """The filler of that name, loaded once per process. Raises UnknownFiller (with the nearest name),
    BrokenFiller.
    """
    entry = find_entry(name)
    try:
        filler: object = entry()
    except Exception as error:
        raise BrokenFiller(f'the filler "{name}" doesn\'t load: {_in_words(error)}') from error
    if not isinstance(filler, Filler):
        raise BrokenFiller(
            f'the filler "{name}" gave {type(filler).__name__}, which has no fill() and capabilities'
        )
    return filler


def awake(name: str) -> Filler:
    """The filler of that name as this process fills with it: loaded here, or its stand-in. Raises as
    load_filler() does, and what the runner raises.
    """
    for runner in reversed(_runners):
        if (elsewhere := runner(name)) is not None:
            return elsewhere
    return load_filler(name)


@contextmanager
def running_on(runner: Runner) -> Generator[None]:
    """Within, fillers that are named fill where the runner says. It holds for all threads of the process."""
    _runners.append(runner)
    try:
        yield
    finally:
        _runners.remove(runner)


def find_entry(name: str) -> FillerEntry:
    """The entry of that name, not loaded yet. Raises UnknownFiller or BrokenFiller."""
    if name in _ADMITTED:
        return _ADMITTED[name]
    known = fillers()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(known) or 'none'}"
        raise UnknownFiller(f'no filler is called "{name}"; {hint}')
    item = known[name]
    if item.entry is None:
        raise BrokenFiller(f'the filler "{name}" doesn\'t load: {item.fault}')
    return item.entry


def admit(text: str) -> str:
    """Let a filler in that is named by what it is: a folder of weights, an address. Returns the text.

    From then on it is a name like any other in this process. Only for people at their own machine: what a
    client of a server says must never come here. Raises what its kind raises where it can't be; a text of no
    such form is left as it is.
    """
    if text in fillers() or text in _ADMITTED:
        return text
    for point in entry_points(group=FORMS):
        entry = point.load()(text)
        if entry is not None:
            _ADMITTED[text] = entry
            break
    return text


def _read(point: EntryPoint) -> Listed:
    try:
        entry: Any = point.load()
    except Exception as error:  # somebody else's module: whatever it raises must not take the list down
        return Listed(point.name, None, _in_words(error))
    if not isinstance(getattr(entry, "capabilities", None), Capabilities) or not callable(entry):
        return Listed(point.name, None, f"{point.value} is not callable or has no Capabilities")
    return Listed(point.name, cast(FillerEntry, entry))


def _rank(item: Listed) -> int:
    return item.entry.capabilities.rank if item.entry else 0


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
