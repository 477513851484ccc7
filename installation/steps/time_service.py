"""The clock of the machine is set by a time service."""

from __future__ import annotations

from installation.machine import Machine
from installation.steps.step import SystemStep
from protocol.vocabulary import Text

CHRONY, TIMESYNCD = "chrony.service", "systemd-timesyncd.service"


class TimeServiceStep(SystemStep):
    """chrony runs, or systemd's own service where chrony is not installed."""

    purpose = Text(zh="时钟由授时服务校准", en="a time service sets the clock")

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def is_done(self) -> bool:
        """Whether one is enabled. In a container it does not run: the clock is the host's."""
        return not self._machine.is_running or any(self._is_at_work(unit) for unit in (CHRONY, TIMESYNCD))

    def do(self) -> None:
        """Enable and start the one that is installed."""
        installed = [unit for unit in (CHRONY, TIMESYNCD) if self._machine.run("systemctl", "cat", unit).code == 0]
        for unit in installed[:1]:
            self._machine.run("systemctl", "enable", "--now", unit)

    def undo(self) -> None:
        """Leave it: a machine without the right time is of no use to anybody."""

    def check(self) -> list[Text]:
        """Return what to install or to start."""
        if self.is_done():
            return []
        return [
            Text(
                zh="没有授时服务在运行：sudo apt install chrony，再运行 sudo jiaohao-setup",
                en="no time service runs: sudo apt install chrony, then sudo jiaohao-setup again",
            )
        ]

    def _is_at_work(self, unit: str) -> bool:
        shown = self._machine.run("systemctl", "show", unit, "--property=UnitFileState,ActiveState,ConditionResult")
        state = dict(line.split("=", 1) for line in shown.output.splitlines() if "=" in line)
        enabled = state.get("UnitFileState") == "enabled"
        return enabled and (state.get("ActiveState") == "active" or state.get("ConditionResult") == "no")
