"""Which ticket printer a kiosk has: the table ``[printer]`` of its settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hardware.paper.paper_width import PaperWidth
from protocol.settings import Host, Settings, Switch

UsbId = Annotated[int, Field(strict=True, ge=0, le=0xFFFF)]
Endpoint = Annotated[int, Field(strict=True, ge=0, le=0xFF)]


class Roll(Settings):
    """The paper roll in the kiosk."""

    paper_mm: Literal[80, 58] = 80

    @property
    def paper_width(self) -> PaperWidth:
        """The printable dots across the paper."""
        return PaperWidth.MM_80 if self.paper_mm == 80 else PaperWidth.MM_58


class NoPrinter(Roll):
    """The kiosk shows numbers and prints nothing."""

    driver: Literal["none"]


class RealPrinter(Roll):
    """What every real printer has.

    ``confirms``: the printer answers status queries (``GS r``, ``DLE EOT``); without them no job is ever certain.
    ``job_limit_s`` bounds a whole job, ``answer_limit_s`` the wait for the answer to one status query.
    """

    confirms: Switch = True
    job_limit_s: Annotated[float, Field(strict=True, ge=1, le=120)] = 15
    answer_limit_s: Annotated[float, Field(strict=True, gt=0, le=10)] = 1


class UsbPrinter(RealPrinter):
    """A printer on USB, found by its ids (``lsusb``): ``vendor = 0x04b8``."""

    driver: Literal["usb"]
    vendor: UsbId
    product: UsbId
    out_endpoint: Endpoint = 0x01
    in_endpoint: Endpoint = 0x82


class NetworkPrinter(RealPrinter):
    """A printer with its own address; an IP address, because resolving a name may take long."""

    driver: Literal["network"]
    host: Host
    port: Annotated[int, Field(strict=True, ge=1, le=65535)] = 9100


class FilePrinter(RealPrinter):
    """A printer behind a device file such as ``/dev/usb/lp0``; the file must exist and is never created."""

    driver: Literal["file"]
    path: Path
    confirms: Switch = False


PrinterSettings = Annotated[NoPrinter | UsbPrinter | NetworkPrinter | FilePrinter, Field(discriminator="driver")]
