"""A simulated USB bus with one printer: pyusb's own backend interface with the simulated machine behind it."""

# ruff: noqa: ARG002 - pyusb decides what its backend is called with
from __future__ import annotations

import array
import errno
import queue
from types import SimpleNamespace

import usb.backend
import usb.core

from hardware.printer.twin_machine import DISCONNECTED, TwinMachine

VENDOR, PRODUCT = 0x04B8, 0x0E15
DEVICE = {
    "bLength": 18, "bDescriptorType": 1, "bcdUSB": 0x0200, "bDeviceClass": 0, "bDeviceSubClass": 0,
    "bDeviceProtocol": 0, "bMaxPacketSize0": 64, "idVendor": VENDOR, "idProduct": PRODUCT, "bcdDevice": 0x0100,
    "iManufacturer": 0, "iProduct": 0, "iSerialNumber": 0, "bNumConfigurations": 1, "address": 4, "bus": 1,
    "port_number": 1, "port_numbers": (1,), "speed": 3,
}  # fmt: skip
CONFIGURATION = {
    "bLength": 9, "bDescriptorType": 2, "wTotalLength": 32, "bNumInterfaces": 1, "bConfigurationValue": 1,
    "iConfiguration": 0, "bmAttributes": 0xC0, "bMaxPower": 1, "extra_descriptors": [],
}  # fmt: skip
INTERFACE = {
    "bLength": 9, "bDescriptorType": 4, "bInterfaceNumber": 0, "bAlternateSetting": 0, "bNumEndpoints": 2,
    "bInterfaceClass": 7, "bInterfaceSubClass": 1, "bInterfaceProtocol": 2, "iInterface": 0, "extra_descriptors": [],
}  # fmt: skip
ENDPOINT = {
    "bLength": 7, "bDescriptorType": 5, "bmAttributes": 2, "wMaxPacketSize": 64, "bInterval": 0, "bRefresh": 0,
    "bSynchAddress": 0, "extra_descriptors": [],
}  # fmt: skip


class UsbBus(usb.backend.IBackend):
    """One printer on a cable; what is written reaches the machine, at most ``chunk`` bytes at a time."""

    def __init__(self, machine: TwinMachine) -> None:
        super().__init__()
        self.plugged = True
        self.chunk = 64_000
        self.resets = 0
        self.refuses: int | None = None
        self._machine = machine
        self.answers: queue.Queue[bytes] = queue.Queue()
        machine.connect(self.answers.put)

    def enumerate_devices(self) -> list[str]:
        return ["printer"] if self._is_there() else []

    def get_device_descriptor(self, dev: str) -> SimpleNamespace:
        return SimpleNamespace(**DEVICE)

    def get_configuration_descriptor(self, dev: str, config: int) -> SimpleNamespace:
        return SimpleNamespace(**CONFIGURATION)

    def get_interface_descriptor(self, dev: str, intf: int, alt: int, config: int) -> SimpleNamespace:
        if (intf, alt) != (0, 0):
            raise IndexError
        return SimpleNamespace(**INTERFACE)

    def get_endpoint_descriptor(self, dev: str, ep: int, intf: int, alt: int, config: int) -> SimpleNamespace:
        return SimpleNamespace(**ENDPOINT, bEndpointAddress=(0x01, 0x82)[ep])

    def open_device(self, dev: str) -> str:
        if self.refuses is not None:
            raise usb.core.USBError("refused", errno=self.refuses)
        return dev

    def get_configuration(self, dev_handle: str) -> int:
        return 1

    def reset_device(self, dev_handle: str) -> None:
        self.resets += 1

    def close_device(self, dev_handle: str) -> None:
        pass

    def claim_interface(self, dev_handle: str, intf: int) -> None:
        pass

    def release_interface(self, dev_handle: str, intf: int) -> None:
        pass

    def bulk_write(self, dev_handle: str, ep: int, intf: int, data: array.array[int], timeout: int) -> int:
        self._require_there()
        if not self.chunk or not self._machine.has_room:
            raise usb.core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT)
        taken = data.tobytes()[: self.chunk]
        self._machine.receive(taken)
        self._require_there()
        return len(taken)

    def bulk_read(self, dev_handle: str, ep: int, intf: int, buff: array.array[int], timeout: int) -> int:
        self._require_there()
        try:
            answer = self.answers.get(timeout=timeout / 1000)
        except queue.Empty:
            raise usb.core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT) from None
        buff[: len(answer)] = array.array("B", answer)
        return len(answer)

    def _is_there(self) -> bool:
        return self.plugged and self._machine.fault not in DISCONNECTED

    def _require_there(self) -> None:
        if not self._is_there():
            raise usb.core.USBError("no such device", errno=errno.ENODEV)
