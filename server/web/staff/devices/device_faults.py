"""What is wrong with the hall's devices, and what only looks so: for the clerk's and the manager's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from protocol.answers import DeviceAnswer
from protocol.text.dates import clock
from protocol.vocabulary import DeviceKind, PaperState, Presence, Text

_LOST = Text(zh="没有联系", en="no contact")
_OFFLINE = Text(zh="已关机", en="switched off")
_PAPER_OUT = Text(zh="打印机缺纸，请换纸", en="the printer is out of paper, please put in a new roll")
_PAPER_LOW = Text(zh="打印纸将用完", en="the printer's paper is low")
_UNDER_VOLTAGE = Text(zh="供电不足，请换电源", en="its power supply is too weak, please replace it")
_HOT = Text(zh="过热，请检查通风", en="it is too hot, please see to its ventilation")
_DISK_LOW = Text(zh="存储卡快满了", en="its memory card is nearly full")
_CLOCK_WRONG = Text(zh="时钟不准，请检查校时", en="its clock is wrong, please see to its time service")
HOT_C = 80.0
"""Temperature from which a Raspberry Pi slows down, °C."""
DISK_LOW_MB = 200
CLOCK_WRONG_S = 60.0
"""Difference of a device's clock from the hub's that is a fault, seconds."""
_NO_REQUEST = Text(zh="不连接消息服务，还没有请求过", en="does not use the message broker, no request so far")

_MAY_USE_HTTP_ALONE = frozenset({DeviceKind.MONITOR, DeviceKind.WINDOW})
"""Kinds of devices that work without the broker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRemark:
    """A device, and a fault that somebody must repair or a note about it."""

    device: str
    text: Text


def reported_faults(devices: Iterable[DeviceAnswer]) -> tuple[DeviceRemark, ...]:
    """Return the faults that running devices report, such as a printer without paper: what stops the hall's work."""
    running = [d for d in devices if d.presence is Presence.ONLINE]
    return tuple(DeviceRemark(device=d.id, text=text) for d in running for text in _reported(d))


def device_faults(devices: Iterable[DeviceAnswer], *, time_zone: str) -> tuple[DeviceRemark, ...]:
    """Return all faults: also devices without contact, and those that are switched off."""
    return tuple(DeviceRemark(device=d.id, text=text) for d in devices for text in _faults(d, time_zone))


def device_notes(devices: Iterable[DeviceAnswer], *, time_zone: str) -> tuple[DeviceRemark, ...]:
    """Return what is known of the devices that use HTTP alone, which is no fault."""
    return tuple(DeviceRemark(device=d.id, text=_without_broker(d, time_zone)) for d in devices if _uses_http_alone(d))


def _faults(device: DeviceAnswer, time_zone: str) -> list[Text]:
    if _uses_http_alone(device):
        return []
    if device.presence is Presence.LOST:
        return [_LOST if device.contact_at is None else _not_at_the_broker(clock(device.contact_at, time_zone))]
    return [_OFFLINE] if device.presence is Presence.OFFLINE else _reported(device)


def _reported(device: DeviceAnswer) -> list[Text]:
    paper = {PaperState.OUT: [_PAPER_OUT], PaperState.LOW: [_PAPER_LOW]}.get(device.paper, [])
    return [*(device.faults or paper), *_machine_faults(device)]


def _machine_faults(device: DeviceAnswer) -> list[Text]:
    machine, offset_s = device.machine, device.clock_offset_s
    faults = [_CLOCK_WRONG] if offset_s is not None and abs(offset_s) > CLOCK_WRONG_S else []
    if machine is None:
        return faults
    if machine.under_voltage:
        faults.append(_UNDER_VOLTAGE)
    if machine.temperature_c is not None and machine.temperature_c >= HOT_C:
        faults.append(_HOT)
    if machine.disk_free_mb < DISK_LOW_MB:
        faults.append(_DISK_LOW)
    return faults


def _uses_http_alone(device: DeviceAnswer) -> bool:
    """Whether a device has never published a status and need not: a monitor, or a panel that sends requests."""
    silent = device.as_of is None and device.kind in _MAY_USE_HTTP_ALONE
    return silent and (device.contact_at is not None or device.kind is DeviceKind.MONITOR)


def _without_broker(device: DeviceAnswer, time_zone: str) -> Text:
    if device.contact_at is None:
        return _NO_REQUEST
    at = clock(device.contact_at, time_zone)
    return Text(zh=f"不连接消息服务，最近一次请求 {at}", en=f"does not use the message broker, last request at {at}")


def _not_at_the_broker(at: str) -> Text:
    return Text(
        zh=f"消息服务那边没有联系，最近一次请求 {at}", en=f"no contact by the message broker, last request at {at}"
    )
