"""The hall's voice: chime and a call in one language. Clips put together, espeak-ng, or silence.

``Voice`` is what the screen uses; ``Reader`` turns a phrase into sound and ``Player`` makes it audible, so that a
better synthesiser or another sound card is one small class or one setting. All of it works without a network.

A ``VoiceFault`` states why a call was not audible; the captions go on without the voice.
"""

from __future__ import annotations

import logging
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hardware.hardware_fault import HardwareFault
from hardware.voice.loudness import made_equal, without_silence
from hardware.voice.phrases import Phrase, Utterance, phrase_for
from hardware.voice.sound import NotJoinable, Sound, join_sounds, make_chime, make_silence, read_wav, write_wav
from protocol.vocabulary import Language

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


class VoiceFault(HardwareFault, RuntimeError):
    """A call was not audible, or perhaps only in part."""


class NoClip(VoiceFault):
    """A folder of clips does not have a word: another reader may."""


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
class ClipReader:
    """Joins recorded clips: ``{folder}/zh/qing.wav``, ``{folder}/en/number.wav`` (``hardware.voice.phrases``)."""

    folder: Path
    pause_s: float = 0.05
    breath_s: float = 0.2

    def read(self, phrase: Phrase) -> Sound:
        """Return the clips of a phrase one after another, with a breath between number and window."""
        try:
            groups = [self._joined(phrase.language, clips) for clips in phrase.clips]
            return join_sounds(groups, pause_s=self.breath_s)
        except FileNotFoundError as error:
            raise NoClip(zh=f"没有语音文件 {error.filename}", en=f"there is no clip {error.filename}") from error
        except OSError as error:
            raise VoiceFault(
                zh=f"读不到语音文件 {error.filename}：{error.strerror}",
                en=f"cannot read the clip {error.filename}: {error.strerror}",
            ) from error
        except NotJoinable as error:
            raise VoiceFault(zh=error.text.zh, en=error.text.en) from error

    def _joined(self, language: Language, clips: Sequence[str]) -> Sound:
        paths = [self.folder / language.value / f"{clip}.wav" for clip in clips]
        return join_sounds([read_wav(path.read_bytes(), name=str(path)) for path in paths], pause_s=self.pause_s)


@dataclass(frozen=True, kw_only=True)
class EspeakReader:
    """The synthesiser espeak-ng: plain to the ear, but it can pronounce every name and needs no recordings."""

    words_per_minute: int = 130
    program: str = "espeak-ng"

    def read(self, phrase: Phrase) -> Sound:
        """Return the phrase as espeak-ng speaks it."""
        pace = round(self.words_per_minute * (BRIEF_PACE if phrase.brief else 1))
        command = [self.program, "-v", ESPEAK_VOICES[phrase.language], "-s", str(pace), "--stdout"]
        done = _run([*command, phrase.text], at_most_s=READING_AT_MOST_S)
        try:
            return made_equal(without_silence(read_wav(done, name=self.program)))
        except NotJoinable as error:
            raise VoiceFault(zh=error.text.zh, en=error.text.en) from error


@dataclass(frozen=True, kw_only=True)
class FirstReader:
    """Reads a phrase with the first of several readers that has all of its words."""

    readers: tuple[Reader, ...]

    def read(self, phrase: Phrase) -> Sound:
        """Return the sound of a phrase in one voice; raises VoiceFault, of the last reader when none has its words."""
        *first, last = self.readers
        for reader in first:
            try:
                return reader.read(phrase)
            except NoClip as missing:
                log.info("%s", missing)
        return last.read(phrase)


@dataclass(frozen=True, kw_only=True)
class Player:
    """Plays a WAV file through a program; ``{file}`` in the command stands for the file."""

    command: tuple[str, ...] = ("aplay", "-q", "{file}")

    def play(self, sound: Sound) -> None:
        """Play a sound and return at its end; raises VoiceFault."""
        with tempfile.NamedTemporaryFile(prefix="jiaohao-call-", suffix=".wav") as file:
            file.write(write_wav(sound))
            file.flush()
            command = [part.replace("{file}", file.name) for part in self.command]
            _run(command, at_most_s=PLAYING_AT_MOST_S + sound.duration_s)


@dataclass(frozen=True, kw_only=True)
class Loudspeaker:
    """The voice of a hall with a speaker."""

    reader: Reader
    player: Player
    with_chime: bool = True

    def speak(self, utterance: Utterance) -> None:
        """Play the words of an utterance, or the chime."""
        if utterance.language is not None:
            phrase = phrase_for(utterance.call, utterance.language, brief=utterance.brief)
            self._play(self.reader.read(phrase))
        elif self.with_chime:
            self._play(make_chime(rate=CHIME_RATE))

    def _play(self, sound: Sound) -> None:
        self.player.play(join_sounds([sound, make_silence(ENDING_S, rate=sound.rate)]))


def _run(command: list[str], *, at_most_s: float) -> bytes:
    """Return a program's standard output; raises VoiceFault when it is missing, fails or hangs."""
    program = command[0]
    try:
        done = subprocess.run(command, capture_output=True, timeout=at_most_s, check=False)  # noqa: S603 - from settings
    except FileNotFoundError as error:
        raise VoiceFault(zh=f"没有安装 {program}", en=f"{program} is not installed") from error
    except OSError as error:
        raise VoiceFault(zh=f"不能运行 {program}：{error}", en=f"cannot run {program}: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise VoiceFault(
            zh=f"{program} {at_most_s:.0f} 秒没有结束", en=f"{program} did not end in {at_most_s:.0f} s"
        ) from error
    if done.returncode != 0:
        why = done.stderr.decode("utf-8", errors="replace").strip() or f"exit code {done.returncode}"
        raise VoiceFault(zh=f"{program} 出错：{why}", en=f"{program} failed: {why}")
    return done.stdout
