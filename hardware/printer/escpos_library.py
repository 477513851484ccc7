"""What is used of escpos, imported without leaving anything on the disk; the only module that imports it.

At its import escpos makes a folder of its own for a pickle of its capabilities, and never removes it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _temporary_folders_within_one() -> Iterator[None]:
    """Let temporary folders of the block be made within one that is removed with it, and that nobody else can write."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="jiaohao-escpos-") as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before


with _temporary_folders_within_one():
    from escpos.capabilities import Profile
    from escpos.exceptions import Error as EscposError
    from escpos.printer import File, Network, Usb

__all__ = ["EscposError", "File", "Network", "Profile", "Usb"]
