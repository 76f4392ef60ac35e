"""Seconds and peak memory of the commands that a user runs first, each in a process of its own.

    python runs/bench.py [--runs 3] [--json FILE]

Medians over the runs; the first run of each is not counted (it fills the disk cache). "First line" is the
time from the start of the process to the first line of progress.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vitascope.apps.cli.tables import show_table

PROGRAM = [sys.executable, "-c", "import sys; from vitascope.apps.cli import main; sys.exit(main())"]
COMMANDS = {
    "vitascope --help": ["--help"],
    "a picture from a sentence": ["image", "a fox on the beach", "-o", "fox.png"],
    "2 s of video from a sentence": ["generate", "a fox jumps on the beach", "-o", "fox.mp4"],
    "4 variations of it": ["generate", "a fox jumps on the beach", "-o", "fox.mp4", "--variations", "4"],
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in COMMANDS.items():
            once(arguments, folder)
            runs = [once(arguments, folder) for _ in range(options.runs)]
            first_line_s, whole_s, peak_mib = (
                statistics.median(values) for values in zip(*runs, strict=True)
            )
            rows.append(
                {
                    "command": name,
                    "first line, s": first_line_s,
                    "whole, s": whole_s,
                    "peak, MiB": round(peak_mib),
                }
            )
    show_table(rows, options.json)


def once(arguments: list[str], folder: str) -> tuple[float, float, float]:
    """Run one command: seconds to its first line (on either stream), seconds in all, peak memory in MiB."""
    began_s = time.perf_counter()
    process = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    process.stdout.readline()
    first_line_s = time.perf_counter() - began_s
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"vitascope {' '.join(arguments)} failed:\n{said}")
    return first_line_s, time.perf_counter() - began_s, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
