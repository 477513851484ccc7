"""Each program does its work with the system calls that its unit allows, and needs none of the others."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import psutil
from encrypted_hall import EncryptedHall
from equipped_hall import EquippedHall, always_open
from real_county import RealCounty
from real_hall import Process, RealHall, until
from tls_folders import age_certificate
from unit_filter import as_in

from hardware.panel.lamp import LampState
from protocol.answers import ServicesAnswer


def forbidden(log: Path) -> list[str]:
    """Return the calls that failed because the unit forbids them; SQLite and tarfile change owners as root alone."""
    owners = re.compile(r" f?chown\(")
    return [line for line in log.read_text(encoding="utf-8").splitlines() if not owners.search(line)]


def forecast(hall: RealHall) -> bool:
    """Whether somebody who waits is promised anything."""
    menu = ServicesAnswer.model_validate_json(hall.request("GET", "/v1/services", device="monitor-1").data)
    return any(service.promise for service in menu.services)


def forecasting(program: Process) -> bool:
    """Whether a program's forecasting process runs."""
    return any("server.runtime.forecast_worker" in child.cmdline() for child in psutil.Process(program.pid).children())


def open_and_issue(hall: RealHall) -> None:
    for path in ("/v1/windows/window-2/open", "/v1/tickets"):
        body = {"request_id": f"filter{path}"[:40].replace("/", "-")}
        body |= {"service": "id-card"} if path == "/v1/tickets" else {}
        device = "kiosk-1" if path == "/v1/tickets" else "window-2"
        assert hall.request("POST", path, body, device=device).status == 200


def test_the_hub_and_its_forecasts(tmp_path: Path) -> None:
    with RealHall(tmp_path, start_hub=False) as hall:
        hall.clock.change(source="machine")
        hall.hub.command[:0] = as_in("jiaohao-hub.service", tmp_path / "forbidden")
        hall.start_hub()
        open_and_issue(hall)
        until(lambda: forecast(hall), what="the hub forecasts")
        assert hall.request("GET", "/login").status == 200
        hall.hub.stop()
    assert forbidden(tmp_path / "forbidden") == []


def test_a_backup(tmp_path: Path) -> None:
    with RealHall(tmp_path, with_broker=False) as hall:
        open_and_issue(hall)
        inside = as_in("jiaohao-backup.service", tmp_path / "forbidden")
        command = [*inside, sys.executable, "-m", "server.hub.admin", "--settings", str(hall.settings), "backup"]
        subprocess.run(command, check=True)
    assert [path.suffix for path in (hall.data / "backup").iterdir()] == [".age"]
    assert forbidden(tmp_path / "forbidden") == []


def test_the_renewal_of_a_certificate(tmp_path: Path) -> None:
    with EncryptedHall(tmp_path, with_broker=False) as hall:
        tls, settings = hall.tls_folder("kiosk-1"), tmp_path / "kiosk.toml"
        age_certificate(tls, hall.data)
        hub = f'url = "{hall.devices_url}"\ndevice = "kiosk-1"\nkey = "{hall.key("kiosk-1")}"\n'
        settings.write_text(f'tls = "{tls}"\n[hub]\n{hub}', encoding="utf-8")
        inside = as_in("jiaohao-renew.service", tmp_path / "forbidden")
        command = [*inside, sys.executable, "-m", "runtime.enrolment.enrol_command", "renew", str(settings)]
        assert "was renewed" in subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert forbidden(tmp_path / "forbidden") == []


def test_the_county_and_its_forecasts(tmp_path: Path) -> None:
    county = RealCounty(tmp_path / "county", ["tax", "police"])
    county.processes[0].command[:0] = as_in("jiaohao-county.service", tmp_path / "forbidden")
    with county, county.hub("tax") as hall:
        open_and_issue(hall)
        until(lambda: forecasting(county.processes[0]), what="the county forecasts")
        county.processes[0].stop()
    assert forbidden(tmp_path / "forbidden") == []


def test_kiosk_screen_and_panel(tmp_path: Path) -> None:
    logs = {name: tmp_path / f"forbidden-{name}" for name in ("kiosk", "display", "window")}
    inside = {name: as_in(f"jiaohao-{name}.service", log) for name, log in logs.items()}
    with EquippedHall(tmp_path, catalogue=always_open(tmp_path)) as hall:
        printer = hall.start_printer()
        kiosk = hall.start_kiosk(printer=printer, inside=inside["kiosk"])
        screen = hall.start_screen(inside=inside["display"])
        panel = hall.start_panel("window-2", inside=inside["window"])
        panel.wait_for_lamp(*LampState)
        panel.press("call")
        for program in (panel, screen, kiosk):
            program.stop()
    assert {name: forbidden(log) for name, log in logs.items()} == {name: [] for name in logs}
