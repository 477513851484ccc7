"""Finds receipt printers on USB by their class, as the kernel lists them: ids and endpoints are read, not typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

USB_DEVICES = Path("/sys/bus/usb/devices")
PRINTER_CLASS = "07"
_IN = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbPrinterFound:
    """A printer on USB: its ids, the endpoints of its data, and what it calls itself."""

    vendor: int
    product: int
    out_endpoint: int
    in_endpoint: int | None
    name: str

    def settings(self) -> dict[str, int | bool]:
        """Return its keys in ``[printer]``; one that cannot answer confirms nothing."""
        keys = {"vendor": self.vendor, "product": self.product, "out_endpoint": self.out_endpoint}
        return {**keys, "confirms": False} if self.in_endpoint is None else {**keys, "in_endpoint": self.in_endpoint}


def find_usb_printers(devices: Path = USB_DEVICES) -> list[UsbPrinterFound]:
    """Return the printers that are connected, in the order of their sockets."""
    interfaces = sorted(devices.glob("*:*")) if devices.is_dir() else []
    found = (_printer(devices, interface) for interface in interfaces if _is_printer(interface))
    return [printer for printer in found if printer is not None]


def _is_printer(interface: Path) -> bool:
    return _text(interface / "bInterfaceClass") == PRINTER_CLASS


def _printer(devices: Path, interface: Path) -> UsbPrinterFound | None:
    """Return the printer behind an interface; None when it has no endpoint to write to."""
    device = devices / interface.name.partition(":")[0]
    endpoints = sorted(_bulk_endpoints(interface))
    to_printer = [address for address in endpoints if not address & _IN]
    to_host = [address for address in endpoints if address & _IN]
    if not to_printer:
        return None
    vendor, product = (int(_text(device / name), 16) for name in ("idVendor", "idProduct"))
    words = [_text(device / name) for name in ("manufacturer", "product")]
    return UsbPrinterFound(
        vendor=vendor,
        product=product,
        out_endpoint=to_printer[0],
        in_endpoint=to_host[0] if to_host else None,
        name=" ".join(word for word in words if word) or f"{vendor:04x}:{product:04x}",
    )


def _bulk_endpoints(interface: Path) -> Iterator[int]:
    for endpoint in interface.glob("ep_*"):
        if _text(endpoint / "type") == "Bulk":
            yield int(_text(endpoint / "bEndpointAddress"), 16)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace").strip() if file.exists() else ""
