"""Start of every program: options, logging, and the exit code with one sentence for the technician.

``main`` of a program builds its parser with ``command_parser`` and returns ``run_command(parser, run, arguments)``.
Exit codes, which the systemd units rely on: 0 done, 1 failed, 2 wrong usage (argparse), 78 wrong settings
(EX_CONFIG, sysexits.h). Signals stay with the programs.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from protocol.faults import is_lasting, system_error_text
from protocol.settings import SettingsError
from protocol.vocabulary import Text
from runtime.systemd_notify import pause_before_restart

RESTART_PAUSE_S = 14.0
"""Pause after a fault that may pass, before systemd starts the program again, seconds: it logs four lines a minute."""
DONE, FAILED, WRONG_USAGE, WRONG_SETTINGS = 0, 1, 2, os.EX_CONFIG
LOG_LEVELS = ("debug", "info", "warning", "error")


class CommandFailed(Exception):
    """A command could not do its work: ``sentences`` for the technician, behind the lines of a ``report`` if any."""

    def __init__(self, *sentences: Text, report: str = "") -> None:
        lines = [report] if report else []
        super().__init__("\n".join([*lines, *(sentence.on_one_line() for sentence in sentences)]))
        self.sentences = sentences


def command_parser(
    name: str, *, description: str | None, epilog: str | None = None, log_level: str = "info"
) -> argparse.ArgumentParser:
    """Return a parser with ``--version`` and ``--log-level``, whose default is ``log_level``."""
    parser = argparse.ArgumentParser(prog=name, description=description, epilog=epilog)
    parser.add_argument("--version", action="version", version=f"{name} {version('jiaohao')}")
    parser.add_argument(
        "--log-level", choices=LOG_LEVELS, default=log_level, help=f"日志详细程度 / how much is logged ({log_level})"
    )
    return parser


def add_settings_option(parser: argparse.ArgumentParser, *, default: Path | None = None) -> None:
    """Add ``--settings FILE``: a device has to name its file, a server has a ``default``."""
    note = "" if default is None else f" ({default})"
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        required=default is None,
        default=default,
        help=f"TOML 设置文件 / the TOML settings file{note}",
    )


def add_check_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--check``, with which a program reads its settings and ends."""
    parser.add_argument(
        "--check", action="store_true", help="只检查设置，不运行 / check the settings only, exit code 0 or 78"
    )


def report_sound(settings: Path, *lines: str) -> int:
    """Print that the settings are right, which ``--check`` is for, and what else was found; returns the exit code."""
    sys.stdout.write("\n".join([f"{settings}: 设置正确 / the settings are right", *lines]) + "\n")
    return DONE


def run_command(
    parser: argparse.ArgumentParser,
    run: Callable[[argparse.Namespace], int],
    arguments: Sequence[str] | None = None,
    *,
    failures: tuple[type[Exception], ...] = (),
) -> int:
    """Parse the arguments, set logging up, call ``run`` with the options, and return the program's exit code.

    ``run`` returns the exit code. A SettingsError, an OSError, a CommandFailed, or one of the program's own
    ``failures`` becomes one sentence on stderr; any other exception is a defect and keeps its traceback.
    """
    options = parser.parse_args(arguments)
    set_logging_up(options.log_level)
    try:
        return run(options)
    except SettingsError as error:
        _report(parser.prog, str(error))
        return WRONG_SETTINGS
    except OSError as error:
        _report(parser.prog, system_error_text(error).on_one_line())
        if is_lasting(error):
            return WRONG_SETTINGS
    except CommandFailed as error:
        _report(parser.prog, str(error))
    except failures as error:
        _report(parser.prog, str(error))
    pause_before_restart(RESTART_PAUSE_S)
    return FAILED


def set_logging_up(level: str) -> None:
    """Log to stderr from ``level`` on, with level and name; journald and terminals add or need no time."""
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger().addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether what a library writes to the root logger itself is for a technician: python-escpos does at each query."""
    return record.levelno >= logging.WARNING


def _report(program: str, sentence: str) -> None:
    sys.stderr.write(f"{program}: {sentence}\n")
