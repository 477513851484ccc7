"""Watches the room on the disk that a server's data folder lies on."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from protocol.vocabulary import Text
from runtime.fault_log import FaultLog

log = logging.getLogger(__name__)

LOW_BYTES = 100 * 1024 * 1024
"""Free space below which a technician should make room, bytes: weeks before a hub stops."""


class DiskSpace:
    """``fault`` lasts while the disk is nearly full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.fault = FaultLog(log, Text(zh="磁盘空间不足，请清理", en="the disk is nearly full, please make room"))

    def check(self) -> None:
        """Read the free space."""
        disk = os.statvfs(self._folder)
        free = disk.f_bavail * disk.f_frsize
        if free < LOW_BYTES:
            self.fault.began(f"{self._folder}: {free // 1024**2} MB")
        else:
            self.fault.ended()
