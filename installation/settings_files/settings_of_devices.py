"""Settings of kiosk, screen and panel, with the key that the hub gives them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, SecretStr

from display.settings import DisplaySettings
from hardware.panel.window_settings import WindowSettings
from hardware.printer.usb_search import find_usb_printers
from installation.answers.complete_answers import given_only, merged, read
from installation.answers.setup_answers import MachineRole, SetupAnswers
from installation.machine import Machine
from installation.settings_files.server_files import SiteServer
from installation.settings_files.settings_file import SettingsFile
from kiosk.settings import KioskSettings
from protocol.settings import SettingsError, server_url
from protocol.vocabulary import DeviceKind, Text, WindowId

HUB_PORT = 8080
USUAL_PINS: Mapping[str, Any] = {
    "keys": {"call": 17, "start_finish": 27, "no_show": 22, "pause": 23},
    "lamp": {"red": 5, "green": 6, "blue": 13},
}


class DeviceFile(ABC):
    """The settings file of a device on this machine. ``site_server`` is its hub, where that is on this machine too."""

    role: ClassVar[MachineRole]
    model: ClassVar[type[BaseModel]]
    key_path: ClassVar[str] = "hub.key"
    name_path: ClassVar[str] = "hub.device"

    def __init__(self, machine: Machine, answers: SetupAnswers, site_server: SiteServer | None) -> None:
        self.machine = machine
        self.answers = answers
        self.site_server = site_server
        self.file = device_settings_file(machine, self.role, self.model)

    def write(self) -> bool:
        """Write the file; return whether anything was changed. Raises SettingsError, OSError."""
        before, given = self.file.read(), merged(given_only(self.values()), self.more())
        values = merged({} if before else self.usual(), without_other_printer(before, given), given)
        return self.file.write(self._with_local_hub(values))

    @abstractmethod
    def usual(self) -> dict[str, Any]:
        """Return what a new file has beside the answers."""

    @abstractmethod
    def values(self) -> dict[str, Any]:
        """Return the keys that follow from the answers; None: not answered."""

    @abstractmethod
    def more(self) -> dict[str, Any]:
        """Return the further keys that were given."""

    def windows(self, values: Mapping[str, Any]) -> list[WindowId]:  # noqa: ARG002 - of a panel
        """Return the windows that its key is bound to."""
        return []

    def hub_table(self, name: str | None, key: SecretStr | None) -> dict[str, Any]:
        """Return ``[hub]`` and ``[broker]`` as answered; those of this machine are filled in later."""
        host = None if self.site_server else self.answers.hub_address
        url = server_url(host, HUB_PORT) if host else None
        hub = {"url": url, "device": name, "key": shown(key)}
        return {"hub": hub, "broker": {"host": host}}

    def _with_local_hub(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add site, address and key of the hub on this machine."""
        if self.site_server is None:
            return values
        server = self.site_server
        values = merged({"site": server.catalogue.site}, values)
        kind, name = DeviceKind(self.role.value), str(read(values, self.name_path))
        key = server.key_for(name, kind, self.windows(values), read(values, self.key_path))
        given: dict[str, Any] = {"key": key}
        if self.key_path == "hub.key":
            given = {"hub": {"url": server.url, "key": key}}
        return merged(values, given)


class KioskFile(DeviceFile):
    """``kiosk.toml``."""

    role, model = MachineRole.KIOSK, KioskSettings

    def usual(self) -> dict[str, Any]:
        """Return the name and the address for phones, which is not this machine's own."""
        hub_here = self.site_server is not None and self.answers.hub_address
        public = {"public_url": server_url(str(self.answers.hub_address), HUB_PORT)} if hub_here else {}
        return {**public, "hub": {"device": "kiosk-1"}}

    def values(self) -> dict[str, Any]:
        """Return what the answers say."""
        answers = self.answers.kiosk
        printer = None if answers.printer is None else printer_table(answers.printer, self.machine)
        rotation = {"rotation": answers.rotation or None}
        hub = self.hub_table(answers.name, answers.key)
        return {"site": self.answers.site, **hub, "printer": printer, "window": rotation}

    def more(self) -> dict[str, Any]:
        """Return the further keys."""
        return self.answers.kiosk.settings


