"""Processes that a test has started: whether one runs, and how to stop one without ending it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil


def is_running(process: psutil.Process) -> bool:
    """Whether a process runs, which may end during the call; a zombie does not."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def freeze(pid: int) -> None:
    """Stop a child process with SIGSTOP; return once it has stopped: until then it would still read its input."""
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
