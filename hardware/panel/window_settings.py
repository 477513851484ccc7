"""The settings of one window's panel: ``window.toml``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from hardware.panel.buttons import PanelKey
from protocol.clients.hub_client import REQUEST_LIMIT_MIN_S
from protocol.faults import WrongValue
from protocol.settings import BrokerAddress, HubAddress, Settings, Switch, TlsFolder
from protocol.vocabulary import SiteId, Slug, WindowId

Pin = Annotated[int, Field(strict=True, ge=2, le=27)]
"""BCM number of a GPIO pin; 0 and 1 belong to the HAT's memory."""


class KeyPins(Settings):
    """Which pin each key pulls to 0 V; a panel may leave out all but ``call``."""

    call: Pin
    start_finish: Pin | None = None
    no_show: Pin | None = None
    pause: Pin | None = None

    def by_key(self) -> dict[PanelKey, int]:
        """Return the pins of the keys that this panel has."""
        pins = {PanelKey(name): pin for name, pin in self}
        return {key: pin for key, pin in pins.items() if pin is not None}


class LampPins(Settings):
    """Which pins light the ring. ``active_high`` is false for a ring with a common anode."""

    red: Pin
    green: Pin
    blue: Pin
    active_high: Switch = True


class WindowSettings(Settings):
    """One panel: the window it belongs to, its hub and broker, its pins."""

    site: Slug[SiteId]
    window: Slug[WindowId]
    hub: HubAddress
    broker: BrokerAddress = BrokerAddress()
    tls: TlsFolder = None
    keys: KeyPins
    lamp: LampPins
    timeout_s: Annotated[float, Field(strict=True, ge=REQUEST_LIMIT_MIN_S, le=10)] = REQUEST_LIMIT_MIN_S
    """Time limit of a request to the hub, seconds; a press not answered by then was not taken."""
    twin_control: Path | None = None
    """Path of the unix socket that controls the simulated panel with ``--twin`` (``hardware.panel.twin_control``)."""

    @model_validator(mode="after")
    def _each_pin_once(self) -> Self:
        pins = [*self.keys.by_key().values(), self.lamp.red, self.lamp.green, self.lamp.blue]
        twice = sorted(pin for pin, count in Counter(pins).items() if count > 1)
        if twice:
            shared = ", ".join(map(str, twice))
            raise WrongValue(f"[keys] [lamp]: 引脚 {shared} 重复", f"[keys] [lamp]: pin {shared} is used twice")
        return self
