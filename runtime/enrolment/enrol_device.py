"""Enrols this machine as a device of a hall and writes its files: one call for ``jiaohao-enrol`` and for setup."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from protocol.clients.enrolment_client import DEVICES_PORT, Enrolled, ServerPlace, enrol
from protocol.enrolment_code import parse_code
from protocol.faults import WrongValue
from protocol.settings import Url
from protocol.vocabulary import DeviceKind
from runtime.enrolment.device_files import (
    read_settings_file,
    require_writable,
    tls_folder_of,
    write_settings_file,
    write_tls_folder,
)

ENROLLED_KINDS = (DeviceKind.KIOSK, DeviceKind.DISPLAY, DeviceKind.WINDOW)
"""The kinds of devices that have a program and a settings file."""
SETTINGS_FOLDER = Path("/etc/jiaohao")


def settings_file_of(kind: DeviceKind) -> Path:
    """Return where the settings of a kind of device are unless somebody chose another place."""
    return SETTINGS_FOLDER / f"{kind}.toml"


def enrol_device(kind: DeviceKind, hub: str, code: str, settings: Path) -> Enrolled:
    """Enrol this machine with a code, and write its TLS folder and its settings; other settings stay.

    ``hub`` is a name or an address, also with a port. What is wrong with the files is found before the code is used up.
    Raises WrongValue, EnrolmentFault, SettingsError, OSError.
    """
    place, parsed = parse_place(hub), parse_code(code)
    document = read_settings_file(settings)
    require_writable(settings)
    enrolled = enrol(place, parsed, kind)
    group = f"jiaohao-{kind}"
    write_tls_folder(tls_folder_of(settings), enrolled, group=group)
    write_settings_file(settings, document, enrolled, group=group)
    return enrolled


def parse_place(typed: str, *, usual_port: int = DEVICES_PORT) -> ServerPlace:
    """Return where a server is: ``10.0.0.5``, ``hub.local:8443``, ``[fd00::5]``. Raises WrongValue."""
    text = typed.strip().removeprefix("https://").rstrip("/")
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    try:
        parts = urlsplit(TypeAdapter(Url).validate_python(f"https://{text}"))
    except ValidationError as error:
        raise _no_place(typed) from error
    if parts.hostname is None or parts.path:
        raise _no_place(typed)
    return ServerPlace(parts.hostname, parts.port or usual_port)


def _no_place(typed: str) -> WrongValue:
    return WrongValue(
        f"{typed!r} 不是服务器的地址：例如 10.0.0.5、hub.local、10.0.0.5:8443",
        f"{typed!r} is no address of a server, such as 10.0.0.5, hub.local or 10.0.0.5:8443",
    )
