"""Locks a data folder for one server: a second one would write the same journal."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.owned_files import make_folder, open_owned
from server.store.faults import StoreFault, folder_fault


@contextmanager
def hold_exclusively(folder: Path, *, server: str = "hub") -> Iterator[None]:
    """Hold a data folder, created if missing, until the block or the process ends.

    Raises StoreFault: the folder cannot be created or written, or another process holds it.
    """
    try:
        make_folder(folder)
        file = open_owned(folder / f"{server}.lock")
    except OSError as error:
        raise folder_fault(error, f"数据文件夹 {folder}", f"the data folder {folder}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreFault(
                f"另一个 jiaohao-{server} 正在使用 {folder}", f"another jiaohao-{server} is using {folder}"
            ) from error
        yield
