"""Whether programs can read their settings, and whether servers answer that all is well."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import urllib3

from display.settings import DisplaySettings
from hardware.panel.window_settings import WindowSettings
from installation.answers.setup_answers import MachineRole
from installation.machine import Machine
from installation.settings_files.server_files import CountyServerHere, county_file, hub_file, site_file
from installation.settings_files.settings_file import SettingsFile
from installation.settings_files.settings_of_devices import DEVICE_FILES, device_settings_file
from kiosk.settings import KioskSettings
from protocol.answers import PartState
from protocol.clients.hub_client import HubClient, HubError
from protocol.faults import system_error_text
from protocol.settings import HubAddress, SettingsError, load_settings, server_url
from protocol.vocabulary import Text
from runtime.tls_files import device_context
from server.hub.settings import HubSettings

CLOCK = "clock"
"""The part of a hub's health that the check of the time service covers."""
ANSWER_LIMIT_S = 5.0


def settings_files(machine: Machine, roles: Sequence[MachineRole]) -> Iterator[SettingsFile]:
    """Yield the settings files of these roles."""
    if MachineRole.COUNTY in roles:
        yield county_file(machine)
    if MachineRole.HUB in roles:
        yield hub_file(machine)
        yield site_file(machine)
    for device in DEVICE_FILES:
        if device.role in roles:
            yield device_settings_file(machine, device.role, device.model)


def settings_sentences(machine: Machine, roles: Sequence[MachineRole]) -> list[Text]:
    """Return what is wrong in the settings of these roles."""
    found: list[Text] = []
    for file in settings_files(machine, roles):
        try:
            file.verify()
        except SettingsError as error:
            found += [Text(zh=f"{error.file}: {s.zh}", en=f"{error.file}: {s.en}") for s in error.sentences]
    return found


def running_sentences(machine: Machine, roles: Sequence[MachineRole]) -> list[Text]:
    """Return what is wrong with the programs of these roles, as they answer themselves."""
    return [text for role in roles if role in _RUNNING for text in _RUNNING[role](machine)]


def _hub(machine: Machine) -> list[Text]:
    port = load_settings(HubSettings, machine.settings_file("hub")).port
    return health_sentences(server_url("127.0.0.1", port))


def _county(machine: Machine) -> list[Text]:
    county = CountyServerHere(machine)
    return health_sentences(county.url, authority=county.authority)


def _kiosk(machine: Machine) -> list[Text]:
    settings = load_settings(KioskSettings, machine.settings_file("kiosk"))
    return hub_sentences(settings.hub, settings.tls)


def _window(machine: Machine) -> list[Text]:
    settings = load_settings(WindowSettings, machine.settings_file("window"))
    return hub_sentences(settings.hub, settings.tls)


def _display(machine: Machine) -> list[Text]:
    broker = load_settings(DisplaySettings, machine.settings_file("display")).broker
    try:
        socket.create_connection((broker.host, broker.port), timeout=ANSWER_LIMIT_S).close()
    except OSError as error:
        why = system_error_text(error)
        place = f"{broker.host}:{broker.port}"
        return [Text(zh=f"连不上消息服务器 {place}：{why.zh}", en=f"the broker {place} cannot be reached: {why.en}")]
    return []


_RUNNING: dict[MachineRole, Callable[[Machine], list[Text]]] = {
    MachineRole.COUNTY: _county,
    MachineRole.HUB: _hub,
    MachineRole.KIOSK: _kiosk,
    MachineRole.DISPLAY: _display,
    MachineRole.WINDOW: _window,
}


def health_sentences(url: str, *, authority: str | None = None) -> list[Text]:
    """Return a sentence for each part of a server that does not work; ``authority`` in PEM is that of one with TLS."""
    try:
        trusting = ssl.create_default_context(cadata=authority) if authority else None
        with urllib3.PoolManager(ssl_context=trusting) as pool:
            answer = pool.request("GET", f"{url}/healthz", timeout=ANSWER_LIMIT_S, retries=False)
        parts = json.loads(answer.data)["parts"]
    except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError):
        return [Text(zh=f"{url} 没有回答", en=f"{url} does not answer")]
    failed = {name: part for name, part in parts.items() if part["state"] != PartState.OK and name != CLOCK}
    return [
        Text(zh=f"{url} 的 {name} 不正常：{part['cause']}", en=f"{name} of {url} fails: {part['cause']}")
        for name, part in failed.items()
    ]


def hub_sentences(address: HubAddress, tls: Path | None) -> list[Text]:
    """Return why a device cannot use its hub: no answer, or its key is not good."""
    try:
        context = device_context(tls) if tls else None
        HubClient(address, timeout_s=ANSWER_LIMIT_S, tls=context).services()
    except (HubError, SettingsError) as error:
        return [
            Text(
                zh=f"{address.device} 用不了站点服务器 {address.url}：{error}",
                en=f"{address.device} cannot use the hub {address.url}: {error}",
            )
        ]
    return []
