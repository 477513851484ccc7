"""A kiosk's threads and connections, started and stopped together."""

from __future__ import annotations

from collections.abc import Callable

from hardware.printer.open_printer import open_printer
from kiosk.settings import KioskSettings
from kiosk.state.events import News
from kiosk.workers.hub_link import Cancellations, HubLink
from kiosk.workers.print_queue import PrinterHealth, PrintQueue, PrintReports
from protocol import topics
from protocol.vocabulary import DeviceKind
from runtime.device_presence import DevicePresence
from runtime.hall_connections import broker_client, hub_client

STOP_WITHIN_S = 2.0
"""Time each thread has to finish when the kiosk stops, seconds."""


class KioskWorkers:
    """Everything of a kiosk that waits for the network or the printer; ``report`` receives its news on any thread."""

    def __init__(self, settings: KioskSettings, *, report: Callable[[News], None]) -> None:
        device = settings.hub.device
        client = hub_client(settings.hub, tls=settings.tls)
        printer = open_printer(settings.printer)
        self._presence = DevicePresence(
            site=settings.site, device=device, kind=DeviceKind.KIOSK, hub_host=settings.broker.host
        )
        self._broker = broker_client(
            settings.broker, device=device, key=settings.hub.key, presence=self._presence, tls=settings.tls
        )
        self._health = PrinterHealth(printer=printer, presence=self._presence, publish=self._broker.publish_retained)
        self._reports = PrintReports(client, device=device)
        self.hub_link = HubLink(client, report=report)
        self.cancellations = Cancellations(client)
        self.print_queue = PrintQueue(
            printer=printer,
            client=client,
            reports=self._reports,
            device=device,
            ticket_pages=settings.ticket_pages,
            report=report,
            on_result=self._health.note_result,
        )
        self._broker.subscribe(topics.board(settings.site), lambda *_: self.hub_link.refresh_menu())

    def start(self) -> None:
        """Start all threads and the connection to the broker."""
        self._broker.start()
        self.hub_link.start()
        self.cancellations.start()
        self._reports.start()
        self.print_queue.start()
        self._health.start()

    def stop(self) -> None:
        """Finish what is nearly done, publish the kiosk's farewell, and end all threads."""
        self.hub_link.stop()
        self.cancellations.stop(within_s=STOP_WITHIN_S)
        self.print_queue.stop(within_s=STOP_WITHIN_S)
        self._reports.stop(within_s=STOP_WITHIN_S)
        self._health.stop(within_s=STOP_WITHIN_S)
        self._broker.stop(last=self._presence.offline())
