"""fillers: who can fill a canvas here, and what they say that they can do."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from vitascope.apps.cli import options as o
from vitascope.apps.cli.tables import show_table

if TYPE_CHECKING:
    from vitascope.engine import Capabilities, Listed


def fillers(json_file: o.JsonFile = None) -> None:
    """List the installed fillers; the first that can fill a canvas is asked when none is named."""
    from vitascope.engine import fillers as installed

    listed = installed().items()
    show_table(
        [_row(name, item) for name, item in listed], json_file, [_record(name, item) for name, item in listed]
    )


def _row(name: str, item: Listed) -> dict[str, str]:
    if item.entry is None:
        fault = f"BROKEN: {item.fault}"
        return {"filler": name, "what it is": fault, "makes": "", "takes": "", "needs": "", "licence": ""}
    can = item.entry.capabilities
    return {
        "filler": name,
        "what it is": can.summary,
        "makes": _makes(can),
        "takes": _takes(can),
        "needs": can.needs,
        "licence": can.licence + (f" ({can.terms})" if can.terms else ""),
    }


def _makes(can: Capabilities) -> str:
    if not can.pictures:
        length = f"to {float(can.max_sound_s):.4g} s" if can.max_sound_s else "any length"
        return f"sound; {length}; {can.sound_rate_hz or 'any'} Hz"
    sides = f"from {can.min_side_px} px" + (f" to {can.max_side_px} px" if can.max_side_px else "")
    length = f"to {can.max_frames} frames" if can.max_frames else "any length"
    rates = "any rate"
    if can.rates_fps is not None:
        rates = ", ".join(f"{float(rate):g}" for rate in can.rates_fps) + " fps"
    elif can.own_rate_fps is not None:
        rates = f"{float(can.own_rate_fps):g} fps, more between given frames"
    heard = f"; with a sound, {can.sound_rate_hz or 'any'} Hz" if can.sound_with_pictures else ""
    return f"{sides}; {length}; {rates}{heard}"


def _takes(can: Capabilities) -> str:
    extras = ("words", "tracks", "cast", "camera", "loop", "sound")
    given = sorted(can.known - {"nothing"}) if can.pictures else []
    return ", ".join(
        [name for name in extras if getattr(can, name)] + [f"known {pattern}" for pattern in given]
    )


def _record(name: str, item: Listed) -> dict[str, Any]:
    if item.entry is None:
        return {"filler": name, "fault": item.fault}
    declared = dataclasses.asdict(item.entry.capabilities)
    rates, own = item.entry.capabilities.rates_fps, item.entry.capabilities.own_rate_fps
    longest = item.entry.capabilities.max_sound_s
    plain = {
        "known": sorted(declared["known"]),
        "rates_fps": None if rates is None else [str(rate) for rate in rates],
        "own_rate_fps": None if own is None else str(own),
        "max_sound_s": None if longest is None else str(longest),
    }
    return {"filler": name} | declared | plain
