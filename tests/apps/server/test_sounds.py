"""A canvas that asks for a sound becomes a film with it, where a filler of sounds is installed."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.engine import humming, talking

from vitascope.apps.server.errors import ServerError
from vitascope.apps.server.jobs.painting import Failure, Order, Told, _answer
from vitascope.apps.server.jobs.requests import FillCanvas
from vitascope.apps.server.jobs.sizing import plan_of
from vitascope.apps.server.settings import load_settings
from vitascope.media import read_video

DARK = {
    "duration_s": 1.5,
    "width_px": 32,
    "height_px": 32,
    "known": [{"value": 1}],
    "words": [{"text": "rain on a roof"}],
    "sound": {"known": 0},
}
BRIGHT = {name: value for name, value in DARK.items() if name != "known"}


def test_the_film_has_the_sound(install_plug_in: Callable[[str, str, str], None], tmp_path: Path) -> None:
    install_plug_in("humming = hums:Humming", "hums", Path(humming.__file__).read_text())
    request = FillCanvas(document=DARK, filler="humming")
    settings, told = load_settings(data=tmp_path, sign=False), list[Told]()
    folder = tmp_path / "made"
    folder.mkdir()
    order = Order(job_id="job_7", request=request, number=0, parts=1, folder=folder)
    made = _answer(order, settings, told.append, threading.Event())
    assert not isinstance(made, Failure), made
    assert isinstance(made, list)
    film = read_video(folder / made[0].name)
    sound = film.sound()
    assert sound is not None
    assert (film.info.frames, film.rate_fps) == (12, 8)
    assert abs(float(sound.duration_s) - 1.5) < 0.15  # AAC fills its last frame
    assert np.abs(sound.samples[4000:8000]).max() > 0.4


def test_the_film_and_its_sound_are_made_at_once(
    install_plug_in: Callable[[str, str, str], None], tmp_path: Path
) -> None:
    install_plug_in("talking = talks:Talking", "talks", Path(talking.__file__).read_text())
    request = FillCanvas(document=BRIGHT, filler="talking")
    settings = load_settings(data=tmp_path, sign=False)
    plan_of(request, {}, settings)  # it isn't refused at the door
    folder = tmp_path / "made"
    folder.mkdir()
    order = Order(job_id="job_7", request=request, number=0, parts=1, folder=folder)
    made = _answer(order, settings, lambda told: None, threading.Event())
    assert isinstance(made, list), made
    film = read_video(folder / made[0].name)
    sound = film.sound()
    assert sound is not None
    assert film.info.frames == 12
    assert abs(float(sound.duration_s) - 1.5) < 0.15
    assert np.abs(sound.samples).max() > 0.05


@pytest.mark.parametrize(
    ("document", "filler", "said"),
    [
        (DARK, "talking", "only with pictures that it paints, and these are all known"),
        (BRIGHT, "toy", "makes no sound, and this canvas asks for one"),
        (BRIGHT | {"duration_s": 3}, "talking", "longer only without a sound"),
        (DARK, "humming", None),
        (BRIGHT, "humming", "makes sound once all pixels are known"),
        (DARK | {"known": [{"value": 1, "span": {"stop": 0.5}}]}, "talking", None),
    ],
)
def test_at_the_door_it_goes_to_who_can_for_all_that_shows_without_its_media(
    document: dict[str, object],
    filler: str,
    said: str | None,
    install_plug_in: Callable[[str, str, str], None],
    tmp_path: Path,
) -> None:
    install_plug_in("talking = talks:Talking", "talks", Path(talking.__file__).read_text())
    install_plug_in("humming = hums:Humming", "hums", Path(humming.__file__).read_text())
    request, settings = FillCanvas(document=document, filler=filler), load_settings(data=tmp_path)
    if said is None:
        plan_of(request, {}, settings)
        return
    with pytest.raises(ServerError, match=said):
        plan_of(request, {}, settings)


def test_without_one_it_is_said(tmp_path: Path) -> None:
    order = Order(job_id="job_7", request=FillCanvas(document=DARK), number=0, parts=1, folder=tmp_path)
    failed = _answer(order, load_settings(data=tmp_path), lambda told: None, threading.Event())
    assert isinstance(failed, Failure)
    assert failed.code == "cannot_fill"
    assert "named with --filler, these could: ace-step-1.5" in failed.message
