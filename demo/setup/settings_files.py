"""Writes a settings file for each program of one site, as a technician would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.setup.folders import LOCAL
from demo.setup.site_setup import DISPLAY, KIOSK, SIMULATED_KIOSK, SiteSetup
from kiosk.settings import KioskSettings
from protocol.settings import CountyAddress, parse_settings

PINS = {
    "keys": {"call": 5, "start_finish": 6, "no_show": 13, "pause": 19},
    "lamp": {"red": 17, "green": 27, "blue": 22},
}


def hub_settings(stage: SiteSetup, *, county: CountyAddress | None) -> Path:
    """Write ``hub.toml``. ``county`` is where the hub finds the county; a hub without is alone."""
    values: dict[str, Any] = {
        "catalogue": "site.toml",
        "data": str(stage.data.absolute()),
        "host": stage.ground.host,
        "port": stage.port,
        "broker": _broker(stage),
    }
    joined = {"county": {"url": county.url, "key": county.key.get_secret_value()}} if county else {}
    return _write(stage, "hub", values | joined)


def kiosk_settings(stage: SiteSetup, *, printer_port: int, size: tuple[int, int]) -> Path:
    """Write ``kiosk-1.toml``: a window of this size in px, a printer on this port."""
    values = _kiosk(stage, KIOSK, printer_port=printer_port)
    window = {"width": size[0], "height": size[1], "fullscreen": False}
    return _write(stage, KIOSK, {**values, "remote_control": str(stage.kiosk_socket), "window": window})


def simulated_kiosk_settings(stage: SiteSetup, *, printer_port: int) -> KioskSettings:
    """Return the settings of the kiosk without a screen, at which most simulated visitors take their number."""
    return parse_settings(
        KioskSettings, _kiosk(stage, SIMULATED_KIOSK, printer_port=printer_port), source=SIMULATED_KIOSK
    )


def display_settings(stage: SiteSetup, *, size: tuple[int, int], voice: str, pictures: Path | None) -> Path:
    """Write ``display-1.toml``."""
    values: dict[str, Any] = {
        "site": stage.site,
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


def panel_settings(stage: SiteSetup) -> list[Path]:
    """Write one file for each window's panel."""
    return [
        _write(
            stage,
            window.id,
            {
                "site": stage.site,
                "window": window.id,
                "twin_control": str(stage.panel_socket(window.id)),
                "hub": _hub(stage, window.id),
                "broker": _broker(stage),
                **PINS,
            },
        )
        for window in stage.catalogue.windows
    ]


def _kiosk(stage: SiteSetup, device: str, *, printer_port: int) -> dict[str, Any]:
    return {
        "site": stage.site,
        "time_zone": stage.catalogue.time_zone,
        "hub": _hub(stage, device),
        "broker": _broker(stage),
        "printer": {"driver": "network", "host": LOCAL, "port": printer_port},
    }


def _hub(stage: SiteSetup, device: str) -> dict[str, Any]:
    return {"url": stage.url, "device": device, "key": stage.keys[device]}


def _broker(stage: SiteSetup) -> dict[str, Any]:
    return {"host": LOCAL, "port": stage.broker_port}


def _write(stage: SiteSetup, name: str, values: Mapping[str, Any]) -> Path:
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
