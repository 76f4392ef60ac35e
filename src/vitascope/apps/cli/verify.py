"""verify: what a file says about how it was made, and whether that can be believed.

Three layers are read: the signed provenance (C2PA), the watermark in the pixels, the label in the metadata.
The file is a stranger's: nothing in it is obeyed, nothing is fetched, and what can't be read is said.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from vitascope.media.provenance import Ancestor, Provenance
    from vitascope.media.watermark import Watermark

VALID, PROBLEMS, NOTHING = 0, 1, 2
_WITHIN_FRAMES = 480  # the watermark is looked for in the beginning: it is the same in every frame
_MAX_PIXELS = 4096 * 4096  # of a frame that is decoded to look for it


@dataclass(frozen=True)
class Findings:
    """What was found in a file, and what couldn't be looked for (sentences)."""

    provenance: Provenance | None
    watermark: Watermark | None
    label: dict[str, str] | None
    not_looked_for: tuple[str, ...]

    @property
    def status(self) -> int:
        """The exit status: 0 what was found is valid, 1 it isn't, 2 nothing was found."""
        if self.provenance and not self.provenance.valid:
            return PROBLEMS
        return VALID if self.provenance or self.watermark or self.label else NOTHING


def verify(
    file: Annotated[Path, typer.Argument(help="A video or a picture.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")] = False,
    trust: Annotated[
        Path | None, typer.Option(help="Certificates (PEM) of signers that you trust.", show_default=False)
    ] = None,
) -> int:
    """Say how a file was made: signed provenance, watermark, label.

    The exit status is 0 if what was found is valid, 1 if it isn't, 2 if nothing was found.
    """
    import json as documents

    from vitascope.media import MediaError

    try:
        roots = trust.read_text("ascii") if trust else None
    except UnicodeError as error:
        raise MediaError(f"{trust}: not a PEM file of certificates") from error
    findings = look_into(file, roots)
    if json:
        typer.echo(documents.dumps(asdict(findings) | {"status": findings.status}, indent=2))
    else:
        for sentence in sentences(findings, file.name):
            typer.echo(sentence)
    return findings.status


def look_into(file: Path, trusted_roots: str | None = None) -> Findings:
    """Look for every layer. Raises MediaError only where there is no file that could be looked into."""
    from vitascope.media import MediaError
    from vitascope.media.label import read_label
    from vitascope.media.limits import DEFAULT_LIMITS, regular_file
    from vitascope.media.provenance import read_provenance
    from vitascope.media.watermark import read_watermark

    regular_file(file, DEFAULT_LIMITS)
    missed: list[str] = []
    provenance = watermark = label = None
    try:
        provenance = read_provenance(file, trusted_roots)
    except MediaError as error:
        missed.append(f"Signed provenance couldn't be looked for: {error}.")
    try:
        label = read_label(file)
    except MediaError as error:
        missed.append(f"A label couldn't be looked for: {error}.")
    try:
        watermark = read_watermark(_frames(file))
    except MediaError as error:
        missed.append(f"A watermark couldn't be looked for: {error}.")
    return Findings(provenance, watermark, label, tuple(missed))


def _frames(file: Path) -> Iterator[np.ndarray]:
    """As many frames as the watermark's reader takes, spread over the beginning of the film."""
    from vitascope.media import Limits, probe, read_video
    from vitascope.media.watermark import LOOKED_AT

    limits = Limits(max_pixels_per_frame=_MAX_PIXELS, timeout_s=10)
    frames = probe(file, limits).frames or LOOKED_AT
    step = max(1, min(frames, _WITHIN_FRAMES) // LOOKED_AT)
    for index, frame in enumerate(read_video(file, limits=limits)):
        if index % step == 0:
            yield frame
        if index > _WITHIN_FRAMES:
            return


def sentences(findings: Findings, name: str) -> list[str]:
    """The findings in plain words, the most telling first."""
    said = [*_provenance_sentences(findings.provenance, name)]
    if findings.watermark:
        said.append(
            f"Its pixels carry Vitascope's watermark, number {findings.watermark.message:08x}"
            f" ({findings.watermark.strength:.0f} times the noise). It can be forged: it is a hint, no proof."
        )
    if findings.label:
        fields = ", ".join(f"{key} {value}" for key, value in findings.label.items() if value)
        said.append(f"Its metadata has the label AIGC: {fields}. Anybody can write or remove it.")
    if findings.status == NOTHING:
        said.append(
            f"{name}: nothing was found that says how it was made. That proves nothing: marks can be removed."
        )
    return [*said, *findings.not_looked_for]


def _provenance_sentences(found: Provenance | None, name: str) -> list[str]:
    if found is None:
        return []
    if not found.valid:
        said = [f"{name}: its provenance is NOT valid: {'; '.join(found.problems)}."]
        return [*said, "What it says below may be false.", *_told(found)] if found.actions else said
    who = f"by {found.signer or 'nobody named'} ({found.issuer or 'no issuer'})"
    when = f" on {found.signed_at}" if found.signed_at else ""
    trust = (
        "You trust that signer."
        if found.trusted
        else "Whether that signer is who it says isn't known: anybody can make such a certificate (--trust)."
    )
    return [f"{name}: signed {who}{when}, and unchanged since. {trust}", *_told(found)]


def _told(found: Provenance) -> list[str]:
    said: list[str] = []
    for action in found.actions:
        if action.name == "opened":
            continue
        words = [f"It was {action.name}"]
        words += [f"({action.relation})"] if action.relation else []
        words += [f"by {action.software}"] if action.software else []
        words += [f"with the model {action.model}"] if action.model else []
        words += [f"on {action.when}"] if action.when else []
        said.append(" ".join(words) + ".")
        if action.prompt:
            said.append(f"The words were: {action.prompt}")
    if found.made_by_ai:
        said.append("It says of itself that AI made it, or a part of it.")
    return said + [_line(ancestor) for ancestor in found.lineage]


def _line(ancestor: Ancestor) -> str:
    """One file of the lineage, further in the older it is."""
    role = {"parentOf": "Made from", "inputTo": "Was given", "componentOf": "Contains"}.get(
        ancestor.role, "From"
    )
    whose = "which had no provenance"
    if ancestor.intact is not None:
        made = f"made with {ancestor.model}" if ancestor.model else "made by an unnamed model"
        whose = f"{made}, signed by {ancestor.signer or 'nobody named'}"
        whose += "" if ancestor.intact else ", but CHANGED after that"
    return f"{'  ' * ancestor.steps}{role} {ancestor.title or 'a file without a name'}, {whose}."
