"""One file for whoever helps from afar: logs, versions, settings and states of this machine, without its keys."""

from __future__ import annotations

import io
import os
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from installation.machine import SETTINGS, Machine
from installation.upkeep.machine_secrets import machine_secrets, without
from protocol.vocabulary import Text

MODE = 0o600
JOURNAL_LINES = "20000"
_UNITS = ("jiaohao-*", "mosquitto*", "chrony*", "systemd-timesyncd*")
COMMANDS: Mapping[str, Sequence[str]] = {
    "journal.txt": (
        "journalctl",
        *(f"--unit={unit}" for unit in _UNITS),
        f"--lines={JOURNAL_LINES}",
        "--output=short-iso",
        "--no-pager",
    ),
    "kernel.txt": ("journalctl", "--dmesg", "--lines=3000", "--output=short-iso", "--no-pager"),
    "packages.txt": ("dpkg-query", "--show", "jiaohao*", "mosquitto", "chrony", "python3", "systemd"),
    "units.txt": ("systemctl", "status", "--no-pager", "--full", "--lines=0", *_UNITS),
    "unit-states.txt": ("systemctl", "show", "--no-pager", "jiaohao-*"),
    "failed-units.txt": ("systemctl", "list-units", "--failed", "--no-pager"),
    "system.txt": ("uname", "--all"),
    "disks.txt": ("df", "--human-readable"),
    "memory.txt": ("free", "--mebi"),
    "clock.txt": ("timedatectl", "--no-pager"),
    "addresses.txt": ("ip", "address"),
    "routes.txt": ("ip", "route"),
    "sockets.txt": ("ss", "--listening", "--tcp", "--numeric"),
    "packet-filter.txt": ("nft", "list", "ruleset"),
    "sound-cards.txt": ("aplay", "-l"),
    "undervoltage.txt": ("vcgencmd", "get_throttled"),
}
"""Files of the bundle, and the command that prints each."""
FILES = ("/etc/os-release", "/proc/device-tree/model", "/proc/uptime", "/proc/loadavg")


def write_bundle(machine: Machine, file: Path, wrong: Sequence[Text]) -> Path:
    """Write the bundle, with the sentences of the checks, and return where it is. Raises OSError."""
    secrets = machine_secrets(machine)
    contents = {**dict(_contents(machine)), "checks.txt": _lines(wrong)}
    with _opened(file) as raw, tarfile.open(fileobj=raw, mode="w:gz") as bundle:
        for name, content in contents.items():
            clean = without(content, secrets)
            member = tarfile.TarInfo(f"jiaohao-support/{name}")
            member.size, member.mtime = len(clean), int(time.time())
            bundle.addfile(member, io.BytesIO(clean))
    return file


def _contents(machine: Machine) -> Iterator[tuple[str, bytes]]:
    for path in sorted(machine.path(SETTINGS).glob("*")):
        if path.is_file():
            yield f"settings/{path.name}", path.read_bytes()
    for name in FILES:
        path = machine.path(name)
        if path.exists():
            yield f"system/{path.name}", path.read_bytes()
    for name, command in COMMANDS.items():
        ran = machine.run(*command, limit_s=60)
        yield name, ran.output.encode("utf-8", errors="replace")


def _lines(sentences: Sequence[Text]) -> bytes:
    return "".join(f"{sentence.on_one_line()}\n" for sentence in sentences).encode()


def _opened(file: Path) -> io.BufferedWriter:
    """Open a new file that only root, or who used sudo, may read."""
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    user, group = (int(os.environ.get(name, "0")) for name in ("SUDO_UID", "SUDO_GID"))
    if user and os.geteuid() == 0:
        os.fchown(handle, user, group)
    return os.fdopen(handle, "wb")
