"""Writes down what the hall's voices report to have announced."""

from __future__ import annotations

import asyncio
import logging

from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import DeviceKind
from server.domain.desk import announcements
from server.hub.commands.writer import CommandWriter
from server.store.faults import StoreFault

log = logging.getLogger(__name__)


class AnnouncementReports:
    """Takes the statuses of screens; each announcement is written once. Lives on the event loop."""

    def __init__(self, writer: CommandWriter) -> None:
        self._writer = writer
        self._writing: set[asyncio.Task[None]] = set()

    def accept(self, status: DeviceStatus) -> None:
        """Write the announcements of a status that are news."""
        if status.kind is not DeviceKind.DISPLAY:
            return
        if announcements.announced(self._writer.hall, status.announced, device=status.device):
            task = asyncio.create_task(self._write(status), name="announcements")
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self, status: DeviceStatus) -> None:
        """Write what is still news when it is this one's turn; a screen repeats its reports with every heartbeat."""
        try:
            await self._writer.run_rule(
                lambda hall, _: announcements.announced(hall, status.announced, device=status.device)
            )
        except StoreFault as fault:
            log.warning("what %s announced was not written: %s", status.device, fault)
