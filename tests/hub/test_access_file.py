"""The file of keys: changed by several at once, broken, lost."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError
from real_hall import SMALL_HALL

from protocol.vocabulary import DeviceKind
from server.auth.key_file import AccessFault
from server.hub import admin
from server.hub.access import Access, DeviceName

SERVICE_USER = (4711, 4712) if os.geteuid() == 0 else (os.getuid(), os.getgid())
FILES = ("data", "access.json", "access.lock", "hub.key", "mosquitto.acl", "mosquitto.passwd")


@pytest.fixture
def access(tmp_path: Path) -> Access:
    made = Access(tmp_path, site="hall")
    made.prepare()
    return made


def test_enrolments_at_the_same_time_all_count(access: Access, tmp_path: Path) -> None:
    names = [f"kiosk-{n}" for n in range(16)]

    def enrol(name: str) -> str:
        return Access(tmp_path, site="hall").enrol(name, DeviceKind.KIOSK).get_secret_value()

    with ThreadPoolExecutor(8) as many:
        keys = list(many.map(enrol, names))
    known = [access.holder_of(key) for key in keys]
    assert [device.id for device in known if device] == names


def test_a_file_broken_while_the_hub_runs_ends_no_key(
    access: Access, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = access.enrol("kiosk-1", DeviceKind.KIOSK).get_secret_value()
    (tmp_path / "access.json").write_bytes(b"{")
    known = access.holder_of(key)
    assert known is not None
    assert known.id == "kiosk-1"
    assert "is broken, restore it from a backup" in caplog.text


def test_a_file_that_cannot_be_read_ends_no_key_and_is_logged_once(
    access: Access, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = access.enrol("kiosk-1", DeviceKind.KIOSK).get_secret_value()
    (tmp_path / "access.json").rename(tmp_path / "away.json")
    (tmp_path / "access.json").mkdir()
    assert all(access.holder_of(key) for _ in range(50))
    assert [record.exc_info for record in caplog.records] == [None]
    assert f"{tmp_path}/access.json cannot be used" in caplog.text
    (tmp_path / "access.json").rmdir()
    (tmp_path / "away.json").rename(tmp_path / "access.json")
    access.revoke("kiosk-1")
    assert access.holder_of(key) is None


@pytest.mark.parametrize("prepared", [False, True])
def test_commands_of_root_leave_files_that_the_hub_can_read(tmp_path: Path, *, prepared: bool) -> None:
    catalogue = SMALL_HALL.read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(catalogue, encoding="utf-8")
    (tmp_path / "hub.toml").write_text("# defaults\n", encoding="utf-8")
    data = tmp_path / "data"
    if prepared:
        Access(data, site="hall").prepare()
        (data / "mosquitto.passwd").chmod(0o644)
    for path in (tmp_path, data) if prepared else (tmp_path,):
        chown_all(path)
    for command in (["enrol", "kiosk-1"], ["passcode", "clerk"], ["revoke", "kiosk-1"], ["enrol", "display-1"]):
        assert admin.main(["--settings", str(tmp_path / "hub.toml"), *command]) == 0
    assert {p.name: (p.stat().st_uid, p.stat().st_gid) for p in (data, *data.iterdir())} == dict.fromkeys(
        FILES, SERVICE_USER
    )
    assert (data / "mosquitto.passwd").stat().st_mode & 0o777 == (0o644 if prepared else 0o640)


def chown_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, *SERVICE_USER)


def test_a_file_broken_at_the_start_is_one_sentence(access: Access, tmp_path: Path) -> None:
    access.enrol("kiosk-1", DeviceKind.KIOSK)
    (tmp_path / "access.json").write_bytes(b"[]")
    with pytest.raises(AccessFault, match="is broken, restore it from a backup"):
        Access(tmp_path, site="hall").prepare()


def test_a_lost_file_is_not_made_anew_behind_the_back_of_all_devices(access: Access, tmp_path: Path) -> None:
    access.enrol("kiosk-1", DeviceKind.KIOSK)
    (tmp_path / "access.json").unlink()
    with pytest.raises(AccessFault, match="is missing: restore it from a backup"):
        Access(tmp_path, site="hall").prepare()


@pytest.mark.parametrize("name", ["hub", "KIOSK-1", "kiosk 1", ""])
def test_a_device_is_not_called_like_the_hub_nor_like_nothing_a_topic_can_hold(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(DeviceName).validate_python(name)
