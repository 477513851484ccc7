"""A backup of a running hub is encrypted and read back, and a new machine goes on with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest
from encrypted_hall import EncryptedHall
from pyrage.x25519 import Identity
from real_hall import SMALL_HALL, RealHall

from protocol.clients.hub_client import HubClient, new_request_id
from protocol.requests import IssueTicket
from runtime.run_command import CommandFailed
from server.hub import admin
from server.hub.backup.site_backup import unpack
from server.store.file_lock import hold_exclusively

Admin = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHall]:
    with RealHall(tmp_path_factory.mktemp("hall"), with_broker=False) as running:
        yield running


@pytest.fixture
def run(hall: RealHall, capsys: pytest.CaptureFixture[str]) -> Admin:
    """Run a command of ``jiaohao-admin``, for the running hub or with other settings."""

    def command(*options: str, settings: Path = hall.settings) -> tuple[int, str]:
        code = admin.main(["--settings", str(settings), *options])
        shown = capsys.readouterr()
        return code, (shown.out + shown.err).strip()

    return command


@pytest.fixture
def backup(hall: RealHall, run: Admin) -> Iterator[Path]:
    """A backup, alone in its folder."""
    issue(hall.client("kiosk-1"))
    assert run("backup")[0] == 0
    (made,) = backups(hall)
    yield made
    shutil.rmtree(made.parent)


@pytest.fixture
def key_file(run: Admin, tmp_path: Path) -> Path:
    """What a technician wrote down of ``jiaohao-admin backup-key``."""
    path = tmp_path / "key.txt"
    path.write_text(f"{run('backup-key')[1]}\n", encoding="utf-8")
    return path


def backups(hall: RealHall) -> list[Path]:
    return sorted((hall.data / "backup").iterdir())


def issue(kiosk: HubClient) -> str:
    return kiosk.issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card")).number


def test_a_new_machine_goes_on_with_a_backup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also the settings are in it, the keys and the authority: no device is enrolled anew."""
    (tmp_path / "hall").mkdir()
    with EncryptedHall(tmp_path / "hall", with_broker=False) as hall:
        hall.access.set_passcode("manager", "83a1-9f04")
        kiosk = hall.encrypted_client("kiosk-1")
        numbers = [issue(kiosk) for _ in range(3)]
        assert admin.main(["--settings", str(hall.settings), "backup"]) == 0
        assert admin.main(["--settings", str(hall.settings), "backup-key"]) == 0
        key = capsys.readouterr().out.splitlines()[-1]
        (tmp_path / "key.txt").write_text(key, encoding="utf-8")
        (backup,) = backups(hall)
        shutil.move(backup, tmp_path / "kept.tar.age")
        assert issue(kiosk) == "A004"
        hall.hub.stop()
        shutil.rmtree(hall.data)
        hall.settings.unlink()
        hall.site_file.unlink()

        restored = ["restore", str(tmp_path / "kept.tar.age"), "--key-file", str(tmp_path / "key.txt")]
        assert admin.main(["--settings", str(hall.settings), *restored]) == 0
        assert "可以启动 jiaohao-hub" in capsys.readouterr().out
        hall.start_hub()
        assert issue(kiosk) == f"A{len(numbers) + 1:03d}", "without a county it cannot know of the fourth"
        assert hall.access.is_passcode("manager", "83a1-9f04")


def test_nothing_in_a_backup_is_read_without_its_key(hall: RealHall, backup: Path, tmp_path: Path) -> None:
    secrets = [(hall.data / "hub.key").read_bytes(), (hall.data / "backup.key").read_bytes().strip(), b"SQLite format"]
    assert not any(secret in backup.read_bytes() for secret in secrets)
    opened = tmp_path / "opened.tar"
    pyrage.decrypt_file(str(backup), str(opened), [Identity.from_str((hall.data / "backup.key").read_text().strip())])
    with tarfile.open(opened) as archive:
        assert set(archive.getnames()) == {
            *("hall.sqlite", "access.json", "hub.key", "backup.key", "hub.toml", "site.toml"),
        }


def test_data_that_is_there_is_never_overwritten(backup: Path, key_file: Path, run: Admin, tmp_path: Path) -> None:
    code, text = run("restore", str(backup), "--key-file", str(key_file))
    assert (code, "jiaohao-hub 正在使用" in text) == (1, True), "the hub runs"

    other = tmp_path / "other"
    (other / "data").mkdir(parents=True)
    (other / "data" / "hub.key").write_text("another hub's", encoding="utf-8")
    code, text = run("restore", str(backup), "--key-file", str(key_file), settings=other / "hub.toml")
    assert (code, "overwrites no data" in text) == (1, True)
    assert (other / "data" / "hub.key").read_text(encoding="utf-8") == "another hub's"
    assert not (other / "data" / "hall.sqlite").exists()


def test_settings_that_are_there_stay(backup: Path, key_file: Path, run: Admin, tmp_path: Path) -> None:
    settings = tmp_path / "new" / "hub.toml"
    settings.parent.mkdir()
    settings.write_text('data = "elsewhere"\n', encoding="utf-8")
    code, text = run("restore", str(backup), "--key-file", str(key_file), settings=settings)
    assert (code, f"{settings} 保留原样" in text) == (0, True)
    assert settings.read_text(encoding="utf-8") == 'data = "elsewhere"\n'
    assert (settings.parent / "elsewhere" / "hall.sqlite").exists()
    assert {path.name for path in settings.parent.iterdir()} == {"hub.toml", "site.toml", "elsewhere"}


