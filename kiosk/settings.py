"""A kiosk's settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from hardware.printer.printer_settings import PrinterSettings
from kiosk.timing import Timing
from protocol.settings import BrokerAddress, HubAddress, Settings, TimeZone
from protocol.vocabulary import Identifier

Seconds = Annotated[float, Field(gt=0, le=3600)]
Pixels = Annotated[int, Field(ge=480, le=7680)]


class Window(Settings):
    """The kiosk's screen; ``width`` and ``height`` in px count where it is not full screen."""

    width: Pixels = 1920
    height: Pixels = 1080
    fullscreen: bool = True


class Patience(Settings):
    """How long the kiosk waits for a visitor, in seconds; the words are those of ``kiosk.timing.Timing``."""

    idle_s: Seconds = 60
    warning_s: Seconds = 15
    number_s: Seconds = 20
    trouble_s: Seconds = 90

    @model_validator(mode="after")
    def _warns_before_the_end(self) -> Self:
        if self.warning_s >= self.idle_s:
            raise ValueError("warning_s 应小于 idle_s / warning_s must be less than idle_s")
        return self

    @property
    def timing(self) -> Timing:
        """The same for the flow."""
        return Timing(idle_s=self.idle_s, warning_s=self.warning_s, number_s=self.number_s, trouble_s=self.trouble_s)


class KioskSettings(Settings):
    """What one kiosk must know; the hall's name and menu come from the hub."""

    site: Identifier
    hub: HubAddress
    broker: BrokerAddress = BrokerAddress()
    printer: PrinterSettings
    public_url: str | None = None
    """How a visitor's phone reaches the hub, for the QR code; ``hub.url`` where nothing is said."""
    time_zone: TimeZone = "Asia/Shanghai"
    patience: Patience = Patience()
    window: Window = Window()
    remote_control: Path | None = None
    """A unix socket through which tests, the demo and remote support see and touch the kiosk (``kiosk.remote``)."""

    @property
    def ticket_pages(self) -> str:
        """The beginning of the address of every ticket's page."""
        return self.public_url or self.hub.url
