"""The file of keys: changed by several at once, broken, lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from protocol.vocabulary import DeviceKind
from server.auth.key_file import AccessFault
from server.hub.access import Access, DeviceName


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
