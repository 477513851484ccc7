"""``jiaohao-admin backup``, ``backup-key`` and ``restore``."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from protocol.vocabulary import Text
from runtime.owned_files import make_folder
from runtime.run_command import CommandFailed
from server.domain.model.catalogue import Catalogue
from server.hub.backup.backup_key import parse_key, read_or_make_key
from server.hub.backup.site_backup import back_up
from server.hub.backup.site_restore import restore
from server.hub.settings import HubSettings


def add_restore_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options of ``restore``."""
    parser.add_argument("backup", type=Path, metavar="FILE", help="main-hall-20261130T020000Z.tar.age")
    parser.add_argument(
        "--key-file", type=Path, help="a file with the key of the backups; without it the key is asked for"
    )


def run_backup(options: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    """Write a backup. Raises CommandFailed, StoreFault, OSError."""
    if not settings.database.exists():
        raise CommandFailed(
            Text(
                zh=f"没有 {settings.database}：请先启动一次 jiaohao-hub",
                en=f"there is no {settings.database}: start jiaohao-hub once",
            )
        )
    made = back_up(settings, options.settings, site=catalogue.site, key=read_or_make_key(settings.data))
    entries = made.entries
    return (
        f"{made.path}: 已备份并读回，流水到第 {entries} 条 / written and read back, with entries up to {entries}\n"
        "没有密钥就打不开备份，请把密钥抄在别处保存 / without its key nobody opens it, keep the key in another place: "
        "jiaohao-admin backup-key"
    )


def show_key(options: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:  # noqa: ARG001 - as every command
    """Return the key of this hub's backups. Raises CommandFailed, OSError."""
    make_folder(settings.data)
    return str(read_or_make_key(settings.data))


def run_restore(options: argparse.Namespace) -> str:
    """Put a backup in place. Raises CommandFailed, StoreFault, SettingsError, OSError."""
    done = restore(options.backup, options.settings, parse_key(_key_text(options.key_file)))
    kept = "".join(f"\n{path} 保留原样 / was there and stays as it is" for path in done.kept)
    return (
        f"{done.data}: 已恢复，流水到第 {done.entries} 条，可以启动 jiaohao-hub / restored, with entries up to "
        f"{done.entries}: start jiaohao-hub{kept}"
    )


def _key_text(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8", errors="replace")
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return getpass.getpass("备份密钥 / key of the backups: ")
