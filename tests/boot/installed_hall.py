"""A hall and its county on one booted machine, installed from the packages and set up with ``jiaohao-setup``.

What has no hardware here is simulated by a drop-in of its unit or by further keys among the answers: windows in memory,
a panel with simulated pins, a printer on the network, a loudspeaker that is a file. Under the drop-in ``STRICT`` a
system call that a unit forbids ends the program, where it would fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from booted_machine import BootedMachine
from hall_devices import STARTS_WITHIN_S, request_of_panel
from real_hall import until

from kiosk.remote_kiosk import RemoteKiosk
from protocol.answers import DevicesAnswer, ServicesAnswer

EXAMPLES = "/usr/share/doc/jiaohao/examples"
SITE, WINDOW, SERVICE, DEPARTMENT = "main-hall", "window-1", "id-card", "police"
HUB, DEVICES, COUNTY = "http://localhost:8080", "https://localhost:8443", "http://localhost:8090"
PROGRAMS = ("hub", "county", "kiosk", "display", "window")
UNITS = (
    *(f"jiaohao-{program}.service" for program in PROGRAMS),
    "jiaohao-broker-keys.path",
    "jiaohao-backup.timer",
    "jiaohao-firewall.service",
    "jiaohao-renew.timer",
)
PAPER = "/var/tmp/paper"
VOICE = "/var/lib/jiaohao-display/spoken.wav"
KIOSK_SOCKET = "/var/lib/jiaohao-kiosk/kiosk.sock"
PANEL_SOCKET = "/run/jiaohao-window/panel.sock"
STRICT = "[Service]\nSystemCallErrorNumber=kill\n"
SIMULATED = {"kiosk": "--offscreen", "display": "--offscreen", "window": "--twin"}
SITE_FILE, ANSWERS_FILE = "/root/site.toml", "/root/answers.toml"
ANSWERS = f"""
[hub]
site_file = "{SITE_FILE}"

[kiosk]
printer = "127.0.0.1"
settings = {{ remote_control = "{KIOSK_SOCKET}", patience = {{ idle_s = 300, number_s = 120, trouble_s = 300 }} }}

[display]
settings = {{ voice = {{ player = ["cp", "{{file}}", "{VOICE}"] }} }}

[window]
window = "{WINDOW}"
settings = {{ timeout_s = 10, twin_control = "{PANEL_SOCKET}" }}
"""
ENROL_MONITOR = """
import sys
from pathlib import Path
from protocol.clients.enrolment_client import enrol
from protocol.enrolment_code import parse_code
from protocol.vocabulary import DeviceKind
from runtime.enrolment.enrol_device import parse_place

