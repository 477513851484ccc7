"""The files of an enrolled device: its TLS folder, and what its settings file has from the hub."""

from __future__ import annotations

import grp
import os
from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.container import Container
from tomlkit.items import Table

from protocol.clients.enrolment_client import Enrolled
from protocol.faults import WrongValue
from protocol.settings import SettingsError, unreadable
from protocol.text.toml_text import parse_toml
from protocol.vocabulary import DeviceKind, Text
from runtime.owned_files import ROOT, make_folder, replace_file
from runtime.tls_files import AUTHORITY, CERTIFICATE, PRIVATE_KEY

FILE_MODE, FOLDER_MODE = 0o640, 0o750
"""Modes of what has a key: its program's group reads it, and nobody else."""


def tls_folder_of(settings: Path) -> Path:
    """Return the TLS folder of the device whose settings these are: ``/etc/jiaohao/tls/kiosk`` of ``kiosk.toml``."""
    return settings.absolute().parent / "tls" / settings.stem


def write_tls_folder(folder: Path, enrolled: Enrolled, *, group: str) -> None:
    """Write key and certificates of a device, for the program of this group."""
    make_folder(folder)
    _give_to_group(folder, group, FOLDER_MODE)
    files = {
        PRIVATE_KEY: enrolled.private_key,
        CERTIFICATE: enrolled.answer.certificate,
        AUTHORITY: enrolled.answer.authority,
    }
    for name, text in files.items():
        replace_file(folder / name, text, mode=FILE_MODE)


def read_settings_file(path: Path) -> TOMLDocument:
    """Return the settings that are there, with their comments; empty without a file. Raises SettingsError."""
    try:
        encoded = path.read_bytes()
        parse_toml(encoded)
    except FileNotFoundError:
        return tomlkit.document()
    except OSError as error:
        raise unreadable(path, error) from error
    except WrongValue as error:
        raise SettingsError(path, error.text) from error
    return tomlkit.parse(encoded.decode("utf-8-sig"))


def write_settings_file(path: Path, document: TOMLDocument, enrolled: Enrolled, *, group: str) -> None:
    """Put what the hub gave into the settings and write them, for the program of this group. Raises SettingsError."""
    _merge(document, enrolled, path)
    write_document(path, document, group=group)


def write_document(path: Path, document: TOMLDocument, *, group: str) -> None:
    """Write settings with a key, for the program of this group."""
    if path.exists():
        _give_to_group(path, group, FILE_MODE)  # before the key is in it
    replace_file(path, tomlkit.dumps(document), mode=FILE_MODE)
    _give_to_group(path, group, FILE_MODE)


def require_writable(settings: Path) -> None:
    """Check that the files can be written, before a code is used up. Raises PermissionError, FileNotFoundError."""
    folder = settings.absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(2, "没有这个文件夹 / there is no such folder", str(folder))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(13, "没有写权限，请用 sudo / may not be written, use sudo", str(folder))


def _merge(document: TOMLDocument, enrolled: Enrolled, path: Path) -> None:
    answer, hub = enrolled.answer, enrolled.hub
    document["site"] = answer.site
    document["tls"] = str(tls_folder_of(path))
    identity = {"device": answer.device, "key": answer.key}
    if answer.kind is DeviceKind.DISPLAY:
        document.update({**identity, "hub_url": hub.url})
    else:
        table_of(document, "hub", path).update({"url": hub.url, **identity})
    if answer.kind is DeviceKind.KIOSK:
        document.setdefault("public_url", answer.public_url)
    if answer.kind is DeviceKind.WINDOW and document.get("window") not in answer.windows:
        document["window"] = answer.windows[0]
    table_of(document, "broker", path).update({"host": hub.host, "port": answer.broker_port})


def table_of(document: TOMLDocument, name: str, path: Path) -> Table | Container:
    """Return a table of the settings, which is made when there is none. Raises SettingsError: it is no table."""
    if name not in document:
        document[name] = tomlkit.table()
    found = document[name]
    if not isinstance(found, Table | Container):
        raise SettingsError(path, Text(zh=f"{name} 应为表 [{name}]", en=f"{name} must be a table, [{name}]"))
    return found


def _give_to_group(path: Path, group: str, mode: int) -> None:
    """Give a path to root and a program's group; who is not root, or has no such group, keeps it to himself."""
    path.chmod(mode)
    if os.geteuid() == ROOT and (found := _group_id(group)) is not None:
        os.chown(path, ROOT, found)


def _group_id(group: str) -> int | None:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        return None
