"""The demo's own empty folder, and free ports."""

from __future__ import annotations

import contextlib
import itertools
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.faults import DemoFault
from runtime.listener import bound_sockets

LOCAL = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Candidate ports, below the range of outgoing connections: a free port stays free until a program binds it."""
_ports_in_turn = itertools.cycle(random.sample(PORTS, len(PORTS)))
_SHORT = "sockets"
"""Name of the link to the folder for unix sockets, whose paths may have 107 bytes."""
_MARKER = "jiaohao-demo"
"""Name of the empty file that marks a folder which the demo may empty."""


def prepare_folder(folder: Path, *, keep: bool) -> None:
    """Empty the demo's folder unless ``keep``. Raises DemoFault for a folder that holds something else."""
    if any(folder.iterdir()) and not (folder / _MARKER).exists():
        raise DemoFault(
            zh=f"{folder} 里有别的文件，请用 --folder 换一个文件夹",
            en=f"{folder} holds other files; choose another folder with --folder",
        )
    _remove_short_folder(folder)
    for old in [] if keep else list(folder.iterdir()):
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    (folder / _MARKER).touch()


@contextmanager
def short_folder(folder: Path) -> Iterator[Path]:
    """Make a folder with a short name for unix sockets; a link in the demo's folder leads to it.

    So the next demo there finds the one that a killed demo has left.
    """
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as made:
        (folder / _SHORT).symlink_to(made)
        try:
            yield Path(made)
        finally:
            (folder / _SHORT).unlink()


def _remove_short_folder(folder: Path) -> None:
    """Remove the folder for sockets that a killed demo has left."""
    link = folder / _SHORT
    if link.is_symlink():
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()


def require_port(host: str, port: int) -> int:
    """Return ``port`` after checking that it can be bound (port 0: that the address exists). Raises DemoFault."""
    try:
        for bound in bound_sockets(host, port):
            bound.close()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DemoFault(
            zh=f"端口 {host}:{port or ''} 用不了（{reason}），请换一个 --port 或不写",
            en=f"{host}:{port or ''} cannot be used ({reason}); choose another --port or none",
        ) from error
    return port


def free_port(host: str = LOCAL) -> int:
    """Return an unused port, each only once per run. Raises DemoFault when this machine has no such address."""
    require_port(host, 0)
    while True:
        with contextlib.suppress(DemoFault):
            return require_port(host, next(_ports_in_turn))
