"""Where clips are kept: WAV files in a county's own folder, or the archive of Ogg Opus that the product ships.

A clip may speak several words at once: its name is theirs with ``+`` between (``letter-a+digit-0``).
"""

from __future__ import annotations

import zipfile
from functools import cached_property
from pathlib import Path
from typing import Protocol

from hardware.voice.external_program import run_program
from hardware.voice.sound import NotJoinable, Sound, read_wav
from hardware.voice.voice_fault import NoClip, VoiceFault
from protocol.vocabulary import Language

SHIPPED_CLIPS = Path(__file__).parent / "shipped" / "clips.zip"
"""Written by ``make voice``."""
SHIPPED_RATE = 24000
"""Rate at which the archive's clips are read, that of the voice which made them, samples per second."""
DECODING_AT_MOST_S = 2.0
"""Time limit of the decoder for one clip, seconds."""


class ClipStore(Protocol):
    """The clips of a voice by language and name."""

    suffix: str
    """What the name of a clip's file ends with."""

    def names(self, language: Language) -> frozenset[str]:
        """Return which clips there are in a language; raises VoiceFault."""
        ...

    def read(self, language: Language, name: str) -> Sound:
        """Return a clip; raises NoClip when there is none, else VoiceFault."""
        ...


class ClipFolder:
    """WAV files: ``{folder}/zh/qing.wav``, ``{folder}/en/number.wav``."""

    suffix = ".wav"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self, language: Language) -> frozenset[str]:
        """Return the names of the files that there are."""
        return frozenset(path.stem for path in (self._folder / language.value).glob(f"*{self.suffix}"))

    def read(self, language: Language, name: str) -> Sound:
        """Return the sound of a file; raises VoiceFault."""
        path = self._folder / language.value / f"{name}{self.suffix}"
        try:
            return read_wav(path.read_bytes(), name=f"{language.value}/{path.name}")
        except FileNotFoundError as error:
            raise NoClip(zh=f"没有语音文件 {path}", en=f"there is no clip {path}") from error
        except OSError as error:
            raise VoiceFault(
                zh=f"读不到语音文件 {path}：{error.strerror}", en=f"cannot read the clip {path}: {error.strerror}"
            ) from error
        except NotJoinable as error:
            raise VoiceFault(zh=error.text.zh, en=error.text.en) from error


class ClipArchive:
    """Ogg Opus in one ZIP file: ``zh/qing.opus``. It is opened at the first use, and each clip is read when needed."""

    suffix = ".opus"

    def __init__(self, path: Path = SHIPPED_CLIPS) -> None:
        self._path = path

    def names(self, language: Language) -> frozenset[str]:
        """Return the names of the files in the archive; raises VoiceFault."""
        return self._names[language]

    def read(self, language: Language, name: str) -> Sound:
        """Return a clip, decoded by ``opusdec``; raises VoiceFault."""
        file = f"{language.value}/{name}{self.suffix}"
        if name not in self.names(language):
            raise NoClip(zh=f"没有语音文件 {file}", en=f"there is no clip {file}")
        command = ["opusdec", "--quiet", "--no-dither", "--rate", str(SHIPPED_RATE), "--force-wav", "-", "-"]
        return read_wav(run_program(command, at_most_s=DECODING_AT_MOST_S, given=self._content(file)), name=file)

    @cached_property
    def _names(self) -> dict[Language, frozenset[str]]:
        paths = [Path(name) for name in self._archive.namelist()]
        return {
            language: frozenset(path.stem for path in paths if path.parent.name == language.value)
            for language in Language
        }

    def _content(self, file: str) -> bytes:
        try:
            return self._archive.read(file)
        except (OSError, zipfile.BadZipFile) as error:
            raise self._damaged(error) from error

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self._path)
        except (OSError, zipfile.BadZipFile) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> VoiceFault:
        return VoiceFault(
            zh=f"读不到语音文件 {self._path}：{error}", en=f"cannot read the clips in {self._path}: {error}"
        )
