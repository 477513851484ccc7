"""The table ``[printer]`` of a kiosk's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.paper.paper_width import PaperWidth
from hardware.printer.printer_settings import FilePrinter, NetworkPrinter, NoPrinter, PrinterSettings, UsbPrinter
from protocol.settings import Settings, SettingsError, load_settings


class KioskFile(Settings):
    printer: PrinterSettings


def write(folder: Path, text: str) -> Path:
    path = folder / "kiosk.toml"
    path.write_text("[printer]\n" + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ('driver = "none"', NoPrinter(driver="none", paper_mm=80)),
        (
            'driver = "network"\nhost = "192.168.1.20"',
            NetworkPrinter(
                driver="network",
                host="192.168.1.20",
                port=9100,
                confirms=True,
                paper_mm=80,
                job_limit_s=15,
                answer_limit_s=1,
            ),
        ),
        (
            'driver = "usb"\nvendor = 0x04b8\nproduct = 0x0e15\npaper_mm = 58\nconfirms = false',
            UsbPrinter(
                driver="usb",
                vendor=1208,
                product=3605,
                out_endpoint=1,
                in_endpoint=130,
                confirms=False,
                paper_mm=58,
                job_limit_s=15,
                answer_limit_s=1,
            ),
        ),
        (
            'driver = "file"\npath = "/dev/usb/lp0"',
            FilePrinter(driver="file", path=Path("/dev/usb/lp0"), confirms=False),
        ),
    ],
    ids=["none", "network", "usb", "file"],
)
def test_each_driver_is_read_with_its_defaults(tmp_path: Path, text: str, settings: PrinterSettings) -> None:
    assert load_settings(KioskFile, write(tmp_path, text)).printer == settings


def test_the_paper_decides_the_width_of_the_picture() -> None:
    assert NoPrinter(driver="none").paper_width is PaperWidth.MM_80
    assert NoPrinter(driver="none", paper_mm=58).paper_width is PaperWidth.MM_58


DRIVERS = "'none', 'usb', 'network', 'file'"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'driver = "laser"',
            (
                f"printer.driver = 'laser' 不对：应为其中之一：{DRIVERS} / "
                f"printer.driver = 'laser' is not allowed: choose one of {DRIVERS}"
            ),
        ),
        ("paper_mm = 58", "缺少 printer.driver / printer.driver is missing"),
        ('driver = "network"', "缺少 printer.host / printer.host is missing"),
        (
            'driver = "file"\npath = "/dev/lp0"\nspeed = 1',
            "没有 printer.speed 这一项 / there is no setting printer.speed",
        ),
        (
            'driver = "network"\nhost = "10.0.0.1"\nport = 0',
            "printer.port = 0 不对：应不小于 1 / printer.port = 0 is not allowed: must be at least 1",
        ),
        (
            'driver = "none"\npaper_mm = 70',
            "printer.paper_mm = 70 不对：应为 80 或 58 / printer.paper_mm = 70 is not allowed: must be 80 or 58",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence_with_file_key_value_and_choice(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as raised:
        load_settings(KioskFile, path)
    assert str(raised.value) == f"{path}: {sentence}"
