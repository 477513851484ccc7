"""Where a panel's pins are: on this Raspberry Pi, or nowhere (the twin).

The pin factory is always passed to gpiozero: its own choice tries factories that fail on some Pis, at import time.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from gpiozero.exc import GPIOZeroError
from gpiozero.pins.mock import MockFactory

from hardware.hardware_fault import HardwareFault

if TYPE_CHECKING:
    from gpiozero.pins import Factory


class NoPins(HardwareFault, OSError):
    """This machine has no usable GPIO pins."""


@contextmanager
def pi_pins() -> Iterator[Factory]:
    """Use this Raspberry Pi's pins until the block ends. Raises NoPins where there are none.

    lgpio is the one library that works on every Pi. It writes a FIFO into its working folder, so it gets a private
    one, unless a systemd unit has set ``LG_WD``.
    """
    with tempfile.TemporaryDirectory(prefix="jiaohao-lgpio-") as folder:
        os.environ.setdefault("LG_WD", folder)
        with closing(_lgpio()) as factory:
            yield factory


def _lgpio() -> Factory:
    try:
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - lgpio reads LG_WD while it is imported

        return LGPIOFactory()
    except (ImportError, GPIOZeroError, OSError) as error:
        raise NoPins(
            zh="这台机器没有可用的 GPIO：请在树莓派上运行，或加 --twin 使用模拟按键板",
            en=f"no GPIO can be used on this machine: run on a Pi, or with --twin for a simulated panel ({error})",
        ) from error


def twin_pins() -> MockFactory:
    """Return pins that exist only in this process; a test drives them low and high."""
    return MockFactory()
