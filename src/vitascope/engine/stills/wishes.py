"""What a canvas asks of the camera, the light and the subject: its camera moves, and its words read by rule.

"push in slowly, then a light sweep" is two wishes. A word that no rule reads is left aside. Knows canvases
and English words for camera moves; no picture, and not how a wish is drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vitascope.canvas import Canvas

Kind = Literal["pan", "tilt", "zoom", "roll", "push", "orbit", "light", "float"]

MOVES: tuple[Kind, ...] = ("pan", "tilt", "zoom", "roll", "push", "orbit")
PLAIN, SLOW, FAST = 0.5, 0.25, 1.0  # as canvas.parse_camera reads the same words


@dataclass(frozen=True)
class Wish:
    """A move during frames start..stop: amount in -1..1, where + is right, up, in, clockwise, nearer."""

    kind: Kind
    amount: float
    start: int
    stop: int


_LEFT_RIGHT = r"\b(?P<minus>left(?:wards?)?)\b|\b(?P<plus>right(?:wards?)?)\b"
_UP_DOWN = r"\b(?P<minus>down(?:wards?)?)\b|\b(?P<plus>up(?:wards?)?)\b"
_IN_OUT = r"\b(?P<minus>out|back|away|outwards?|backwards?)\b|\b(?P<plus>in|into|closer|forwards?|towards?)\b"
_TURNS = r"\b(?P<minus>anti-?clockwise|counter-?clockwise|left)\b|\b(?P<plus>clockwise|right)\b"

_GOES = r"\bcamera\b.*\b(?:goes|moves?|moving|glides?|gliding|travels?|slides?|sliding|flies|flying)\b"
# kind, the words that name it, those that give its direction, and the direction without them (0: needs one).
_RULES: tuple[tuple[Kind, str, str, int], ...] = (
    (
        "light",
        r"\blight(?:s|ing)?\b.*\b(?:sweeps?|sweeping|glides?|passes|moves)\b|\bsweeps? of light\b",
        "",
        1,
    ),
    ("light", r"\b(?:gleams?|gleaming|glints?|glinting|shimmers?|shimmering)\b", "", 1),
    ("float", r"\b(?:floats?|floating|hovers?|hovering|levitates?|levitating|bobs|bobbing)\b", "", 1),
    ("orbit", r"\b(?:orbits?|orbiting|arcs?|arcing|circles?|circling|parallax|around)\b", _LEFT_RIGHT, 1),
    ("push", r"\b(?:push(?:es|ing)?|doll(?:y|ies|ying)|pull(?:s|ing)?)\b|\bcloser\b|" + _GOES, _IN_OUT, 0),
    ("zoom", r"\bzoom(?:s|ing)?\b", _IN_OUT, 1),
    ("pan", r"\b(?:pan(?:s|ning)?|truck(?:s|ing)?)\b|" + _GOES, _LEFT_RIGHT, 0),
    ("tilt", r"\b(?:tilt(?:s|ing)?|crane(?:s)?|craning|pedestals?)\b|" + _GOES, _UP_DOWN, 0),
    ("roll", r"\b(?:roll(?:s|ing)?|rotat(?:es?|ing))\b", _TURNS, 0),
)
_KEN_BURNS = re.compile(r"\bken[ -]burns\b")
_STILL = re.compile(r"\b(?:static|still|fixed|locked|motionless)\b|\bno (?:camera )?(?:motion|movement)\b")
_SLOW = re.compile(r"\b(?:slow(?:ly)?|gent(?:le|ly)|soft(?:ly)?|subtl[ey]|calm(?:ly)?|slight(?:ly)?)\b")
_FAST = re.compile(r"\b(?:fast|quick(?:ly)?|rapid(?:ly)?|swift(?:ly)?)\b")
_LULL = re.compile(
    r"an?|the|of|with|its?|as|to|into|in|on|at|by|for|from|is|are|camera|shot|slow(ly)?|gent(le|ly)|fast|quickly|"
    r"video|clip|photo|picture|image|cinematic|smooth(ly)?|light|product"
)


def wishes(canvas: Canvas, seed: int = 0) -> list[Wish]:
    """All of them; a gentle push and a little orbit where nothing is asked. `seed` chooses its side.

    Where camera moves are given, what the words say of pan, tilt, zoom and roll is left aside.
    """
    found: list[Wish] = []
    for camera in canvas.camera:
        held = camera.span.frames(canvas.frames, canvas.rate_fps)
        for kind, amount in zip(MOVES, camera.moves, strict=False):
            if amount:
                found.append(Wish(kind, amount / 100, held.start, held.stop))
    asked = bool(canvas.camera)
    for words in canvas.words:
        held = words.span.frames(canvas.frames, canvas.rate_fps)
        if words.weight <= 0:
            continue
        read, still = read_words(words.text)
        asked |= still
        for kind, amount in read:
            if not (canvas.camera and kind in ("pan", "tilt", "zoom", "roll")):
                found.append(Wish(kind, amount, held.start, held.stop))
    if any(wish.kind in MOVES for wish in found) or asked:
        return found
    side = 1 if seed % 2 == 0 else -1
    gentle = 0.5 * SLOW if found else SLOW  # beside a light or a floating thing the camera holds back
    return [
        *found,
        Wish("push", gentle, 0, canvas.frames),
        Wish("orbit", side * gentle, 0, canvas.frames),
    ]


def read_words(text: str) -> tuple[list[tuple[Kind, float]], bool]:
    """What a text asks for, (kind, amount), and whether it asks the camera to stay still."""
    found: list[tuple[Kind, float]] = []
    still = False
    for clause in _clauses(text):
        read = _read(clause)
        found += [each for each in read if each[0] not in {kind for kind, _ in found}]
        still |= not read and bool(_STILL.search(clause))
    return found, still


def unread_words(text: str) -> tuple[str, ...]:
    """The words of those clauses of which nothing was understood."""
    unread: list[str] = []
    for clause in _clauses(text):
        if not _read(clause) and not _STILL.search(clause):
            unread += [word for word in re.findall(r"[^\W\d_]{2,}", clause) if not _LULL.fullmatch(word)]
    return tuple(dict.fromkeys(unread))


def _clauses(text: str) -> list[str]:
    parts = re.split(r"[,.;:!?]|\band\b|\bthen\b|\bwhile\b", text[:2000].lower())
    return [part.strip() for part in parts if part.strip()]


def _read(clause: str) -> list[tuple[Kind, float]]:
    size = SLOW if _SLOW.search(clause) else FAST if _FAST.search(clause) else PLAIN
    if _KEN_BURNS.search(clause):
        return [("zoom", SLOW * size), ("pan", SLOW * size), ("tilt", 0.5 * SLOW * size)]
    found: list[tuple[Kind, float]] = []
    for kind, names, ways, alone in _RULES:
        if not re.search(names, clause):
            continue
        sign = _sign(ways, clause) or alone
        if sign and not (kind == "tilt" and ("pan", size) in found):
            found.append((kind, sign * size))
            if kind not in ("light", "float"):
                break  # "the camera moves in a circle around it" is one move
    return found


def _sign(ways: str, clause: str) -> int:
    match = re.search(ways, clause) if ways else None
    if match is None:
        return 0
    return 1 if match["plus"] else -1
