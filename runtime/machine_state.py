"""What a device reports of the machine that it runs on; what a machine does not have is None."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

from protocol.retained_messages import MachineState

UP = Path("/proc/uptime")
TEMPERATURE = Path("/sys/class/thermal/thermal_zone0/temp")
"""Temperature of the processor, in thousandths of a degree Celsius."""
THROTTLED = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
"""On a Raspberry Pi a hexadecimal number; see ``vcgencmd get_throttled``."""
UNDER_VOLTAGE = 0x1
"""Bit of ``THROTTLED``: the voltage is too low now."""


def machine_state(*, towards: str) -> MachineState:
    """Return the state now. ``towards`` is the host to which this machine's own address is wanted."""
    return MachineState(
        up_s=_up_s(),
        address=_address(towards),
        disk_free_mb=_disk_free_mb(Path("/")),
        temperature_c=_temperature_c(),
        under_voltage=_is_under_voltage(),
    )


def _up_s() -> int:
    return int(float(UP.read_text(encoding="ascii").split()[0]))


def _address(towards: str) -> str:
    """Return the address from which packets to a host would be sent; none is sent, and no name is resolved."""
    with suppress(OSError):
        family, _, _, _, address = socket.getaddrinfo(towards, 9, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[
            0
        ]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    return ""


def _disk_free_mb(path: Path) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize // 1_000_000


def _temperature_c() -> float | None:
    with suppress(OSError, ValueError):
        return round(int(TEMPERATURE.read_text(encoding="ascii")) / 1000, 1)
    return None


def _is_under_voltage() -> bool | None:
    with suppress(OSError, ValueError):
        return bool(int(THROTTLED.read_text(encoding="ascii"), 16) & UNDER_VOLTAGE)
    return None
