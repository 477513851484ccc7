"""A machine and its roles: the settings to write, the steps to do, the checks that show whether it works."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from installation.answers.complete_answers import given_only, merged, read
from installation.answers.setup_answers import DEVICES, SERVERS, MachineRole, SetupAnswers
from installation.checks.program_checks import running_sentences, settings_sentences
from installation.machine import SETTINGS, Machine
from installation.settings_files.server_files import CountyServerHere, SiteServer
from installation.settings_files.settings_file import SettingsFile
from installation.settings_files.settings_of_devices import DEVICE_FILES
from installation.steps.files_of_steps import (
    WATCHDOG,
    broker_tls_step,
    locked_screen_step,
    printer_rule_step,
    watchdog_step,
)
from installation.steps.firewall import ServerPorts, county_ports, firewall_step, hub_ports
from installation.steps.loudspeaker import VolumeStep
from installation.steps.step import SystemStep
from installation.steps.time_service import TimeServiceStep
from installation.steps.units import unit_steps
from installation.toml_table import read_table
from installation.upkeep.kept_packages import KeepPackagesStep
from protocol.vocabulary import Text
from runtime.run_command import CommandFailed
from runtime.tls_files import CERTIFICATE

GREEN_WITHIN_S = 90.0
"""Time limit for programs that were just started to work together, seconds."""
REMEMBERED = "setup"
"""Name of the file with the answers that stand in no settings file: roles, networks, volume."""
SCREENS = (MachineRole.KIOSK, MachineRole.DISPLAY)


def remembered_file(machine: Machine) -> SettingsFile:
    """Return the file with the answers about the system; it has no keys."""
    return SettingsFile(machine, REMEMBERED, SetupAnswers, group="root")


def remembered_answers(machine: Machine) -> dict[str, Any]:
    """Return what was answered about the system, nothing before the first time."""
    return remembered_file(machine).read()


def system_answers(answers: SetupAnswers) -> dict[str, Any]:
    """Return the answers that stand in no settings file."""
    raw = answers.model_dump(mode="json", include={"roles", "network", "display"})
    loudspeaker = {key: raw["display"][key] for key in ("volume", "sound_card")}
    return given_only({**raw, "display": loudspeaker})


class MachineSetup:
    """The setup of one machine. ``answers`` has the roles, and what was given or asked about them."""

    def __init__(self, machine: Machine, answers: SetupAnswers) -> None:
        self.machine = machine
        self.answers = answers
        self.roles: Sequence[MachineRole] = [role for role in MachineRole if role in answers.roles]

    def set_up(self) -> Iterator[Text]:
        """Write the settings and do every step that is not done; yield what was changed."""
        yield from self._start([role for role in self.roles if role in SERVERS])
        devices = [role for role in self.roles if role in DEVICES]
        written = [role for role in devices if self._write_device(role)]
        remembered_file(self.machine).write(system_answers(self.answers))
        yield from self._done(self._system_steps())
        yield from map(_written, written)
        yield from self._done(unit_steps(self.machine, devices, written))

    def _start(self, servers: Sequence[MachineRole]) -> Iterator[Text]:
        """Write the settings of county and hub and start each: devices get their keys from one that runs."""
        for role in servers:
            changed = self._write_county() if role is MachineRole.COUNTY else self._write_hub()
            if changed:
                yield _written(role)
            yield from self._done(unit_steps(self.machine, [role], [role] if changed else ()))
            if role is MachineRole.HUB:
                self._require_running(role)
                yield from self._done(self._broker_steps())
            if changed and role is MachineRole.HUB:
                self.machine.run("systemctl", "reload-or-restart", "mosquitto.service")  # also for keys of before

    def _require_running(self, role: MachineRole) -> None:
        """Raise CommandFailed when a server does not run, with its own last words: devices cannot be enrolled."""
        wrong = [text for step in unit_steps(self.machine, [role]) for text in step.check()]
        if wrong:
            raise CommandFailed(*wrong)

    def _broker_steps(self) -> Iterator[SystemStep]:
        if MachineRole.HUB in self.roles:
            settings = SiteServer(self.machine).settings
            if settings.tls is not None and self.machine.path(str(settings.tls_folder / CERTIFICATE)).exists():
                yield broker_tls_step(self.machine)

    def _done(self, steps: Iterable[SystemStep]) -> Iterator[Text]:
        for step in steps:
            if not step.is_done():
                step.do()
                yield step.purpose

    def steps(self) -> list[SystemStep]:
        """Return all steps in their order."""
        return [*self._system_steps(), *self._broker_steps(), *unit_steps(self.machine, self.roles)]

    def undo(self) -> Iterator[Text]:
        """Undo all steps, the last one first; settings and data stay. Yield what was undone."""
        for step in reversed(self.steps()):
            step.undo()
            yield step.purpose

    def sentences(self) -> list[Text]:
        """Return a sentence for each thing that is not as it should be; none: all is well."""
        wrong = settings_sentences(self.machine, self.roles)
        if wrong:
            return wrong
        steps = [text for step in self.steps() for text in step.check()]
        return steps + (running_sentences(self.machine, self.roles) if self.machine.is_running else [])

    def wait_until_green(self) -> list[Text]:
        """Return what is wrong once nothing is, or when the time for it is over."""
        ends_at = time.monotonic() + GREEN_WITHIN_S
        while (wrong := self.sentences()) and time.monotonic() < ends_at:
            time.sleep(1)
        return wrong

    def _system_steps(self) -> Iterator[SystemStep]:
        yield KeepPackagesStep(self.machine)
        yield TimeServiceStep(self.machine)
        if self.machine.path(WATCHDOG).exists():
            yield watchdog_step(self.machine)
        if set(self.roles) & set(SCREENS):
            yield locked_screen_step(self.machine)
        if MachineRole.KIOSK in self.roles:
            yield printer_rule_step(self.machine, _table(self.machine, "kiosk"))
        display = self.answers.display
        if MachineRole.DISPLAY in self.roles and display.volume is not None:
            yield VolumeStep(self.machine, volume=display.volume, sound_card=display.sound_card)
        if set(self.roles) & set(SERVERS) and self.answers.network.firewall is not False:
            yield firewall_step(self.machine, self._ports(), self.answers.network)

    def _ports(self) -> list[ServerPorts]:
        ports = []
        if MachineRole.HUB in self.roles:
            settings = SiteServer(self.machine).settings
            ports.append(hub_ports(settings.port, settings.tls))
        if MachineRole.COUNTY in self.roles:
            ports.append(county_ports(CountyServerHere(self.machine).port))
        return ports

    def _write_device(self, role: MachineRole) -> bool:
        server = SiteServer(self.machine) if self.machine.settings_file("hub").exists() else None
        device = next(file for file in DEVICE_FILES if file.role is role)
        return device(self.machine, self.answers, server).write()

    def _write_county(self) -> bool:
        return CountyServerHere(self.machine).write(self.answers)

    def _write_hub(self) -> bool:
        county = CountyServerHere(self.machine) if MachineRole.COUNTY in self.roles else None
        server = SiteServer(self.machine)
        written = server.write(self.answers, county)
        return server.join(self.answers) or written


def answers_with_remembered(given: Mapping[str, Any], machine: Machine) -> dict[str, Any]:
    """Return the given answers over those about the system that were given before."""
    return merged(remembered_answers(machine), given)


def known_roles(machine: Machine) -> tuple[MachineRole, ...]:
    """Return the roles that this machine was set up for."""
    roles = read(remembered_answers(machine), "roles") or []
    return tuple(role for role in MachineRole if role in roles)


def _table(machine: Machine, program: str) -> dict[str, Any]:
    path = machine.settings_file(program)
    return read_table(path) if path.exists() else {}


def _written(role: MachineRole) -> Text:
    return Text(zh=f"{SETTINGS}/{role}.toml 已写好", en=f"{SETTINGS}/{role}.toml is written")
