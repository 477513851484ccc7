"""A device's connections to its hall: the broker and the hub. An outage is logged seldom, and once when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from protocol.clients.hub_client import REQUEST_LIMIT_MIN_S, HubClient
from protocol.clients.mqtt_client import MqttClient
from protocol.settings import BrokerAddress, HubAddress, SettingsError
from protocol.vocabulary import Text
from runtime.device_presence import DevicePresence
from runtime.fault_log import FaultLog
from runtime.tls_files import device_context

log = logging.getLogger(__name__)

BROKER_AWAY = Text(zh="消息服务器离线", en="the broker is away")
HUB_AWAY = Text(zh="站点服务器没有回答", en="the hub does not answer")


def broker_client(
    address: BrokerAddress,
    *,
    device: str,
    key: SecretStr,
    presence: DevicePresence,
    tls: Path | None,
    on_presence: Callable[[bool], None] = lambda connected: None,  # noqa: ARG005
) -> MqttClient:
    """Return a device's client of the broker, with its last will.

    ``on_presence`` as of ``MqttConnection``; ``tls`` is the folder of the device's certificate. Raises SettingsError.
    """
    fault = FaultLog(log, BROKER_AWAY)

    def note(connected: bool) -> None:  # noqa: FBT001 - a callback
        if connected:
            fault.ended()
        on_presence(connected)

    return MqttClient(
        address,
        username=device,
        password=key.get_secret_value(),
        will=presence.lost(),
        tls=device_context(tls) if tls else None,
        on_presence=note,
        on_failure=fault.began,
    )


def hub_client(address: HubAddress, *, tls: Path | None, timeout_s: float = REQUEST_LIMIT_MIN_S) -> HubClient:
    """Return a device's client of the hub; ``tls`` is the folder of its certificate. Raises SettingsError."""
    if tls and not address.url.startswith("https:"):
        raise SettingsError(
            "hub.url", Text(zh="有 tls 时应以 https:// 开头", en="with tls it must begin with https://")
        )
    context = device_context(tls) if tls else None
    return HubClient(address, timeout_s=timeout_s, tls=context, on_result=FaultLog(log, HUB_AWAY).note)
