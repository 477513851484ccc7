"""The managers' page of devices: what each reports of its machine, and what is wrong, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from real_hall import RealHall
from web_visitor import Visitor

from protocol.answers import DeviceAnswer
from protocol.clients.mqtt_client import MqttClient
from protocol.retained_messages import DeviceStatus, MachineState
from protocol.topics import device_status
from protocol.vocabulary import DeviceKind, PaperState, Presence
from server.web.staff.devices.device_rows import DeviceRow, device_rows
from server.web.staff.devices.devices_text import COLUMNS

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo(ZONE))
WELL = MachineState(up_s=4 * 86400, address="192.0.2.21", disk_free_mb=9512, temperature_c=48.3, under_voltage=False)
HOT = MachineState(up_s=130, address="192.0.2.22", disk_free_mb=120, temperature_c=84.0, under_voltage=True)


def row(machine: MachineState | None = WELL, **fields: object) -> DeviceRow:
    shown = {"paper": PaperState.OK, "version": "0.2.0", "as_of": NOON - timedelta(minutes=1), "machine": machine}
    device = DeviceAnswer.model_validate(
        {"id": "kiosk-1", "kind": "kiosk", "presence": "online", "clock_offset_s": 0.4, **shown, **fields}
    )
    return device_rows([device], now=NOON, time_zone=ZONE)[0]


def cells(found: DeviceRow) -> dict[str, str]:
    return dict(
        zip(
            [column.en for column in COLUMNS[4:]],
            [cell.en.replace("\N{NO-BREAK SPACE}", " ") for cell in found.cells],
            strict=True,
        )
    )


def test_a_row_has_all_that_a_device_reports() -> None:
    found = row(restarts=2, certificate_until=NOON + timedelta(days=611))
    assert (found.state.en, found.contact, found.faults) == ("online, paper", "11:59", ())
    assert cells(found) == {
        "Version": "0.2.0",
        "Address": "192.0.2.21",
        "Running for": "4 d",
        "Restarts": "2",
        "Disk left": "9.5 GB",
        "Temperature": "48 °C",
        "Clock": "right",
        "Certificate left": "611 d",
    }


def test_a_device_of_an_earlier_version_has_empty_cells() -> None:
    found = cells(row(machine=None, clock_offset_s=None))
    assert [name for name, cell in found.items() if cell] == ["Version", "Restarts"]


@pytest.mark.parametrize(
    ("machine", "offset_s", "faults"),
    [
        (WELL, 59.0, []),
        (WELL, -61.0, ["its clock is wrong, please see to its time service"]),
        (
            HOT,
            0.0,
            [
                "its power supply is too weak, please replace it",
                "it is too hot, please see to its ventilation",
                "its memory card is nearly full",
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_machine_is_a_fault(machine: MachineState, offset_s: float, faults: list[str]) -> None:
    assert [fault.en for fault in row(machine, clock_offset_s=offset_s).faults] == faults


def test_devices_with_faults_stand_first() -> None:
    devices = [
        DeviceAnswer(id="a", kind=DeviceKind.DISPLAY, presence=Presence.ONLINE, as_of=NOON),
        DeviceAnswer(id="b", kind=DeviceKind.DISPLAY, presence=Presence.LOST, as_of=NOON),
    ]
    assert [found.device for found in device_rows(devices, now=NOON, time_zone=ZONE)] == ["b", "a"]


@pytest.mark.parametrize(
    ("language", "none", "fault"),
    [
        ("zh", "还没有登记设备。", "供电不足，请换电源"),
        ("en", "No device is enrolled yet.", "its power supply is too weak"),
    ],
)
def test_the_page_follows_what_a_device_publishes(
    hall: RealHall, visitor: Visitor, language: str, none: str, fault: str
) -> None:
    visitor.log_in("manager")
    visitor.go(f"/language/{language}?to=/manager/devices")
    expect(visitor.page.get_by_text(none)).to_be_visible()
    broker = MqttClient(hall.broker.address, username="kiosk-7", password=hall.key("kiosk-7"))
    broker.start()
    status = DeviceStatus(
        device="kiosk-7",
        kind=DeviceKind.KIOSK,
        presence=Presence.ONLINE,
        boot="boot-1",
        version="0.2.0",
        as_of=datetime.now(UTC),
        paper=PaperState.LOW,
        machine=HOT,
    )
    broker.publish_retained(device_status(hall.site, "kiosk-7"), status.model_dump_json().encode())
    found = visitor.page.locator("tr", has_text="kiosk-7")
    for text in ("192.0.2.22", "84 °C", fault):
        expect(found).to_contain_text(text)
    hall.key("display-2")
    expect(visitor.page.locator("tr", has_text="display-2")).to_be_visible()
    visitor.picture(f"devices-{language}")
    assert visitor.errors == []
    broker.stop()
