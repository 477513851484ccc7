"""Makes a backup of a hub while it runs, and reads it back before it counts."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyrage
from pyrage.x25519 import Identity

from protocol.vocabulary import SiteId, Text
from runtime.owned_files import make_folder, open_owned, sync_to_disk
from runtime.run_command import CommandFailed
from server.authority import issued_certificates as authority
from server.hub.settings import HubSettings
from server.store.database_copy import copy_database
from server.store.file_lock import hold_exclusively
from server.store.soundness import verify_newest_day, verify_structure

ENDING = ".tar.age"
DATABASE, KEYS, HUB_KEY, BACKUP_KEY, SETTINGS, CATALOGUE, COUNTY_CA = (
    "hall.sqlite",
    "access.json",
    "hub.key",
    "backup.key",
    "hub.toml",
    "site.toml",
    "county-ca.pem",
)
"""Names of the files in a backup; the last one only of a hub whose settings name it."""
PLACES = {name: name for name in (KEYS, HUB_KEY, BACKUP_KEY)}
"""Files of keys in the data folder: name in a backup, place in the folder."""
AUTHORITY_PLACES = {name: f"{authority.FOLDER}/{name}" for name in authority.FILES}
"""The same of a hub that has a certificate authority."""
COPIES_AT_ONCE = 4
"""Size of the files that a backup needs at one time beside the database, at most, as a multiple of it."""
ROOM_LEFT_BYTES = 64 * 1024 * 1024
"""Free space that a backup leaves to the hub, bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was read back. ``entries`` is the number of its journal's last entry."""

    path: Path
    entries: int


def back_up(settings: HubSettings, settings_file: Path, *, site: SiteId, key: Identity) -> Backup:
    """Write a backup into the folder that the settings name, read it back, and delete those that are too many.

    A file of a backup's name is whole: it gets its name last. Raises CommandFailed, StoreFault, OSError.
    """
    folder = settings.backup_folder
    make_folder(folder)
    part = folder / f".{site}{ENDING}.part"
    path = folder / f"{site}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{ENDING}"
    with hold_exclusively(settings.data, server="backup"), unencrypted_folder(settings.data) as work:
        _require_room(work, settings.database)
        copy_database(settings.database, work / DATABASE)
        sources = {DATABASE: work / DATABASE, **_other_files(settings, settings_file)}
        try:
            open_owned(part).close()
            _encrypt(sources, part, work / "packed.tar", key)
            (work / "read-back").mkdir()
            entries = _read_back(part, work / "read-back", sources, site=site, key=key)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        sync_to_disk(folder)
        _delete_oldest(folder, site, kept=settings.backup.kept)
    return Backup(path=path, entries=entries)


def unpack(backup: Path, folder: Path, key: Identity) -> None:
    """Decrypt a backup and write its files into a folder.

    Raises CommandFailed: it is none, or of another key; OSError: it cannot be read.
    """
    packed = folder / "packed.tar"
    try:
        with backup.open("rb") as encrypted, packed.open("wb") as file:
            pyrage.decrypt_io(encrypted, file, [key])
        with tarfile.open(packed, "r:") as archive:
            _extract(archive, folder)
    except (pyrage.DecryptError, tarfile.TarError) as error:
        raise CommandFailed(_unreadable(backup)) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise CommandFailed(_unreadable(backup)) from error  # pyrage's, of a file that was cut off or changed
    finally:
        packed.unlink(missing_ok=True)


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Write an archive's files into a folder, and nothing else; tarfile's own filters are not in every Python 3.11.

    Raises TarError.
    """
    for member in archive:
        content = archive.extractfile(member) if member.isreg() else None
        if content is None or "/" in member.name:
            raise tarfile.ReadError(f"{member.name} is no file of a backup")
        with content, (folder / member.name).open("wb") as file:
            shutil.copyfileobj(content, file)


def _unreadable(backup: Path) -> Text:
    return Text(
        zh=f"{backup} 打不开：不是备份、已损坏，或密钥是另一个站点服务器的",
        en=f"{backup} cannot be opened: it is no backup, it is damaged, or the key is another hub's",
    )


@contextmanager
def unencrypted_folder(parent: Path) -> Iterator[Path]:
    """Return a folder for what is not encrypted, empty now and gone afterwards; what a killed run left goes too."""
    work = parent / ".backup"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work)


def _require_room(work: Path, database: Path) -> None:
    """Raise CommandFailed when the backup could fill the disk that the hub writes to."""
    needed = COPIES_AT_ONCE * database.stat().st_size + ROOM_LEFT_BYTES
    if shutil.disk_usage(work).free < needed:
        needed_mb = needed // 1_000_000
        raise CommandFailed(
            Text(
                zh=f"{work.parent} 所在磁盘空间不足，备份需要 {needed_mb} MB",
                en=f"the disk of {work.parent} has no room for a backup, which needs {needed_mb} MB",
            )
        )


def _other_files(settings: HubSettings, settings_file: Path) -> dict[str, Path]:
    places = {**PLACES, **(AUTHORITY_PLACES if (settings.data / authority.FOLDER).exists() else {})}
    files = {
        **{name: settings.data / place for name, place in places.items()},
        SETTINGS: settings_file,
        CATALOGUE: settings.catalogue,
    }
    county = settings.county
    return files if county is None or county.ca is None else {**files, COUNTY_CA: county.ca}


def _encrypt(sources: dict[str, Path], part: Path, packed: Path, key: Identity) -> None:
    """Pack the files and write them encrypted; the packed file goes."""
    with tarfile.open(packed, "w:") as archive:
        for name, path in sources.items():
            archive.add(path, arcname=name)
    with packed.open("rb") as plain, part.open("wb") as encrypted:
        pyrage.encrypt_io(plain, encrypted, [key.to_public()])
    packed.unlink()
    sync_to_disk(part)


def _read_back(part: Path, folder: Path, sources: dict[str, Path], *, site: SiteId, key: Identity) -> int:
    """Open a backup as a restore does; return the number of its last entry. Raises CommandFailed, StoreFault."""
    unpack(part, folder, key)
    for name, source in sources.items():
        if name != DATABASE and (folder / name).read_bytes() != source.read_bytes():
            raise CommandFailed(
                Text(zh=f"{source} 在备份时变了，请再备份一次", en=f"{source} changed meanwhile: back up again")
            )
    verify_structure(folder / DATABASE)
    return verify_newest_day(folder / DATABASE, site).seq


def _delete_oldest(folder: Path, site: SiteId, *, kept: int) -> None:
    for old in sorted(folder.glob(f"{site}-*{ENDING}"))[:-kept]:
        old.unlink()
