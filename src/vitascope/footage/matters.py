"""Matters: what says of a single frame how much of each pixel is the subject. Knows no clip and no mark.

Ours need nothing from a hub: `people` is a small network, `salient` none at all. Whoever has `rembg` has all
of its models too, as "rembg:NAME".
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vitascope.footage.contracts import FootageError, Frame, MissingPart
from vitascope.footage.parts import Part, load_part

if TYPE_CHECKING:
    from vitascope.footage.edges import Plane

GET_MEDIAPIPE = "pip install --no-deps mediapipe==0.10.21"


class Matter(Protocol):
    """Says of a frame how much of each pixel is the subject."""

    begins: bool
    """Whether it is good for a beginning only, to be followed from there, for it may fall for something
    else in the next frame.
    """

    def alpha(self, frame: Frame) -> Plane:
        """float32 [H, W] in 0..1 of a frame uint8 [H, W, 3]."""
        ...


PEOPLE = Part(
    name="people",
    role="matter",
    summary="people, by MediaPipe's selfie segmentation",
    target="vitascope.footage.people:People",
    licence="Apache-2.0",
    packages=("ai_edge_litert", "mediapipe"),
    rank=10,
)
SALIENT = Part(
    name="salient",
    role="matter",
    summary="what stands out from the edges of the picture; no network",
    target="vitascope.footage.salient:Salient",
)


def matter_named(name: str) -> Matter:
    """A matter by name, "rembg:u2net" and the like too.

    Raises FootageError for a name that isn't there, MissingPart for a package, saying how to get it.
    """
    kind, _, model = name.partition(":")
    if kind == "rembg" and model:
        return _rembg(model)
    if name == "people" and PEOPLE.missing():
        raise MissingPart(
            f"to find people, {' and '.join(PEOPLE.missing())} must be installed: "
            f"`pip install 'vitascope[footage]'` and `{GET_MEDIAPIPE}` (without its dependencies: only its "
            'networks are read); or mark the subject: --subject "rect:0.3,0.1,0.7,1"'
        )
    return load_part("matter", name)


@cache
def _rembg(model: str) -> Matter:
    try:
        rembg: Any = importlib.import_module("rembg")
    except ImportError as error:
        raise MissingPart(
            f"the matter rembg:{model} needs the package rembg: `pip install 'rembg[cpu]'`; it loads its "
            "models from the net, each with a licence of its own"
        ) from error
    try:
        return _Rembg(rembg, rembg.new_session(model))
    except Exception as error:  # a name that it hasn't, no net, no room: it has no error of its own
        raise FootageError(f'rembg has no model "{model}" here: {error}') from error


class _Rembg:
    """Any model of rembg's."""

    begins = False

    def __init__(self, module: Any, session: Any) -> None:
        self._module, self._session = module, session

    def alpha(self, frame: Frame) -> Plane:
        mask = self._module.remove(np.ascontiguousarray(frame), session=self._session, only_mask=True)
        return np.asarray(mask, np.float32).reshape(frame.shape[:2]) / np.float32(255)
