"""Loudness as the standard means it, gains that reach a target, and no peak above the ceiling."""

import numpy as np
import pytest

from vitascope.media.loudness import SILENT_LUFS, Loudness, levelled, measured

RATE_HZ = 48_000
pyloudnorm = pytest.importorskip("pyloudnorm")


def blocks(samples: np.ndarray, size: int = RATE_HZ) -> list[np.ndarray]:
    return [samples[start : start + size] for start in range(0, len(samples), size)]


def tone(seconds: float, hz: float, level_db: float, channels: int = 2) -> np.ndarray:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * at)
    return np.repeat(wave[:, None], channels, 1).astype(np.float32)


def speech_like(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise that comes and goes, louder and softer, with pauses."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    loud = np.interp(
        np.arange(count), np.arange(0, count, RATE_HZ // 4), rng.uniform(0, 0.3, -(-count // (RATE_HZ // 4)))
    )
    loud[count // 3 : count // 2] *= 0.002
    return (rng.normal(0, 1, (count, 2)) * loud[:, None]).clip(-1, 1).astype(np.float32)


def test_a_tone_of_the_standard():
    # BS.1770-5: a 997 Hz sine at 0 dBFS in one channel is -3.01 LUFS.
    samples = tone(5, 997, 0, 2)
    samples[:, 1] = 0
    assert measured(blocks(samples), RATE_HZ, 2).integrated_lufs == pytest.approx(-3.01, abs=0.1)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_agrees_with_another_meter(channels, seed):
    samples = speech_like(8, seed)[:, :channels]
    ours = measured(blocks(samples, 10_007), RATE_HZ, channels).integrated_lufs
    assert ours == pytest.approx(
        pyloudnorm.Meter(RATE_HZ).integrated_loudness(samples.astype(float)), abs=0.1
    )


def test_silence_has_no_loudness_and_gets_no_gain():
    nothing = measured(blocks(np.zeros((RATE_HZ * 2, 2), np.float32)), RATE_HZ, 2)
    assert nothing.integrated_lufs == SILENT_LUFS
    assert nothing.gain_to(-14) == 0
    assert Loudness(-60, -50).gain_to(-14) == 30
    assert measured([], RATE_HZ, 2).integrated_lufs == SILENT_LUFS


def test_a_peak_between_samples_is_seen():
    # A quarter of the rate, 45 degrees off: samples at 0.707 of a wave that reaches 1.
    at = np.arange(RATE_HZ)
    wave = (np.sin(2 * np.pi * at / 4 + np.pi / 4) * np.hanning(RATE_HZ) ** 0.1).astype(np.float32)[:, None]
    assert np.abs(wave).max() < 0.708
    assert measured([wave], RATE_HZ, 1).true_peak_dbtp == pytest.approx(0, abs=0.3)
    limited = np.concatenate(list(levelled([wave], RATE_HZ, 0, -3.0)))
    assert measured([limited], RATE_HZ, 1).true_peak_dbtp <= -3.0


@pytest.mark.parametrize("target_lufs", [-14.0, -23.0])
def test_a_target_is_met(target_lufs):
    samples = speech_like(12)
    gain_db = measured(blocks(samples), RATE_HZ, 2).gain_to(target_lufs)
    done = list(levelled(blocks(samples), RATE_HZ, gain_db))
    after = measured(done, RATE_HZ, 2)
    assert after.integrated_lufs == pytest.approx(target_lufs, abs=0.5)
    assert after.true_peak_dbtp <= -1.0


@pytest.mark.parametrize("size", [1000, 4801, RATE_HZ, RATE_HZ * 4])
def test_loud_peaks_are_held_down_and_nothing_moves(size):
    samples = speech_like(4)
    done = np.concatenate(list(levelled(blocks(samples, size), RATE_HZ, 18)))
    assert done.shape == samples.shape
    assert measured([done], RATE_HZ, 2).true_peak_dbtp <= -1.0
    whole = np.concatenate(list(levelled([samples], RATE_HZ, 18)))
    assert np.abs(done - whole).max() < 1e-6  # however it was cut into blocks
    both = np.abs(samples).min(1) > 0.01  # both channels fall alike: the stereo picture stands still
    assert np.allclose((done[both, 0] / samples[both, 0]), (done[both, 1] / samples[both, 1]), rtol=1e-3)


def test_what_is_soft_enough_is_only_multiplied():
    samples = tone(3, 440, -20)
    assert np.array_equal(np.concatenate(list(levelled(blocks(samples), RATE_HZ, 0))), samples)
    gained = np.concatenate(list(levelled(blocks(samples), RATE_HZ, 6)))
    assert np.allclose(gained, samples * 10 ** (6 / 20), rtol=1e-6)
