"""The newest status of each of the hall's devices."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from protocol import topics
from protocol.answers import DeviceAnswer, DevicesAnswer
from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import DeviceKind, Presence, SiteId
from server.hub.access import Access

log = logging.getLogger(__name__)


LARGEST_STATUS = 16 * 1024
"""Size limit of a status message, bytes; a device without faults publishes less than a thousand."""


class DeviceStatuses:
    """The newest status of each device."""

    def __init__(self, access: Access, *, site: SiteId) -> None:
        self._access = access
        self._site = site
        self._newest: dict[str, DeviceStatus] = {}

    def accept(self, topic: str, payload: bytes) -> DeviceStatus | None:
        """Store and return a status message; an invalid one, or one about another device, is logged and dropped."""
        spoken = topics.parse_device_status(topic)
        if len(payload) > LARGEST_STATUS:
            log.warning("not a device status on %s: %s bytes are too much", topic, len(payload))
            return None
        try:
            status = DeviceStatus.model_validate_json(payload)
        except ValidationError as error:
            log.warning("not a device status on %s: %s", topic, error.errors()[0]["msg"])
            return None
        if spoken is None or spoken.device != status.device or self._access.devices().get(status.device) != status.kind:
            log.warning("%s published on %s, the topic of another device or kind", status.device, topic)
            return None
        self._newest[status.device] = status
        return status

    def now(self) -> DevicesAnswer:
        """Return every enrolled device; one that never published a status is ``lost``."""
        return DevicesAnswer(
            devices=[self._answer(name, kind) for name, kind in sorted(self._access.devices().items())]
        )

    def _answer(self, name: str, kind: DeviceKind) -> DeviceAnswer:
        newest = self._newest.get(name)
        if newest is None:
            return DeviceAnswer(id=name, kind=kind, presence=Presence.LOST)
        return DeviceAnswer(
            id=name,
            kind=kind,
            presence=newest.presence,
            paper=newest.paper,
            faults=newest.faults,
            version=newest.version,
            as_of=newest.as_of,
        )
