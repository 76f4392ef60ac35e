"""verify: what was written is read back in sentences; a stranger's file does no harm."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from vitascope.apps.cli import main
from vitascope.apps.cli import verify as command
from vitascope.media import write_video
from vitascope.media.label import label_metadata
from vitascope.media.provenance import Made, sign
from vitascope.media.signers import Signer, own_signer
from vitascope.media.watermark import watermarked

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def verify(capfd: pytest.CaptureFixture[str]) -> Run:
    """verify("fox.mp4", "--json") -> exit status, stdout: the command by itself, as the program runs it."""
    app = typer.Typer()
    app.command()(command.verify)

    def run(*arguments: object) -> tuple[int, str]:
        status = app([str(argument) for argument in arguments], standalone_mode=False)
        return int(status), capfd.readouterr().out

    return run


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return own_signer(tmp_path_factory.mktemp("identity"))


def frames(side_px: int = 64) -> Iterator[np.ndarray]:
    slope = np.linspace(60, 180, side_px, dtype=np.float32)
    return iter([np.repeat((slope[:, None] + slope)[..., None] / 2, 3, 2).astype(np.uint8)] * 4)


def test_all_layers_are_read_back(verify: Run, tmp_path: Path, signer: Signer) -> None:
    parent, path = tmp_path / "parent.mp4", tmp_path / "fox.mp4"
    write_video(parent, frames(), 8)
    sign(parent, Made("first"), signer)
    metadata = label_metadata("cn", "a studio", "job_9")
    write_video(path, watermarked(frames(360), 0xABCD), 8, metadata=metadata)
    sign(path, Made("toy", parent=parent, relation="remix", prompt="a fox"), signer)
    status, said = verify(path)
    assert status == 0
    assert "unchanged since" in said
    assert "anybody can make such a certificate" in said
    assert "edited (remix) by Vitascope" in said
    assert "with the model toy" in said
    assert "The words were: a fox" in said
    assert "AI made it" in said
    assert "Made from parent.mp4, made with first, signed by Vitascope installation" in said
    assert "number 0000abcd" in said
    assert "ContentProducer a studio" in said
    (tmp_path / "roots.pem").write_text(signer.roots)
    status, said = verify(path, "--json", "--trust", tmp_path / "roots.pem")
    found: dict[str, Any] = json.loads(said)
    assert (status, found["status"]) == (0, 0)
    assert (found["provenance"]["valid"], found["provenance"]["trusted"]) == (True, True)
    assert found["provenance"]["lineage"][0]["model"] == "first"
    assert found["watermark"]["message"] == 0xABCD
    assert found["label"]["ProduceID"] == "job_9"


def test_changes_are_said_with_status_1(verify: Run, tmp_path: Path, signer: Signer) -> None:
    path = tmp_path / "fox.mp4"
    write_video(path, frames(), 8)
    sign(path, Made("toy"), signer)
    content = bytearray(path.read_bytes())
    content[content.rfind(b"mdat") + 60] ^= 1
    path.write_bytes(content)
    status, said = verify(path)
    assert status == 1
    assert "NOT valid: the pictures or the sound were changed after signing." in said


@pytest.mark.parametrize("name", ["fox.mp4", "fox.webm", "fox.gif", "fox.webp", "fox.png", "fox.jpg"])
def test_nothing_is_status_2(verify: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_video(path, [next(frames())] if name[-3:] in ("png", "jpg") else frames(), 8)
    status, said = verify(path)
    assert status == 2
    assert said.startswith(f"{name}: nothing was found that says how it was made. That proves nothing")
    assert len(said.splitlines()) == 1


def test_a_watermark_alone_is_found(verify: Run, tmp_path: Path) -> None:
    path = tmp_path / "fox.webm"
    write_video(path, watermarked(frames(360), 7), 8)
    status, said = verify(path)
    assert status == 0
    assert "number 00000007" in said


def test_garbage_is_no_trouble(verify: Run, tmp_path: Path, signer: Signer) -> None:
    random = np.random.default_rng(3)
    whole = tmp_path / "whole.mp4"
    write_video(whole, frames(), 8)
    sign(whole, Made("toy"), signer)
    good = whole.read_bytes()
    for number in range(24):
        content = bytearray(good)
        if number % 3 == 0:
            content = bytearray(random.bytes(2000))
        elif number % 3 == 1:
            del content[int(random.integers(1, len(content))) :]
        else:
            for place in random.integers(0, len(content), 40):
                content[place] = int(random.integers(0, 256))
        path = tmp_path / f"garbage{('.mp4', '.png', '.gif', '.bin')[number % 4]}"
        path.write_bytes(content)
        status, said = verify(path)
        assert status in (0, 1, 2)
        assert said
        assert all(sign.isprintable() or sign == "\n" for sign in said)


def test_no_file_and_no_certificates_are_errors(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "gone.mp4")]) == 1
    assert "no such file" in capfd.readouterr().err


def test_it_writes_nothing(verify: Run, tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    write_video(path, [next(frames())], 8)
    verify(path)
    assert os.listdir(tmp_path) == ["fox.png"]
