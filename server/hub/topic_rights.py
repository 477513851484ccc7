"""Which MQTT topics the hub and each device may read and write: for Mosquitto's access file and for other brokers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from protocol import topics
from protocol.vocabulary import DeviceKind, SiteId
from server.hub.device import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRights:
    """Topic filters of one user of the broker; nothing else is allowed, wills included."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]


def hub_rights(site: SiteId) -> TopicRights:
    """Return the rights of the hub: every topic of its site."""
    return TopicRights(reads=(topics.everything(site),), writes=(topics.everything(site),))


def device_rights(site: SiteId, device: Device) -> TopicRights:
    """Return the rights of a device: it reads what its kind shows, and writes its own status alone."""
    own = topics.device_status(site, device.id)
    return TopicRights(reads=(*_reads(site, device), topics.hub_status(site), own), writes=(own,))


def _reads(site: SiteId, device: Device) -> tuple[str, ...]:
    match device.kind:
        case DeviceKind.KIOSK:
            return (topics.board(site),)
        case DeviceKind.DISPLAY:
            return (topics.board(site), topics.notice(site), topics.signs(site), topics.queues(site))
        case DeviceKind.WINDOW:
            windows = ["+"] if device.windows is None else sorted(device.windows)
            return tuple(topics.sign(site, window) for window in windows)
        case DeviceKind.MONITOR:
            return (topics.everything(site),)


def mosquitto_acl(rights: Mapping[str, TopicRights]) -> str:
    """Return Mosquitto's access file for these users (mosquitto.conf(5), ``acl_file``)."""
    return "\n".join(
        "\n".join(
            [
                f"user {user}",
                *(f"topic read {topic}" for topic in own.reads),
                *(f"topic write {topic}" for topic in own.writes),
                "",
            ]
        )
        for user, own in rights.items()
    )