class DisplayFile(DeviceFile):
    """``display.toml``."""

    role, model = MachineRole.DISPLAY, DisplaySettings
    key_path, name_path = "key", "device"

    def usual(self) -> dict[str, Any]:
        """Return the name."""
        return {"device": "display-1"}

    def values(self) -> dict[str, Any]:
        """Return what the answers say."""
        answers = self.answers.display
        sign = {"layout": "sign", "window": answers.window} if answers.window else {}
        player = ["aplay", "-q", "-D", answers.sound_card, "{file}"] if answers.sound_card else None
        at_broker = self.hub_table(answers.name, answers.key)["broker"]
        own = {"device": answers.name, "key": shown(answers.key), "rotation": answers.rotation or None}
        return {"site": self.answers.site, **own, **sign, "broker": at_broker, "voice": {"player": player}}

    def more(self) -> dict[str, Any]:
        """Return the further keys."""
        return self.answers.display.settings


class WindowFile(DeviceFile):
    """``window.toml``."""

    role, model = MachineRole.WINDOW, WindowSettings

    def usual(self) -> dict[str, Any]:
        """Return the pins of ``docs/operations.md``, unless others are given."""
        pins = {name: table for name, table in USUAL_PINS.items() if name not in self.answers.window.settings}
        return {"hub": {"device": self.answers.window.window}, **pins}

    def values(self) -> dict[str, Any]:
        """Return what the answers say."""
        answers = self.answers.window
        return {"site": self.answers.site, "window": answers.window, **self.hub_table(answers.name, answers.key)}

    def more(self) -> dict[str, Any]:
        """Return the further keys."""
        return self.answers.window.settings

    def windows(self, values: Mapping[str, Any]) -> list[WindowId]:
        """Return the window of the panel."""
        return [values["window"]]


DEVICE_FILES: tuple[type[DeviceFile], ...] = (KioskFile, DisplayFile, WindowFile)


def device_settings_file(machine: Machine, role: MachineRole, model: type[BaseModel]) -> SettingsFile:
    """Return the settings file of a device."""
    return SettingsFile(machine, role.value, model, group=f"jiaohao-{role.value}")


def without_other_printer(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return former values without the keys of a printer that is now of another kind."""
    driver = read(given, "printer.driver")
    other = driver is not None and driver != read(before, "printer.driver")
    return {key: value for key, value in before.items() if key != "printer" or not other}


def shown(key: SecretStr | None) -> str | None:
    """Return a key as it stands in a file."""
    return None if key is None else key.get_secret_value()


def printer_table(answer: str, machine: Machine) -> dict[str, Any]:
    """Return ``[printer]`` for an answer. Raises SettingsError: ``auto``, and there is no USB printer, or several."""
    if answer == "none":
        return {"driver": "none"}
    if answer.startswith("/"):
        return {"driver": "file", "path": answer}
    if answer != "auto":
        return {"driver": "network", "host": answer}
    found = find_usb_printers(machine.path("/sys/bus/usb/devices"))
    if len(found) == 1:
        return {"driver": "usb", **found[0].settings()}
    raise SettingsError("kiosk.printer", _no_single_printer([printer.name for printer in found]))


def _no_single_printer(names: Sequence[str]) -> Text:
    if names:
        shown_names = ", ".join(names)
        return Text(
            zh=f"有几台 USB 打印机：{shown_names}；请只留一台",
            en=f"there are several USB printers: {shown_names}; leave one",
        )
    return Text(
        zh="没有找到 USB 打印机：请接上并开机，或回答 none、IP 地址",
        en="no USB printer was found: plug it in and switch it on, or answer none or an IP address",
    )
