"""Errors that people read: each holds its sentence in both languages, which is joined only to be printed.

::

    BilingualFault          one sentence, ``text``
    ├── WrongValue          a value of a settings file is not allowed
    └── …                   each package derives its own: HardwareFault, StoreFault, AccessFault, DemoFault, …
    SettingsError           a settings file cannot be used: a sentence for each mistake (``protocol.settings``)
"""

from __future__ import annotations

import errno

from protocol.vocabulary import Text


class BilingualFault(Exception):
    """Parent of errors with a sentence in both languages; ``str()`` is both on one line, for logs and terminals."""

    def __init__(self, zh: str, en: str) -> None:
        self.text = Text(zh=zh, en=en)
        super().__init__(self.text.on_one_line())


class WrongValue(BilingualFault, ValueError):
    """A value is not allowed; raised by the validators of settings, and by parsers of tables."""


def system_error_text(error: OSError) -> Text:
    """Return the sentence for an error of the operating system; our own faults among them have one already."""
    if isinstance(error, BilingualFault):
        return error.text
    if error.errno == errno.ENOSPC:
        return Text(zh="磁盘已满，请清理磁盘", en="the disk is full, please make room")
    reason = error.strerror or str(error)
    if error.filename is None:
        return Text(zh=f"系统出错：{reason}", en=f"the system failed: {reason}")
    return Text(zh=f"{error.filename} 不能用：{reason}", en=f"{error.filename} cannot be used: {reason}")
