"""Signed provenance (C2PA): who made a file, how, and from what.

``sign`` writes it and ``read_provenance`` reads it back, changes and lineage too. Knows nothing of jobs,
models or prompts but what it is told, and asks no network unless there is an address for time stamps. Whose
signature it is: signers.py.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from vitascope.media.label import printable
from vitascope.media.limits import DEFAULT_LIMITS, Limits, MediaError, Place, regular_file
from vitascope.media.signers import Signer, c2pa_library
from vitascope.media.whole import whole_file

SIGNABLE = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
Relation = Literal["remix", "extend", "edit"]
_KIND = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_MODEL, _RELATION, _PROMPT = "vitascope.model", "vitascope.relation", "vitascope.prompt"
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


@dataclass(frozen=True)
class Made:
    """What is said of a file: the model (filler) that painted it, and what it was made from.

    ``parent`` is the file that it remixes, extends or edits (``relation``); ``inputs`` are other pictures and
    films that were given to the model. Of them their names and hashes are told, and their own provenance goes
    along. ``prompt`` is written only if given: files travel. ``when`` is now if None. ``trained`` False: no
    filler invented anything; it was changed by an algorithm, or put together from the inputs.
    """

    model: str
    parent: Place | None = None
    relation: Relation = "edit"
    inputs: tuple[Place, ...] = ()
    title: str | None = None
    prompt: str | None = None
    when: datetime | None = None
    trained: bool = True


@dataclass(frozen=True)
class Action:
    """One thing that was done: its C2PA name without prefix (created, opened, edited), and with what."""

    name: str
    when: str | None
    software: str | None
    model: str | None
    relation: str | None
    source_type: str | None
    prompt: str | None


@dataclass(frozen=True)
class Ancestor:
    """A file that this one was made from; ``steps`` is 1 for what it was made from itself.

    ``role`` is C2PA's (parentOf, inputTo, componentOf). What isn't known, because that file had none, is
    None; else ``intact`` says whether it was as signed when this file was signed.
    """

    steps: int
    title: str | None
    role: str
    signer: str | None
    model: str | None
    created: str | None
    intact: bool | None


@dataclass(frozen=True)
class Provenance:
    """What a file says of itself. ``valid``: it is as it was signed; ``trusted``: by one on the given list.

    ``problems`` are sentences, empty if and only if it is valid. ``made_by_ai`` is what the actions say.
    """

    valid: bool
    trusted: bool
    signer: str | None
    issuer: str | None
    signed_at: str | None
    title: str | None
    software: str | None
    model: str | None
    made_by_ai: bool
    actions: tuple[Action, ...]
    lineage: tuple[Ancestor, ...]
    problems: tuple[str, ...]


def can_sign(path: Place) -> bool:
    """Whether files with this suffix have a place for signed provenance (WebM and Matroska have none)."""
    return Path(path).suffix.lower() in SIGNABLE


def sign(path: Place, made: Made, signer: Signer) -> None:
    """Write signed provenance into a finished file, replacing what it had; it changes whole or not at all.

    Raises MediaError for a format without a place for it (``can_sign``), a missing library, or a parent that
    can't be read.
    """
    place = regular_file(path, DEFAULT_LIMITS)
    if not can_sign(place):
        raise MediaError(
            f"{place.name}: C2PA has no place for provenance in {place.suffix or 'a file without suffix'};"
            f" it has in {', '.join(SIGNABLE)}"
        )
    c2pa = c2pa_library()
    with _said_plainly(place.name, "can't be signed"), _context() as context:
        builder = c2pa.Builder(_manifest(made, place), context=context)
        _add_sources(builder, made)
        with signer.opened() as seal, whole_file(place) as part:
            with place.open("rb") as source, part.open("w+b") as target:
                builder.sign(seal, SIGNABLE[place.suffix.lower()], source, target)
            shutil.copymode(place, part)


def _manifest(made: Made, place: Path) -> dict[str, Any]:
    """The manifest's definition; c2pa adds the hashes and, for an edit, the action "opened"."""
    composite = made.parent is not None or bool(made.inputs)
    kind = "compositeWithTrainedAlgorithmicMedia" if composite else "trainedAlgorithmicMedia"
    if not made.trained:
        kind = "composite" if made.parent is None else "algorithmicallyEnhanced"
    agent = {"name": "Vitascope", "version": _version()}
    parameters = {_MODEL: made.model}
    if made.parent is not None:
        parameters[_RELATION] = made.relation
    if made.prompt is not None:
        parameters[_PROMPT] = made.prompt
    action = {
        "action": "c2pa.created" if made.parent is None else "c2pa.edited",
        "when": (made.when or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "softwareAgent": agent,
        "digitalSourceType": _KIND + kind,
        "parameters": parameters,
    }
    return {
        "claim_generator_info": [agent],
        "title": made.title or place.name,
        "format": SIGNABLE[place.suffix.lower()],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }


def _add_sources(builder: Any, made: Made) -> None:
    c2pa = c2pa_library()
    if made.parent is not None:
        builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
        _add_source(builder, made.parent, "parentOf")
    for each in made.inputs:
        _add_source(builder, each, "inputTo")


def _add_source(builder: Any, path: Place, relation: str) -> None:
    place = regular_file(path, DEFAULT_LIMITS)
    said = {"title": place.name, "relationship": relation}
    with place.open("rb") as file:
        builder.add_ingredient(said, SIGNABLE.get(place.suffix.lower(), "application/octet-stream"), file)


def read_provenance(
    path: Place, trusted_roots: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> Provenance | None:
    """Read and check a file's signed provenance, None if it has none. A stranger's file may hold anything.

    ``trusted_roots`` are certificates (PEM) whose signatures are trusted; without them nobody's are, whole
    though they may be: anyone can make a certificate. Raises MediaError for a file that can't be opened.
    """
    place = regular_file(path, limits)
    c2pa = c2pa_library()
    with _context(trusted_roots) as context, place.open("rb") as file:
        try:
            reader = c2pa.Reader(SIGNABLE.get(place.suffix.lower()), file, context=context)
        except c2pa.C2paError.ManifestNotFound:
            return None
        except c2pa.C2paError as error:
            return _unreadable(str(error)) if _has_manifest(file) else None
        with reader:
            said: dict[str, Any] = json.loads(reader.json())
    return _provenance(said)


_STORE = b"jumdc2pa"  # the description box and its type (ISO 19566-5, C2PA 2.2 section 11.1)
_TRAINED = "trainedalgorithmicmedia"  # ends compositeWith... too
_UNTRUSTED = "signingCredential.untrusted"
_FAULTS = {
    "assertion.bmffHash.mismatch": "the pictures or the sound were changed after signing",
    "assertion.dataHash.mismatch": "the content was changed after signing",
    "assertion.boxesHash.mismatch": "the content was changed after signing",
    "assertion.collectionHash.mismatch": "the content was changed after signing",
    "assertion.hashedURI.mismatch": "a statement about it was changed after signing",
    "assertion.missing": "a signed statement about it was taken out",
    "assertion.undeclared": "a statement was slipped in that nobody signed",
    "assertion.action.malformed": "what it says was done makes no sense to C2PA",
    "claimSignature.mismatch": "the signature doesn't fit: what was signed is not what is there",
    "claimSignature.missing": "the signature was taken out",
    "claimSignature.outsideValidity": "it was signed when the certificate wasn't valid",
    "claim.missing": "the signed claim was taken out",
    "claim.multiple": "there is more than one claim",
    "claim.hardBindings.missing": "nothing ties the signature to the content",
    "signingCredential.expired": "the signer's certificate has expired, and no time stamp is older",
    "signingCredential.revoked": "the signer's certificate was revoked",
    "signingCredential.invalid": "the signer's certificate isn't one that may sign content",
    "ingredient.manifest.mismatch": "the provenance of a file that it was made from was changed",
    "ingredient.manifest.missing": "the provenance of a file that it was made from was taken out",
}
_MAX_LINEAGE = 100

Found = dict[str, Any]


def _provenance(said: Found) -> Provenance:
    manifests = _mapping(said, "manifests")
    active = _mapping(manifests, str(said.get("active_manifest")))
    actions = _actions(active)
    failures = _failures(_mapping(said, "validation_results"))
    state = said.get("validation_state")
    problems = _sentences(failures)
    if state not in ("Valid", "Trusted") and not problems:
        problems = ("the provenance isn't valid, and the library doesn't say why",)
    seal = _mapping(active, "signature_info")
    software = next(iter(_list(active, "claim_generator_info")), None)
    return Provenance(
        valid=not problems,
        trusted=state == "Trusted" and not problems,
        signer=_text(seal, "common_name"),
        issuer=_text(seal, "issuer"),
        signed_at=_text(seal, "time"),
        title=_text(active, "title"),
        software=_named(software),
        model=next((action.model for action in actions if action.model), None),
        made_by_ai=any((action.source_type or "").lower().endswith(_TRAINED) for action in actions),
        actions=actions,
        lineage=tuple(_lineage(manifests, active)),
        problems=problems,
    )


def _has_manifest(file: BinaryIO) -> bool:
    """Whether a C2PA manifest store begins anywhere in a file that the library can't make sense of."""
    file.seek(0)
    before = b""
    while piece := file.read(1 << 20):
        if _STORE in before + piece:
            return True
        before = piece[-len(_STORE) :]
    return False


def _unreadable(reason: str) -> Provenance:
    problem = (
        f"it holds provenance that can't be read: damaged, or not made by the rules ({printable(reason)})"
    )
    return Provenance(False, False, None, None, None, None, None, None, False, (), (), (problem,))


def _actions(manifest: Found) -> tuple[Action, ...]:
    return tuple(
        Action(
            name=(_text(action, "action") or "unknown").removeprefix("c2pa."),
            when=_text(action, "when"),
            software=_named(action.get("softwareAgent")),
            model=_text(parameters, _MODEL),
            relation=_text(parameters, _RELATION),
            source_type=(_text(action, "digitalSourceType") or "").rpartition("/")[2] or None,
            prompt=_text(parameters, _PROMPT),
        )
        for assertion in _list(manifest, "assertions")
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in _list(_mapping(assertion, "data"), "actions")
        for parameters in [_mapping(action, "parameters")]
    )


def _lineage(manifests: Found, active: Found) -> list[Ancestor]:
    """What it was made from, the nearest first; each manifest once, however they refer to each other."""
    found: list[Ancestor] = []
    seen: set[str] = set()
    generation, steps = [active], 1
    while generation and len(found) < _MAX_LINEAGE:
        older: list[Found] = []
        for ingredient in (each for manifest in generation for each in _list(manifest, "ingredients")):
            label = ingredient.get("active_manifest")
            own = _mapping(manifests, str(label)) if label else {}
            found.append(_ancestor(steps, ingredient, own))
            if own and str(label) not in seen:
                seen.add(str(label))
                older.append(own)
        generation, steps = older, steps + 1
    return found[:_MAX_LINEAGE]


def _ancestor(steps: int, ingredient: Found, own: Found) -> Ancestor:
    actions = _actions(own)
    failures = _failures(_mapping(ingredient, "validation_results"))
    return Ancestor(
        steps=steps,
        title=_text(ingredient, "title"),
        role=_text(ingredient, "relationship") or "unknown",
        signer=_text(_mapping(own, "signature_info"), "common_name"),
        model=next((action.model for action in actions if action.model), None),
        created=next((action.when for action in actions if action.when), None),
        intact=not _sentences(failures) if own else None,
    )


def _failures(results: Found) -> list[Found]:
    deltas = (_mapping(delta, "validationDeltas") for delta in _list(results, "ingredientDeltas"))
    return [
        each for part in (_mapping(results, "activeManifest"), *deltas) for each in _list(part, "failure")
    ]


def _sentences(failures: list[Found]) -> tuple[str, ...]:
    """Each kind of fault once. An unknown signer is no fault of the file: ``trusted`` says it."""
    codes = {str(each.get("code")): each for each in failures if each.get("code") != _UNTRUSTED}
    return tuple(
        dict.fromkeys(
            _FAULTS.get(code) or f"{_text(each, 'explanation') or 'something is wrong'} ({printable(code)})"
            for code, each in codes.items()
        )
    )


def _mapping(of: Found, key: str) -> Found:
    found = of.get(key)
    return cast(Found, found) if isinstance(found, dict) else {}


def _list(of: Found, key: str) -> list[Found]:
    found = of.get(key)
    items = cast(list[Any], found) if isinstance(found, list) else []
    return [cast(Found, item) for item in items if isinstance(item, dict)]


def _text(of: Found, key: str) -> str | None:
    found = of.get(key)
    return printable(found) if isinstance(found, str) and found else None


def _named(agent: Any) -> str | None:
    """A piece of software with its version, which C2PA tells as text or as a record."""
    if isinstance(agent, str):
        return printable(agent)
    record = cast(Found, agent) if isinstance(agent, dict) else {}
    words = (_text(record, "name"), _text(record, "version"))
    return " ".join(word for word in words if word) or None


@contextmanager
def _context(trusted_roots: str | None = None) -> Generator[Any]:
    c2pa = c2pa_library()
    settings: Found = dict(_SETTINGS)
    if trusted_roots is not None:
        settings["trust"] = {"user_anchors": trusted_roots}
    try:
        context = c2pa.Context.from_dict(settings)
    except c2pa.C2paError as error:
        raise MediaError(f"the trusted certificates can't be used, PEM is needed: {error}") from error
    with context:
        yield context


@contextmanager
def _said_plainly(name: str, what: str) -> Generator[None]:
    try:
        yield
    except c2pa_library().C2paError as error:
        raise MediaError(f"{name}: {what}: {error}") from error


@cache
def _version() -> str:
    return version("vitascope")
