"""``jiaohao-setup``: ``jiaohao-setup hub kiosk``, then ``check``, ``remove``, … of what this machine is."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from installation.answers.setup_answers import MachineRole
from installation.commands import COMMANDS, FILE_COMMANDS, set_up
from installation.machine import Machine
from installation.terminal import Terminal
from protocol.faults import BilingualFault
from protocol.vocabulary import Language, Text
from runtime.run_command import CommandFailed, command_parser, run_command

EPILOG = """\
  jiaohao-setup hub kiosk          set this machine up, and ask what is needed / 设置本机
  jiaohao-setup                    again, as before: changes nothing that is right / 再次运行
  jiaohao-setup check              what is not right, a line each / 检查
  jiaohao-setup test               a slip, a spoken call, the lamp's colours / 试打印、试音、试灯
  jiaohao-setup remove             undo it, and keep settings and data / 撤销，保留设置和数据
  jiaohao-setup support-bundle F   logs, versions, settings without keys / 打包日志和设置，不含密钥
  jiaohao-setup restore F          the hub of a backup on a new machine / 从备份恢复
  jiaohao-setup rollback           the package and the tables of before / 退回上一版本
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Set the machine up, or run one command; returns the exit code."""
    parser = command_parser(
        "jiaohao-setup",
        description="设置本机 / makes this machine a hub, county server, kiosk, hall screen or panel",
        epilog=EPILOG,
        log_level="warning",
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    roles, names = ", ".join(MachineRole), [*COMMANDS, *(f"{name} FILE" for name in FILE_COMMANDS)]
    parser.add_argument("words", nargs="*", metavar="ROLE | COMMAND", help=f"{roles}; {', '.join(names)}")
    parser.add_argument("--answers", type=Path, metavar="FILE", help="回答文件 / a file of answers (docs/settings.md)")
    parser.add_argument("--lang", type=Language, choices=list(Language), help="只用一种语言 / one language only")
    failures = (BilingualFault,)
    return run_command(parser, lambda options: _run(parser, options), arguments, failures=failures)


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    word, *rest = options.words or [""]
    machine, terminal = Machine(), Terminal(options.lang)
    _require_root()
    if word in COMMANDS and not rest:
        return COMMANDS[word](machine, terminal)
    if word in FILE_COMMANDS and len(rest) == 1:
        return FILE_COMMANDS[word](machine, terminal, Path(rest[0]))
    unknown = [each for each in options.words if each not in set(MachineRole)]
    if unknown:
        parser.error(f"{' '.join(options.words)}: {', '.join([*MachineRole, *COMMANDS, *FILE_COMMANDS])}")
    return set_up(machine, terminal, [MachineRole(each) for each in options.words], options.answers)


def _require_root() -> None:
    if os.geteuid() != 0:
        raise CommandFailed(Text(zh="请用 sudo 运行", en="run it with sudo"))


if __name__ == "__main__":
    sys.exit(main())
