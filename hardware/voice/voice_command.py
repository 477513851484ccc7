"""``jiaohao-voice``: whether clips are fit to be heard, and what a call sounds like."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hardware.voice.clip_files import ClipArchive, ClipFolder, ClipStore
from hardware.voice.clips import check_clips
from hardware.voice.phrases import clips_of, phrase_for
from hardware.voice.sound import write_wav
from hardware.voice.voice import ClipReader, EspeakReader, FirstReader, Player
from hardware.voice.voice_fault import VoiceFault
from protocol.retained_messages import Call
from protocol.vocabulary import Language, Text, WindowId
from runtime.run_command import DONE, FAILED, command_parser, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code (``runtime.run_command``)."""
    parser = command_parser("jiaohao-voice", description="语音文件 / the voice's clips")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="检查语音文件：齐全、音量、静音 / completeness, loudness, silence")
    check.set_defaults(run=_check)
    folder = (
        "有 zh 和 en 两个子文件夹；不写则用自带的 / with the folders zh and en; without it, the clips of the product"
    )
    check.add_argument("folder", type=Path, nargs="?", help=folder)
    speak = commands.add_parser("speak", help="试听一次叫号 / speak a call, to listen to it")
    speak.set_defaults(run=_speak)
    speak.add_argument("number", help="号码 / the number, such as A017")
    speak.add_argument("window", help="窗口号 / the label of the window, such as 3")
    speak.add_argument("--language", type=Language, choices=list(Language), default=Language.ZH)
    speak.add_argument("--brief", action="store_true", help="简短播报 / as spoken while others wait")
    speak.add_argument("--folder", type=Path, help=folder)
    speak.add_argument("--wav", type=Path, metavar="FILE", help="写入文件而不播放 / write a file instead of playing")
    return run_command(parser, lambda options: int(options.run(options)), arguments, failures=(VoiceFault,))


def _store(folder: Path | None) -> ClipStore:
    return ClipArchive() if folder is None else ClipFolder(folder)


def _check(options: argparse.Namespace) -> int:
    """Print every problem, one a line, and what the clips are like."""
    report = check_clips(_store(options.folder))
    for problem in report.problems:
        sys.stdout.write(f"{problem.on_one_line()}\n")
    levels = ", ".join(f"{language.value} {level:.1f} dB" for language, level in report.levels_db.items())
    sys.stdout.write(f"{options.folder or '自带 / own'}: {report.clips} 个文件 / clips; {levels}\n")
    return FAILED if report.problems else DONE


def _speak(options: argparse.Namespace) -> int:
    """Speak a call as the hall's voice would, and print its clips."""
    phrase = phrase_for(_call(options.number, options.window), options.language, brief=options.brief)
    clips = _store(options.folder)
    sound = FirstReader(ClipReader(clips=clips), EspeakReader()).read(phrase)
    known = clips.names(options.language)
    names = [name for words in phrase.clips for name in clips_of(words, known, brief=options.brief)]
    sys.stdout.write(f"{phrase.text} ({sound.duration_s:.1f} s): {', '.join(names)}\n")
    if options.wav is None:
        Player().play(sound, meanwhile=lambda: None)
    else:
        options.wav.write_bytes(write_wav(sound))
    return DONE


def _call(number: str, label: str) -> Call:
    return Call(
        number=number,
        window=WindowId("window"),
        window_label=label,
        area=Text(zh="", en=""),
        call_seq=1,
        called_at=datetime.now(UTC),
    )


if __name__ == "__main__":
    sys.exit(main())
