"""The demo's hall on disk: the site's description, everybody's keys and passcodes, a settings file for each program."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.faults import DemoFault
from kiosk.settings import KioskSettings
from protocol.messages import DeviceKind, Text
from protocol.settings import HubAddress, load_settings, parse_settings
from server.domain.catalogue import Catalogue, Window
from server.hub.access import Access
from server.web.served_site import Role

KIOSK, DISPLAY, SIMULATED_KIOSK = "kiosk-1", "display-1", "kiosk-2"
LOCAL = "127.0.0.1"
PINS = {
    "keys": {"call": 5, "start_finish": 6, "no_show": 13, "pause": 19},
    "lamp": {"red": 17, "green": 27, "blue": 22},
}
_HOURS = re.compile(r"^\[\[hours\]\]\n(?:[^\[\n][^\n]*\n|\n)*", re.MULTILINE)
_OURS = "jiaohao-demo"
"""A file of this name tells a folder that the demo may empty."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where everything of one run is. ``sockets`` is a short path: unix sockets allow 107 bytes."""

    folder: Path
    sockets: Path
    catalogue: Catalogue
    host: str
    port: int
    broker_port: int
    keys: Mapping[str, str]
    passcodes: Mapping[Role, str]

    @property
    def url(self) -> str:
        """The hub's address."""
        return f"http://{self.host}:{self.port}"

    @property
    def settings(self) -> Path:
        """Where the programs' settings are."""
        return self.folder / "settings"

    @property
    def data(self) -> Path:
        """The hub's own folder: journal and keys."""
        return self.folder / "hub"

    @property
    def logs(self) -> Path:
        """What the programs say."""
        return self.folder / "logs"

    @property
    def pictures(self) -> Path:
        """What a person may look at."""
        return self.folder / "pictures"

    @property
    def persons_window(self) -> Window | None:
        """The last window: no simulated clerk sits there. A hall of one window leaves none to the person."""
        return self.catalogue.windows[-1] if len(self.catalogue.windows) > 1 else None

    @property
    def clerks_windows(self) -> list[Window]:
        """The windows at which simulated clerks sit."""
        return [window for window in self.catalogue.windows if window is not self.persons_window]

    def hub_address(self, device: str) -> HubAddress:
        """Return where a device finds the hub, with its key."""
        return HubAddress.model_validate({"url": self.url, "device": device, "key": self.keys[device]})

    def panel_socket(self, window: str) -> Path:
        """Return where a window's simulated panel is pressed."""
        return self.sockets / f"{window}.sock"

    @property
    def kiosk_socket(self) -> Path:
        """Where the kiosk is seen and touched."""
        return self.sockets / f"{KIOSK}.sock"


def prepare_folder(folder: Path, *, keep: bool) -> None:
    """Empty the demo's folder unless ``keep``. Raises DemoFault for a folder that holds something else."""
    if any(folder.iterdir()) and not (folder / _OURS).exists():
        raise DemoFault(
            Text(
                zh=f"{folder} 里有别的文件，请用 --folder 换一个文件夹",
                en=f"{folder} holds other files; choose another folder with --folder",
            )
        )
    for old in [] if keep else list(folder.iterdir()):
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    (folder / _OURS).touch()


def free_port(host: str, *, wanted: int | None = None) -> int:
    """Return the wanted port, or any free one. Raises DemoFault when the wanted one cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted or 0))
        except OSError as error:
            raise DemoFault(
                Text(
                    zh=f"端口 {host}:{wanted or ''} 用不了（{error.strerror}），请换一个 --port 或不写",
                    en=f"{host}:{wanted or ''} cannot be used ({error.strerror}); choose another --port or none",
                )
            ) from error
        port: int = probe.getsockname()[1]
        return port


def set_stage(*, folder: Path, sockets: Path, description: Path, host: str, port: int) -> Stage:
    """Describe the site, give everyone a key, and return the stage. Raises SettingsError for a wrong description."""
    load_settings(Catalogue, description)
    for part in ("settings", "hub", "logs", "pictures"):
        (folder / part).mkdir(exist_ok=True)
    site_file = folder / "settings" / "site.toml"
    site_file.write_text(always_open(description.read_text(encoding="utf-8")), encoding="utf-8")
    catalogue = load_settings(Catalogue, site_file)
    access = Access(folder / "hub", site=catalogue.site)
    access.prepare()
    devices = {KIOSK: DeviceKind.KIOSK, SIMULATED_KIOSK: DeviceKind.KIOSK, DISPLAY: DeviceKind.DISPLAY}
    devices |= {window.id: DeviceKind.WINDOW for window in catalogue.windows}
    roles: tuple[Role, ...] = ("clerk", "manager")
    passcodes: dict[Role, str] = {role: f"{secrets.randbelow(10**6):06d}" for role in roles}
    for role, passcode in passcodes.items():
        access.set_passcode(role, passcode)
    return Stage(
        folder=folder,
        sockets=sockets,
        catalogue=catalogue,
        host=host,
        port=port,
        broker_port=free_port(LOCAL),
        keys={name: access.enrol(name, kind).get_secret_value() for name, kind in devices.items()},
        passcodes=passcodes,
    )


def always_open(description: str) -> str:
    """Return a site's description without its opening hours: whoever runs the demo at night sees life too."""
    return _HOURS.sub("", description)


