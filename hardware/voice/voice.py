"""The hall's voice: chime and a call in one language. Clips put together, espeak-ng, or silence.

``Voice`` is what the screen uses; ``Reader`` turns a phrase into sound and ``Player`` makes it audible, so that a
better synthesiser or another sound card is one small class or one setting. All of it works without a network.

A ``VoiceFault`` states why a call was not audible; the captions go on without the voice.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from hardware.voice.clip_files import ClipStore
from hardware.voice.external_program import run_program
from hardware.voice.loudness import made_equal, without_silence
from hardware.voice.phrases import Phrase, Utterance, clips_of, phrase_for
from hardware.voice.sound import NotJoinable, Sound, join_sounds, make_chime, make_silence, read_wav, write_wav
from hardware.voice.voice_fault import NoClip, VoiceFault
from protocol.vocabulary import Language, Text
from runtime.fault_log import FaultLog

log = logging.getLogger(__name__)

READING_AT_MOST_S = 10.0
"""Time limit of the synthesiser for one phrase, seconds."""
PLAYING_AT_MOST_S = 8.0
"""Time limit of the player beyond the length of the sound, seconds. With that of the synthesiser it is less than the
time after which the screen goes on without the voice, so that no call is spoken after its turn."""
CHIME_RATE = 22050
"""Rate of the chime, samples per second."""
BRIEF_PACE = 1.6
"""Rate of the synthesiser for brief words, as a part of its usual one, which is slow."""
ENDING_S = 0.1
"""Silence at the end of an utterance, which a player may cut off, seconds."""
ESPEAK_VOICES = {
    # plain "cmn" of espeak-ng 1.51 (Debian 12) reads 请 as English "king three"
    Language.ZH: "cmn-latn-pinyin",
    Language.EN: "en",
}


class Voice(Protocol):
    """Speaks calls, one at a time."""

    def speak(self, utterance: Utterance) -> None:
        """Return when the call was spoken; raises VoiceFault when it was not."""
        ...


class Reader(Protocol):
    """Turns a phrase into sound."""

    def read(self, phrase: Phrase) -> Sound:
        """Return the sound of a phrase; raises VoiceFault."""
        ...


class SilentVoice:
    """The voice of a hall, or a test, without a speaker: it ends every call at once."""

    def speak(self, utterance: Utterance) -> None:
        """Return at once."""


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """Silence between clips, and between number and window, seconds."""

    clip_s: float
    breath_s: float


@dataclass(frozen=True, kw_only=True)
class ClipReader:
    """Joins clips, each of one word or of several (``hardware.voice.phrases``)."""

    clips: ClipStore
    full: Pauses = Pauses(clip_s=0.1, breath_s=0.2)
    brief: Pauses = Pauses(clip_s=0.0, breath_s=0.05)

    def read(self, phrase: Phrase) -> Sound:
        """Return the clips of a phrase one after another, with a breath between number and window."""
        pauses = self.brief if phrase.brief else self.full
        known = self.clips.names(phrase.language)
        groups = [clips_of(words, known, brief=phrase.brief) for words in phrase.clips]
        try:
            joined = [self._joined(phrase.language, names, pause_s=pauses.clip_s) for names in groups]
            return join_sounds(joined, pause_s=pauses.breath_s)
        except NotJoinable as error:
            raise VoiceFault(zh=error.text.zh, en=error.text.en) from error

    def _joined(self, language: Language, names: Sequence[str], *, pause_s: float) -> Sound:
        return join_sounds([self.clips.read(language, name) for name in names], pause_s=pause_s)


@dataclass(frozen=True, kw_only=True)
class EspeakReader:
    """The synthesiser espeak-ng: plain to the ear, but it can pronounce every name and needs no recordings."""

    words_per_minute: int = 130
    program: str = "espeak-ng"

    def read(self, phrase: Phrase) -> Sound:
        """Return the phrase as espeak-ng speaks it."""
        pace = round(self.words_per_minute * (BRIEF_PACE if phrase.brief else 1))
        command = [self.program, "-v", ESPEAK_VOICES[phrase.language], "-s", str(pace), "--stdout"]
        done = run_program([*command, phrase.text], at_most_s=READING_AT_MOST_S)
        try:
            return made_equal(without_silence(read_wav(done, name=self.program)))
        except NotJoinable as error:
            raise VoiceFault(zh=error.text.zh, en=error.text.en) from error


class FirstReader:
    """Reads a phrase with the first of several readers that can read all of it."""

    def __init__(self, *readers: Reader) -> None:
        self._readers = readers
        self._fault = FaultLog(
            log, Text(zh="语音文件不能用，由合成语音播报", en="the clips are not used, but the synthesiser")
        )

    def read(self, phrase: Phrase) -> Sound:
        """Return the sound of a phrase in one voice; raises VoiceFault, of the last reader when none can read it."""
        *first, last = self._readers
        for reader in first:
            try:
                sound = reader.read(phrase)
            except NoClip as missing:
                log.info("%s", missing)
            except VoiceFault as fault:
                self._fault.began(fault)
            else:
                self._fault.ended()
                return sound
        return last.read(phrase)


class ReadAhead:
    """A reader that may have read a phrase before its turn."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ready: tuple[Phrase, Sound] | None = None

    def prepare(self, phrase: Phrase) -> None:
        """Read a phrase before its turn. A fault is not one yet: it is raised when the phrase is read in its turn."""
        with suppress(VoiceFault):
            self._ready = phrase, self._reader.read(phrase)

    def read(self, phrase: Phrase) -> Sound:
        """Return the sound of a phrase, at once when it was prepared; raises VoiceFault."""
        if self._ready is not None and self._ready[0] == phrase:
            return self._ready[1]
        return self._reader.read(phrase)


