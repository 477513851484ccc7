"""The system calls that a unit forbids, as systemd works them out, and a program that runs without them."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

SYSTEMD = Path(__file__).parents[2] / "systemd"


def allowed_calls(unit: str) -> set[str]:
    """Return the system calls that a unit allows."""
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    allowed: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.+)$", text, re.MULTILINE):
        named = set().union(*(_calls(name) for name in line.removeprefix("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    assert "read" in allowed
    return allowed


def as_in(unit: str, log: Path) -> list[str]:
    """Return what stands before a command so that calls which its unit forbids fail there and are written to ``log``.

    The command keeps its process id: strace watches it from a process of its own.
    """
    forbidden = f"!{','.join(f'?{name}' for name in sorted(allowed_calls(unit)))}"
    watched = ["-e", f"trace={forbidden}", "-e", f"inject={forbidden}:error=EPERM"]
    return ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-e", "signal=none", *watched, "-o", str(log)]


@cache
def _calls(name: str) -> set[str]:
    """Return the calls of a group such as ``@system-service``, groups within it resolved."""
    if not name.startswith("@"):
        return {name}
    shown = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
    words = [line.strip() for line in shown.stdout.splitlines()[1:]]
    return set().union(*(_calls(word) for word in words if word and not word.startswith("#")))
