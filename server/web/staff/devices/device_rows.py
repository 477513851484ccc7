"""The rows of the devices page: what is known of each device, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from protocol import theme
from protocol.answers import DeviceAnswer
from protocol.retained_messages import MachineState
from protocol.text.dates import clock_or_day
from protocol.vocabulary import Presence, Text
from server.web.staff.devices import devices_text as t
from server.web.staff.devices.device_faults import device_faults

EMPTY = Text(zh="", en="")
_COLOURS = {Presence.ONLINE: theme.GOOD, Presence.OFFLINE: theme.QUIET, Presence.LOST: theme.ALARM}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """One device. ``cells`` are the columns after the faults, in the order of ``devices_text.COLUMNS``."""

    device: str
    kind: Text
    colour: str
    state: Text
    contact: str
    faults: tuple[Text, ...]
    cells: tuple[Text, ...]


def device_rows(devices: Iterable[DeviceAnswer], *, now: datetime, time_zone: str) -> tuple[DeviceRow, ...]:
    """Return a row for each device, those with faults first. ``now`` is in the site's zone."""
    rows = [_row(device, now=now, time_zone=time_zone) for device in devices]
    return tuple(sorted(rows, key=lambda row: not row.faults))


def _row(device: DeviceAnswer, *, now: datetime, time_zone: str) -> DeviceRow:
    contacts = [at for at in (device.as_of, device.contact_at) if at is not None]
    paper = t.PAPERS.get(device.paper)
    state = t.PRESENCES[device.presence]
    return DeviceRow(
        device=device.id,
        kind=t.KINDS[device.kind],
        colour=_COLOURS[device.presence],
        state=state if paper is None else Text(zh=f"{state.zh}，{paper.zh}", en=f"{state.en}, {paper.en}"),
        contact=clock_or_day(max(contacts), now=now) if contacts else "",
        faults=tuple(remark.text for remark in device_faults([device], time_zone=time_zone)),
        cells=_cells(device, now),
    )


def _cells(device: DeviceAnswer, now: datetime) -> tuple[Text, ...]:
    offset, until = device.clock_offset_s, device.certificate_until
    restarts = EMPTY if device.as_of is None else _plain(str(device.restarts))
    address, up, disk, temperature = _machine_cells(device.machine)
    return (
        _plain(device.version),
        address,
        up,
        restarts,
        disk,
        temperature,
        EMPTY if offset is None else t.clock_offset(offset),
        EMPTY if until is None else t.period(until - now),
    )


def _machine_cells(machine: MachineState | None) -> tuple[Text, Text, Text, Text]:
    """Return address, uptime, free disk and temperature."""
    if machine is None:
        return EMPTY, EMPTY, EMPTY, EMPTY
    degrees = machine.temperature_c
    return (
        _plain(machine.address),
        t.period(timedelta(seconds=machine.up_s)),
        t.disk(machine.disk_free_mb),
        EMPTY if degrees is None else t.temperature(degrees),
    )


def _plain(text: str) -> Text:
    return Text(zh=text, en=text)
