"""The newest status of each of the hall's devices."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from pydantic import ValidationError

from protocol import topics
from protocol.answers import DeviceAnswer, DevicesAnswer
from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import DeviceKind, Presence, SiteId, Text
from runtime.fault_log import FaultLog
from server.hub.access import Access

log = logging.getLogger(__name__)


LOST_AFTER_S = 25.0
"""Age from which an online status proves nothing, seconds; a device publishes one every 10 s."""
LARGEST_STATUS = 16 * 1024
"""Size limit of a status message, bytes; a device without faults publishes less than a thousand."""


class DeviceStatuses:
    """The newest status of each device."""

    def __init__(self, access: Access, *, site: SiteId) -> None:
        self._access = access
        self._site = site
        self._newest: dict[str, tuple[DeviceStatus, float]] = {}
        """By device, with the monotonic time of the receipt."""
        self._requests: dict[str, datetime] = {}
        """By device, the time of its latest HTTP request."""
        self._faults: dict[str, FaultLog] = {}
        """By device; each lasts while what it publishes is not its status."""
        self._strangers = _fault_of("?")

    def accept(self, topic: str, payload: bytes) -> DeviceStatus | None:
        """Store and return a status message; an invalid one, or one about another device, is logged and dropped."""
        spoken = topics.parse_device_status(topic)
        kind = None if spoken is None else self._access.devices().get(spoken.device)
        if spoken is None or kind is None:
            self._strangers.began(f"{topic} is the topic of no device")
            return None
        if spoken.device not in self._faults:
            self._faults[spoken.device] = _fault_of(spoken.device)
        fault = self._faults[spoken.device]
        try:
            status = _parse(payload)
        except ValueError as error:
            fault.began(error)
            return None
        if (status.device, status.kind) != (spoken.device, kind):
            fault.began(f"it is about {status.device}, a {status.kind}")
            return None
        fault.ended()
        self._newest[status.device] = (status, time.monotonic())
        return status

    def note_request(self, device: str, *, at: datetime) -> None:
        """Note an HTTP request with a device's key: some use no broker."""
        self._requests[device] = at

    def now(self) -> DevicesAnswer:
        """Return every enrolled device; one that never published a status, or none for long, is ``lost``."""
        return DevicesAnswer(
            devices=[self._answer(name, kind) for name, kind in sorted(self._access.devices().items())]
        )

    def _answer(self, name: str, kind: DeviceKind) -> DeviceAnswer:
        if name not in self._newest:
            return DeviceAnswer(id=name, kind=kind, presence=Presence.LOST, contact_at=self._requests.get(name))
        newest, received = self._newest[name]
        is_old = newest.presence is Presence.ONLINE and time.monotonic() - received > LOST_AFTER_S
        return DeviceAnswer(
            id=name,
            kind=kind,
            presence=Presence.LOST if is_old else newest.presence,
            paper=newest.paper,
            faults=newest.faults,
            version=newest.version,
            as_of=newest.as_of,
            contact_at=self._requests.get(name),
        )


def _fault_of(device: str) -> FaultLog:
    return FaultLog(log, Text(zh=f"{device} 的状态消息不对", en=f"what {device} publishes is not its status"))


def _parse(payload: bytes) -> DeviceStatus:
    """Return a status. Raises ValueError: it is too large, or none."""
    if len(payload) > LARGEST_STATUS:
        raise ValueError(f"more than {LARGEST_STATUS} bytes")
    try:
        return DeviceStatus.model_validate_json(payload)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from error
