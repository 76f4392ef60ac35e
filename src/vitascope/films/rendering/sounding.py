"""What is heard of a timeline, as one file for the whole film: mixed, made as loud as asked, encoded once.

Knows tracks and levels; the mixing and the measuring are `media`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from vitascope.films.rendering.sources import Sources
from vitascope.media.encoders import Container
from vitascope.media.loudness import levelled, measured
from vitascope.media.mixing import Ducking, Mix, Piece, Ramp, Strand
from vitascope.media.muxing import opened_output
from vitascope.media.sound import encoded_rate, layout_name, sound_frame
from vitascope.media.timelines import (
    CaptionTrack,
    Clip,
    Level,
    PictureTrack,
    Placed,
    SoundTrack,
    Timeline,
)
from vitascope.media.whole import whole_file

_FORMAT = 1
_FULL_SCALE_DBTP = 0.0  # where nothing was said, only what would be cut off is brought down
_BIT_RATE = 96_000  # of each channel, for codecs that lose something

Heard = Callable[[Fraction], None]
"""Called after every second of the film, with how much of it is done (0..1); may raise to cancel."""


@dataclass(frozen=True)
class Sound:
    """All that is heard in a film, and a key that is another one as soon as it could sound otherwise."""

    mix: Mix
    key: str
    timeline: Timeline

    def write(self, path: Path, container: Container, heard: Heard) -> None:
        """Encode it into a file of the container's kind, whole or not at all; measured first if need be."""
        mix, wanted = self.mix, self.timeline.loudness
        gain_db, ceiling_dbtp, passes = 0.0, _FULL_SCALE_DBTP, 1
        if wanted is not None:
            passes = 2
            loudness = measured(_told(mix, heard, 0, passes), mix.rate_hz, mix.channels)
            gain_db, ceiling_dbtp = loudness.gain_to(wanted.lufs), wanted.peak_dbtp
        blocks = levelled(_told(mix, heard, passes - 1, passes), mix.rate_hz, gain_db, ceiling_dbtp)
        with whole_file(path) as part, opened_output(part, container.name, "the sound", {}) as output:
            rate_hz = encoded_rate(container.sound, mix.rate_hz)
            stream = output.add_stream(container.sound, rate=rate_hz, layout=layout_name(mix.channels))
            if container.sound in ("aac", "libopus"):
                stream.codec_context.bit_rate = _BIT_RATE * mix.channels
            said = 0
            for block in blocks:
                output.mux(stream.encode(sound_frame(np.clip(block, -1, 1), said, mix.rate_hz)))
                said += len(block)
            output.mux(stream.encode(None))


def sound_of(timeline: Timeline, sources: Sources, container: Container) -> Sound | None:
    """What is heard of a timeline, cut where its last frame ends; None where that is nothing."""
    tracks = [
        (number, track)
        for number, track in enumerate(timeline.tracks)
        if track.enabled and not isinstance(track, CaptionTrack)
    ]
    places = {track.name: place for place, (_, track) in enumerate(tracks)}
    strands: list[Strand] = []
    identities: list[str] = []
    for _, track in tracks:
        pieces = tuple(_pieces(track, sources, identities))
        level = track.level if isinstance(track, SoundTrack) else Level()
        ducking = None
        if isinstance(track, SoundTrack) and track.duck and track.duck.under in places:
            duck = track.duck
            ducking = Ducking(
                under=places[duck.under],
                by_db=duck.by_db,
                threshold_db=duck.threshold_db,
                attack_s=duck.attack_s,
                release_s=duck.release_s,
            )
        ramps = _fades(level, Fraction(0), track.duration_s)
        strands.append(Strand(pieces=pieces, gain_db=level.gain_db, ramps=ramps, ducking=ducking))
    if not any(strand.pieces for strand in strands):
        return None
    duration_s = timeline.frames / timeline.rate_fps
    mix = Mix(strands, duration_s, timeline.sound_rate_hz, timeline.sound_channels)
    said = (
        _FORMAT,
        av.__version__,
        container.sound,
        timeline.loudness,
        duration_s,
        mix.rate_hz,
        mix.channels,
    )
    key = hashlib.sha256(repr((said, strands, identities)).encode()).hexdigest()[:32]
    return Sound(mix, key, timeline)


def _pieces(track: PictureTrack | SoundTrack, sources: Sources, identities: list[str]) -> Iterator[Piece]:
    for place in track.placed:
        clip = place.item
        if not isinstance(clip, Clip) or not clip.heard or clip.level is None:
            continue
        voice = sources.voices[clip.source]
        if voice is None:
            continue
        identities.append(voice.identity)
        before_s, after_s, ramps = _crossed(track, place)
        yield Piece(
            path=voice.path,
            at_s=place.start_s - before_s,
            duration_s=clip.duration_s + before_s + after_s,
            from_s=clip.start_s - before_s * clip.speed,
            zero_s=voice.start_s,
            speed=clip.speed,
            gain_db=clip.level.gain_db,
            ramps=ramps + _fades(clip.level, place.start_s, place.stop_s),
        )


def _crossed(track: PictureTrack | SoundTrack, place: Placed) -> tuple[Fraction, Fraction, tuple[Ramp, ...]]:
    """How much longer a clip is heard on both sides for its transitions, and how it comes and goes."""
    before_s = after_s = Fraction(0)
    ramps: list[Ramp] = []
    if cut := track.transition_before(place.index):
        before_s = cut.in_s
        span = place.start_s - cut.in_s, place.start_s + cut.out_s
        ramps.append(Ramp(start_s=span[0], stop_s=span[1], rises=True, constant_power=True))
    if cut := track.transition_after(place.index):
        after_s = cut.out_s
        span = place.stop_s - cut.in_s, place.stop_s + cut.out_s
        ramps.append(Ramp(start_s=span[0], stop_s=span[1], rises=False, constant_power=True))
    return before_s, after_s, tuple(ramps)


def _fades(level: Level, start_s: Fraction, stop_s: Fraction) -> tuple[Ramp, ...]:
    ramps: list[Ramp] = []
    if level.fade_in_s:
        ramps.append(Ramp(start_s=start_s, stop_s=start_s + level.fade_in_s, rises=True))
    if level.fade_out_s:
        ramps.append(Ramp(start_s=stop_s - level.fade_out_s, stop_s=stop_s, rises=False))
    return tuple(ramps)


def _told(mix: Mix, heard: Heard, done: int, passes: int) -> Iterator[np.ndarray]:
    said = 0
    for block in mix:
        yield block
        said += len(block)
        heard((done + Fraction(said, max(1, mix.samples))) / passes)
