"""Tells systemd that a process is ready and alive, so that one that hangs is started afresh.

Source: sd_notify(3). Units use ``Type=notify`` and ``WatchdogSec=``; without systemd nothing happens.
"""

from __future__ import annotations

import logging
import os
import socket

log = logging.getLogger(__name__)


def notify_ready() -> None:
    """Say that the process does its work now."""
    _send("READY=1")


def notify_alive() -> None:
    """Say that the process still does its work; from the thread that matters, more often than ``WatchdogSec``."""
    _send("WATCHDOG=1")


def _send(message: str) -> None:
    """Send one message to systemd; a socket that is gone is logged, for the work matters more."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.sendto(message.encode(), name)
    except OSError as error:
        log.warning("systemd was not told %s: %s", message, error)
