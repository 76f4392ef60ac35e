"""H.264 streams of several encoders in one track: what each needs said in front, side by side.

A decoder is told once how to read an H.264 stream, by parameter sets that have numbers of their own. A copied
shot keeps its own sets, the painted parts get others under a number that none of the copied has, and the
file's header holds them all (ISO/IEC 14496-15, 5.3.3.1: "avcC" has room for 31). Knows bits; nothing of
files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_MOST_NUMBERS = 32


@dataclass(frozen=True)
class Sets:
    """The header of an H.264 stream: its sequence and picture parameter sets, and their numbers."""

    head: bytes  # version, profile, compatibility, level, length of lengths
    sequences: tuple[bytes, ...]
    pictures: tuple[bytes, ...]
    tail: bytes

    @property
    def numbers(self) -> dict[tuple[str, int], bytes]:
        """The sets by kind and number."""
        found = {("sequence", _number(_plain(each)[4:])): each for each in self.sequences}
        return found | {("picture", _number(_plain(each)[1:])): each for each in self.pictures}

    def agrees(self, other: Sets) -> bool:
        """Whether both can be in one header: no number means two things, lengths are written alike."""
        theirs = other.numbers
        same = all(theirs.get(number, each) == each for number, each in self.numbers.items())
        return same and self.head[4] & 3 == other.head[4] & 3

    def joined(self, other: Sets) -> Sets:
        """Both in one: the higher profile and level, what both are compatible with."""
        head = bytes(
            (
                1,
                max(self.head[1], other.head[1]),
                self.head[2] & other.head[2],
                max(self.head[3], other.head[3]),
                self.head[4],
            )
        )
        sequences = tuple(dict.fromkeys(self.sequences + other.sequences))
        pictures = tuple(dict.fromkeys(self.pictures + other.pictures))
        return Sets(head, sequences, pictures, self.tail or other.tail)

    def written(self) -> bytes:
        """The header's bytes, "avcC"."""
        return b"".join(
            (
                self.head,
                bytes((0xE0 | len(self.sequences),)),
                *(len(each).to_bytes(2) + each for each in self.sequences),
                bytes((len(self.pictures),)),
                *(len(each).to_bytes(2) + each for each in self.pictures),
                self.tail,
            )
        )


def read_sets(header: bytes | None) -> Sets | None:
    """The parameter sets of a stream's header; None where it is of another kind, or broken."""
    if not header or len(header) < 7 or header[0] != 1:
        return None
    try:
        place = 5
        lists: list[tuple[bytes, ...]] = []
        for bits in (31, 255):
            count, place, found = header[place] & bits, place + 1, list[bytes]()
            for _ in range(count):
                size = int.from_bytes(header[place : place + 2])
                found.append(header[place + 2 : place + 2 + size])
                place += 2 + size
                if len(found[-1]) != size or size < 2:
                    return None
            lists.append(tuple(found))
        sets = Sets(header[:5], lists[0], lists[1], header[place:])
        return sets if lists[0] and lists[1] and sets.numbers else None
    except (IndexError, ValueError):
        return None


def free_number(several: Iterable[Sets]) -> int | None:
    """A number that none of these sets has, neither for sequences nor for pictures."""
    taken = {number for sets in several for _, number in sets.numbers}
    return next((number for number in range(_MOST_NUMBERS) if number not in taken), None)


def _plain(unit: bytes) -> bytes:
    """A unit without the bytes that keep its content from looking like a start code."""
    return unit.replace(b"\0\0\3", b"\0\0")


def _number(data: bytes) -> int:
    """The first unsigned Exp-Golomb number (ITU-T H.264, 9.1)."""
    bits = int.from_bytes(data[:8].ljust(8, b"\0"))
    zeros = 64 - bits.bit_length()
    if zeros > 16:
        raise ValueError("no such number")
    return (bits >> (63 - 2 * zeros)) - 1
