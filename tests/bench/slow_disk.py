"""A disk whose sync takes as long as an SD card's: strace delays the return of every fsync of a program."""

from __future__ import annotations

SYNC_S = 0.005
"""Time that one sync of the disk takes at least, seconds."""


def with_slow_disk(command: list[str]) -> list[str]:
    """Return the command that runs ``command`` on such a disk.

    strace follows all threads and traces nothing but the two calls (``--seccomp-bpf``), so that everything else runs at
    full speed. It runs as a grandchild (``-D``): whoever starts the command has the program itself as its child.
    """
    calls = "fdatasync,fsync"
    delayed = f"inject={calls}:delay_exit={SYNC_S * 1e6:.0f}"
    return [
        "strace",
        "-D",
        "-f",
        "-qq",
        "--seccomp-bpf",
        "-o",
        "/dev/null",
        "-e",
        f"trace={calls}",
        "-e",
        delayed,
        *command,
    ]
