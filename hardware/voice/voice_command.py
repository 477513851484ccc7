"""``jiaohao-voice check FOLDER``: whether a folder of recorded clips is fit to be heard."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hardware.voice.clips import check_folder
from runtime.run_command import DONE, FAILED, command_parser, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code (``runtime.run_command``)."""
    parser = command_parser("jiaohao-voice", description="语音文件 / recorded clips")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="检查语音文件夹：齐全、音量、静音 / completeness, loudness, silence")
    check.add_argument("folder", type=Path, help="有 zh 和 en 两个子文件夹 / with the folders zh and en")
    return run_command(parser, _check, arguments)


def _check(options: argparse.Namespace) -> int:
    """Print every problem, one a line, and what the folder is like."""
    report = check_folder(options.folder)
    for problem in report.problems:
        sys.stdout.write(f"{problem.on_one_line()}\n")
    levels = ", ".join(f"{language.value} {level:.1f} dB" for language, level in report.levels_db.items())
    sys.stdout.write(f"{options.folder}: {report.clips} 个文件 / clips; {levels}\n")
    return FAILED if report.problems else DONE


if __name__ == "__main__":
    sys.exit(main())
