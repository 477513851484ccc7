"""The two widths of ticket paper."""

from __future__ import annotations

from enum import IntEnum


class PaperWidth(IntEnum):
    """Printable dots across the two paper rolls of ticket printers (8 dots per mm)."""

    MM_80 = 576
    MM_58 = 384
