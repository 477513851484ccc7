"""Notifies systemd that a process is ready and alive, so that one that hangs is restarted.

Source: sd_notify(3). Units use ``Type=notify`` and ``WatchdogSec=``; without systemd nothing happens.
"""

from __future__ import annotations

import logging
import os
import socket
import time

log = logging.getLogger(__name__)

ALIVE_S = 10.0
"""Interval at which a program notifies systemd that it is alive, seconds; a third of what its unit allows, or less."""


def notify_ready() -> None:
    """Notify systemd that the process is ready."""
    _notify("READY=1")


def notify_alive() -> None:
    """Notify systemd that the process is alive; from the thread that does its work, every ``ALIVE_S``."""
    _notify("WATCHDOG=1")


def pause_before_restart(seconds: float) -> None:
    """Notify systemd that the process ends, and wait so that it is not started again at once; not without systemd."""
    if os.environ.get("NOTIFY_SOCKET"):
        _notify("STOPPING=1")
        time.sleep(seconds)


def _notify(message: str) -> None:
    """Write one message to systemd; an error is only logged, because the work goes on without it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.sendto(message.encode(), name)
    except OSError as error:
        log.warning("systemd was not notified of %s: %s", message, error)
