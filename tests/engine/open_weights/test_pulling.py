"""What is fetched for a model, by the hub's real client from a hub that runs here."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vitascope.engine.open_weights.pulling import CannotPull, chosen

from . import tiny

SHA = "0123456789abcdef0123456789abcdef01234567"


def test_only_what_a_pipeline_reads_is_chosen() -> None:
    files = [
        *("model_index.json", "README.md", "whole.safetensors", "vae/config.json"),
        *("vae/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.fp16.safetensors"),
        *("vae/diffusion_pytorch_model.bin", "tokenizer/vocab.txt", "unet/model.onnx", "examples/fox.png"),
        "unet/diffusion_pytorch_model.fp16.safetensors",
    ]
    assert chosen(files) == [
        "model_index.json",
        "tokenizer/vocab.txt",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors",
    ]


def test_folders_that_the_index_does_not_name_are_left() -> None:
    """As in Helios' repositories, whose transformer_ode and transformer_init no pipeline reads."""
    weights = "diffusion_pytorch_model.safetensors"
    files = ["model_index.json", f"transformer/{weights}", f"transformer_ode/{weights}", "vae/config.json"]
    left = [file for file in files if "transformer_ode" in file]
    assert chosen(files, {"transformer", "vae"}) == sorted(set(files) - set(left))


def test_a_repository_in_another_form_is_refused() -> None:
    with pytest.raises(CannotPull, match="form of diffusers"):
        chosen(["model.gguf", "README.md"])


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """An address at which a hub has one repository, tiny/wan, with a pickle in it too, and a folder that its
    index doesn't name.
    """
    folder = tiny.wan(tmp_path / "repository")
    (folder / "vae" / "evil.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    shutil.copytree(folder / "transformer", folder / "transformer_ode")
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    sizes = {file: (folder / file).stat().st_size for file in files}

    class Hub(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            path = self.path.partition("?")[0]
            if path.startswith("/api/models/tiny/wan/tree/"):
                tree = [{"type": "file", "path": f, "size": sizes[f], "oid": SHA} for f in files]
                return self._send(json.dumps(tree).encode(), "application/json", body)
            if path.startswith("/api/models/tiny/wan"):
                siblings = [{"rfilename": f, "size": sizes[f]} for f in files]
                card = {"license": "apache-2.0"}
                info = {"id": "tiny/wan", "sha": SHA, "siblings": siblings, "cardData": card, "tags": []}
                return self._send(json.dumps(info).encode(), "application/json", body)
            name = path.removeprefix(f"/tiny/wan/resolve/{SHA}/")
            if name in files:
                return self._send((folder / name).read_bytes(), "application/octet-stream", body)
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()
            return None

        def _send(self, data: bytes, kind: str, body: bool) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", SHA)
            self.end_headers()
            if body:
                self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def vitascope(hub: str, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, for the client reads its addresses when it is imported."""
    environment = os.environ | {"HF_ENDPOINT": hub, "HF_HUB_CACHE": str(cache), "HF_HUB_DISABLE_XET": "1"}
    call = [str(Path(sys.executable).with_name("vitascope")), *arguments]
    return subprocess.run(call, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_a_model_is_pulled_and_then_fills(hub: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    asked = vitascope(hub, cache, "pull", "tiny/wan")
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert not list(cache.glob("models--*"))  # what is looked up is not taken for what was pulled
    pulled = vitascope(hub, cache, "pull", "tiny/wan", "--yes")
    assert pulled.returncode == 0, pulled.stderr
    assert "apache-2.0" in pulled.stdout
    fetched = {path.name for path in cache.rglob("*")}
    assert "diffusion_pytorch_model.safetensors" in fetched
    assert "evil.bin" not in fetched
    assert "transformer" in fetched
    assert "transformer_ode" not in fetched
    film = tmp_path / "fox.mp4"
    how = ["--filler", "tiny/wan", "--seconds", "5f", "--rate", "16", "--size", "256", "--steps", "1"]
    filled = vitascope("http://127.0.0.1:9", cache, "generate", "a fox", "-o", str(film), *how)
    assert filled.returncode == 0, filled.stderr
    assert film.stat().st_size > 0


def test_what_the_hub_lacks_is_said(hub: str, tmp_path: Path) -> None:
    missing = vitascope(hub, tmp_path / "cache", "pull", "nobody/nothing", "--yes")
    assert missing.returncode == 1
    assert "the hub has no nobody/nothing" in missing.stderr
    wrong = vitascope(hub, tmp_path / "cache", "pull", "wan2.2", "--yes")
    assert "neither in the catalogue" in wrong.stderr
    nobody = vitascope("http://127.0.0.1:9", tmp_path / "cache", "pull", "tiny/wan", "--yes")
    assert nobody.returncode == 1
    assert "can't be asked" in nobody.stderr
