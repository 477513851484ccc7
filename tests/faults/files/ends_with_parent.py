"""Imported by a process, it ends that process when its parent has ended, however that was."""

from __future__ import annotations

import ctypes
import signal

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the system kill this process when the one that started it has ended; a fork does not inherit it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


end_with_parent()
