"""Puts a hub's backup in place on a machine that has no data of a hub yet."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pyrage.x25519 import Identity

from protocol.settings import load_settings
from protocol.vocabulary import Text
from runtime.owned_files import make_folder, open_owned
from runtime.run_command import CommandFailed
from server.domain.model.catalogue import Catalogue
from server.hub.backup.site_backup import CATALOGUE, COUNTY_CA, DATABASE, KEY_FILES, SETTINGS, unpack
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

    The settings files that are there decide. Raises CommandFailed, StoreFault, SettingsError, OSError: then nothing of
    a hub's data was written, or what was is removed.
    """
    make_folder(settings_file.parent)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings_file.parent) as name:
        files = Path(name)
        unpack(backup, files, key)
        kept = _put_settings(files, settings_file)
        settings = load_settings(HubSettings, settings_file).from_folder(settings_file.parent)
        site = load_settings(Catalogue, settings.catalogue).site
        verify_structure(files / DATABASE)
        entries = verify_newest_day(files / DATABASE, site).seq
        with hold_exclusively(settings.data):
            _require_empty(settings)
            _put_all(files, {name: settings.data / name for name in (*KEY_FILES, DATABASE)})
    return Restored(data=settings.data, entries=entries, kept=kept)


def _put_settings(files: Path, settings_file: Path) -> tuple[Path, ...]:
    """Write the settings files that are missing; return those that are there."""
    folder = settings_file.parent
    decisive = settings_file if settings_file.exists() else files / SETTINGS
    settings = load_settings(HubSettings, decisive)
    targets = {SETTINGS: settings_file, CATALOGUE: folder / settings.catalogue}
    if settings.county is not None and settings.county.ca is not None and (files / COUNTY_CA).exists():
        targets[COUNTY_CA] = folder / settings.county.ca
    there = {name: path for name, path in targets.items() if path.exists()}
    _put_all(files, {name: path for name, path in targets.items() if name not in there})
    return tuple(there.values())


def _require_empty(settings: HubSettings) -> None:
    there = [path for name in (DATABASE, *KEY_FILES) if (path := settings.data / name).exists()]
    if there:
        raise CommandFailed(
            Text(
                zh=f"{there[0]} 已经存在：恢复不会覆盖数据。请先停下 jiaohao-hub，把 {settings.data} 改名，再恢复",
                en=f"{there[0]} exists, and a restore overwrites no data: stop jiaohao-hub, rename {settings.data}, "
                "and restore again",
            )
        )


def _put_all(files: Path, targets: dict[str, Path]) -> None:
    """Write files, each owned as its folder is; none of them stays when one cannot be written."""
    written: list[Path] = []
    try:
        for name, path in targets.items():
            make_folder(path.parent)
            written.append(path)
            open_owned(path).close()
            path.chmod(0o640 if name in {SETTINGS, CATALOGUE, COUNTY_CA} else 0o600)
            shutil.copyfile(files / name, path)
    except OSError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
