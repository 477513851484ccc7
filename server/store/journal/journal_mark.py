"""A file beside a hub's database that notes how far the journal was written.

A database that was replaced by an older copy, or that lost its newest entries with its write-ahead log, is then noticed
before a number is issued twice. The file is not synced: after a power cut it may be behind the journal, never ahead.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from runtime.owned_files import open_owned
from server.store.journal.journal_reader import JournalHead

log = logging.getLogger(__name__)

UNKNOWN_CHAIN = "-"
"""Stands in the file for the chain of a journal that could not be read any more."""


class JournalMark:
    """The file ``hall.head`` beside ``hall.sqlite``."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_suffix(".head")
        self._fault = FaultLog(log, Text(zh=f"{self.path} 写不了", en=f"{self.path} cannot be written"))

    def read(self) -> JournalHead | None:
        """Return the head that was noted last; None where the file is missing or is none of ours."""
        try:
            seq, chain = self.path.read_text(encoding="ascii").split()
            return JournalHead(seq=int(seq), chain=chain)
        except (OSError, ValueError):
            return None

    def write(self, head: JournalHead) -> None:
        """Note a committed head. A fault is only logged: the journal itself is written."""
        try:
            if not self.path.exists():
                open_owned(self.path).close()
            file = os.open(self.path, os.O_WRONLY)
            try:
                os.pwrite(file, f"{head.seq:<12} {head.chain:<64}\n".encode(), 0)
            finally:
                os.close(file)
        except OSError as error:
            self._fault.began(error)
        else:
            self._fault.ended()
