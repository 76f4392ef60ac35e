"""Odd, lying and broken films: every tool works on them or says why not (runs/footage_fuzz.py: thousands)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.footage.hostile import SIMPLE, Bench, Case, Went, films, mutated

from vitascope.footage import TOOLS
from vitascope.media import MediaError, probe, read_video

FILMS = films()
WITHIN_S = 120.0
MUTATIONS = 2  # of each tool
TURNS = 4  # each tool meets every fourth film here, the next tool the next ones; all meet all in runs/
SAMPLE = [
    (tool, name)
    for number, tool in enumerate(TOOLS)
    for place, name in enumerate(FILMS)
    if name == "plain" or (number + place) % TURNS == 0
]
BROKEN = (
    "empty",
    "noise",
    "only a head",
    "cut in the header",
    "no frames",
    "sound only",
    "says its pictures are huge",
)
SIZES = {
    "one pixel": (1, 1),
    "one pixel wide": (1, 48),
    "16,000 wide": (16_000, 2),
    "odd size": (63, 47),
    "turned": (48, 64),
}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench(WITHIN_S) as bench:
        yield bench


def went(bench: Bench, tool: str, data: bytes, folder: Path) -> Went:
    (folder / "out").mkdir()
    (folder / "film.bin").write_bytes(data)
    return bench.run(Case(tool, SIMPLE.get(tool, {}), folder / "film.bin", folder / "out" / "made"))


@pytest.mark.parametrize(("tool", "name"), SAMPLE)
def test_every_tool_over_films_of_every_kind(bench: Bench, tmp_path: Path, tool: str, name: str) -> None:
    seen = went(bench, tool, FILMS[name](), tmp_path)
    assert not seen.bad, f"{seen.how}: {seen.said} {seen.left}"
    assert seen.peak_mb < 2500
    if name == "plain":
        assert seen.how in ("made", "found"), seen.said
    if name in BROKEN:
        assert seen.how == "refused", seen
    if seen.how == "refused":
        assert 10 < len(seen.said) < 500, seen.said
        assert "\n" not in seen.said


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_over_changed_bytes(bench: Bench, tmp_path: Path, tool: str) -> None:
    plain = FILMS["plain"]()
    for seed in range(MUTATIONS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        seen = went(bench, tool, mutated(plain, seed), folder)
        assert not seen.bad, f"mutation {seed}, {seen.how}: {seen.said} {seen.left}"


@pytest.mark.parametrize("name", FILMS)
def test_the_films_are_what_they_are_called(tmp_path: Path, name: str) -> None:
    """A hostile film that is refused for another reason than its own would prove nothing."""
    path = tmp_path / "film.bin"
    path.write_bytes(FILMS[name]())
    if name in BROKEN:
        with pytest.raises(MediaError):
            probe(path)
        return
    info = probe(path)
    if name in SIZES:
        assert (info.width_px, info.height_px) == SIZES[name]
    match name:
        case "10,000 fps":
            assert info.rate_fps == 10_000
        case "a clock with gaps":
            assert info.variable_rate
        case "HDR, PQ" | "HDR, HLG":
            assert info.pixel_format == "yuv420p10le"
        case "eight channels":
            sound = read_video(path).sound_stream()
            assert sound is not None
            assert sound.channels == 8
        case "size changes":
            assert sum(1 for _ in read_video(path)) == 10
        case "a late beginning":
            assert info.start_s == 50
        case "see-through":
            assert info.alpha
        case _:
            pass


def test_the_bench_sees_what_is_wrong(tmp_path: Path) -> None:
    """It tells an unknown tool's refusal, and an end that never comes."""
    with Bench(within_s=0.0) as hurried:
        seen = went(hurried, "no such tool", b"x", tmp_path)
        assert (seen.how, seen.bad) == ("hang", True)
