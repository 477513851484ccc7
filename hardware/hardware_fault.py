"""What can go wrong with a device, stated in both languages."""

from __future__ import annotations

from protocol.vocabulary import Text


class HardwareFault(Exception):
    """A device cannot do its work; ``text`` states why, ``str()`` is both languages on one line for a technician."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.text = Text(zh=zh, en=en)
