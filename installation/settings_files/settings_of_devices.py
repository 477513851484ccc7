"""Settings of kiosk, screen and panel, with the key that the hub gives them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from display.settings import DisplaySettings
from hardware.panel.window_settings import WindowSettings
from hardware.printer.usb_search import find_usb_printers
from installation.answers.complete_answers import given_only, merged, read, with_value
from installation.answers.setup_answers import MachineRole, SetupAnswers
from installation.machine import Machine
from installation.settings_files.server_files import LOCAL, SiteServer
from installation.settings_files.settings_file import SettingsFile
from kiosk.settings import KioskSettings
from protocol.settings import SettingsError, server_url
from protocol.vocabulary import DeviceKind, Text, WindowId
from runtime.enrolment.enrol_device import enrol_device
from server.authority.enrolment_codes import Enrollee

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
        """Enrol the device unless it is, and write the file; return whether anything was changed.

        Raises SettingsError, EnrolmentFault, WrongValue, OSError.
        """
        before, given = self.file.read(), merged(given_only(self.values()), self.more())
        is_new = not self._is_enrolled(merged(self.usual(), before, given))
        name = str(read(merged(self.usual(), before, given), self.name_path))
        by_hand = self._enrol(name) if is_new else {}
        enrolled = merged(self.file.read(), by_hand)
        usual = {key: value for key, value in self.usual().items() if key not in before}
        values = merged(without_other_printer(merged(enrolled, usual), given), given)
        return self.file.write(values) or is_new

    def _is_enrolled(self, values: Mapping[str, Any]) -> bool:
        """Whether the device has a key, at a hub on this machine a good one."""
        key, kind = read(values, self.key_path), DeviceKind(self.role.value)
        if self.site_server is None:
            return key is not None
        certified = self.site_server.settings.tls is None or read(values, "tls") is not None
        return certified and self.site_server.is_key_of(key, str(read(values, self.name_path)), kind)

    def _enrol(self, name: str) -> dict[str, Any]:
        """Enrol the device by a code, which writes the file, or return its key, where the hub does not encrypt."""
        kind = DeviceKind(self.role.value)
        server = self.site_server
        if server is None:
            if self.code is not None and self.answers.hub_address is not None:
                enrol_device(kind, self.answers.hub_address, self.code, self.file.path)
            return {}
        device = Enrollee(name=name, kind=kind, windows=tuple(self.windows()))
        tls = server.settings.tls
        if tls is not None:
            enrol_device(kind, f"{LOCAL}:{tls.devices_port}", server.new_code(device), self.file.path)
            return {}
        key = with_value({"site": server.catalogue.site}, self.key_path, server.new_key(device, kind))
        return merged(key, {"hub": {"url": server.url}}) if self.key_path == "hub.key" else key

    @abstractmethod
    def usual(self) -> dict[str, Any]:
        """Return what a new file has beside the answers."""

    @abstractmethod
    def values(self) -> dict[str, Any]:
        """Return the keys that follow from the answers; None: not answered."""

    @abstractmethod
    def more(self) -> dict[str, Any]:
        """Return the further keys that were given."""

    @property
    @abstractmethod
    def code(self) -> str | None:
        """The one-time code that was given."""

    def windows(self) -> list[WindowId]:
        """Return the windows that its key is bound to."""
        return []


class KioskFile(DeviceFile):
    """``kiosk.toml``."""

    role, model = MachineRole.KIOSK, KioskSettings

    def usual(self) -> dict[str, Any]:
        """Return the name and the address for phones, which is not this machine's own."""
        name = {"hub": {"device": self.answers.kiosk.name or "kiosk-1"}}
        if self.site_server is None or self.answers.hub_address is None:
            return name
        return {"public_url": server_url(self.answers.hub_address, self.site_server.settings.port), **name}

    def values(self) -> dict[str, Any]:
        """Return what the answers say."""
        answers = self.answers.kiosk
        printer = None if answers.printer is None else printer_table(answers.printer, self.machine)
        hub = {"device": answers.name} if self.site_server else {}
        return {"hub": hub, "printer": printer, "window": {"rotation": answers.rotation or None}}

    def more(self) -> dict[str, Any]:
        """Return the further keys."""
        return self.answers.kiosk.settings

    @property
    def code(self) -> str | None:
        """The one-time code that was given."""
        return self.answers.kiosk.code


class DisplayFile(DeviceFile):
    """``display.toml``."""

    role, model = MachineRole.DISPLAY, DisplaySettings
    key_path, name_path = "key", "device"

    def usual(self) -> dict[str, Any]:
        """Return the name."""
        return {"device": self.answers.display.name or "display-1"}

    def values(self) -> dict[str, Any]:
        """Return what the answers say."""
        answers = self.answers.display
        sign = {"layout": "sign", "window": answers.window} if answers.window else {}
        player = ["aplay", "-q", "-D", answers.sound_card, "{file}"] if answers.sound_card else None
        name = {"device": answers.name} if self.site_server else {}
        return {**name, **sign, "rotation": answers.rotation or None, "voice": {"player": player}}

    def more(self) -> dict[str, Any]:
        """Return the further keys."""
        return self.answers.display.settings

    @property
    def code(self) -> str | None:
        """The one-time code that was given."""
        return self.answers.display.code


class WindowFile(DeviceFile):
    """``window.toml``."""

    role, model = MachineRole.WINDOW, WindowSettings

    def usual(self) -> dict[str, Any]:
        """Return the name, and the pins of ``docs/operations.md``, unless others are given."""
        answers = self.answers.window
        pins = {name: table for name, table in USUAL_PINS.items() if name not in answers.settings}
        return {"hub": {"device": answers.name or answers.window}, **pins}

    def values(self) -> dict[str, Any]:
        """Return what the answers say."""
        answers = self.answers.window
        name = {"device": answers.name} if self.site_server else {}
        return {"window": answers.window, "hub": name}

    def more(self) -> dict[str, Any]:
        """Return the further keys."""
        return self.answers.window.settings

    @property
    def code(self) -> str | None:
        """The one-time code that was given."""
        return self.answers.window.code

    def windows(self) -> list[WindowId]:
        """Return the window of the panel."""
        window = self.answers.window.window or self.file.read().get("window")
        return [] if window is None else [WindowId(window)]


DEVICE_FILES: tuple[type[DeviceFile], ...] = (KioskFile, DisplayFile, WindowFile)


def device_settings_file(machine: Machine, role: MachineRole, model: type[BaseModel]) -> SettingsFile:
    """Return the settings file of a device."""
    return SettingsFile(machine, role.value, model, group=f"jiaohao-{role.value}")


def without_other_printer(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return former values without the keys of a printer that is now of another kind."""
    driver = read(given, "printer.driver")
    other = driver is not None and driver != read(before, "printer.driver")
    return {key: value for key, value in before.items() if key != "printer" or not other}


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
