"""How many of thirty numbers a speech recogniser understands: ``make voice-score``, not a part of the tests.

``ARGS="--espeak"`` scores the synthesiser instead, ``--folder FOLDER`` a county's own recordings.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from recogniser import PROMPTS, Recogniser, Verdict, verdict

from hardware.voice.clip_files import ClipArchive, ClipFolder
from hardware.voice.phrases import phrase_for
from hardware.voice.sound import join_sounds, make_silence, write_wav
from hardware.voice.voice import ClipReader, EspeakReader, Reader
from protocol.retained_messages import Call
from protocol.vocabulary import Language, Text

LEAD_S = 0.4
"""Silence before and after an announcement: a recogniser needs it, as a hall has it."""


def calls(count: int) -> Iterator[Call]:
    """Yield the calls that are scored, the same each time."""
    chance = random.Random(7)
    for call_seq in range(1, count + 1):
        number = chance.choice("ABCDEFGH") + f"{chance.randrange(1, 400):03d}"
        yield Call(
            number=number,
            window="window",
            window_label=str(chance.randrange(1, 20)),
            area=Text(zh="", en=""),
            call_seq=call_seq,
            called_at=datetime.now(UTC),
        )


def score(reader: Reader, recogniser: Recogniser, language: Language, options: argparse.Namespace) -> None:
    """Print a line a number, and how many were understood without and with a prompt."""
    file = options.work / "announcement.wav"
    verdicts: dict[bool, list[Verdict]] = {False: [], True: []}
    seconds = 0.0
    for call in calls(options.count):
        sound = reader.read(phrase_for(call, language, brief=options.brief))
        seconds += sound.duration_s
        silence = make_silence(LEAD_S, rate=sound.rate)
        file.write_bytes(write_wav(join_sounds([silence, sound, silence])))
        line = f"{call.number} {call.window_label:>2}"
        for prompted, found in verdicts.items():
            text = recogniser.text_of(file, language, prompt=PROMPTS[language] if prompted else None)
            found.append(verdict(text, call.number, language))
            line += f" | {text} {shown(found[-1])}"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    for prompted, found in verdicts.items():
        sums = [sum(getattr(one, field) for one in found) for field in ("written", "by_sound", "digits")]
        how = "with a prompt" if prompted else "without a prompt"
        sys.stdout.write(
            f"{language.value} {how}: {sums[0]} of {len(found)} written, {sums[1]} by sound, {sums[2]} digits; "
            f"{seconds / len(found):.1f} s a call\n"
        )


def shown(one: Verdict) -> str:
    """Return a verdict as three digits."""
    return f"{one.written:d}{one.by_sound:d}{one.digits:d}"


def main() -> int:
    """Score both languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--espeak", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--language", type=Language, choices=list(Language))
    options = parser.parse_args()
    clips = ClipArchive() if options.folder is None else ClipFolder(options.folder)
    reader = EspeakReader() if options.espeak else ClipReader(clips=clips)
    recogniser = Recogniser(options.work)
    for language in Language if options.language is None else (options.language,):
        score(reader, recogniser, language, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
