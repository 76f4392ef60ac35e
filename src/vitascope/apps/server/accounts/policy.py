"""What isn't made here: the door for policies, and who asks them. Knows no job; ours is in `wordlist.py`.

A policy is a plug-in, an entry point of the group "vitascope.policies" that gives a Policy when called; the
settings name those that are asked, all of which must agree. One that doesn't load, or breaks, is heard as a
no: nothing is made unchecked.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from vitascope.apps.server.errors import ServerError

GROUP = "vitascope.policies"
DEFAULT = "default"
_log = logging.getLogger(__name__)


@runtime_checkable
class Policy(Protocol):
    """Says no, or nothing."""

    def check(self, prompt: str, pictures: Sequence[Path]) -> str | None:
        """Why this must not be made, as a sentence for the person who asked; None if it may.

        `pictures` are files of pictures and videos that belong to the prompt; they are gone afterwards.
        Called from several threads at once.
        """
        ...


class Policies:
    """Those that the settings name, loaded when they are first asked."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._loaded: dict[str, Policy] = {}
        self._loading = threading.Lock()

    @property
    def look_at_pictures(self) -> bool:
        """Whether anybody is asked who might look at pictures; the default one reads words only."""
        return any(name != DEFAULT for name in self._names)

    def check(self, prompt: str, pictures: Sequence[Path] = ()) -> None:
        """Raise ServerError 400 (content_policy_violation) if any policy says no, 503 if one is broken."""
        for name in self._names:
            try:
                reason: Any = self._policy(name).check(prompt, pictures)
                if not isinstance(reason, str | None):
                    raise TypeError(f"check() gave {type(reason).__name__}, not a sentence or None")
            except Exception as error:  # somebody else's module, which may raise anything
                _log.error("the policy %r is broken", name, exc_info=error)
                raise ServerError(
                    503,
                    "policy_unavailable",
                    f'the policy "{name}" can\'t be asked now, and nothing is made unchecked; whoever '
                    "runs this server finds the reason in its log",
                ) from error
            if reason is not None:
                sentence = reason or "this isn't made here"
                raise ServerError(400, "content_policy_violation", sentence, "prompt")

    def _policy(self, name: str) -> Policy:
        with self._loading:
            if name not in self._loaded:
                self._loaded[name] = _load(name)
            return self._loaded[name]


def _load(name: str) -> Policy:
    if name == DEFAULT:
        # Ours needs no entry point: that a package's metadata are stale must not switch it off.
        from vitascope.apps.server.accounts.wordlist import WordList

        return WordList()
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise LookupError(f"no policy is called {name!r}; there are: {', '.join([DEFAULT, *sorted(found)])}")
    make: Callable[[], object] = found[name].load()
    policy = make()
    if not isinstance(policy, Policy):
        raise TypeError(f"{found[name].value} gave {type(policy).__name__}, which has no check()")
    return policy
