"""The machine that is set up: its files below a root, and its system's own commands."""

from __future__ import annotations

import grp
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

SETTINGS = "/etc/jiaohao"
LIMIT_S = 300.0
"""Time limit of one command of the system, seconds."""
_NOT_RUN, _TIMED_OUT, _MISSING = 0, 124, 127


class Ran(NamedTuple):
    """A command that has ended: exit code, and all that it printed."""

    code: int
    output: str

    @property
    def first_line(self) -> str:
        """The first line."""
        return self.output.strip().partition("\n")[0]

    @property
    def last_line(self) -> str:
        """The last line that says anything."""
        return next((line.strip() for line in reversed(self.output.splitlines()) if line.strip()), "")


class Machine:
    """A machine; with another ``root`` a folder that will be one, such as an image: its commands are not run."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    @property
    def is_running(self) -> bool:
        """Whether this is the machine that runs the program."""
        return self.root == Path("/")

    def path(self, name: str) -> Path:
        """Return where an absolute path of the machine lies."""
        return self.root / name.lstrip("/")

    def settings_file(self, program: str) -> Path:
        """Return the settings file of a program."""
        return self.path(f"{SETTINGS}/{program}.toml")

    def run(self, *command: str, given: str = "", limit_s: float = LIMIT_S) -> Ran:
        """Run a command of the system, whatever it answers."""
        if not self.is_running:
            return Ran(_NOT_RUN, "")
        return run_command_line(command, given=given, limit_s=limit_s)

    def give_to_group(self, path: Path, group: str) -> bool:
        """Give a file to root and a group, which may read it; return whether it was another's."""
        if not self.is_running:
            return False
        wanted, now = (0, grp.getgrnam(group).gr_gid), path.stat()
        if (now.st_uid, now.st_gid) == wanted and now.st_mode & 0o777 == 0o640:
            return False
        os.chown(path, *wanted)
        path.chmod(0o640)
        return True


def run_command_line(command: Sequence[str], *, given: str, limit_s: float) -> Ran:
    """Run a command with the language of programs; a missing one has the shell's exit code."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands of the system
            command,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
            errors="replace",
            timeout=limit_s,
            check=False,
        )
    except FileNotFoundError:
        return Ran(_MISSING, f"{command[0]}: not installed")
    except subprocess.TimeoutExpired:
        return Ran(_TIMED_OUT, f"{command[0]} did not end in {limit_s:.0f} s")
    return Ran(done.returncode, done.stdout)
