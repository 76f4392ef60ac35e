"""Where results go: names for outputs, and everything about them that can be wrong before any work. Knows no
codec.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import typer


def outputs_for(
    given: Path | None, words: str, frames: int, variations: int, sound: bool = False
) -> list[Path]:
    """The files to write: the one asked for or one named after the words; fox-1.mp4, fox-2.mp4 ... for
    several.

    Raises a usage error for a format that can't hold so many frames, or their sound, or a folder that isn't
    there or is closed.
    """
    outputs = _numbered(given or _named_after(words, ".png" if frames == 1 else ".mp4"), variations)
    for each in outputs:
        _check_place(each)
        _check_format(each, frames)
        if sound:
            _check_sounds(each)
    return outputs


def sounds_for(given: Path | None, words: str, film: Path | None, variations: int) -> list[Path]:
    """The files to write a sound to, or with a film the film that gets it, in the same way."""
    from vitascope.media import CONTAINERS, SOUNDS

    output = given or _named_after(words, ".wav")
    if given is None and film is not None:
        kept = film.suffix.lower() in CONTAINERS
        output = _named_after(f"{film.stem} {words}", film.suffix.lower() if kept else ".mp4")
    outputs = _numbered(output, variations)
    fitting = [*SOUNDS, *(CONTAINERS if film is not None else ())]
    for each in outputs:
        _check_place(each)
        if each.suffix.lower() not in fitting:
            hint = "" if film is not None else "; a film gets a sound with --clip"
            raise _wrong(f"{each} can't hold a sound; end it in {', '.join(fitting)}{hint}")
    return outputs


def _numbered(output: Path, variations: int) -> list[Path]:
    if variations == 1:
        return [output]
    return [output.with_stem(f"{output.stem}-{number}") for number in range(1, variations + 1)]


def _named_after(words: str, suffix: str) -> Path:
    slug = "-".join(re.findall(r"\w+", words.lower()))
    return Path((slug[:60].rstrip("-") or "vitascope") + suffix)


def _check_place(output: Path) -> None:
    folder = output.parent
    if not folder.is_dir():
        raise _wrong(f"the folder {folder} doesn't exist; make it first")
    if not os.access(folder, os.W_OK):
        raise _wrong(f"the folder {folder} can't be written to")
    if output.is_dir() and (output.suffix or any(output.iterdir())):
        raise _wrong(
            f"{output} is a folder that isn't empty; name a file, or a new folder for one picture per frame"
        )


def _check_format(output: Path, frames: int) -> None:
    from vitascope.media import CONTAINERS, WRITABLE

    suffix = output.suffix.lower()
    sequence = suffix == "" or (suffix == ".png" and "%" in output.name)
    fitting = {*CONTAINERS, ".gif", ".webp", *(WRITABLE if frames == 1 else ())}
    if sequence or suffix in fitting:
        return
    wrong = f"would hold one picture and this has {frames}" if suffix in WRITABLE else "is of no known format"
    raise _wrong(f"{output} {wrong}; end it in {', '.join(sorted(fitting))}")


def _check_sounds(output: Path) -> None:
    from vitascope.media import CONTAINERS

    if output.suffix.lower() not in CONTAINERS:
        raise _wrong(f"{output} can't hold a film with its sound; end it in {', '.join(sorted(CONTAINERS))}")


def _wrong(message: str) -> typer.BadParameter:
    return typer.BadParameter(message, param_hint="--output")
