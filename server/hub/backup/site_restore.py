"""Puts a hub's backup in place on a machine that has no data of a hub yet."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from pyrage.x25519 import Identity

from protocol.settings import load_settings
from protocol.vocabulary import Text
from runtime.owned_files import make_folder, open_owned, share_with_group_of, sync_to_disk
from runtime.run_command import CommandFailed
from server.domain.model.catalogue import Catalogue
from server.hub.backup.site_backup import (
    AUTHORITY_PLACES,
    CATALOGUE,
    COUNTY_CA,
    DATABASE,
    PLACES,
    SETTINGS,
    unencrypted_folder,
    unpack,
)
from server.hub.settings import HubSettings
from server.store.file_lock import hold_exclusively
from server.store.soundness import verify_newest_day, verify_structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did. ``entries`` is the number of the journal's last entry."""

    data: Path
    entries: int
    kept: tuple[Path, ...]
    """Settings files that were there already and stay as they are."""


def restore(backup: Path, settings_file: Path, key: Identity) -> Restored:
    """Write the files of a backup to where its settings name them; the database is last.

    The settings files that are there decide. Raises CommandFailed, StoreFault, SettingsError, OSError: then nothing is
    written but settings files that were missing.
    """
    folder = settings_file.parent
    make_folder(folder)
    with unencrypted_folder(folder) as files:
        unpack(backup, files, key)
        settings = load_settings(HubSettings, settings_file if settings_file.exists() else files / SETTINGS)
        data = folder / settings.data
        with hold_exclusively(data):
            _require_empty(data, files)
            targets = _settings_targets(settings, settings_file, files)
            kept = tuple(path for path in targets.values() if path.exists())
            for name, path in targets.items():
                if path not in kept:
                    _put(files / name, path, mode=0o640)
                    share_with_group_of(path, data)
            site = load_settings(Catalogue, folder / settings.catalogue).site
            verify_structure(files / DATABASE)
            entries = verify_newest_day(files / DATABASE, site).seq
            for name, place in {**PLACES, **AUTHORITY_PLACES, DATABASE: DATABASE}.items():
                if (files / name).exists():
                    _put(files / name, data / place, mode=0o600)
    return Restored(data=data, entries=entries, kept=kept)


def _settings_targets(settings: HubSettings, settings_file: Path, files: Path) -> dict[str, Path]:
    """Return where the settings files of a backup belong, by their name in it."""
    folder = settings_file.parent
    targets = {SETTINGS: settings_file, CATALOGUE: folder / settings.catalogue}
    if settings.county is not None and settings.county.ca is not None and (files / COUNTY_CA).exists():
        targets[COUNTY_CA] = folder / settings.county.ca
    return targets


def _require_empty(data: Path, files: Path) -> None:
    """Raise CommandFailed when a hub has its data here; keys of the same backup are what a killed restore left."""
    others = [
        path
        for name, place in {**PLACES, **AUTHORITY_PLACES}.items()
        if (path := data / place).exists() and not _is_same(path, files / name)
    ]
    there = [path for path in (data / DATABASE,) if path.exists()] + others
    if there:
        raise CommandFailed(
            Text(
                zh=f"{there[0]} 已经存在：恢复不会覆盖数据。请先停下 jiaohao-hub，把 {data} 改名，再恢复",
                en=f"{there[0]} exists, and a restore overwrites no data: stop jiaohao-hub, rename {data}, "
                "and restore again",
            )
        )


def _is_same(path: Path, other: Path) -> bool:
    return other.exists() and path.read_bytes() == other.read_bytes()


def _put(source: Path, path: Path, *, mode: int) -> None:
    """Write a whole file, owned as its folder is: nobody sees a part of it."""
    make_folder(path.parent)
    part = path.with_name(f".{path.name}.part")
    try:
        open_owned(part).close()
        part.chmod(mode)
        shutil.copyfile(source, part)
        sync_to_disk(part)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    sync_to_disk(path.parent)
