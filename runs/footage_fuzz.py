"""Every tool of the cutting room over odd, lying and mutated films: does each work, or say why not?

    python runs/footage_fuzz.py [--mutations 3000] [--seed 1] [--tools blur,scenes] [--json FILE]

First every tool over every film of tests/footage/hostile.py, then over so many films in all of which some
bytes were changed: a moving square, or real footage where --footage names it, in ten kinds of file. Each
case runs in a child process with a hard end.
Promised is that nothing breaks, hangs or dies, that a refusal leaves nothing behind, and that memory is
bounded.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from served import conclude

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.footage.hostile import SIMPLE, Bench, Case, Went, film, films, mutated, pictures

from vitascope.footage import TOOLS
from vitascope.media import read_video

WITHIN_S = 120.0
MOST_MB = 2500  # of the child, with every tool's networks in it
KINDS: dict[str, dict[str, Any]] = {
    "mp4": {"form": "mp4", "codec": "libx264"},
    "mp4, index in front": {"form": "mp4", "codec": "libx264", "muxer": {"movflags": "+faststart"}},
    "mov with sound": {"form": "mov", "codec": "libx264", "channels": 2},
    "mov, ProRes": {"form": "mov", "codec": "prores_ks", "pixel_format": "yuv422p10le"},
    "mkv": {"form": "matroska", "codec": "libx264", "channels": 8},
    "mkv, FFV1": {"form": "matroska", "codec": "ffv1"},
    "webm": {"form": "webm", "codec": "libvpx-vp9"},
    "avi": {"form": "avi", "codec": "mjpeg", "pixel_format": "yuvj420p"},
    "ts": {"form": "mpegts", "codec": "mpeg2video", "rate_fps": 25},
    "flv": {"form": "flv", "codec": "flv1", "rate_fps": 25},
}


@dataclass
class Row:
    """What came of one tool."""

    ways: dict[str, int] = field(default_factory=dict[str, int])
    slowest_s: float = 0.0
    peak_mb: int = 0
    left: int = 0

    def add(self, went: Went) -> None:
        """Count a case."""
        self.ways[went.how] = self.ways.get(went.how, 0) + 1
        self.slowest_s = max(self.slowest_s, went.took_s)
        self.peak_mb = max(self.peak_mb, went.peak_mb)
        self.left += went.how == "refused" and bool(went.left)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutations", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tools", help="Some of them, with commas between.")
    parser.add_argument("--footage", type=Path, help="A real film, of which ten small frames are taken.")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    tools = options.tools.split(",") if options.tools else list(TOOLS)
    rows = {tool: Row() for tool in tools}
    bugs: list[str] = []
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vitascope-") as name, Bench(WITHIN_S) as bench:
        folder = Path(name)
        for number, (tool, said, data) in enumerate(cases(tools, options)):
            went = run(bench, folder, tool, data)
            rows[tool].add(went)
            if went.bad:
                bugs.append(f"{tool} over {said}: {went.how}, left {went.left}\n{went.said[-1500:]}")
                keep(data, f"{tool}-{number}")
            if number % 20 == 0:
                print(f"\r{number} cases, {len(bugs)} bugs", end="", flush=True)
    print()
    for bug in bugs[:20]:
        print(bug)
    print(f"{time.monotonic() - began_s:.0f} s")
    conclude([as_row(tool, row) for tool, row in rows.items()], promises(rows), options.json)


def cases(tools: list[str], options: argparse.Namespace) -> Iterator[tuple[str, str, bytes]]:
    """(tool, which film, its bytes), all hostile films first."""
    for name, make in films().items():
        data = make()
        for tool in tools:
            yield tool, name, data
    real = [(kind, film(footage(options.footage), **how)) for kind, how in KINDS.items()]
    turns = zip(cycle(tools), range(options.mutations), strict=False)
    for tool, number in turns:
        kind, data = real[number // len(tools) % len(real)]
        seed = options.seed * 1_000_000 + number
        yield tool, f"{kind}, mutation {seed}", mutated(data, seed)


def footage(path: Path | None) -> list[np.ndarray]:
    """Ten small frames of a film, or of a moving square."""
    if path is None:
        return pictures(10, 128, 96)
    return [np.ascontiguousarray(frame[::8, ::8][:96, :128]) for frame in islice(read_video(path), 10)]


def run(bench: Bench, folder: Path, tool: str, data: bytes) -> Went:
    """A case in a folder that is empty before and after."""
    source, target = folder / "source.bin", folder / "out"
    target.mkdir()
    source.write_bytes(data)
    went = bench.run(Case(tool, SIMPLE.get(tool, {}), source, target / "made"))
    for path in target.iterdir():
        path.unlink()
    target.rmdir()
    return went


def keep(data: bytes, name: str) -> None:
    """Put a film that showed a bug where it can be looked at."""
    place = Path(tempfile.gettempdir()) / "footage_fuzz"
    place.mkdir(exist_ok=True)
    (place / f"{name}.bin").write_bytes(data)


def as_row(tool: str, row: Row) -> dict[str, Any]:
    """A row of the table."""
    ways = {way: row.ways.get(way, 0) for way in ("made", "found", "refused", "fault", "hang", "died")}
    return {
        "tool": tool,
        "films": sum(row.ways.values()),
        **ways,
        "left behind": row.left,
        "slowest, s": round(row.slowest_s, 1),
        "peak, MB": row.peak_mb,
    }


def promises(rows: dict[str, Row]) -> dict[str, bool]:
    """What was promised, and whether it was kept."""
    number = sum(sum(row.ways.values()) for row in rows.values())
    ways = {way for row in rows.values() for way in row.ways}
    return {
        f"each of {number} films was worked on or refused in words": not ways & {"fault", "died"},
        "nothing hung": "hang" not in ways,
        "nothing was half-written": not any(row.left for row in rows.values()),
        f"no tool took more than {MOST_MB} MB": max(row.peak_mb for row in rows.values()) <= MOST_MB,
    }


if __name__ == "__main__":
    main()
