"""Sound as a value: 16-bit mono PCM that can be joined, written as a WAV file; and a synthesised chime."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from hardware.hardware_fault import HardwareFault

SAMPLE_BYTES = 2
LOUDEST = 32767
"""Largest amplitude of a 16-bit sample."""


class NotJoinable(HardwareFault, ValueError):
    """Sounds that differ in rate, or are not 16-bit mono, cannot follow one another."""


@dataclass(frozen=True, kw_only=True)
class Sound:
    """16-bit mono PCM, little endian; ``rate`` in samples per second."""

    rate: int
    frames: bytes

    @property
    def duration_s(self) -> float:
        """The length in seconds."""
        return len(self.frames) / SAMPLE_BYTES / self.rate


def read_wav(content: bytes, *, name: str) -> Sound:
    """Return the sound in a WAV file; raises NotJoinable naming it when it is not 16-bit mono PCM."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, SAMPLE_BYTES):
                raise NotJoinable(zh=f"{name} 不是 16 位单声道 WAV", en=f"{name} is not 16-bit mono WAV")
            # a writer on a pipe cannot know the length: take what is there, not what the header promises
            frames = file.readframes(min(file.getnframes(), len(content) // SAMPLE_BYTES))
            return Sound(rate=file.getframerate(), frames=frames)
    except (wave.Error, EOFError) as error:
        raise NotJoinable(zh=f"{name} 不是 WAV 文件：{error}", en=f"{name} is not a WAV file: {error}") from error


def write_wav(sound: Sound) -> bytes:
    """Return a sound as the content of a WAV file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(sound.rate)
        file.writeframes(sound.frames)
    return target.getvalue()


def join_sounds(sounds: Sequence[Sound], *, pause_s: float = 0.0) -> Sound:
    """Return sounds one after another with a pause between them; raises NotJoinable when their rates differ."""
    rates = {sound.rate for sound in sounds}
    if len(rates) != 1:
        raise NotJoinable(zh=f"采样率不一致：{sorted(rates)}", en=f"the sample rates differ: {sorted(rates)}")
    rate = rates.pop()
    return Sound(rate=rate, frames=make_silence(pause_s, rate=rate).frames.join(sound.frames for sound in sounds))


def make_silence(duration_s: float, *, rate: int) -> Sound:
    """Return a pause of ``duration_s`` seconds."""
    return Sound(rate=rate, frames=bytes(SAMPLE_BYTES * round(duration_s * rate)))


def make_chime(*, rate: int) -> Sound:
    """Return two falling notes (E5, C5) of about 1 s in all, which draw the attention of the hall."""
    return join_sounds([_synthesise_note(659.25, 0.4, rate=rate), _synthesise_note(523.25, 0.6, rate=rate)])


def _synthesise_note(pitch_hz: float, duration_s: float, *, rate: int) -> Sound:
    """Return one struck note: quick attack, exponential decay, with a soft octave above."""
    samples = array("h")
    for index in range(round(duration_s * rate)):
        at = index / rate
        strength = min(at / 0.01, 1.0) * math.exp(-4.0 * at / duration_s)
        tone = math.sin(math.tau * pitch_hz * at) + 0.3 * math.sin(math.tau * 2 * pitch_hz * at)
        samples.append(round(LOUDEST * 0.5 * strength * tone / 1.3))
    return Sound(rate=rate, frames=samples.tobytes())
