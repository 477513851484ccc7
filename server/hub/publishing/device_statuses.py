"""The newest status of each of the hall's devices."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pydantic import ValidationError

from protocol import topics
from protocol.answers import DeviceAnswer, DevicesAnswer
from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import DeviceKind, Presence, SiteId, Text
from runtime.fault_log import FaultLog
from server.hub.access import Access
from server.hub.publishing.device_runs import DeviceRuns, twofold_text

log = logging.getLogger(__name__)


LARGEST_STATUS = 16 * 1024
"""Size limit of a status message, bytes; a device without faults publishes less than a thousand."""


class DeviceStatuses:
    """What each device has published of itself."""

    def __init__(
        self, access: Access, *, site: SiteId, certificates: Callable[[], Mapping[str, datetime]] = dict
    ) -> None:
        """``certificates`` returns the end of each device's newest certificate."""
        self._access = access
        self._site = site
        self._certificates = certificates
        self._runs: defaultdict[str, DeviceRuns] = defaultdict(DeviceRuns)
        """By device."""
        self._twofold: dict[str, FaultLog] = {}
        """By device; each lasts while two machines use its identity."""
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
        now = time.monotonic()
        self._runs[status.device].add(status, at=now, clock=datetime.now(UTC))
        self._note_twofold(status.device, now)
        return status

    def note_request(self, device: str, *, at: datetime) -> None:
        """Note an HTTP request with a device's key: some use no broker."""
        self._requests[device] = at

    def _note_twofold(self, device: str, now: float) -> None:
        if device not in self._twofold:
            self._twofold[device] = FaultLog(log, twofold_text(device))
        if self._runs[device].is_twofold(at=now):
            self._twofold[device].began("boot ids alternate")
        else:
            self._twofold[device].ended()

    def now(self) -> DevicesAnswer:
        """Return every enrolled device; one that never published a status, or none for long, is ``lost``."""
        until = self._certificates()
        known = sorted(self._access.devices().items())
        return DevicesAnswer(devices=[self._answer(name, kind, until.get(name)) for name, kind in known])

    def _answer(self, name: str, kind: DeviceKind, until: datetime | None) -> DeviceAnswer:
        now = time.monotonic()
        runs = self._runs.get(name, DeviceRuns())
        run = runs.shown(at=now)
        if run is None:
            return DeviceAnswer(
                id=name,
                kind=kind,
                presence=Presence.LOST,
                contact_at=self._requests.get(name),
                certificate_until=until,
            )
        status = run.newest
        return DeviceAnswer(
            id=name,
            kind=kind,
            presence=run.presence(now),
            paper=status.paper,
            faults=[*([twofold_text(name)] if runs.is_twofold(at=now) else []), *status.faults],
            version=status.version,
            as_of=status.as_of,
            contact_at=self._requests.get(name),
            machine=status.machine,
            clock_offset_s=round(run.clock_offset_s, 1),
            certificate_until=until,
            restarts=runs.restarts,
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
