"""A device's connections to its hall: the broker and the hub. An outage is logged seldom, and once when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pydantic import SecretStr

from protocol.clients.hub_client import REQUEST_LIMIT_MIN_S, HubClient
from protocol.clients.mqtt_client import MqttClient
from protocol.settings import BrokerAddress, HubAddress
from protocol.vocabulary import Text
from runtime.device_presence import DevicePresence
from runtime.fault_log import FaultLog

log = logging.getLogger(__name__)

BROKER_AWAY = Text(zh="消息服务器离线", en="the broker is away")
HUB_AWAY = Text(zh="站点服务器没有回答", en="the hub does not answer")


def broker_client(
    address: BrokerAddress,
    *,
    device: str,
    key: SecretStr,
    presence: DevicePresence,
    on_presence: Callable[[bool], None] = lambda connected: None,  # noqa: ARG005
) -> MqttClient:
    """Return a device's client of the broker, with its last will; ``on_presence`` as of ``MqttConnection``."""
    fault = FaultLog(log, BROKER_AWAY)

    def note(connected: bool) -> None:  # noqa: FBT001 - a callback
        if connected:
            fault.ended()
        on_presence(connected)

    return MqttClient(
        address,
        client_id=device,
        username=device,
        password=key.get_secret_value(),
        will=presence.lost(),
        on_presence=note,
        on_failure=fault.began,
    )


def hub_client(address: HubAddress, *, timeout_s: float = REQUEST_LIMIT_MIN_S) -> HubClient:
    """Return a device's client of the hub."""
    return HubClient(address, timeout_s=timeout_s, on_result=FaultLog(log, HUB_AWAY).note)
