"""Faults that end the demo, each with one sentence in Chinese and English."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from protocol.faults import BilingualFault

SPACE_TO_START_BYTES = 200 * 2**20
SPACE_TO_CONTINUE_BYTES = 10 * 2**20


class DemoFault(BilingualFault):
    """The demo cannot begin or cannot go on."""


def require_disk_space(folder: Path, *, needed: int = SPACE_TO_CONTINUE_BYTES) -> None:
    """Raise DemoFault when the disk under ``folder`` has less than ``needed`` bytes left."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise DemoFault(
            zh=f"磁盘空间不足：{folder} 所在的磁盘只剩 {free // 2**20} MB，至少要 {needed // 2**20} MB，"
            "请腾出空间或用 --folder 换一个位置",
            en=f"the disk is full: {free // 2**20} MB are left under {folder} and {needed // 2**20} MB are needed; "
            "free some or choose another place with --folder",
        )


def disk_fault(error: OSError) -> DemoFault:
    """Return the sentence for a file that could not be written or read."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DemoFault(zh="磁盘已满，请腾出空间后再运行", en="the disk is full; free some room and run it again")
    name, why = error.filename or "", os.strerror(error.errno or 0)
    return DemoFault(zh=f"不能读写 {name}：{why}", en=f"{name} cannot be read or written: {why}")
