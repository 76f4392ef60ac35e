"""Makes a moving picture for every feature's page with the installed model, all from the first answer:

    python runs/make_feature_pictures.py [NAME ...]

Clips that are given come from the toy world's own renderer. Under a row of clips a line tells what was given
(light) and what was painted (green).
"""

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track

import vitascope as vs
from vitascope.canvas import Ellipse, Rectangle
from vitascope.train.world import vocab
from vitascope.train.world.render import render
from vitascope.train.world.scene import Mix, sample
from vitascope.train.world.sprites import Atlas
from vitascope.train.world.things import THINGS

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SIDE_PX, RATE_FPS = 128, 8
GIVEN, PAINTED = (235, 235, 235), (70, 190, 90)

Clip = NDArray[np.uint8]


def footage(thing: str, action: str, place: str, frames: int = 16, rate_fps: int = 8) -> tuple[Clip, Clip]:
    """A clip of the toy world [T, H, W, 3], and where its thing is [T, H, W] as 0 or 1."""
    scene = sample(1, torch.Generator().manual_seed(1), Mix(p_pair=0, p_count=0, p_bump=0), "any")
    numbers = {
        "action_B": vocab.ACTIONS.index(action),
        "place_B": vocab.PLACES.index(place),
        "size_B": 1,
        "count_B": 1,
        "direction_B": 1,
        "second_place_B": -1,
    }
    for name in ("daytime_B", "weather_B", "camera_B", "style_B", "colour_B", "relation_B"):
        getattr(scene, name)[:] = 0
    for name, number in numbers.items():
        getattr(scene, name)[:] = number
    scene.things_BK[0, 0] = [each.name for each in THINGS].index(thing)
    drawn = render(
        scene,
        Atlas.load(),
        frames=frames,
        height_px=SIDE_PX,
        width_px=SIDE_PX,
        rate_fps=rate_fps,
        truth=True,
    )
    assert drawn.masks_BTHW is not None
    return drawn.pixels_BTHWC[0].numpy(), (drawn.masks_BTHW[0] >= 0).numpy().astype(np.uint8)


def portrait(thing: str) -> Clip:
    """A thing's own picture, RGBA."""
    levels = Atlas.load().levels[128][[each.name for each in THINGS].index(thing)].permute(1, 2, 0).numpy()
    alpha = levels[..., 3:].astype(np.float32) / 255
    colours = np.where(alpha > 0, levels[..., :3] / np.maximum(alpha, 1e-3), 0).clip(0, 255)
    return np.concatenate((colours.astype(np.uint8), levels[..., 3:]), axis=-1)


def lined(clip: Clip, given: NDArray[np.bool_]) -> Clip:
    """The clip with a line below it, light in the frames that were given."""
    line = np.where(given[:, None, None, None], np.array(GIVEN, np.uint8), np.array(PAINTED, np.uint8))
    return np.concatenate((clip, np.broadcast_to(line, (len(clip), 5, clip.shape[2], 3))), axis=1)


def beside(*clips: Clip) -> Clip:
    """Clips of one height side by side, with a gap."""
    gap = np.full((len(clips[0]), clips[0].shape[1], 6, 3), 255, np.uint8)
    parts = [part for clip in clips for part in (gap, clip)][1:]
    return np.concatenate(parts, axis=2)


def held(picture: Clip, frames: int) -> Clip:
    """A picture as a clip."""
    return np.broadcast_to(picture, (frames, *picture.shape))


def _known(canvas: vs.Canvas) -> NDArray[np.bool_]:
    return np.array([bool(known.min() == 1) for known in canvas.known])


def _painted(canvas: vs.Canvas) -> Clip:
    return lined(vs.fill(canvas).pixels, _known(canvas))


def extend() -> Clip:
    clip, _ = footage("fox", "walks", "beach", frames=8)
    words = "a fox walks to the right on the beach"
    return _painted(vs.extend(clip, words, rate_fps=RATE_FPS, duration_s=1.5))


def loop() -> Clip:
    once = vs.fill(vs.loop("a balloon floats over the sea", size=(SIDE_PX, SIDE_PX))).pixels
    return np.concatenate((once, once))


def between() -> Clip:
    clip, _ = footage("football", "rolls", "meadow")
    return _painted(vs.between(clip[0], clip[15], "a football rolls in the meadow"))


def keyframes() -> Clip:
    clip, _ = footage("frog", "jumps", "forest")
    keys = [(0, clip[0]), (7, clip[7]), (15, clip[15])]
    return _painted(vs.keyframes(keys, "a frog jumps in the forest", duration_s=2))


def smooth() -> Clip:
    clip, _ = footage("penguin", "runs", "snow", frames=12)
    faster = vs.fill(vs.smooth(clip, rate_fps=8, to_rate_fps=24)).pixels
    return beside(np.repeat(clip, 3, axis=0), faster)


def expand() -> Clip:
    clip, _ = footage("castle", "stands still", "desert")
    wide = vs.fill(vs.expand(clip, size=(228, SIDE_PX), rate_fps=RATE_FPS, text="a castle in the desert"))
    return beside(clip, wide.pixels)


