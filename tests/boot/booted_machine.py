"""A machine that boots: systemd as its first process, a network of its own that leads nowhere (systemd-nspawn)."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from real_hall import until

BOOTS_WITHIN_S = 180.0


class NoContainer(AssertionError):
    """This machine cannot boot a container."""


class BootedMachine:
    """A booted Debian in a folder that is this test's own; ends as by a power cut."""

    def __init__(self, root: Path, *, log: Path) -> None:
        self.root = root
        self._log = log
        self._leader = 0

    def __enter__(self) -> Self:
        command = ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--boot", "--private-network"]
        with self._log.open("wb") as output:
            self._nspawn = subprocess.Popen(
                [*command, "--register=no", "--keep-unit", "--console=pipe"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        with ExitStack() as failed:
            failed.callback(self._end)
            self._leader = until(self._first_process, within_s=BOOTS_WITHIN_S, what="the first process")
            until(self._is_booted, within_s=BOOTS_WITHIN_S, every_s=0.5, what="the machine has booted")
            failed.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command on the machine as root; return what it printed; ``check`` False lets it fail."""
        return run_checked(*self._inside, *command, check=check)

    def path(self, inside: str) -> Path:
        """Return a file of the machine as this process reaches it, sockets and temporary folders too."""
        return Path(f"/proc/{self._leader}/root{inside}")

    def write(self, inside: str, text: str) -> Path:
        """Write a file of the machine."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def _inside(self) -> tuple[str, ...]:
        names = ("--mount", "--uts", "--ipc", "--net", "--pid")
        return ("nsenter", f"--target={self._leader}", *names, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")

    def _first_process(self) -> int | None:
        if self._nspawn.poll() is not None:
            output = self._log.read_text(encoding="utf-8", errors="replace")[-1000:]
            raise NoContainer(f"this machine cannot boot a container; systemd-nspawn ended with: {output}")
        nspawn = self._nspawn.pid
        children = Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text(encoding="ascii").split()
        return next((int(child) for child in children if _name(int(child)) == "systemd"), None)

    def _is_booted(self) -> bool:
        return self.run("systemctl", "is-system-running", check=False).strip() in {"running", "degraded"}

    def _end(self) -> None:
        if self._leader and self._nspawn.poll() is None:
            os.kill(self._leader, signal.SIGKILL)
        self._nspawn.terminate()
        self._nspawn.wait()


def run_checked(*command: str, check: bool = True) -> str:
    """Run a command and return what it printed; a failure shows all of it."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert not check or done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-3000:]}"
    return done.stdout


def _name(process: int) -> str:
    return Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()
