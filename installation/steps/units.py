"""The units of the programs: enabled, started, and restarted when their settings have changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from installation.answers.setup_answers import MachineRole
from installation.machine import Machine
from installation.steps.step import SystemStep
from protocol.vocabulary import Text

UNITS_OF: Mapping[MachineRole, tuple[str, ...]] = {
    MachineRole.COUNTY: ("jiaohao-county.service",),
    MachineRole.HUB: ("jiaohao-broker-keys.path", "jiaohao-backup.timer", "jiaohao-hub.service"),
    MachineRole.KIOSK: ("jiaohao-renew.timer", "jiaohao-kiosk.service"),
    MachineRole.DISPLAY: ("jiaohao-renew.timer", "jiaohao-display.service"),
    MachineRole.WINDOW: ("jiaohao-renew.timer", "jiaohao-window.service"),
}
START_LIMIT_S = 120.0


def units_of(roles: Sequence[MachineRole]) -> list[str]:
    """Return the units of these roles in the order in which they are started."""
    return list(dict.fromkeys(unit for role in MachineRole if role in roles for unit in UNITS_OF[role]))


class UnitStep(SystemStep):
    """One unit is enabled and runs. ``changed``: its settings are new, so it is restarted."""

    def __init__(self, machine: Machine, unit: str, *, changed: bool = False) -> None:
        self.purpose = Text(zh=f"{unit} 运行并开机启动", en=f"{unit} runs, from the start of the machine on")
        self.unit = unit
        self._machine = machine
        self._changed = changed

    def is_done(self) -> bool:
        """Whether it is enabled, active, and has read its settings."""
        return not self._machine.is_running or (not self._changed and self._state() == ("enabled", "active"))

    def do(self) -> None:
        """Enable and start it; a start that takes longer is left to the checks."""
        self._machine.run("systemctl", "enable", self.unit)
        self._machine.run("systemctl", "reset-failed", self.unit)
        verb = "restart" if self._changed else "start"
        self._machine.run("systemctl", verb, self.unit, limit_s=START_LIMIT_S)
        self._changed = False

    def undo(self) -> None:
        """Stop and disable it."""
        self._machine.run("systemctl", "disable", "--now", self.unit)

    def check(self) -> list[Text]:
        """Return why it does not run: the last words of the program itself."""
        enabled, active = self._state()
        if not self._machine.is_running or (enabled, active) == ("enabled", "active"):
            return []
        last = self._machine.run("journalctl", "--unit", self.unit, "--lines=1", "--output=cat", "--no-pager").last_line
        return [
            Text(zh=f"{self.unit} 没有运行（{active}）：{last}", en=f"{self.unit} does not run ({active}): {last}")
            if active != "active"
            else Text(zh=f"{self.unit} 没有设为开机启动", en=f"{self.unit} is not enabled")
        ]

    def _state(self) -> tuple[str, str]:
        return (
            self._machine.run("systemctl", "is-enabled", self.unit).last_line,
            self._machine.run("systemctl", "is-active", self.unit).last_line,
        )


def unit_steps(machine: Machine, roles: Sequence[MachineRole], changed: Collection[MachineRole] = ()) -> list[UnitStep]:
    """Return the steps of the units of these roles, in order; those of ``changed`` have new settings."""
    restarted = {unit for role in changed for unit in UNITS_OF[role] if unit.endswith(".service")}
    return [UnitStep(machine, unit, changed=unit in restarted) for unit in units_of(roles)]