def _around(where: Clip, by_px: int = 6) -> NDArray[np.float32]:
    """All of a thing's way, a little larger."""
    any_time = where.max(0)
    rows, columns = np.flatnonzero(any_time.any(1)), np.flatnonzero(any_time.any(0))
    region = np.zeros(any_time.shape, np.float32)
    region[
        max(0, rows[0] - by_px) : rows[-1] + by_px + 1, max(0, columns[0] - by_px) : columns[-1] + by_px + 1
    ] = 1
    return region


def replace() -> Clip:
    clip, where = footage("fox", "stands still", "meadow")
    canvas = vs.replace(clip, _around(where), "a pumpkin stands in the meadow", rate_fps=RATE_FPS)
    return beside(clip, vs.fill(canvas).pixels)


def erase() -> Clip:
    clip, where = footage("fox", "stands still", "snow")
    return beside(clip, vs.fill(vs.replace(clip, _around(where), rate_fps=RATE_FPS)).pixels)


def background() -> Clip:
    clip, where = footage("fox", "jumps", "beach")
    canvas = vs.background(clip, where.astype(np.float32), "a fox jumps in space", rate_fps=RATE_FPS)
    return beside(clip, vs.fill(canvas).pixels)


def restyle() -> Clip:
    clip, _ = footage("fox", "runs", "city")
    words = "neon lights, in the city"
    strengths = (0.3, 0.6, 0.9)
    changed = [vs.fill(vs.restyle(clip, words, rate_fps=RATE_FPS, strength=s)).pixels for s in strengths]
    return beside(clip, *changed)


def move() -> Clip:
    clip, where = footage("football", "stands still", "beach")
    rows, columns = np.nonzero(where[0])
    x, y = columns.mean() / SIDE_PX, rows.mean() / SIDE_PX
    brush = Ellipse(x, y, np.ptp(columns) / 2 / SIDE_PX, np.ptp(rows) / 2 / SIDE_PX)
    canvas = vs.move(clip[0], [(brush, [(x, y), (x + 0.25, y - 0.3)])], freeze=[Rectangle(0, 0, 1, 0.15)])
    shown = held(clip[0], 16).copy()
    marked = brush.coverage(SIDE_PX, SIDE_PX) > 0.5
    shown[:, marked] = (0.5 * shown[:, marked] + (0, 60, 127)).astype(np.uint8)
    return beside(shown, vs.fill(canvas).pixels)


def camera() -> Clip:
    said = vs.text_to_video("a castle in the desert", size=(SIDE_PX, SIDE_PX))
    moves = (vs.Camera(), vs.Camera(pan=-50), vs.Camera(tilt=50), vs.Camera(zoom=50))
    return beside(*(vs.fill(said.with_camera(move)).pixels for move in moves))


def cast() -> Clip:
    who = portrait(THINGS[100].name)
    canvas = vs.text_to_video("it jumps on the beach", size=(SIDE_PX, SIDE_PX)).with_cast("it", who)
    alpha = who[..., 3:].astype(np.float32) / 255
    shown = (who[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return beside(held(shown, 16), vs.fill(canvas).pixels)


def variations() -> Clip:
    said = "a red car drives to the left in the city at night"
    return beside(*(vs.fill(vs.text_to_video(said, size=(96, 96), seed=seed)).pixels for seed in range(8)))


def long() -> Clip:
    parts = (("a fox walks on the beach", 0, 4), ("a fox walks on the beach at sunset", 4, 8))
    canvas = vs.Canvas.empty(12, SIDE_PX, SIDE_PX, RATE_FPS)
    for words, start, stop in (*parts, ("a fox walks in the snow", 8, 12)):
        canvas = canvas.with_words(words, vs.Span(Fraction(start), Fraction(stop)))
    return np.concatenate(list(vs.stream(canvas)))


def shots() -> Clip:
    said = ("a fox walks on the beach", "a fox runs in the forest", "a fox jumps in the snow at night")
    film = [
        vs.Shot(vs.text_to_video(words, size=(SIDE_PX, SIDE_PX), seed=seed).with_cast("fox", portrait("fox")))
        for seed, words in enumerate(said)
    ]
    return np.stack(list(vs.shoot(film)))


def live() -> Clip:
    first = vs.text_to_video("a duck swims on the sea", size=(SIDE_PX, SIDE_PX))
    frames: list[Clip] = []

    def words() -> str:
        return "a duck swims on the sea" if len(frames) < 32 else "a duck at night"

    for chunk in vs.live(first, words):
        frames += list(chunk)
        if len(frames) >= 64:
            break
    return np.stack(frames)


MAKERS: dict[str, Callable[[], Clip]] = {
    make.__name__: make
    for make in (
        extend, loop, between, keyframes, smooth, expand, replace, erase, background, restyle, move, camera,
        cast, variations, long, shots, live,
    )
}  # fmt: skip


def _asked(names: list[str]) -> Iterator[str]:
    unknown = [name for name in names if name not in MAKERS]
    if unknown:
        raise SystemExit(f"no picture is called {', '.join(unknown)}; there are {', '.join(MAKERS)}")
    yield from names or MAKERS


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in track(list(_asked(sys.argv[1:])), "Painting"):
        rate_fps = 24 if name == "smooth" else RATE_FPS
        vs.write_video(PICTURES / f"{name}.webp", MAKERS[name](), rate_fps, quality=70)


if __name__ == "__main__":
    main()
