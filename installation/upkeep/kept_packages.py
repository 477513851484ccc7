"""The packages of this and of earlier versions that ``/usr/lib/jiaohao/keep-packages`` keeps when apt installs them."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from installation.machine import Machine
from installation.steps.step import SystemStep
from protocol.vocabulary import Text

FOLDER = "/var/cache/jiaohao"
CODE_PACKAGE = "jiaohao"
_MIGRATION = re.compile(r"/server/store/migrations/versions/(\d+)_")


def installed_packages(machine: Machine) -> dict[str, str]:
    """Return our installed packages and their versions."""
    query = machine.run("dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Package} ${Version}\n", "jiaohao*")
    fields = [line.split() for line in query.output.splitlines()]
    return {name: version for state, name, version in (each for each in fields if len(each) == 3) if state == "ii"}


def kept_versions(machine: Machine) -> dict[str, dict[str, Path]]:
    """Return the kept packages: by version, the file of each package."""
    kept: dict[str, dict[str, Path]] = {}
    for file in sorted(machine.path(FOLDER).glob("jiaohao*.deb")):
        fields = machine.run("dpkg-deb", "--field", str(file), "Package", "Version")
        named = dict(line.split(": ", 1) for line in fields.output.splitlines() if ": " in line)
        if {"Package", "Version"} <= set(named):
            kept.setdefault(named["Version"], {})[named["Package"]] = file
    return kept


def is_older(machine: Machine, version: str, than: str) -> bool:
    """Whether a version is older than another, as Debian compares them."""
    return machine.run("dpkg", "--compare-versions", version, "lt", than).code == 0


def tables_of(machine: Machine, package: Path) -> str:
    """Return the revision of the tables that a package of the code knows, empty when it names none."""
    listed = machine.run("dpkg-deb", "--contents", str(package)).output
    return max(_MIGRATION.findall(listed), default="")


class KeepPackagesStep(SystemStep):
    """The packages that are installed are kept, for the way back from the next ones."""

    purpose = Text(zh="保留当前安装包，以便退回", en="the packages installed now are kept, for the way back")

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def is_done(self) -> bool:
        """Whether they are kept, or lie nowhere they could be copied from."""
        return not self._machine.is_running or not self._sources()

    def do(self) -> None:
        """Copy them."""
        folder = self._machine.path(FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        for source in self._sources():
            shutil.copy(source, folder / source.name)

    def undo(self) -> None:
        """Leave them: ``apt purge`` deletes them."""

    def _sources(self) -> list[Path]:
        """Return the files of the installed packages that lie here and are not kept yet."""
        version = installed_packages(self._machine).get(CODE_PACKAGE)
        if version is None:
            return []
        home = Path(f"~{os.environ.get('SUDO_USER', 'root')}").expanduser()
        name = f"jiaohao*_{version.replace(':', '%3a')}_*.deb"
        found = {path.name: path for folder in (Path.cwd(), home, Path("/root")) for path in folder.glob(name)}
        return [path for path in found.values() if not (self._machine.path(FOLDER) / path.name).exists()]
