"""How fast the built-in filler is beside the plain way to sample it, and what speed costs, as the reader sees
it.

    python runs/bench_fill.py [--clips 32] [--steps 4,8,12,20] [--json FILE]

The plain way is 30 even steps of first order (Euler), fp32, eager, with guidance. Every other row is the
filler as it is (second order, steps crowded near the noise, bfloat16 where the processor has it) with so many
steps. All rows paint the same 64 px clips of two seconds from the same words and seeds, combinations that
training never saw, after one clip to warm up. Quality: of the clips' attributes that the words speak of, how
many the reader reads as asked, over the same for real renders.
"""

import argparse
import platform
import time
from pathlib import Path

import numpy as np
import torch

from vitascope.apps.cli.tables import show_table
from vitascope.engine.built_in_filler import BuiltInFiller
from vitascope.engine.contracts import FillSettings
from vitascope.engine.painter import STEPS
from vitascope.evaluate.adherence import adherence
from vitascope.evaluate.reading import TrainedReader
from vitascope.model import samplers
from vitascope.train.benchmark import COMBINATIONS, DURATION_S, FRAMES, RATE_FPS, Exam, ask, spoken
from vitascope.train.reading import answers
from vitascope.train.world.render import render
from vitascope.train.world.sprites import Atlas

PLAIN_STEPS = 30
SHOWN = ("thing", "action", "place", "camera")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=32)
    parser.add_argument("--steps", default=f"4,8,12,{STEPS}", help="of the filler, comma separated")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    asked = ask(Exam(samples=2 * options.clips))[COMBINATIONS]
    canvases, reader = asked.canvases(64), TrainedReader.load()
    wanted = {name: column.numpy() for name, column in answers(asked.scenes).items()}
    real = render(asked.scenes, Atlas.load(), frames=FRAMES, rate_fps=RATE_FPS).pixels_BTHWC.numpy()
    truth = reader.read(real).values

    def row(name: str, filler: BuiltInFiller, settings: FillSettings) -> dict[str, object]:
        filler.fill(canvases[:1], settings, lambda _: None)
        began_s = time.perf_counter()
        clips = [filler.fill([canvas], settings, lambda _: None)[0].pixels for canvas in canvases]
        seconds = (time.perf_counter() - began_s) / (len(clips) * DURATION_S)
        seen = adherence(reader.read(np.stack(clips)).values, truth, wanted, spoken(asked))
        read = {one.attribute: one.ratio for one in seen}
        return {"how": name, "s per s of video": seconds} | {key: read.get(key) for key in SHOWN}

    plain = BuiltInFiller(sample=samplers.euler, shift=1.0)
    unhurried = FillSettings(steps=PLAIN_STEPS, precision="float32")
    rows = [row(f"plain, {PLAIN_STEPS} steps", plain, unhurried)]
    for steps in map(int, options.steps.split(",")):
        rows.append(row(f"filler, {steps} steps", BuiltInFiller(), FillSettings(steps=steps)))
    slowest = rows[0]["s per s of video"]
    assert isinstance(slowest, float)
    for one in rows:
        taken = one["s per s of video"]
        assert isinstance(taken, float)
        one["times as fast"] = slowest / taken
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, {options.clips} clips; of the ceiling")
    show_table(rows, options.json)


if __name__ == "__main__":
    main()
