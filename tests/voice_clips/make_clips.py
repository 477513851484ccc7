"""Makes the clips of both languages that the product ships: ``make voice``.

Reading takes some ten minutes on two free cores. What was read is kept under the working folder, so that a run that was
stopped goes on where it ended; ``--pack-only`` makes the archive of what has been read so far.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import zipfile
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from neural_voice import RATE, NeuralVoice, Reading, Sentence
from spoken_words import Cut, every_cut

from hardware.voice.clip_files import SHIPPED_CLIPS, ClipArchive
from hardware.voice.clips import check_clips
from hardware.voice.loudness import made_equal, without_silence
from hardware.voice.sound import LOUDEST, Sound, write_wav

BITRATE_KBITS = 16
LEVEL_DB = -21.5
"""Loudness, dB of the full scale: the loudest at which no peak has to be lowered by much."""
PEAK_DB = -2.0
"""Highest peak before compression, dB of the full scale: that raises some."""
STAMP = (2026, 11, 30, 0, 0, 0)
REPORT_EVERY_S = 30.0


class Readings:
    """What has been read, a file a sentence."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, sentence: Sentence) -> Path:
        """Return the file of a sentence, which may not be there yet."""
        return self._folder / f"{sentence.digest}.npz"

    def read_missing(self, voices: Path) -> None:
        """Have the neural voice read what is missing."""
        sentences = dict.fromkeys(cut.sentence for cut in every_cut())
        missing = [sentence for sentence in sentences if not self.path(sentence).exists()]
        voice = NeuralVoice(voices) if missing else None
        reported = began = time.monotonic()
        for done, sentence in enumerate(missing):
            if time.monotonic() - reported > REPORT_EVERY_S:
                reported = time.monotonic()
                sys.stdout.write(f"{done} of {len(missing)} sentences read, {(reported - began) / done:.1f} s each\n")
                sys.stdout.flush()
            voice.read(sentence).save(self.path(sentence))

    def clips(self) -> Iterator[tuple[Cut, Sound]]:
        """Yield every clip whose sentence has been read, without silence and as loud as the others."""
        for cut in every_cut():
            if self.path(cut.sentence).exists():
                samples = Reading.load(self.path(cut.sentence)).part(cut.first, cut.last, onset_s=cut.onset_s)
                frames = array("h", np.round(samples * LOUDEST).astype(int).tolist()).tobytes()
                yield (
                    cut,
                    made_equal(without_silence(Sound(rate=RATE, frames=frames)), level_db=LEVEL_DB, highest_db=PEAK_DB),
                )


def compressed(sound: Sound) -> bytes:
    """Return a sound as Ogg Opus, the same bytes each time."""
    options = ["--quiet", "--bitrate", str(BITRATE_KBITS), "--serial", "1", "--padding", "0", "--discard-comments"]
    command = ["opusenc", *options, "-", "-"]
    return subprocess.run(command, input=write_wav(sound), capture_output=True, check=True).stdout


def pack(readings: Readings, target: Path) -> None:
    """Write the archive."""
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for cut, sound in readings.clips():
            archive.writestr(zipfile.ZipInfo(f"{cut.language.value}/{cut.name}.opus", STAMP), compressed(sound))


def main() -> int:
    """Read, pack, check; exit code 1 when the clips are not as they should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--pack-only", action="store_true")
    options = parser.parse_args()
    readings = Readings(options.work / "readings")
    if not options.pack_only:
        readings.read_missing(options.voices)
    pack(readings, SHIPPED_CLIPS)
    report = check_clips(ClipArchive())
    for problem in report.problems:
        sys.stdout.write(f"{problem.on_one_line()}\n")
    sys.stdout.write(f"{SHIPPED_CLIPS}: {report.clips} clips, {SHIPPED_CLIPS.stat().st_size / 1e6:.1f} MB\n")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
