"""A device's status messages: online with a heartbeat, offline when it stops, lost when the broker misses it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from protocol import topics
from protocol.clients.mqtt_client import Will
from protocol.retained_messages import AnnouncedCall, DeviceStatus, MachineState
from protocol.vocabulary import DeviceKind, PaperState, Presence, Text
from runtime.machine_state import machine_state

HEARTBEAT_S = 10.0
"""Interval of a device's heartbeat, seconds."""


class DevicePresence:
    """Builds the status messages of one run of one device: all carry the same boot id."""

    def __init__(self, *, site: str, device: str, kind: DeviceKind, hub_host: str = "") -> None:
        """``hub_host`` is the machine of hub and broker, towards which the device's own address is reported."""
        self._device, self._kind = device, kind
        self._hub_host = hub_host
        self._boot = secrets.token_hex(8)
        self._version = version("jiaohao")
        self.topic = topics.device_status(site, device)

    def online(
        self,
        *,
        faults: Sequence[Text] = (),
        paper: PaperState = PaperState.UNKNOWN,
        announced: Sequence[AnnouncedCall] = (),
    ) -> bytes:
        """Return the status of a running device; publish it on every change and every HEARTBEAT_S."""
        machine = machine_state(towards=self._hub_host)
        return self._status(Presence.ONLINE, faults=faults, paper=paper, announced=announced, machine=machine)

    def lost(self) -> Will:
        """Return the last will: what the broker publishes when the device vanishes."""
        return Will(topic=self.topic, payload=self._status(Presence.LOST))

    def offline(self) -> Will:
        """Return the last message of a device that stops on purpose."""
        return Will(topic=self.topic, payload=self._status(Presence.OFFLINE))

    def _status(
        self,
        presence: Presence,
        *,
        faults: Sequence[Text] = (),
        paper: PaperState = PaperState.UNKNOWN,
        announced: Sequence[AnnouncedCall] = (),
        machine: MachineState | None = None,
    ) -> bytes:
        status = DeviceStatus(
            device=self._device,
            kind=self._kind,
            presence=presence,
            boot=self._boot,
            version=self._version,
            as_of=datetime.now(UTC),
            paper=paper,
            faults=list(faults),
            announced=list(announced),
            machine=machine,
        )
        return status.model_dump_json().encode()
