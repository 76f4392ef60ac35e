"""The program as it is run: how soon it answers, and how it ends when it is stopped."""

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "import sys; from vitascope.apps.cli import main; sys.exit(main())"]


def test_help_is_quick_and_names_every_command() -> None:
    """Processor time, the least of five: what else the machine does is not what is measured."""
    times_s: list[float] = []
    said = ""
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        said = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times_s) < 0.5
    assert all(name in said for name in ("generate", "animate", "image", "fill", "fillers", "schema"))


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from vitascope.apps.cli import main; main(['generate', '--help']);"
        "heavy = {'torch', 'numpy', 'av', 'PIL'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, vitascope; dir(vitascope); assert not {'torch', 'numpy', 'av'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_first_line_comes_before_torch(tmp_path: Path) -> None:
    """So the cold start to it is short on any machine; runs/bench.py says how short."""
    watch = (
        "import sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch': print('torch', file=sys.stderr, flush=True)\n"
        "sys.meta_path.insert(0, Watch())\n"
    )
    command = [*PROGRAM[:2], watch + PROGRAM[2], "image", "a fox", "--size", "64", "-o", "fox.png"]
    program = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert program.stderr
    assert program.stderr.readline().startswith("Filling 64x64, one picture, with ")
    assert program.stderr.readline() == "torch\n"
    program.kill()
    program.communicate()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("moment", ["Filling", "painting"])
def test_stopping_it_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals, status: int, moment: str
) -> None:
    long = ["generate", "a fox", "--filler", "toy", "--size", "1920x1080", "--seconds", "60", "-o", "fox.mp4"]
    (tmp_path / "fox.mp4").write_bytes(b"the film of yesterday")
    program = subprocess.Popen([*PROGRAM, *long], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert program.stderr
    while not program.stderr.readline().startswith(moment):
        assert program.poll() is None
    stopped_s = time.perf_counter()
    program.send_signal(number)
    _, err = program.communicate(timeout=60)
    assert time.perf_counter() - stopped_s < 20  # a frame's time and the way out, on a busy machine
    assert program.returncode == status
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["fox.mp4"]
    assert (tmp_path / "fox.mp4").read_bytes() == b"the film of yesterday"


def test_stopping_it_while_it_writes_leaves_nothing_behind(tmp_path: Path) -> None:
    size = ["--size", "256x144", "--seconds", "20"]
    command = [*PROGRAM, "generate", "a fox", "--filler", "toy", *size, "-o", "fox.webm"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as program:
        while not list(tmp_path.glob(".*")):  # the hidden file that becomes the output when it is whole
            assert program.poll() is None
            time.sleep(0.01)
        program.send_signal(signal.SIGINT)
    assert program.returncode == 130
    assert list(tmp_path.iterdir()) == []
