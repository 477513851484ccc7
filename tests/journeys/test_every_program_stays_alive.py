"""Every program keeps notifying systemd that it works, so that one that hangs is killed and started again."""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from equipped_hall import EquippedHall, always_open
from real_county import RealCounty
from real_hall import until

ROUNDS = 2


@contextmanager
def systemd(at: Path) -> Iterator[Counter[int]]:
    """Take the place of systemd: count by process id how often a program was alive."""
    alive: Counter[int] = Counter()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        inbox.bind(str(at))

        def count() -> None:
            while True:
                message, credentials, _, _ = inbox.recvmsg(100, socket.CMSG_SPACE(12))
                if not message:
                    return
                alive[struct.unpack("3i", credentials[0][2])[0]] += message == b"WATCHDOG=1"

        reader = threading.Thread(target=count)
        reader.start()
        try:
            yield alive
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
                end.sendto(b"", str(at))
            reader.join()


def test_hub_county_kiosk_screen_and_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with (
        systemd(tmp_path / "notify") as alive,
        RealCounty(tmp_path / "county", ["tax"]) as county,
        EquippedHall(tmp_path, catalogue=always_open(tmp_path)) as hall,
    ):
        programs = {
            "county": county.processes[0].pid,
            "hub": hall.hub.pid,
            "kiosk": hall.start_kiosk(printer=hall.start_printer()).pid,
            "screen": hall.start_screen().pid,
            "panel": hall.start_panel("window-2").pid,
        }
        until(lambda: all(alive[pid] >= ROUNDS for pid in programs.values()), what="all go on being alive")
