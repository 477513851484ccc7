"""A kiosk's settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from hardware.printer.printer_settings import PrinterSettings
from kiosk.state.kiosk_state import Timeouts
from protocol.faults import WrongValue
from protocol.settings import BrokerAddress, HubAddress, Rotation, Settings, Switch, TimeZone, TlsFolder, Url
from protocol.vocabulary import Identifier

TimeoutS = Annotated[float, Field(strict=True, gt=0, le=3600)]
Pixels = Annotated[int, Field(strict=True, ge=480, le=7680)]


class KioskWindow(Settings):
    """The kiosk's screen; ``width`` and ``height`` in px count where it is not full screen."""

    width: Pixels = 1920
    height: Pixels = 1080
    fullscreen: Switch = True
    rotation: Rotation = 0


class Patience(Settings):
    """Time limits of the pages, seconds; they are explained at ``Timeouts``."""

    idle_s: TimeoutS = 60
    warning_s: TimeoutS = 15
    number_s: TimeoutS = 20
    trouble_s: TimeoutS = 90

    @model_validator(mode="after")
    def _warns_before_the_end(self) -> Self:
        if self.warning_s >= self.idle_s:
            raise WrongValue("warning_s 应小于 idle_s", "warning_s must be less than idle_s")
        return self

    @property
    def timeouts(self) -> Timeouts:
        """The same limits as the kiosk's state takes them."""
        return Timeouts(idle_s=self.idle_s, warning_s=self.warning_s, number_s=self.number_s, trouble_s=self.trouble_s)


class KioskSettings(Settings):
    """The settings of one kiosk; the hall's name and menu come from the hub."""

    site: Identifier
    hub: HubAddress
    broker: BrokerAddress = BrokerAddress()
    tls: TlsFolder = None
    printer: PrinterSettings
    public_url: Url | None = None
    """Address under which a visitor's phone reaches the hub, for the QR code; ``hub.url`` by default."""
    time_zone: TimeZone | None = None
    """Without effect: the hub gives the site's zone. A file that names another one is warned of."""
    patience: Patience = Patience()
    window: KioskWindow = KioskWindow()
    remote_control: Path | None = None
    """Unix socket of the remote control for tests, the demo and remote support; none by default."""

    @property
    def ticket_pages(self) -> str:
        """The beginning of the address of every ticket's page."""
        return self.public_url or self.hub.url
