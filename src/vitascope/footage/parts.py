"""The door for the parts that tools work with: networks and algorithms behind a role's contract.

A role ("interpolator", "matter", "face-finder", "tracker", "enlarger", "denoiser", "cut-finder") has its
Protocol in the module of the tool that uses it. Ours come through the same entry-point group as anybody's,
"vitascope.footage", whose names are "role.name" and which name a Part. Listing imports light modules only.
"""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from vitascope.footage.contracts import FootageError, MissingPart

GROUP = "vitascope.footage"


@dataclass(frozen=True, kw_only=True)
class Part:
    """What an entry point names: plain data about a part, and where its code is ("package.module:Class")."""

    name: str
    role: str
    summary: str
    target: str
    licence: str = ""
    packages: tuple[str, ...] = ()
    """Modules that must be importable; those of ours come with the extra `footage`."""
    install: str = ""
    """How to get its packages where the extra `footage` doesn't bring them: a command."""
    rank: int = 0
    """Of several, the highest whose packages are there is taken when none is named."""

    def missing(self) -> tuple[str, ...]:
        """The modules that aren't installed."""
        from importlib.util import find_spec

        return tuple(name for name in self.packages if find_spec(name) is None)


@cache
def parts(role: str) -> dict[str, Part]:
    """The parts of a role by name, the highest rank first. One that fails to import is left out."""
    found: list[Part] = []
    for point in entry_points(group=GROUP):
        if point.name.partition(".")[0] != role:
            continue
        try:
            part = point.load()
        except Exception:
            continue  # a stranger's plug-in that is broken must not break the tools
        if isinstance(part, Part) and part.role == role:
            found.append(part)
    return {part.name: part for part in sorted(found, key=lambda part: (-part.rank, part.name))}


def load_part(role: str, name: str | None = None) -> Any:
    """A part of that role, loaded: the one named, or the best whose packages are there.

    Raises FootageError for a name that isn't there (with the nearest), MissingPart for a missing package.
    """
    known = parts(role)
    if name is not None:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(known) or 'none'}"
            raise FootageError(f'no {role} is called "{name}"; {hint}')
        part = known[name]
        if part.missing():
            raise _missing(role, part)
        return _loaded(part)
    for part in known.values():
        if not part.missing():
            return _loaded(part)
    if not known:
        raise FootageError(f"no {role} is installed")
    raise _missing(role, next(iter(known.values())))


@cache
def _loaded(part: Part) -> Any:
    module, _, name = part.target.partition(":")
    return getattr(importlib.import_module(module), name)()


def _missing(role: str, part: Part) -> MissingPart:
    how = f"`{part.install}` brings it" if part.install else "`pip install 'vitascope[footage]'` brings ours"
    return MissingPart(f"the {role} {part.name} needs {', '.join(part.missing())}; {how}")
