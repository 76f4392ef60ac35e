"""JSON text -> a checked form, and the media that it names. Knows no document's meaning.

Documents come from strangers: names that come twice, NaN, endless numbers and texts that would fill the
memory are refused, and what is wrong is told with its path.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from .errors import CanvasError, inside, quoted
from .explain import explained
from .planes import Bytes, as_colours

if TYPE_CHECKING:
    from pydantic import BaseModel

FormT = TypeVar("FormT", bound="BaseModel")
MadeT = TypeVar("MadeT")

LARGEST_DOCUMENT = 64 * 2**20  # characters: room for a few pictures inside, as data: URIs


def read_form(document: dict[str, Any] | str, kind: type[FormT], what: str) -> FormT:
    """The form that a document (text or parsed) holds; `what` says what it should be, with an example.

    Raises CanvasError with the path of what is wrong, such as `words[1].span`.
    """
    from pydantic import ValidationError

    parsed = _parsed(document, what)
    try:
        return kind.model_validate(parsed)
    except ValidationError as error:
        raise explained(error.errors(), parsed) from None


def load_frames(uri: str, load: Callable[[str], Bytes], where: str = "uri") -> Bytes:
    """The frames uint8 [T, H, W, 3 or 4] that a URI names; a picture is one. May raise CanvasError."""
    with inside(where):
        frames = np.asarray(loaded(uri, load))
        return as_colours(frames[None] if frames.ndim == 3 else frames, "THWC", (3, 4))


def loaded(uri: str, load: Callable[[str], MadeT]) -> MadeT:
    """What a URI names; that it can't be loaded becomes a CanvasError."""
    try:
        return load(uri)
    except CanvasError:
        raise
    except (ValueError, OSError) as error:
        raise CanvasError(f"{quoted(uri)} could not be loaded: {error}") from error


def _parsed(document: dict[str, Any] | str, what: str) -> dict[str, Any]:
    """The document as plain JSON values; a parsed one goes the same way, so that it holds nothing else."""
    try:
        text = document if isinstance(document, str) else json.dumps(document, allow_nan=False)
        if len(text) > LARGEST_DOCUMENT:
            raise CanvasError(f"the document has {len(text)} characters; at most {LARGEST_DOCUMENT}")
        parsed = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except CanvasError:
        raise
    except (ValueError, TypeError, RecursionError) as error:  # ValueError: broken, NaN, an endless number
        raise CanvasError(f"this is no JSON document: {error}") from None
    if not isinstance(parsed, dict):
        raise CanvasError(what)
    return cast("dict[str, Any]", parsed)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name in seen:
            raise CanvasError(f"{quoted(name)} is there twice in one object")
        seen[name] = value
    return seen


def _no_constant(name: str) -> None:
    raise CanvasError(f"{name} is not a number that a canvas can hold")
