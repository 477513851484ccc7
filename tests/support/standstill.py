"""A child process stopped in its tracks."""

from __future__ import annotations

import os
import signal


def freeze(pid: int) -> None:
    """Stop a child, and return when it stands: until then it would still take what it is sent."""
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