enrolled = enrol(parse_place("127.0.0.1"), parse_code(sys.argv[1]), DeviceKind.MONITOR)
Path("/root/monitor.pem").write_text(enrolled.private_key + enrolled.answer.certificate)
Path("/root/ca.pem").write_text(enrolled.answer.authority)
print(enrolled.answer.key)
"""
_HOURS = re.compile(r"^\[\[hours\]\]\n(?:\w[^\n]*\n)+\n?", re.MULTILINE)


class InstalledHall:
    """The hall ``main-hall`` of the example county; open at any hour."""

    def __init__(self, machine: BootedMachine, packages: Sequence[Path]) -> None:
        self.machine = machine
        self._monitor = ""
        self._install(packages)
        self._simulate_hardware()
        self.machine.write(SITE_FILE, self._always_open())
        self.machine.write(ANSWERS_FILE, ANSWERS)
        self.printed = self.set_up()
        self._monitor = self._enrol_monitor()

    def set_up(self) -> str:
        """Run ``jiaohao-setup`` with the answers; return what it printed."""
        return self.machine.run("jiaohao-setup", *PROGRAMS, "--answers", ANSWERS_FILE)

    def write_hub_settings(self, more: str = "") -> None:
        """Write ``hub.toml`` by hand, with some lines more."""
        file = "/etc/jiaohao/hub.toml"
        self.machine.write(file, f'data = "/var/lib/jiaohao"\n[tls]\n{more}').chmod(0o640)
        self.machine.run("chown", "root:jiaohao", file)

    def health(self, url: str = HUB) -> dict[str, Any]:
        """Return what a server answers about its health."""
        answer: dict[str, Any] = json.loads(self.machine.run("curl", "--silent", "--show-error", f"{url}/healthz"))
        return answer

    def services(self) -> ServicesAnswer:
        """Return the kiosk's menu."""
        return ServicesAnswer.model_validate_json(self._get("/v1/services"))

    def devices(self) -> DevicesAnswer:
        """Return the devices and their state."""
        return DevicesAnswer.model_validate_json(self._get("/v1/devices"))

    def issue_ticket(self) -> dict[str, Any]:
        """Touch the kiosk until a number is issued and its paper is out; return what the kiosk shows."""
        with RemoteKiosk(self.machine.path(KIOSK_SOCKET), within_s=STARTS_WITHIN_S) as finger:
            finger.wait_for_page("welcome")
            for touch in ("start", f"choose-department:{DEPARTMENT}", f"choose-service:{SERVICE}", "confirm"):
                finger.touch_tile(touch)
            return finger.wait_for(
                lambda state: state["page"] == "number" and state["paper"] != "printing", what="the number"
            )

    def press(self, key: str) -> None:
        """Press a key of the panel."""
        request_of_panel(self.machine.path(PANEL_SOCKET), f"press {key}")

    def wait_for_lamp(self, state: str) -> None:
        """Wait until the panel's lamp shows a state."""
        until(
            lambda: request_of_panel(self.machine.path(PANEL_SOCKET), "lamp?")["state"] == state,
            within_s=STARTS_WITHIN_S,
            what=f"the lamp shows {state}",
        )

    def unit(self, name: str) -> dict[str, str]:
        """Return the properties of a unit."""
        lines = self.machine.run("systemctl", "show", name).splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    # ------------------------------------------------------------------------------------------------- setting up

    def _install(self, packages: Sequence[Path]) -> None:
        for package in packages:
            self.machine.path(f"/root/{package.name}").write_bytes(package.read_bytes())
        files = [f"/root/{package.name}" for package in packages]
        self.machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "install", *files)

    def _simulate_hardware(self) -> None:
        for program in (*PROGRAMS, "backup"):
            self._drop_in(program, "strict", STRICT)
        for program, option in SIMULATED.items():
            command = f"/usr/bin/jiaohao-{program} --settings /etc/jiaohao/{program}.toml {option}"
            self._drop_in(program, "simulated", f"[Service]\nStandardInput=null\nExecStart=\nExecStart={command}\n")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemd-run", "--unit=printer-twin", "jiaohao-printer-twin", "--folder", PAPER)

    def _drop_in(self, program: str, name: str, text: str) -> None:
        self.machine.write(f"/etc/systemd/system/jiaohao-{program}.service.d/{name}.conf", text)

    def _always_open(self) -> str:
        """Return the example's site without its opening hours."""
        return _HOURS.sub("", self.machine.path(f"{EXAMPLES}/{SITE}.toml").read_text(encoding="utf-8"))

    def _enrol_monitor(self) -> str:
        """Enrol a monitor by a code, as a monitoring system would; return its key. Its certificate is in ``/root``."""
        code = self.machine.run("jiaohao-admin", "code", "monitor-1").split()[0]
        self.machine.write("/root/enrol.py", ENROL_MONITOR)
        return self.machine.run("/opt/jiaohao/bin/python", "/root/enrol.py", code).strip()

    def _get(self, path: str) -> str:
        key = f"Authorization: Bearer {self._monitor}"
        tls = ("--cacert", "/root/ca.pem", "--cert", "/root/monitor.pem")
        return self.machine.run("curl", "--silent", "--show-error", "--fail", *tls, "--header", key, f"{DEVICES}{path}")
