"""Writes a settings file for each program of one site, as a technician would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from demo.setup.folders import LOCAL
from demo.setup.site_setup import DISPLAY, KIOSK, SIMULATED_KIOSK, SiteSetup
from kiosk.settings import KioskSettings
from protocol.settings import CountyAddress, parse_settings

PINS = {
    "keys": {"call": 5, "start_finish": 6, "no_show": 13, "pause": 19},
    "lamp": {"red": 17, "green": 27, "blue": 22},
}


def hub_settings(setup: SiteSetup, *, county: CountyAddress | None) -> Path:
    """Write ``hub.toml``; without ``county`` the hub works alone."""
    values: dict[str, Any] = {
        "catalogue": "site.toml",
        "data": str(setup.data.absolute()),
        "host": setup.demo_folder.host,
        "port": setup.port,
        "broker": _broker(setup),
    }
    joined = {"county": {"url": county.url, "key": county.key.get_secret_value()}} if county else {}
    return _write(setup, "hub", values | joined)


def kiosk_settings(setup: SiteSetup, *, printer_port: int, size: tuple[int, int]) -> Path:
    """Write ``kiosk-1.toml``; ``size`` is the window's width and height in px."""
    values = _kiosk(setup, KIOSK, printer_port=printer_port)
    window = {"width": size[0], "height": size[1], "fullscreen": False}
    return _write(setup, KIOSK, {**values, "remote_control": str(setup.kiosk_socket), "window": window})


def simulated_kiosk_settings(setup: SiteSetup, *, printer_port: int) -> KioskSettings:
    """Return the settings of the kiosk without a screen that issues most simulated visitors' tickets."""
    return parse_settings(
        KioskSettings, _kiosk(setup, SIMULATED_KIOSK, printer_port=printer_port), source=SIMULATED_KIOSK
    )


def display_settings(setup: SiteSetup, *, size: tuple[int, int], voice: str, pictures: Path | None) -> Path:
    """Write ``display-1.toml``."""
    values: dict[str, Any] = {
        "site": setup.site,
        "device": DISPLAY,
        "key": setup.keys[DISPLAY],
        "fullscreen": False,
        "width": size[0],
        "height": size[1],
        "broker": _broker(setup),
        "voice": {"kind": voice},
    }
    return _write(setup, DISPLAY, values | ({"pictures": {"folder": str(pictures)}} if pictures else {}))


def panel_settings(setup: SiteSetup) -> list[Path]:
    """Write one file for each window's panel; return them in the order of the windows."""
    return [
        _write(
            setup,
            window.id,
            {
                "site": setup.site,
                "window": window.id,
                "twin_control": str(setup.panel_socket(window.id)),
                "hub": _hub(setup, window.id),
                "broker": _broker(setup),
                **PINS,
            },
        )
        for window in setup.catalogue.windows
    ]


def _kiosk(setup: SiteSetup, device: str, *, printer_port: int) -> dict[str, Any]:
    return {
        "site": setup.site,
        "hub": _hub(setup, device),
        "broker": _broker(setup),
        "printer": {"driver": "network", "host": LOCAL, "port": printer_port},
    }


def _hub(setup: SiteSetup, device: str) -> dict[str, Any]:
    return {"url": setup.url, "device": device, "key": setup.keys[device]}


def _broker(setup: SiteSetup) -> dict[str, Any]:
    return {"host": LOCAL, "port": setup.broker_port}


def _write(setup: SiteSetup, name: str, values: Mapping[str, Any]) -> Path:
    """Write a settings file with mode 0600, because it holds a key."""
    path = setup.settings / f"{name}.toml"
    path.touch(mode=0o600)
    path.write_text(tomlkit.dumps(values), encoding="utf-8")
    return path
