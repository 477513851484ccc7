"""Whether a process still lives, asked of one that may be gone in the middle of the question."""

from __future__ import annotations

from contextlib import suppress

import psutil


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that ended and was not yet asked for does not."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False
