"""The MQTT topics of a site: the one place where they are built and taken apart (``docs/topics.md``)."""

from __future__ import annotations

from typing import NamedTuple

ROOT = "jiaohao/1"


def everything(site: str) -> str:
    """Return the filter for all topics of a site."""
    return f"{ROOT}/{site}/#"


def board(site: str) -> str:
    """Return the topic of the board: all that a hall screen shows."""
    return f"{ROOT}/{site}/board"


def sign(site: str, window: str) -> str:
    """Return the topic of one window's sign, which its lamp shows too."""
    return f"{ROOT}/{site}/window/{window}/sign"


def signs(site: str) -> str:
    """Return the filter for every window's sign."""
    return sign(site, "+")


def queue(site: str, service: str) -> str:
    """Return the topic of one service's queue."""
    return f"{ROOT}/{site}/service/{service}/queue"


def queues(site: str) -> str:
    """Return the filter for every service's queue."""
    return queue(site, "+")


def notice(site: str) -> str:
    """Return the topic of the line at the foot of the hall screen."""
    return f"{ROOT}/{site}/notice"


def hub_status(site: str) -> str:
    """Return the topic of the hub's presence and heartbeat."""
    return f"{ROOT}/{site}/hub/status"


def device_status(site: str, device: str) -> str:
    """Return the topic of one device's status."""
    return f"{ROOT}/{site}/device/{device}/status"


def device_statuses(site: str) -> str:
    """Return the filter for every device's status."""
    return device_status(site, "+")


class DeviceTopic(NamedTuple):
    """A device status topic taken apart."""

    site: str
    device: str


def parse_device_status(topic: str) -> DeviceTopic | None:
    """Return the device whose status a topic carries; None for any other topic."""
    match topic.split("/"):
        case ["jiaohao", "1", site, "device", device, "status"]:
            return DeviceTopic(site=site, device=device)
        case _:
            return None