def hub_settings(stage: Stage) -> Path:
    """Write ``hub.toml``."""
    return _write(
        stage,
        "hub",
        {
            "catalogue": "site.toml",
            "data": str(stage.data.absolute()),
            "host": stage.host,
            "port": stage.port,
            "broker": _broker(stage),
        },
    )


def kiosk_settings(stage: Stage, *, printer_port: int, size: tuple[int, int]) -> Path:
    """Write ``kiosk-1.toml``: a window of this size in px, a printer on this port."""
    values = _kiosk(stage, KIOSK, printer_port=printer_port)
    window = {"width": size[0], "height": size[1], "fullscreen": False}
    return _write(stage, KIOSK, {**values, "remote_control": str(stage.kiosk_socket), "window": window})


def simulated_kiosk_settings(stage: Stage, *, printer_port: int) -> KioskSettings:
    """Return the settings of the kiosk without a screen, at which most simulated visitors take their number."""
    return parse_settings(
        KioskSettings, _kiosk(stage, SIMULATED_KIOSK, printer_port=printer_port), source=SIMULATED_KIOSK
    )


def display_settings(stage: Stage, *, size: tuple[int, int], voice: str, pictures: Path | None) -> Path:
    """Write ``display-1.toml``."""
    values: dict[str, Any] = {
        "site": stage.catalogue.site,
        "device": DISPLAY,
        "key": stage.keys[DISPLAY],
        "time_zone": stage.catalogue.time_zone,
        "fullscreen": False,
        "width": size[0],
        "height": size[1],
        "broker": _broker(stage),
        "voice": {"kind": voice},
    }
    return _write(stage, DISPLAY, values | ({"pictures": {"folder": str(pictures)}} if pictures else {}))


def panel_settings(stage: Stage) -> list[Path]:
    """Write one file for each window's panel."""
    return [
        _write(
            stage,
            window.id,
            {
                "site": stage.catalogue.site,
                "window": window.id,
                "twin_control": str(stage.panel_socket(window.id)),
                "hub": _hub(stage, window.id),
                "broker": _broker(stage),
                **PINS,
            },
        )
        for window in stage.catalogue.windows
    ]


def _kiosk(stage: Stage, device: str, *, printer_port: int) -> dict[str, Any]:
    return {
        "site": stage.catalogue.site,
        "time_zone": stage.catalogue.time_zone,
        "hub": _hub(stage, device),
        "broker": _broker(stage),
        "printer": {"driver": "network", "host": LOCAL, "port": printer_port},
    }


def _hub(stage: Stage, device: str) -> dict[str, Any]:
    return {"url": stage.url, "device": device, "key": stage.keys[device]}


def _broker(stage: Stage) -> dict[str, Any]:
    return {"host": LOCAL, "port": stage.broker_port}


def _write(stage: Stage, name: str, values: Mapping[str, Any]) -> Path:
    """Write a settings file that only its owner may read: it holds a key."""
    path = stage.settings / f"{name}.toml"
    path.touch(mode=0o600)
    path.write_text(toml(values), encoding="utf-8")
    return path


def toml(values: Mapping[str, Any]) -> str:
    """Return plain values and one level of tables as TOML."""
    plain = [f"{key} = {json.dumps(value)}" for key, value in values.items() if not isinstance(value, Mapping)]
    tables = [f"\n[{key}]\n{toml(value)}" for key, value in values.items() if isinstance(value, Mapping)]
    return "\n".join([*plain, *tables]) + "\n"
