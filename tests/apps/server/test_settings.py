"""Where settings come from, which of them wins, and what is refused before anything starts."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from vitascope.apps.server.errors import SettingsError
from vitascope.apps.server.settings import OLD_MODELS, Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("VITASCOPE_"):
            monkeypatch.delenv(name)


def test_later_sources_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('port = 1\nrate_fps = 2\nkeep_hours = 3\npolicies = ["default"]\n')
    monkeypatch.setenv("VITASCOPE_RATE_FPS", "20")
    monkeypatch.setenv("VITASCOPE_KEEP_HOURS", "30")
    settings = load_settings(file, keep_hours=300, host=None)
    assert (settings.port, settings.rate_fps, settings.keep_hours) == (1, 20, 300)
    assert settings.host == "127.0.0.1"


def test_the_environment_can_say_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITASCOPE_SIGN", "false")
    monkeypatch.setenv("VITASCOPE_POLICIES", "default, strict")
    monkeypatch.setenv("VITASCOPE_MODELS", '{"sora-2": "toy"}')
    settings = load_settings()
    assert settings.sign is False
    assert settings.policies == ["default", "strict"]
    assert settings.models["sora-2"] == "toy"
    assert settings.models["gen4.5"] == ""  # the other old names stay


def test_gpus_that_share_a_clip_are_a_cluster_s_or_this_machine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().gpus, Settings().cluster_address) == (1, None)
    monkeypatch.setenv("VITASCOPE_GPUS", "4")
    assert (load_settings().gpus, load_settings().cluster_address) == (4, "local")
    assert load_settings(gpus=2, cluster="ray://head:10001").cluster_address == "ray://head:10001"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"port": 70_000}, "port"),
        ({"prot": 1}, "there is no setting 'prot'"),
        ({"host": "0.0.0.0", "require_keys": False}, "keys can't be off"),
        ({"label": "de"}, "label"),
        ({"gpus": 0}, "gpus"),
        ({"certificate": "a.pem"}, "belong together"),
    ],
)
def test_what_makes_no_sense_is_said(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(None, **given)


def test_a_file_that_cant_be_read_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "settings.toml"
    broken.write_text("port = ")
    with pytest.raises(SettingsError, match="no TOML"):
        load_settings(broken)
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("host", "needed"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("studio.example", True)],
)
def test_keys_are_needed_where_others_can_come(host: str, needed: bool) -> None:
    assert Settings(host=host).keys_required is needed
    assert Settings(host=host, require_keys=True).keys_required


def test_the_secret_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(settings.secret_bytes())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) == 32
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_clusters_secret_is_not_kept_nor_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITASCOPE_SECRET", "hush-hush")
    settings = load_settings(data=tmp_path)
    assert settings.secret_bytes() == b"hush-hush"
    assert not (tmp_path / "secret").exists()
    assert "hush" not in repr(settings)


def test_old_model_names_mean_the_default_filler() -> None:
    settings = Settings(filler="toy", models={**OLD_MODELS, "own": "built-in"})
    assert settings.filler_of("sora-2") == settings.filler_of("gen4.5") == "toy"
    assert settings.filler_of("own") == settings.filler_of("built-in") == "built-in"
    assert settings.filler_of("a model of next year") == "toy"
    with pytest.raises(KeyError):
        Settings(unknown_models="refuse").filler_of("a model of next year")
