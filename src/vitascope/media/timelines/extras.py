"""What a file format has no place for: our dataclasses as plain JSON values and back. Knows no file format.

Everything is written, defaults too, so that a later version with other defaults reads what was meant.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from types import NoneType
from typing import Any, TypeVar, cast, get_args

from vitascope.media.limits import MediaError
from vitascope.media.timelines.errors import TimelineError, inside

MadeT = TypeVar("MadeT")


def to_plain(value: Any, leave: frozenset[str] = frozenset()) -> Any:
    """A dataclass as a dict of its fields but those to `leave` out, a Fraction as "n/d", the rest as is."""
    if is_dataclass(value):
        return {
            field.name: to_plain(getattr(value, field.name))
            for field in fields(value)
            if field.name not in leave
        }
    return str(value) if isinstance(value, Fraction) else value


def from_plain(kind: type[MadeT], given: Mapping[str, Any], **also: Any) -> MadeT:
    """The dataclass that a dict describes, with `also` set; what the dict lacks takes its default.

    Raises TimelineError with the field's name for what can't be; fields that aren't known are left aside.
    """
    known = _kinds(kind)
    made: dict[str, Any] = {}
    for name, value in given.items():
        if name in known and name not in also:
            with inside(name):
                made[name] = _value(known[name], value)
    try:
        return kind(**made, **also)
    except MediaError:
        raise
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise TimelineError(f"can't be made into a {kind.__name__}: {error}") from error


def _value(kinds: tuple[type, ...], value: Any) -> Any:
    if value is None and NoneType in kinds:
        return None
    nested = next((kind for kind in kinds if is_dataclass(kind)), None)
    if nested:
        if not isinstance(value, Mapping):
            raise TimelineError(f"must be an object, not {type(value).__name__}")
        return from_plain(nested, cast("Mapping[str, Any]", value))
    if Fraction in kinds and isinstance(value, str):
        try:
            return Fraction(value[:60])
        except (ValueError, ZeroDivisionError):
            raise TimelineError(f'{value[:40]!r} is not a number; write "1/24"') from None
    plain = [kind for kind in kinds if kind in (str, int, float, bool)]
    fits = not plain or type(value) in plain or (float in plain and type(value) is int)
    if not fits or isinstance(value, list | dict):
        raise TimelineError(f"{str(cast('object', value))[:40]!r} is not what belongs here")
    return value


@cache
def _kinds(kind: type) -> dict[str, tuple[type, ...]]:
    """Each field's possible types: Literals are text, `X | None` is both."""
    hints = typing.get_type_hints(kind)
    return {field.name: _members(hints[field.name]) for field in fields(kind)}


def _members(hint: Any) -> tuple[type, ...]:
    if typing.get_origin(hint) is typing.Literal:
        return (str,)
    if isinstance(hint, type):
        return (hint,)
    return tuple(member for part in get_args(hint) for member in _members(part))
