"""A real hall with everything in it: kiosk with a printer on the wire, hall screen, clerks' panels.

Built on ``real_hall``; devices start when a test asks for them and end with the hall::

    with EquippedHall(folder) as hall:
        kiosk, screen, panel = hall.start_kiosk(), hall.start_screen(), hall.start_panel("window-1")
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hall_devices import STARTS_WITHIN_S, KioskProcess, PanelProcess, ScreenProcess
from PIL import Image
from real_hall import COUNTY_HALL, PATIENT_S, RealHall, until

from hardware.paper.ticket_layout import TicketPaper, draw_ticket
from hardware.printer.printer_twin import PrinterTwin
from protocol import journal as j
from protocol.answers import DeviceAnswer, DevicesAnswer, PrintJob, TicketAnswer, WindowAnswer
from protocol.clients.hub_client import HubClient, HubRefused, new_request_id
from protocol.requests import CancelTicket, IssueTicket, WindowRequest
from protocol.vocabulary import PrintOutcome
from server.domain.model.catalogue import Service

PINS = "[keys]\ncall = 5\nstart_finish = 6\nno_show = 13\npause = 19\n[lamp]\nred = 17\ngreen = 27\nblue = 22\n"
PATIENCE = "[patience]\nidle_s = 300\nnumber_s = 120\ntrouble_s = 300\n"
"""Timeouts of the kiosk's pages that a busy machine does not exceed."""
SILENT = 'voice = { kind = "silence" }'
_HOURS = re.compile(r"^\[\[hours\]\]\n(?:\w[^\n]*\n)+\n?", re.MULTILINE)


def always_open(folder: Path, *, changes: dict[str, str] | None = None) -> Path:
    """Write the example county's hall without its opening hours, so that tests run at night too; return where."""
    text = _HOURS.sub("", COUNTY_HALL.read_text(encoding="utf-8"))
    for old, new in (changes or {}).items():
        assert old in text, f"the description has no {old!r}"
        text = text.replace(old, new)
    path = folder / "county.toml"
    path.write_text(text, encoding="utf-8")
    return path