@dataclass(frozen=True, kw_only=True)
class Player:
    """Plays a WAV file through a program; ``{file}`` in the command stands for the file, which is in memory alone."""

    command: tuple[str, ...] = ("aplay", "-q", "{file}")

    def play(self, sound: Sound, *, meanwhile: Callable[[], None]) -> None:
        """Play a sound, do something meanwhile, and return at the end of both; raises VoiceFault."""
        with os.fdopen(os.memfd_create("call.wav"), "wb", buffering=0) as file:
            file.write(write_wav(sound))
            command = [part.replace("{file}", f"/proc/self/fd/{file.fileno()}") for part in self.command]
            limit_s = PLAYING_AT_MOST_S + sound.duration_s
            run_program(command, at_most_s=limit_s, meanwhile=meanwhile, inherited=(file.fileno(),))


@dataclass(frozen=True, kw_only=True)
class Loudspeaker:
    """The voice of a hall with a speaker."""

    reader: ReadAhead
    player: Player
    with_chime: bool = True

    def speak(self, utterance: Utterance) -> None:
        """Play the words of an utterance, or the chime."""
        phrase = _phrase_of(utterance)
        if phrase is not None:
            self._play(self.reader.read(phrase), then=utterance.then)
        elif self.with_chime:
            self._play(make_chime(rate=CHIME_RATE), then=utterance.then)

    def _play(self, sound: Sound, *, then: Utterance | None) -> None:
        """Play a sound, and read what follows meanwhile: on a small machine that takes a tenth of its length."""
        phrase = None if then is None else _phrase_of(then)
        meanwhile = (lambda: None) if phrase is None else partial(self.reader.prepare, phrase)
        self.player.play(join_sounds([sound, make_silence(ENDING_S, rate=sound.rate)]), meanwhile=meanwhile)


def _phrase_of(utterance: Utterance) -> Phrase | None:
    """Return the words of an utterance, None for the chime."""
    if utterance.language is None:
        return None
    return phrase_for(utterance.call, utterance.language, brief=utterance.brief)
