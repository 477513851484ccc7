"""The systemd units are valid for the programs of this very environment, and leave them little to break."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.voice.speech_worker import ENDS_WITHIN_S
from kiosk.workers.kiosk_workers import STOP_WITHIN_S
from protocol.clients.mqtt_client import FAREWELL_S
from runtime.run_command import WRONG_SETTINGS, WRONG_USAGE
from server.http_server.uvicorn_server import GRACEFUL_S
from server.hub.replication.replicator import STOP_MAX_S
from server.store.county_database import LOCK_WAIT_S, LOST_AFTER_S
from server.store.database import BUSY_WAIT_S
from server.store.database_file import MERGE_WAIT_S

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNITS = sorted(p.name for p in SYSTEMD.iterdir() if p.suffix in (".service", ".path", ".timer"))
PROGRAMS = (
    "jiaohao-hub.service",
    "jiaohao-county.service",
    "jiaohao-kiosk.service",
    "jiaohao-display.service",
    "jiaohao-window.service",
)
SHUT_IN = (*PROGRAMS, *(f"jiaohao-{name}.service" for name in ("backup", "broker-keys", "firewall", "renew")))
"""All services but that of the first boot, which does what a technician does as root."""

STOPPING_S = {
    "jiaohao-hub.service": (GRACEFUL_S, FAREWELL_S, BUSY_WAIT_S, STOP_MAX_S, MERGE_WAIT_S),
    "jiaohao-county.service": (GRACEFUL_S, LOCK_WAIT_S, LOST_AFTER_S),
    "jiaohao-kiosk.service": (*[STOP_WITHIN_S] * 4, FAREWELL_S),
    "jiaohao-display.service": (ENDS_WITHIN_S, FAREWELL_S),
    "jiaohao-window.service": (FAREWELL_S,),
}
"""Time limits of what a program waits for, one after the other, before it ends."""


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with the installed programs where this environment has them."""
    here = f"{Path(sys.executable).parent}/"
    for name in UNITS:
        text = (SYSTEMD / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/usr/bin/", here), encoding="utf-8")
    return tmp_path


def test_every_unit_passes_systemds_own_check(units: Path) -> None:
    checked = subprocess.run(
        ["systemd-analyze", "verify", *(f"./{u}" for u in UNITS)],
        cwd=units,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("unit", SHUT_IN)
def test_a_program_can_reach_little_beyond_its_work(units: Path, unit: str) -> None:
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", f"./{unit}"],
        cwd=units,
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-300:]


@pytest.mark.parametrize("unit", PROGRAMS)
def test_a_program_that_only_a_technician_can_mend_is_not_restarted(unit: str) -> None:
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    codes = re.search(r"^RestartPreventExitStatus=(.+)$", text, re.MULTILINE)
    assert codes is not None
    assert {int(code) for code in codes[1].split()} == {WRONG_USAGE, WRONG_SETTINGS}


@pytest.mark.parametrize("unit", PROGRAMS)
def test_a_program_that_cannot_start_is_not_active(unit: str) -> None:
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    assert re.search(r"^Type=notify$", text, re.MULTILINE)


@pytest.mark.parametrize("unit", PROGRAMS)
def test_a_program_comes_back_for_ever(unit: str) -> None:
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    assert re.search(r"^Restart=always$", text, re.MULTILINE)
    assert re.search(r"^StartLimitIntervalSec=0$", text, re.MULTILINE)


@pytest.mark.parametrize("unit", PROGRAMS)
def test_a_program_is_not_killed_while_it_stops_in_order(unit: str) -> None:
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    limit = re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert limit is not None
    assert int(limit[1]) >= 1.5 * sum(STOPPING_S[unit]), "a slow machine needs longer than its time limits"
