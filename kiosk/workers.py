"""A kiosk's threads and connections, started and ended together."""

from __future__ import annotations

from collections.abc import Callable

from hardware.printer.open_printer import open_printer
from kiosk.events import News
from kiosk.health import Health
from kiosk.hub_link import HubLink
from kiosk.print_reports import PrintReports
from kiosk.printing import PrintDesk
from kiosk.settings import KioskSettings
from kiosk.withdrawals import Withdrawals
from protocol import topics
from protocol.hub_client import HubClient
from protocol.mqtt_client import MqttClient
from protocol.vocabulary import DeviceKind
from runtime.device_presence import DevicePresence

_LEAVE_WITHIN_S = 2.0


class Workers:
    """Everything of a kiosk that waits for something, so that the screen never does."""

    def __init__(self, settings: KioskSettings, *, tell: Callable[[News], None]) -> None:
        device = settings.hub.device
        client = HubClient(settings.hub)
        printer = open_printer(settings.printer)
        self._presence = DevicePresence(site=settings.site, device=device, kind=DeviceKind.KIOSK)
        self._broker = MqttClient(
            settings.broker,
            client_id=device,
            username=device,
            password=settings.hub.key.get_secret_value(),
            will=self._presence.lost(),
        )
        self._health = Health(printer=printer, presence=self._presence, tell=self._broker.publish_retained)
        self._reports = PrintReports(client, device=device)
        self.hub_link = HubLink(client, tell=tell)
        self.withdrawals = Withdrawals(client)
        self.print_desk = PrintDesk(
            printer=printer,
            client=client,
            reports=self._reports,
            device=device,
            ticket_pages=settings.ticket_pages,
            time_zone=settings.time_zone,
            tell=tell,
            after_each=self._health.printed,
        )
        self._broker.subscribe(topics.board(settings.site), lambda *_: self.hub_link.look_again())

    def start(self) -> None:
        """Begin."""
        self._broker.start()
        self.hub_link.start()
        self.withdrawals.start()
        self._reports.start()
        self.print_desk.start()
        self._health.start()

    def stop(self) -> None:
        """Finish what is nearly done, say goodbye, end."""
        self.hub_link.stop()
        self.withdrawals.stop(within_s=_LEAVE_WITHIN_S)
        self.print_desk.stop(within_s=_LEAVE_WITHIN_S)
        self._reports.stop(within_s=_LEAVE_WITHIN_S)
        self._health.stop(within_s=_LEAVE_WITHIN_S)
        self._broker.stop(last=self._presence.offline())
