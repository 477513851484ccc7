"""A receipt printer on USB is found as the kernel lists it; the files are those of a real one (lsusb -v)."""

from __future__ import annotations

from pathlib import Path

from hardware.printer.usb_search import find_usb_printers


def connect(devices: Path, socket: str, *, interface_class: str = "07", answers: bool = True) -> None:
    """Write what the kernel shows of a device with one interface."""
    device, interface = devices / socket, devices / f"{socket}:1.0"
    for folder in (device, interface, interface / "ep_01"):
        folder.mkdir(parents=True)
    for name, text in (("idVendor", "04b8"), ("idProduct", "0e15"), ("manufacturer", "EPSON"), ("product", "TM-T20II")):
        (device / name).write_text(f"{text}\n", encoding="ascii")
    (interface / "bInterfaceClass").write_text(f"{interface_class}\n", encoding="ascii")
    endpoints = {"ep_01": "01", **({"ep_82": "82"} if answers else {})}
    for name, address in endpoints.items():
        (interface / name).mkdir(exist_ok=True)
        (interface / name / "bEndpointAddress").write_text(f"{address}\n", encoding="ascii")
        (interface / name / "type").write_text("Bulk\n", encoding="ascii")


def test_a_printer_is_found_among_other_devices(tmp_path: Path) -> None:
    connect(tmp_path, "1-1", interface_class="03")
    connect(tmp_path, "1-1.4")
    (found,) = find_usb_printers(tmp_path)
    assert found.name == "EPSON TM-T20II"
    assert found.settings() == {"vendor": 0x04B8, "product": 0x0E15, "out_endpoint": 0x01, "in_endpoint": 0x82}


def test_one_that_cannot_answer_confirms_nothing(tmp_path: Path) -> None:
    connect(tmp_path, "1-1.4", answers=False)
    (found,) = find_usb_printers(tmp_path)
    assert found.settings() == {"vendor": 0x04B8, "product": 0x0E15, "out_endpoint": 0x01, "confirms": False}


def test_a_machine_without_usb_has_none(tmp_path: Path) -> None:
    assert find_usb_printers(tmp_path / "devices") == []
