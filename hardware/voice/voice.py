"""The hall's voice: chime, then the call in each language. Clips put together, espeak-ng, or silence.

``Voice`` is what the screen uses; ``Reader`` turns a phrase into sound and ``Player`` makes it audible, so that a
better synthesiser or another sound card is one small class or one setting. All of it works without a network.

A ``VoiceFault`` states why a call was not audible; the captions go on without the voice.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hardware.hardware_fault import HardwareFault
from hardware.voice.phrases import Phrase, phrase_for
from hardware.voice.sound import NotJoinable, Sound, join_sounds, make_chime, make_silence, read_wav, write_wav
from protocol.retained_messages import Call
from protocol.vocabulary import Language

READING_AT_MOST_S = 10.0
"""Time limit of the synthesiser for one phrase, seconds."""
PLAYING_AT_MOST_S = 30.0
"""Time limit of the player beyond the length of the sound, seconds."""
ESPEAK_VOICES = {
    # plain "cmn" of espeak-ng 1.51 (Debian 12) reads 请 as English "king three"
    Language.ZH: "cmn-latn-pinyin",
    Language.EN: "en",
}


class VoiceFault(HardwareFault, RuntimeError):
    """A call was not audible, or perhaps only in part."""


class Voice(Protocol):
    """Speaks calls, one at a time."""

    def speak(self, call: Call) -> None:
        """Return when the call was spoken; raises VoiceFault when it was not."""
        ...


class Reader(Protocol):
    """Turns a phrase into sound."""

    def read(self, phrase: Phrase) -> Sound:
        """Return the sound of a phrase; raises VoiceFault."""
        ...


class SilentVoice:
    """The voice of a hall, or a test, without a speaker: every call counts as spoken at once."""

    def speak(self, call: Call) -> None:
        """Return at once."""


@dataclass(frozen=True, kw_only=True)
class ClipReader:
    """Joins recorded clips: ``{folder}/zh/qing.wav``, ``{folder}/en/number.wav`` (``hardware.voice.phrases``)."""

    folder: Path
    pause_s: float = 0.05

    def read(self, phrase: Phrase) -> Sound:
        """Return the clips of a phrase one after another."""
        paths = [self.folder / phrase.language.value / f"{clip}.wav" for clip in phrase.clips]
        try:
            return join_sounds([read_wav(path.read_bytes(), name=str(path)) for path in paths], pause_s=self.pause_s)
        except OSError as error:
            raise VoiceFault(
                zh=f"读不到语音文件 {error.filename}：{error.strerror}",
                en=f"cannot read the clip {error.filename}: {error.strerror}",
            ) from error
        except NotJoinable as error:
            raise VoiceFault(zh=error.text.zh, en=error.text.en) from error


@dataclass(frozen=True, kw_only=True)
class EspeakReader:
    """The synthesiser espeak-ng: plain to the ear, but it can pronounce every name and needs no recordings."""

    words_per_minute: int = 130
    program: str = "espeak-ng"

    def read(self, phrase: Phrase) -> Sound:
        """Return the phrase as espeak-ng speaks it."""
        command = [self.program, "-v", ESPEAK_VOICES[phrase.language], "-s", str(self.words_per_minute), "--stdout"]
        done = _run([*command, phrase.text], at_most_s=READING_AT_MOST_S)
        try:
            return read_wav(done, name=self.program)
        except NotJoinable as error:
            raise VoiceFault(zh=error.text.zh, en=error.text.en) from error


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
    """The voice of a hall with a speaker: chime, then each language in the order of ``languages``."""

    reader: Reader
    player: Player
    languages: tuple[Language, ...] = (Language.ZH, Language.EN)
    with_chime: bool = True

    def speak(self, call: Call) -> None:
        """Speak a call as one unbroken sound, so that nothing can come between its parts."""
        spoken = [self.reader.read(phrase_for(call, language)) for language in self.languages]
        if not spoken:
            return
        opening = [make_chime(rate=spoken[0].rate)] if self.with_chime else []
        try:
            whole = join_sounds([*opening, *spoken, make_silence(0.2, rate=spoken[-1].rate)], pause_s=0.35)
        except NotJoinable as error:
            raise VoiceFault(zh=error.text.zh, en=error.text.en) from error
        self.player.play(whole)


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
