"""Errors that people read: each holds its sentence in both languages, which is joined only to be printed.

::

    BilingualFault          one sentence, ``text``
    ├── WrongValue          a value of a settings file is not allowed
    └── …                   each package derives its own: HardwareFault, StoreFault, AccessFault, DemoFault, …
    LastingFault            to start the program again does not help; stands beside another parent
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


class LastingFault(Exception):
    """Beside another parent: to start the program again does not help, only a technician can."""


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


LASTING_ERRORS = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.EEXIST),
        *(errno.ELOOP, errno.ENAMETOOLONG),
    }
)
"""Errors of the operating system whose cause is in the kind, the place or the rights of a file."""


def is_lasting(error: OSError) -> bool:
    """Whether only a technician can help, so that it is no use to start the program again."""
    return isinstance(error, LastingFault) or error.errno in LASTING_ERRORS
