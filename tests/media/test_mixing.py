"""The mix: every piece at its sample, gains and fades as said, ducking under speech, any channels."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vitascope.canvas import Sound
from vitascope.media import write_sound
from vitascope.media.mixing import Ducking, Mix, Piece, Ramp, Strand
from vitascope.media.sound import layout_name, sound_frame

RATE_HZ = 48_000


def write(path, samples, rate_hz=RATE_HZ):
    write_sound(path, Sound(samples.astype(np.float32), rate_hz))
    return str(path)


def noise(seconds, channels=2, seed=0, rate_hz=RATE_HZ):
    return (
        np.random.default_rng(seed)
        .normal(0, 0.1, (round(seconds * rate_hz), channels))
        .clip(-1, 1)
        .astype(np.float32)
    )


def mixed(*strands, seconds=2, channels=2):
    blocks = list(Mix(strands, Fraction(seconds), RATE_HZ, channels))
    assert all(len(block) <= RATE_HZ for block in blocks)
    return np.concatenate(blocks)


def one(piece, **more):
    return Strand(pieces=(piece,), **more)


def test_a_piece_begins_and_ends_at_its_sample(tmp_path):
    own = noise(10)
    path = write(tmp_path / "a.wav", own)
    got = mixed(one(Piece(path=path, at_s=Fraction(1, 3), duration_s=Fraction(5, 4), from_s=Fraction(7))))
    start, count = RATE_HZ // 3, RATE_HZ * 5 // 4
    assert np.abs(got[start : start + count] - own[RATE_HZ * 7 : RATE_HZ * 7 + count]).max() < 1e-6
    assert not got[:start].any()
    assert not got[start + count :].any()


@pytest.mark.parametrize("name", ["a.m4a", "a.mp3", "a.ogg", "a.flac"])
def test_the_middle_of_a_compressed_file_is_where_it_belongs(tmp_path, name):
    own = np.zeros((RATE_HZ * 12, 1), np.float32)
    burst = np.random.default_rng(3).normal(0, 0.2, 4800)
    own[RATE_HZ * 8 : RATE_HZ * 8 + 4800, 0] = burst
    codec = {"m4a": "aac", "mp3": "libmp3lame", "ogg": "libopus", "flac": "flac"}[name.rpartition(".")[2]]
    with av.open(str(tmp_path / name), "w", format="mp4" if name == "a.m4a" else None) as output:
        stream = output.add_stream(codec, rate=RATE_HZ, layout="mono")
        output.mux(stream.encode(sound_frame(own, 0, RATE_HZ)))
        output.mux(stream.encode(None))
    piece = Piece(path=tmp_path / name, at_s=Fraction(1, 2), duration_s=Fraction(1), from_s=Fraction(75, 10))
    got = mixed(one(piece), channels=1)[:, 0]
    at = int(np.argmax(np.abs(np.correlate(got, burst, "valid"))))
    assert abs(at - RATE_HZ) <= 12  # a quarter of a millisecond


def test_strands_are_added_with_their_gains_and_fades(tmp_path):
    a, b = noise(2, seed=1), noise(2, seed=2)
    first = one(
        Piece(path=write(tmp_path / "a.wav", a), at_s=Fraction(0), duration_s=Fraction(2), gain_db=-6.0)
    )
    fade = Ramp(start_s=Fraction(1), stop_s=Fraction(2), rises=False)
    second = one(
        Piece(path=write(tmp_path / "b.wav", b), at_s=Fraction(0), duration_s=Fraction(2)),
        gain_db=3.0,
        ramps=(fade,),
    )
    falls = (2 - np.arange(2 * RATE_HZ) / RATE_HZ).clip(0, 1)[:, None]
    wanted = a * 10 ** (-6 / 20) + b * 10 ** (3 / 20) * falls
    assert np.abs(mixed(first, second) - wanted).max() < 1e-5


def test_a_crossing_of_constant_power_keeps_the_power(tmp_path):
    a, b = write(tmp_path / "a.wav", noise(2, seed=1)), write(tmp_path / "b.wav", noise(2, seed=2))
    span = {"start_s": Fraction(1, 2), "stop_s": Fraction(3, 2), "constant_power": True}
    goes = Piece(path=a, at_s=Fraction(0), duration_s=Fraction(2), ramps=(Ramp(rises=False, **span),))
    comes = Piece(path=b, at_s=Fraction(0), duration_s=Fraction(2), ramps=(Ramp(rises=True, **span),))
    power = np.square(mixed(Strand(pieces=(goes, comes)))).reshape(8, -1).mean(1)
    assert power.max() / power.min() < 1.1


def test_other_rates_are_resampled(tmp_path):
    at = np.arange(44_100 * 2) / 44_100
    path = write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 1000 * at)[:, None], 44_100)
    got = mixed(one(Piece(path=path, at_s=Fraction(0), duration_s=Fraction(2))), channels=1)[:, 0]
    wanted = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE_HZ) / RATE_HZ)
    assert np.abs(got[1000:-1000] - wanted[1000:-1000]).max() < 0.01


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        (1, (1.0, 1.0)),
        (2, (1.0, 0.0)),
        (6, (1.0, 0.0)),
        (8, (1.0, 0.0)),
    ],
)
def test_the_first_channel_of_any_layout_is_heard_where_it_is(tmp_path, own, wanted):
    samples = np.zeros((RATE_HZ, own), np.float32)
    samples[:, 0] = noise(1, 1)[:, 0]
    got = mixed(
        one(Piece(path=write(tmp_path / "a.wav", samples), at_s=Fraction(0), duration_s=Fraction(1))),
        seconds=1,
    )
    for side, share in enumerate(wanted):
        assert np.abs(got[:, side] - samples[:, 0] * share).max() < 1e-5


def test_eight_channels_come_down_by_the_standard(tmp_path):
    samples = np.diag(np.full(8, 0.5)).astype(np.float32).repeat(6000, 0)
    got = mixed(
        one(Piece(path=write(tmp_path / "a.wav", samples), at_s=Fraction(0), duration_s=Fraction(1))),
        seconds=1,
    )
    shares = got.reshape(8, 6000, 2)[:, 3000] / 0.5
    half = 0.7071
    # front left, front right, centre, bass, back left, back right, side left, side right
    wanted = [(1, 0), (0, 1), (half, half), (0, 0), (half, 0), (0, half), (half, 0), (0, half)]
    assert np.abs(shares - np.array(wanted)).max() < 1e-3


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_a_mix_has_the_channels_that_are_asked_for(tmp_path, channels):
    path = write(tmp_path / "a.wav", noise(1))
    got = mixed(one(Piece(path=path, at_s=Fraction(0), duration_s=Fraction(1))), seconds=1, channels=channels)
    assert got.shape == (RATE_HZ, channels)
    assert layout_name(channels)
    assert 0.05 < got.std(0).max() < 0.15


@pytest.mark.parametrize("speed", [Fraction(1, 4), Fraction(1, 2), Fraction(3, 2), Fraction(4)])
def test_another_speed_keeps_the_pitch(tmp_path, speed):
    at = np.arange(RATE_HZ * 8) / RATE_HZ
    path = write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 1000 * at)[:, None])
    got = mixed(one(Piece(path=path, at_s=Fraction(0), duration_s=Fraction(2), speed=speed)), channels=1)[
        RATE_HZ // 2 : RATE_HZ * 3 // 2, 0
    ]
    spectrum = np.abs(np.fft.rfft(got * np.hanning(len(got))))
    assert abs(int(np.argmax(spectrum)) - 1000) <= 3
    assert got.std() > 0.25


def test_music_falls_while_somebody_speaks_and_rises_after(tmp_path):
    speech = np.zeros((RATE_HZ * 6, 2), np.float32)
    speech[RATE_HZ * 2 : RATE_HZ * 4] = noise(2, seed=5)
    music = noise(6, seed=6)
    ducking = Ducking(
        under=1, by_db=12.0, threshold_db=-40.0, attack_s=Fraction(1, 10), release_s=Fraction(1, 2)
    )
    strands = (
        one(
            Piece(path=write(tmp_path / "music.wav", music), at_s=Fraction(0), duration_s=Fraction(6)),
            ducking=ducking,
        ),
        one(Piece(path=write(tmp_path / "speech.wav", speech), at_s=Fraction(0), duration_s=Fraction(6))),
    )
    heard = mixed(*strands, seconds=6) - speech

    def level_db(from_s, to_s):
        span = slice(round(from_s * RATE_HZ), round(to_s * RATE_HZ))
        return 20 * np.log10(heard[span].std() / music[span].std())

    assert level_db(0, 1.9) == pytest.approx(0, abs=0.1)
    assert level_db(2.2, 3.9) == pytest.approx(-12, abs=0.2)
    assert -12 < level_db(4.1, 4.4) < -1
    assert level_db(4.7, 6) == pytest.approx(0, abs=0.1)
    quieter = np.abs(heard[RATE_HZ * 2 - 4800 : RATE_HZ * 2 + 9600]) / np.maximum(
        np.abs(music[RATE_HZ * 2 - 4800 : RATE_HZ * 2 + 9600]), 1e-3
    )
    assert quieter[-1].max() < 0.3


def test_before_and_behind_its_file_a_piece_is_silent(tmp_path):
    own = noise(1)
    path = write(tmp_path / "a.wav", own)
    got = mixed(one(Piece(path=path, at_s=Fraction(0), duration_s=Fraction(2), from_s=Fraction(-1, 2))))
    assert not got[: RATE_HZ // 2].any()
    assert np.abs(got[RATE_HZ // 2 : RATE_HZ * 3 // 2] - own).max() < 1e-6
    assert not got[RATE_HZ * 3 // 2 :].any()


def test_a_mix_can_be_heard_twice(tmp_path):
    mix = Mix(
        (one(Piece(path=write(tmp_path / "a.wav", noise(1)), at_s=Fraction(0), duration_s=Fraction(1))),),
        Fraction(3, 2),
    )
    assert np.array_equal(np.concatenate(list(mix)), np.concatenate(list(mix)))
    assert sum(map(len, mix)) == RATE_HZ * 3 // 2
