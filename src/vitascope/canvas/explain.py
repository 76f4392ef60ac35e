"""What is wrong with a document, in words for its author. Knows pydantic's errors, not canvases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, cast

from .errors import CanvasError, quoted


def explained(errors: Iterable[Mapping[str, Any]], document: object) -> CanvasError:
    """The first of pydantic's errors about a document, as a CanvasError with its path."""
    error = next(iter(errors))
    where = _path(error, document)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, CanvasError):
        inner = f".{cause.where}" if where and cause.where else cause.where
        return CanvasError(cause.message, where + inner)
    return CanvasError(_message(error), where)


def nearest(name: str, names: Iterable[str]) -> str:
    """A question after the nearest of `names`, or all of them if none is near."""
    choice = list(names)
    near = get_close_matches(name[:40], choice, n=1, cutoff=0.5)
    return f'did you mean "{near[0]}"?' if near else "there are " + ", ".join(choice)


def _path(error: Mapping[str, Any], document: object) -> str:
    """Where the error is, as one would write it: `words[1].span`.

    Follows the document, because pydantic puts its own names of alternatives between the steps.
    """
    path, here = "", document
    for step in error["loc"]:
        if isinstance(here, list) and isinstance(step, int):
            items = cast("list[object]", here)
            path += f"[{step}]"
            here = items[step] if step < len(items) else None
        elif isinstance(here, dict):
            names = cast("dict[str, object]", here)
            if step in names or (error["type"] == "missing" and step == error["loc"][-1]):
                path += f".{step}" if path else str(step)
                here = names.get(step)
    return path


def _message(error: Mapping[str, Any]) -> str:
    kind, context, given = error["type"], error.get("ctx", {}), error["input"]
    if kind == "missing":
        return "is missing"
    if kind == "union_tag_not_found":
        return "shape is missing"
    if kind == "union_tag_invalid":
        shapes = re.findall(r"\w+", context["expected_tags"])
        return f"there is no shape {quoted(str(context['tag']))}; {nearest(str(context['tag']), shapes)}"
    message = str(error["msg"]).replace("Input should", "must").replace("List should", "must")
    if isinstance(given, (dict, list)):
        return message
    return (
        f"{message}, not {quoted(given)}" if isinstance(given, str) else f"{message}, not {str(given)[:40]}"
    )
