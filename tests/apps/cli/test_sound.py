"""sound: by itself, and in a film. The model is a tiny one of the real kind, loaded as any folder is."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.engine.open_weights.tiny_ltx_2 import ltx_2
from tests.engine.open_weights.tiny_sound import RATE_HZ, stable_audio

from vitascope.canvas import Sound
from vitascope.media import probe, read_sound, read_video, write_picture, write_video

Command = Callable[..., Any]

pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept context:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(stable_audio(tmp_path_factory.mktemp("weights") / "tiny"))


@pytest.fixture
def films(vitascope: Command) -> None:
    """Twelve frames, a second and a half: silent in "film.mp4", with a tone in "talk.mp4"."""
    frames = [np.full((48, 64, 3), 20 * number, np.uint8) for number in range(12)]
    time_s = np.arange(66150) / 44100
    write_video("film.mp4", frames, 8)
    write_video("talk.mp4", frames, 8, sound=Sound(0.2 * np.sin(628 * time_s)[:, None], 44100))


def test_a_film_is_made_with_its_sound(vitascope: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = str(ltx_2(tmp_path_factory.mktemp("weights") / "ltx"))
    how = ("--filler", folder, "--seconds", "9f", "--rate", "24", "--size", "256", "--steps", "2")
    ran = vitascope("generate", "a fox jumps", "-o", "fox.mkv", "--sound", *how)
    assert ran.status == 0, ran.err
    assert "Filling 256x256, 0.375 s at 24 fps, and its sound, with" in ran.err
    film = read_video("fox.mkv")
    heard = film.sound()
    assert heard is not None
    assert film.info.frames == 9
    assert abs(float(heard.duration_s) - 0.375) < 0.1
    assert heard.samples.std() > 0.01
    write_picture("fox.png", np.zeros((256, 256, 3), np.uint8))
    assert vitascope("animate", "fox.png", "it runs", "--sound", *how).status == 0
    assert read_video("fox-it-runs.mp4").sound() is not None
    assert vitascope("generate", "a fox jumps", "-o", "still.mkv", *how).status == 0
    assert read_video("still.mkv").sound() is None


def test_a_film_with_sound_that_can_t_be_is_refused(vitascope: Command) -> None:
    ran = vitascope("generate", "a fox", "--sound")
    assert ran.status == 1
    assert "named with --filler, these could: ltx-2" in " ".join(ran.err.split())
    ran = vitascope("generate", "a fox", "--sound", "--filler", "ltx-2", "-o", "fox.gif")
    assert ran.status == 2
    assert "fox.gif can't hold a film with its sound; end it in .mkv, .mov, .mp4, .webm" in ran.err


def test_a_sound_by_itself(vitascope: Command, weights: str) -> None:
    ran = vitascope("sound", "rain on a roof", "--filler", weights, "--seconds", "1.23", "--steps", "2")
    assert (ran.status, ran.out) == (0, "rain-on-a-roof.wav  seed 0\n")
    assert "Making 1.23 s of sound with" in ran.err
    sound = read_sound("rain-on-a-roof.wav")
    assert sound.samples.shape == (round(Fraction(123, 100) * RATE_HZ), 2)
    assert sound.samples.std() > 0.01
    how = ("--filler", weights, "--seconds", "1", "--steps", "2", "--variations", "2")
    ran = vitascope("sound", "rain", "-o", "rain.flac", *how, "--sample-rate", "44100", "--seed", "7")
    assert ran.out == "rain-1.flac  seed 7\nrain-2.flac  seed 8\n"
    first, second = read_sound("rain-1.flac"), read_sound("rain-2.flac")
    assert first.samples.shape == (44100, 2)
    assert first != second


def pictures(path: str) -> list[bytes]:
    with av.open(path) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


def test_a_film_gets_a_sound_and_keeps_its_pictures(vitascope: Command, weights: str, films: None) -> None:
    ran = vitascope("sound", "rain", "--clip", "film.mp4", "--filler", weights, "--steps", "2")
    assert ran.out == "film-rain.mp4  seed 0\n"
    assert "encoded anew" not in ran.err
    assert pictures("film-rain.mp4") == pictures("film.mp4")
    assert probe("film-rain.mp4").has_sound
    ran = vitascope(
        "sound", "rain", "--clip", "film.mp4", "-o", "a.webm", "--filler", weights, "--steps", "2"
    )
    assert "film.mp4 can't be copied into a .webm: encoded anew." in ran.err
    assert probe("a.webm").codec == "vp9"
    ran = vitascope("sound", "rain", "--clip", "film.mp4", "-o", "a.wav", "--filler", weights, "--steps", "2")
    assert len(read_sound("a.wav").samples) == round(1.5 * RATE_HZ)


def test_a_film_s_own_sound_stays_or_goes_as_was_said(vitascope: Command, weights: str, films: None) -> None:
    how = ("--clip", "talk.mp4", "--filler", weights, "--steps", "2")
    ran = vitascope("sound", "rain", *how)
    assert ran.status == 2
    assert "talk.mp4 has a sound already: --mix lays the new one over it, --replace takes it out" in ran.err
    assert vitascope("sound", "rain", *how, "--mix", "-o", "mixed.mkv").status == 0
    assert vitascope("sound", "rain", *how, "--replace", "-o", "replaced.mkv").status == 0
    mixed, replaced = (read_video(name).sound() for name in ("mixed.mkv", "replaced.mkv"))
    assert mixed is not None
    assert replaced is not None
    assert (mixed.rate_hz, replaced.rate_hz) == (44100, RATE_HZ)

    def loudness_at_100_hz(sound: Sound) -> float:
        second = sound.samples[: sound.rate_hz, 0]
        return float(np.abs(np.fft.rfft(second))[100] / len(second))

    assert loudness_at_100_hz(mixed) > 0.05
    assert loudness_at_100_hz(replaced) < 0.05


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("  ",), 'say what to hear: "rain on a roof"'),
        (("rain", "--mix"), "name one with --clip"),
        (("rain", "--clip", "talk.mp4", "--mix", "--replace"), "say one of --mix and --replace"),
        (("rain", "--clip", "film.mp4", "--seconds", "2"), "the sound is as long as the --clip"),
        (("rain", "--seconds", "0"), '"0" is no duration'),
        (("rain", "--seconds", "12f"), '"12f" is no duration'),
        (
            ("rain", "-o", "rain.mp4"),
            "rain.mp4 can't hold a sound; end it in .wav, .flac, .mp3, .m4a; a film",
        ),
        (("rain", "--clip", "nowhere.mp4"), "no such file"),
        (("rain",), "named with --filler, these could: ace-step-1.5"),
        (("rain", "--filler", "toy"), 'the filler "toy" makes no sound'),
        (("rain", "--filler", "stable-audio-open", "--seconds", "60"), "makes at most 47.5545 s of sound"),
    ],
)
def test_what_can_t_be_is_said_in_a_line(
    vitascope: Command, films: None, arguments: tuple[str, ...], line: str
) -> None:
    ran = vitascope("sound", *arguments)
    assert ran.status in (1, 2)
    assert line in ran.err
    assert ran.out == ""
    assert sorted(path.name for path in Path().iterdir()) == ["film.mp4", "talk.mp4"]


def test_pictures_are_not_made_by_who_makes_sounds(vitascope: Command) -> None:
    ran = vitascope("generate", "a fox", "--filler", "ace-step-1.5")
    assert ran.status == 1
    assert 'the filler "ace-step-1.5" makes sound and no pictures; these can: ' in ran.err


def test_the_list_says_what_they_make(vitascope: Command) -> None:
    listed = vitascope("fillers", "--json", "fillers.json")
    assert listed.status == 0
    assert "sound; to 600 s; 48000" in listed.out