def test_a_restore_that_was_killed_is_made_again(backup: Path, key_file: Path, run: Admin, tmp_path: Path) -> None:
    settings = tmp_path / "new" / "hub.toml"
    restore = ["restore", str(backup), "--key-file", str(key_file)]
    assert run(*restore, settings=settings)[0] == 0
    data = settings.parent / "data"
    (data / "hall.sqlite").rename(data / ".hall.sqlite.part")
    (settings.parent / ".backup").mkdir()
    assert run(*restore, settings=settings)[0] == 0
    assert sorted(path.name for path in data.iterdir()) == [
        *("access.json", "backup.key", "hall.sqlite", "hub.key", "hub.lock")
    ]
    assert {path.name for path in settings.parent.iterdir()} == {"hub.toml", "site.toml", "data"}


def test_two_backups_at_once_do_not_meet(hall: RealHall, run: Admin) -> None:
    with hold_exclusively(hall.data, server="backup"):
        code, text = run("backup")
    assert (code, "另一个 jiaohao-backup 正在使用" in text) == (1, True), text


def on_a_full_disk(folder: Path, *command: str) -> tuple[int, str]:
    """Run a command where ``folder`` is a disk of 64 kB; return its exit code, and what it said and left there."""
    script = f'mount -t tmpfs -o size=64k tmpfs {folder} && {{ "$@"; code=$?; ls -A {folder}; exit $code; }}'
    as_root = ("--map-root-user",) if os.geteuid() else ()
    inside = ["unshare", "--mount", *as_root, "sh", "-c", script, "sh"]
    done = subprocess.run([*inside, *command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_full_disk_is_named_and_nothing_stays(hall: RealHall, backup: Path, key_file: Path, tmp_path: Path) -> None:
    """The disk of the backups, and that of a new machine."""
    command = [sys.executable, "-m", "server.hub.admin", "--settings"]
    small = tmp_path / "small"
    small.mkdir()
    settings = hall.folder / "small.toml"
    settings.write_text(f'[backup]\nfolder = "{small}"\n', encoding="utf-8")
    full = "jiaohao-admin: 磁盘已满，请清理磁盘 / the disk is full, please make room\n"
    assert on_a_full_disk(small, *command, str(settings), "backup") == (1, full)
    assert not (hall.data / ".backup").exists()
    restore = ("restore", str(backup), "--key-file", str(key_file))
    assert on_a_full_disk(small, *command, str(small / "hub.toml"), *restore) == (1, full)


def without_end(content: bytes) -> bytes:
    return content[:-100]


def with_other_byte(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [without_end, with_other_byte, lambda _: b"", lambda _: b"no backup at all"])
def test_a_damaged_backup_is_refused_and_nothing_is_written(
    damage: Callable[[bytes], bytes], backup: Path, key_file: Path, run: Admin, tmp_path: Path
) -> None:
    backup.write_bytes(damage(backup.read_bytes()))
    settings = tmp_path / "new" / "hub.toml"
    code, text = run("restore", str(backup), "--key-file", str(key_file), settings=settings)
    assert (code, "打不开" in text) == (1, True), text
    assert list(settings.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "sentence"), [("", "no key of backups"), ("AGE-SECRET-KEY-1", "no key of backups"), (None, "another hub's")]
)
def test_a_wrong_key_is_refused(key: str | None, sentence: str, backup: Path, run: Admin, tmp_path: Path) -> None:
    typed = tmp_path / "typed.txt"
    typed.write_text(str(Identity.generate()) if key is None else key, encoding="utf-8")
    code, text = run("restore", str(backup), "--key-file", str(typed), settings=tmp_path / "new" / "hub.toml")
    assert (code, sentence in text) == (1, True), text


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "link"])
def test_a_backup_writes_its_own_files_alone(name: str, tmp_path: Path) -> None:
    key, folder = Identity.generate(), tmp_path / "unpacked"
    folder.mkdir()
    with tarfile.open(tmp_path / "packed.tar", "w:") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(member)
    pyrage.encrypt_file(str(tmp_path / "packed.tar"), str(tmp_path / "forged.tar.age"), [key.to_public()])
    with pytest.raises(CommandFailed, match="cannot be opened"):
        unpack(tmp_path / "forged.tar.age", folder, key)
    assert list(folder.iterdir()) == []


def test_the_newest_backups_are_kept_and_nothing_unfinished(hall: RealHall, backup: Path, run: Admin) -> None:
    for day in range(1, 20):
        shutil.copy(backup, backup.with_name(f"{hall.site}-202001{day:02d}T020000Z.tar.age"))
    (hall.data / ".backup").mkdir()
    (hall.data / ".backup" / "hall.sqlite").write_bytes(b"what a killed backup left")
    assert run("backup")[0] == 0
    names = [path.name for path in backups(hall)]
    assert len(names) == 14
    assert backup.name in names, "it is newer than those of 2020"
    assert not (hall.data / ".backup").exists()


def test_a_backup_never_fills_the_hubs_disk(hall: RealHall, run: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 10**6, 10**6))
    code, text = run("backup")
    assert (code, "空间不足" in text) == (1, True)
    assert not any(path.name.endswith(".age") for path in (hall.data / "backup").glob("*"))
    assert issue(hall.client("kiosk-1"))


def test_without_data_or_a_file_the_sentence_names_what_is_missing(key_file: Path, run: Admin, tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(f'catalogue = "{SMALL_HALL}"\n', encoding="utf-8")
    code, text = run("backup", settings=tmp_path / "hub.toml")
    assert (code, "start jiaohao-hub once" in text) == (1, True), text
    code, text = run("restore", str(tmp_path / "none.tar.age"), "--key-file", str(key_file))
    assert code != 0
    assert f"{tmp_path / 'none.tar.age'} cannot be used: No such file" in text
