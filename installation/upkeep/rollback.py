"""The way back: the packages of the version before, and the databases as they were before their tables changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from installation.answers.setup_answers import MachineRole
from installation.machine import Machine
from installation.settings_files.server_files import CountyServerHere, SiteServer
from installation.steps.units import units_of
from installation.upkeep.kept_packages import (
    CODE_PACKAGE,
    FOLDER,
    installed_packages,
    is_older,
    kept_versions,
    tables_of,
)
from protocol.vocabulary import Text
from runtime.owned_files import make_folder, open_owned, sync_to_disk
from runtime.run_command import CommandFailed
from server.store.database import tables_version

_COPY = re.compile(r"-(\d+)-\d{8}T\d{6}Z$")
DPKG_LIMIT_S = 1800.0
BESIDE = ("", "-wal", "-shm")
"""Endings of the files of one SQLite database."""


class DatabaseReturn(NamedTuple):
    """A database whose tables are newer than the older program knows, and the copy that takes its place."""

    database: Path
    copy: Path


def roll_back(machine: Machine, roles: Sequence[MachineRole]) -> Iterator[Text]:
    """Install the version before and put the databases back; yield what is done. Raises CommandFailed, OSError."""
    version, files = earlier_packages(machine)
    returns = database_returns(machine, roles, tables_of(machine, files[CODE_PACKAGE]))
    units = units_of(roles)
    machine.run("systemctl", "stop", *units)
    for each in returns:
        aside = put_back(each)
        yield Text(
            zh=f"{each.database} 换回 {each.copy.name}，原文件在 {aside}",
            en=f"{each.database} is {each.copy.name} again; the former files are in {aside}",
        )
    installed = machine.run("dpkg", "--install", *map(str, files.values()), limit_s=DPKG_LIMIT_S)
    if installed.code:
        raise CommandFailed(
            Text(
                zh=f"安装包没有装上：{installed.last_line}；再运行 dpkg --install {FOLDER}/…",
                en=f"the packages were not installed: {installed.last_line}; repeat dpkg --install {FOLDER}/…",
            )
        )
    machine.run("systemctl", "reset-failed", *units)
    machine.run("systemctl", "start", *units)
    yield Text(zh=f"已退回 {version}", en=f"the version is {version} again")


def earlier_packages(machine: Machine) -> tuple[str, dict[str, Path]]:
    """Return the newest version older than the installed one, with its packages' files. Raises CommandFailed."""
    installed = installed_packages(machine)
    now = installed.get(CODE_PACKAGE, "")
    whole = {version: files for version, files in kept_versions(machine).items() if set(installed) <= set(files)}
    newest: str | None = None
    for version in whole:
        if is_older(machine, version, now) and (newest is None or is_older(machine, newest, version)):
            newest = version
    if newest is None:
        raise CommandFailed(
            Text(
                zh=f"{FOLDER} 里没有早于 {now} 的全部安装包",
                en=f"{FOLDER} has no version before {now} with all packages that are installed",
            )
        )
    return newest, {name: whole[newest][name] for name in installed}


def database_returns(machine: Machine, roles: Sequence[MachineRole], known: str) -> list[DatabaseReturn]:
    """Return the databases whose tables are newer than the ``known`` ones. Raises CommandFailed: there is no copy."""
    return [
        DatabaseReturn(database, newest_copy(database, known))
        for database in _databases(machine, roles)
        if (now := tables_version(database)) is not None and now > known
    ]


def newest_copy(database: Path, known: str) -> Path:
    """Return the newest copy of a database that a program with the ``known`` tables reads. Raises CommandFailed."""
    copies = {path: found[1] for path in _copies(database) if (found := _COPY.search(path.stem))}
    usable = [path for path, tables in copies.items() if tables <= known]
    if not usable:
        raise CommandFailed(
            Text(
                zh=f"{database} 的表比旧程序新，{database.parent / 'backup'} 里没有升级前的副本",
                en=f"the tables of {database} are newer than the older program, and {database.parent / 'backup'} has "
                "no copy of before",
            )
        )
    return max(usable, key=lambda path: path.stat().st_mtime_ns)


def put_back(each: DatabaseReturn) -> Path:
    """Move a database's files aside, whence nobody deletes them, and put its copy in their place; return where to."""
    database = each.database
    aside = database.parent / "backup" / f"rolled-back-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    make_folder(aside)
    for path in (*(database.with_name(f"{database.name}{end}") for end in BESIDE), database.with_suffix(".head")):
        if path.exists():
            path.rename(aside / path.name)
    open_owned(database).close()
    database.chmod(0o640)
    shutil.copyfile(each.copy, database)
    sync_to_disk(database)
    sync_to_disk(database.parent)
    return aside


def _copies(database: Path) -> list[Path]:
    return sorted((database.parent / "backup").glob(f"{database.stem}-*{database.suffix}"))


def _databases(machine: Machine, roles: Sequence[MachineRole]) -> Iterator[Path]:
    """Yield the SQLite databases of the servers on this machine."""
    if MachineRole.HUB in roles:
        yield machine.path(str(SiteServer(machine).settings.database))
    if MachineRole.COUNTY in roles:
        database = CountyServerHere(machine).database
        if database is not None:
            yield machine.path(str(database))
