"""How loud speech is, and sound made as loud as it should be. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from operator import mul

from hardware.voice.sound import LOUDEST, Sound

SPEECH_DB = -20.0
"""Loudness of announcements, dB of the full scale: RMS while somebody speaks (as the active level of ITU-T P.56)."""
PEAK_DB = -1.0
"""Highest peak of announcements, dB of the full scale."""
FRAME_S = 0.02
PAUSE_DB = -30.0
"""Level of a pause, relative to the loudest frame, dB."""


def speech_level_db(sound: Sound) -> float:
    """Return the loudness of a sound while somebody speaks; minus infinity for silence."""
    powers = [power for _, power in _frames(sound)]
    pause = max(powers, default=0.0) * 10 ** (PAUSE_DB / 10)
    active = [power for power in powers if power > pause]
    return _decibels(sum(active) / len(active)) if active else float("-inf")


def peak_db(sound: Sound) -> float:
    """Return the peak of a sound."""
    samples = array("h", sound.frames)
    highest = max(max(samples, default=0), -min(samples, default=0))
    return _decibels((highest / LOUDEST) ** 2)


def silence_around_s(sound: Sound) -> tuple[float, float]:
    """Return the silence before and after the speech of a sound, seconds."""
    frames = list(_frames(sound))
    pause = max((power for _, power in frames), default=0.0) * 10 ** (PAUSE_DB / 10)
    active = [begin for begin, power in frames if power > pause]
    if not active:
        return sound.duration_s, 0.0
    return active[0], max(0.0, sound.duration_s - active[-1] - FRAME_S)


def without_silence(sound: Sound) -> Sound:
    """Return a sound without the silence before and after its speech, but for a frame."""
    before_s, after_s = silence_around_s(sound)
    samples = array("h", sound.frames)
    begin = round(max(0.0, before_s - FRAME_S) * sound.rate)
    end = len(samples) - round(max(0.0, after_s - FRAME_S) * sound.rate)
    return Sound(rate=sound.rate, frames=samples[begin:end].tobytes())


def made_equal(sound: Sound, *, level_db: float = SPEECH_DB, highest_db: float = PEAK_DB) -> Sound:
    """Return a sound at ``level_db``, or as loud as a peak of ``highest_db`` allows."""
    level = speech_level_db(sound)
    if math.isinf(level):
        return sound
    gain = 10 ** (min(level_db - level, highest_db - peak_db(sound)) / 20)
    samples = array("h", (round(sample * gain) for sample in array("h", sound.frames)))
    return Sound(rate=sound.rate, frames=samples.tobytes())


def _frames(sound: Sound) -> Iterator[tuple[float, float]]:
    """Yield the begin of each frame, seconds, and its power relative to the full scale."""
    samples = array("h", sound.frames)
    size = max(1, round(FRAME_S * sound.rate))
    for begin in range(0, len(samples), size):
        frame = samples[begin : begin + size]
        yield begin / sound.rate, sum(map(mul, frame, frame)) / len(frame) / LOUDEST**2


def _decibels(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else float("-inf")
