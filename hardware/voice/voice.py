"""The hall's voice: chime, then the call in each language. Clips put together, espeak-ng, or silence.

``Voice`` is what the screen asks; ``Reader`` turns a phrase into sound and ``Player`` makes it heard, so that a
better synthesiser or another sound card is one small class or one setting. All of it works without a network.

A ``VoiceFault`` says in Chinese and English why nothing was heard; the captions go on without the voice.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hardware.voice.phrases import Phrase, phrase
from hardware.voice.sound import NotJoinable, Sound, chime, joined, read_wav, silence, write_wav
from protocol.retained_messages import Call
from protocol.vocabulary import Language

READING_AT_MOST_S = 10.0
PLAYING_AT_MOST_S = 30.0
ESPEAK_VOICES = {
    # plain "cmn" of espeak-ng 1.51 (Debian 12) reads 请 as English "king three" (espeak-ng #1236)
    Language.ZH: "cmn-latn-pinyin",
    Language.EN: "en",
}


class VoiceFault(RuntimeError):
    """A call was not heard, or perhaps only in part; ``str()`` says why."""


class Voice(Protocol):
    """Says calls aloud, one at a time."""

    def speak(self, call: Call) -> None:
        """Return when the call was spoken; raises VoiceFault when it was not."""
        ...


class Reader(Protocol):
    """Turns a phrase into sound."""

    def read(self, said: Phrase) -> Sound:
        """Return the sound of a phrase; raises VoiceFault."""
        ...


class Silence:
    """A hall, or a test, without a speaker: every call is at once spoken."""

    def speak(self, call: Call) -> None:
        """Say nothing."""


@dataclass(frozen=True, kw_only=True)
class ClipReader:
    """Joins recorded words: ``{folder}/zh/qing.wav``, ``{folder}/en/number.wav`` (``hardware.voice.phrases``)."""

    folder: Path
    pause_s: float = 0.05

    def read(self, said: Phrase) -> Sound:
        """Return the clips of a phrase one after another."""
        paths = [self.folder / said.language.value / f"{clip}.wav" for clip in said.clips]
        try:
            return joined([read_wav(path.read_bytes(), name=str(path)) for path in paths], pause_s=self.pause_s)
        except OSError as error:
            raise VoiceFault(
                f"读不到语音文件 {error.filename} / cannot read the clip {error.filename}: {error.strerror}"
            ) from error
        except NotJoinable as error:
            raise VoiceFault(str(error)) from error


@dataclass(frozen=True, kw_only=True)
class EspeakReader:
    """The synthesiser espeak-ng: plain to the ear, but it can say every name and needs no recordings."""

    words_per_minute: int = 130
    program: str = "espeak-ng"

    def read(self, said: Phrase) -> Sound:
        """Return the phrase as espeak-ng says it."""
        command = [self.program, "-v", ESPEAK_VOICES[said.language], "-s", str(self.words_per_minute), "--stdout"]
        done = _run([*command, said.text], at_most_s=READING_AT_MOST_S)
        try:
            return read_wav(done, name=self.program)
        except NotJoinable as error:
            raise VoiceFault(str(error)) from error


@dataclass(frozen=True, kw_only=True)
class Player:
    """Plays a WAV file through a program; ``{file}`` in the command stands for the file."""

    command: tuple[str, ...] = ("aplay", "-q", "{file}")

    def play(self, sound: Sound) -> None:
        """Return when the sound was heard; raises VoiceFault."""
        with tempfile.NamedTemporaryFile(prefix="jiaohao-call-", suffix=".wav") as file:
            file.write(write_wav(sound))
            file.flush()
            command = [part.replace("{file}", file.name) for part in self.command]
            _run(command, at_most_s=PLAYING_AT_MOST_S + sound.duration_s)


@dataclass(frozen=True, kw_only=True)
class Loudspeaker:
    """The voice of a hall with a speaker: chime, then each language in the order of ``languages``."""

    reader: Reader
    player: Player
    languages: tuple[Language, ...] = (Language.ZH, Language.EN)
    with_chime: bool = True

    def speak(self, call: Call) -> None:
        """Say a call as one unbroken sound, so that nothing can come between its parts."""
        read = [self.reader.read(phrase(call, language)) for language in self.languages]
        if not read:
            return
        opening = [chime(rate=read[0].rate)] if self.with_chime else []
        try:
            whole = joined([*opening, *read, silence(0.2, rate=read[-1].rate)], pause_s=0.35)
        except NotJoinable as error:
            raise VoiceFault(str(error)) from error
        self.player.play(whole)


def _run(command: list[str], *, at_most_s: float) -> bytes:
    """Return what a program wrote; raises VoiceFault when it is missing, fails or hangs."""
    program = command[0]
    try:
        done = subprocess.run(command, capture_output=True, timeout=at_most_s, check=False)  # noqa: S603 - from settings
    except FileNotFoundError as error:
        raise VoiceFault(f"没有安装 {program} / {program} is not installed") from error
    except OSError as error:
        raise VoiceFault(f"不能运行 {program} / cannot run {program}: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise VoiceFault(
            f"{program} {at_most_s:.0f} 秒没有结束 / {program} did not end in {at_most_s:.0f} s"
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", errors="replace").strip() or f"exit code {done.returncode}"
        raise VoiceFault(f"{program} 出错 / {program} failed: {said}")
    return done.stdout
