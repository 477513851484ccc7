"""The commands of ``jiaohao-setup``: set a machine up, check it, take it back, and keep it going."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from installation.answers.complete_answers import complete_answers
from installation.answers.setup_answers import FIRST_BOOT_FILE, SERVERS, MachineRole, SetupAnswers
from installation.machine import Machine
from installation.machine_setup import MachineSetup, answers_with_remembered, known_roles
from installation.passcodes import make_passcodes
from installation.terminal import GREEN, Terminal
from installation.toml_table import read_table
from installation.upkeep.hardware_trials import run_trials
from installation.upkeep.rollback import roll_back
from installation.upkeep.support_bundle import write_bundle
from protocol.settings import SettingsError, parse_settings
from protocol.vocabulary import Text
from runtime.run_command import DONE, FAILED, CommandFailed
from server.hub.backup.backup_commands import run_restore


def set_up(machine: Machine, terminal: Terminal, roles: Sequence[MachineRole], file: Path | None) -> int:
    """Set a machine up for roles, beside those that it has; returns the exit code. Raises SettingsError, OSError."""
    known = known_roles(machine)
    given: Mapping[str, Any] = {} if file is None else read_table(file)
    wanted = parse_settings(SetupAnswers, dict(given), source=str(file)).roles
    chosen = tuple(role for role in MachineRole if role in {*known, *roles, *wanted})
    if not chosen:
        raise SettingsError("jiaohao-setup", _no_role())
    answers = complete_answers(
        answers_with_remembered(given, machine),
        chosen,
        machine,
        terminal.prompt,
        known_system=bool(set(known) & set(SERVERS)),
    )
    setup = MachineSetup(machine, answers)
    for done in setup.set_up():
        terminal.line(done, mark=GREEN)
    if terminal.prompt is not None:
        for passcode in make_passcodes(machine, setup.roles):
            terminal.line(passcode)
    return DONE if terminal.verdict(setup.wait_until_green()) else FAILED


def _no_role() -> Text:
    names = ", ".join(MachineRole)
    return Text(zh=f"请说明本机是什么：{names}", en=f"name what this machine is: {names}")


def _present(machine: Machine) -> MachineSetup:
    """Return the setup of this machine. Raises CommandFailed: it has none."""
    answers = parse_settings(SetupAnswers, answers_with_remembered({}, machine), source="setup.toml")
    if not answers.roles:
        raise CommandFailed(_no_role())
    return MachineSetup(machine, answers)


def _check(machine: Machine, terminal: Terminal) -> int:
    return DONE if terminal.verdict(_present(machine).sentences()) else FAILED


def _remove(machine: Machine, terminal: Terminal) -> int:
    for undone in _present(machine).undo():
        terminal.line(Text(zh=f"已撤销：{undone.zh}", en=f"undone: {undone.en}"), mark=GREEN)
    return DONE


def _support_bundle(machine: Machine, terminal: Terminal, file: Path) -> int:
    try:
        wrong = _present(machine).sentences()
    except (SettingsError, CommandFailed) as error:
        wrong = list(error.sentences)
    written = write_bundle(machine, file, wrong)
    terminal.line(Text(zh=f"{written} 已写好，不含密钥", en=f"{written} is written, without keys"), mark=GREEN)
    return DONE


def _restore(machine: Machine, terminal: Terminal, file: Path) -> int:
    """Put a hub's backup in place, and set the machine up as that hub."""
    options = argparse.Namespace(backup=file, settings=machine.settings_file("hub"), key_file=None)
    answer = run_restore(options)
    terminal.line(Text(zh=answer, en=answer), mark=GREEN)
    return set_up(machine, terminal, [MachineRole.HUB], None)


def _roll_back(machine: Machine, terminal: Terminal) -> int:
    for done in roll_back(machine, _present(machine).roles):
        terminal.line(done, mark=GREEN)
    return DONE


def _first_boot(machine: Machine, terminal: Terminal) -> int:
    """Set the machine up from the file on its card, and wipe the file, which has keys, when all of it is done."""
    file = machine.path(FIRST_BOOT_FILE)
    result = set_up(machine, terminal, [], file)
    if result == DONE:
        wipe(file)
        terminal.line(Text(zh=f"{file} 已删除", en=f"{file} is deleted"), mark=GREEN)
    return result


def wipe(file: Path) -> None:
    """Overwrite a file and delete it."""
    with file.open("r+b") as opened:
        opened.write(bytes(file.stat().st_size))
    file.unlink()


def _test(machine: Machine, terminal: Terminal) -> int:
    for seen in run_trials(machine, _present(machine).roles):
        terminal.line(seen, mark="?")
    return DONE


COMMANDS: Mapping[str, Callable[[Machine, Terminal], int]] = {
    "check": _check,
    "test": _test,
    "remove": _remove,
    "rollback": _roll_back,
    "first-boot": _first_boot,
}
FILE_COMMANDS: Mapping[str, Callable[[Machine, Terminal, Path], int]] = {
    "support-bundle": _support_bundle,
    "restore": _restore,
}
"""Commands that take a file."""