class EquippedHall(RealHall):
    """A real hall that also has devices. ``catalogue`` is a site description, and ``more`` as for RealHall."""

    def __init__(self, folder: Path, *, catalogue: Path, changes: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(folder, catalogue=catalogue, changes=changes, **more)
        self._issued: dict[str, str] = {}
        """The kiosk of each ticket to cancel: no other one may."""
        self._clients: dict[str, HubClient] = {}
        self._devices = 0

    # ------------------------------------------------------------------------------------------------- devices

    def start_printer(self) -> PrinterTwin:
        """Start a simulated printer on a network port."""
        return self._open.enter_context(PrinterTwin(self._folder("paper"), host=self.host))

    def start_kiosk(
        self,
        *,
        printer: PrinterTwin | None = None,
        public_url: str = "",
        more: str = "",
        window: str = "",
        inside: Sequence[str] = (),
    ) -> KioskProcess:
        """Start the kiosk, with or without a printer, and put a finger on it.

        ``more`` are lines of its settings, ``window`` those of its window. ``inside`` stands before the command,
        here and below. Phones find the hub at ``public_url``, or as the kiosk does.
        """
        driver = 'driver = "none"'
        if printer is not None:
            driver = f'driver = "network"\nhost = "{self.name}"\nport = {printer.port}\njob_limit_s = 10'
        settings = (
            f'site = "{self.site}"\npublic_url = "{public_url or self.named_url}"\n{more}\n'
            f"{self._hub_settings('kiosk-1')}{self._broker_settings}"
            f"[printer]\n{driver}\n{PATIENCE}[window]\nfullscreen = false\n{window}"
        )
        kiosk = KioskProcess(self._folder(), settings)
        kiosk.command[:0] = inside
        self._open.callback(kiosk.kill)
        kiosk.start()
        self._open.callback(kiosk.finger.close)
        return kiosk

    def start_screen(
        self, *, device: str = "display-1", voice: str = SILENT, more: str = "", inside: Sequence[str] = ()
    ) -> ScreenProcess:
        """Start a hall screen, or with ``more`` a window's sign, and wait until it shows the hall\'s state."""
        settings = (
            f'site = "{self.site}"\ndevice = "{device}"\nkey = "{self.key(device)}"\nfullscreen = false\n'
            f'broker = {{ host = "{self.name}", port = {self.broker.address.port} }}\n{voice}\n{more}\n'
        )
        screen = ScreenProcess(self._folder(), settings)
        screen.command[:0] = inside
        self._open.callback(screen.kill)
        screen.start()
        screen.painted(
            lambda view: not view["connecting"] and view["stale_since"] is None,
            what="the hall's state",
            within_s=STARTS_WITHIN_S,
        )
        return screen

    def start_panel(self, window: str, *, inside: Sequence[str] = ()) -> PanelProcess:
        """Start a window's panel; the window itself stays as it is."""
        settings = (
            f'site = "{self.site}"\nwindow = "{window}"\ntimeout_s = 10\n{self._hub_settings(window)}'
            f"{self._broker_settings}{PINS}"
        )
        panel = PanelProcess(self._folder(), settings)
        panel.command[:0] = inside
        self._open.callback(panel.kill)
        panel.start()
        return panel

    def _hub_settings(self, device: str) -> str:
        return f'[hub]\nurl = "{self.named_url}"\ndevice = "{device}"\nkey = "{self.key(device)}"\n'

    @property
    def _broker_settings(self) -> str:
        return f'[broker]\nhost = "{self.name}"\nport = {self.broker.address.port}\n'

    def _folder(self, name: str = "d") -> Path:
        """Return a new short name: unix sockets allow 107 bytes."""
        self._devices += 1
        return self.folder / f"{name}{self._devices}"

    # -------------------------------------------------------------------------------------------------- people

    def client(self, device: str, *, timeout_s: float = PATIENT_S) -> HubClient:
        """Return a device's client of the hub, the same one every time."""
        if device not in self._clients:
            self._clients[device] = super().client(device, timeout_s=timeout_s)
        return self._clients[device]

    def visitor(self, service: str) -> TicketAnswer:
        """Issue a ticket at another kiosk."""
        request = IssueTicket(request_id=new_request_id("kiosk-9"), service=service)
        ticket = self.client("kiosk-9").issue(request)
        self.remember(ticket.id, kiosk="kiosk-9")
        return ticket

    def remember(self, ticket: str, *, kiosk: str = "kiosk-1") -> None:
        """Note a ticket of a kiosk that ``empty`` shall cancel."""
        self._issued[ticket] = kiosk

    def at_window(self, window: str, action: str) -> TicketAnswer | WindowAnswer:
        """Let a clerk press call-next, recall, start, finish, no-show, open, pause or close."""
        command = WindowRequest(request_id=new_request_id(window))
        if action in {"open", "pause", "close"}:
            return self.client(window).set_window(window, action, command)
        return self.client(window).command_window(window, action, command)

    def call(self, window: str) -> TicketAnswer:
        """Let a clerk call whoever is next."""
        called = self.at_window(window, "call-next")
        assert isinstance(called, TicketAnswer)
        return called

    def window(self, window: str) -> WindowAnswer:
        """Return the state of a window."""
        return next(w for w in self.client("monitor-1").windows().windows if w.id == window)

    def ticket(self, ticket: str) -> TicketAnswer:
        """Return a ticket as the hub has it."""
        return self.client("monitor-1").ticket(ticket)

    def waiting(self, service: str) -> int:
        """Return how many wait for a service."""
        return next(s.waiting for s in self.client("monitor-1").services().services if s.id == service)

    def device_status(self, device: str) -> DeviceAnswer:
        """Return the hub's status of a device."""
        answer = self.request("GET", "/v1/devices", device="monitor-1")
        return next(d for d in DevicesAnswer.model_validate_json(answer.data).devices if d.id == device)

    def cancel(self, ticket: str) -> TicketAnswer:
        """Cancel a visitor's ticket."""
        kiosk = self._issued[ticket]
        return self.client(kiosk).cancel(ticket, CancelTicket(request_id=new_request_id(kiosk)))

    def empty(self) -> None:
        """Cancel every ticket and close every window, as at the end of a day."""
        for ticket in self._issued:
            with suppress(HubRefused):  # it has ended already
                self.cancel(ticket)
        self._issued.clear()
        for window in self.catalogue.windows:
            self.at_window(window.id, "close")

    # ------------------------------------------------------------------------------------- the journal and paper

    def journal(self, ticket: str) -> list[tuple[datetime, j.TicketFact | j.PrintStarted | j.PrintEnded]]:
        """Return the facts about a ticket and its paper from the journal on disk, in order."""
        with closing(sqlite3.connect(f"file:{self.data / 'hall.sqlite'}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT at, fact FROM journal ORDER BY seq").fetchall()
        entries = [(datetime.fromisoformat(at).replace(tzinfo=UTC), j.FACT.validate_json(fact)) for at, fact in rows]
        return [(at, fact) for at, fact in entries if _is_about(fact, ticket)]

    def facts(self, ticket: str) -> list[str]:
        """Return the kinds of the facts about a ticket and its paper, in order."""
        return [fact.kind for _, fact in self.journal(ticket)]

    def service(self, service: str) -> Service:
        """Return a service's description."""
        return next(s for s in self.catalogue.services if s.id == service)

    def wait_for_outcome(self, ticket: str, outcome: PrintOutcome, *, reprint: bool = False) -> PrintJob:
        """Wait until the hub has the outcome of the last print job of a ticket, and return that job."""
        ended: list[PrintJob] = []

        def is_there() -> bool:
            job = self.ticket(ticket).print_job
            ended[:] = [job] if job is not None and (job.outcome, job.reprint) == (outcome, reprint) else []
            return bool(ended)

        until(is_there, what=f"the hub has the paper of {ticket} as {outcome}")
        return ended[0]

    def paper_of(self, ticket: str, *, reprint: bool = False) -> Image.Image:
        """Return the paper that a ticket must have, drawn from its entry in the journal."""
        at, fact = self.journal(ticket)[0]
        assert isinstance(fact, j.TicketIssued)
        service = self.service(fact.service)
        paper = TicketPaper(
            number=fact.number,
            hall=self.catalogue.name,
            service=service.name,
            area=next(a.name for a in self.catalogue.areas if a.id == service.area),
            issued_at=at,
            time_zone=self.catalogue.time_zone,
            qr_address=f"{self.named_url}/t/{ticket}",
            people_ahead=fact.people_ahead,
            promise=fact.promise,
            materials=service.materials,
            language=fact.language,
            reprint=reprint,
        )
        return draw_ticket(paper)

    def same_paper(self, page: Path, ticket: str, *, reprint: bool = False) -> bool:
        """Whether a page that came out of the printer is this ticket's, dot by dot."""
        with Image.open(page) as printed:
            wanted = self.paper_of(ticket, reprint=reprint)
            return printed.size == wanted.size and printed.tobytes() == wanted.tobytes()


def _is_about(fact: j.AnyFact, ticket: str) -> bool:
    match fact:
        case j.TicketFact():
            return fact.ticket == ticket
        case j.PrintStarted() | j.PrintEnded():
            return fact.job.rpartition(".")[0] == ticket
        case _:
            return False
