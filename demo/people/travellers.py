"""Simulated visitors on the way to another site: they travel, check in by their number, and are called there."""

from __future__ import annotations

import threading

from demo.narration import Narrator
from demo.people.rhythm import Rhythm
from demo.setup.county_setup import CountySetup
from demo.setup.site_setup import MONITOR, SIMULATED_KIOSK, SiteSetup
from protocol.answers import TicketAnswer
from protocol.clients.hub_client import HubClient, HubError, new_request_id
from protocol.requests import CheckInByCode

POLL_S = 1.0
"""Interval at which a waiting visitor polls the ticket, and retries a check-in, seconds."""


class Departures:
    """Starts a Traveller for each visitor of the site ``here`` who accepted an offer."""

    def __init__(
        self, here: str, *, county: CountySetup, rhythm: Rhythm, narrator: Narrator, ended: threading.Event
    ) -> None:
        self._here = here
        self._county = county
        self._rhythm = rhythm
        self._narrator = narrator
        self._ended = ended

    def __call__(self, number: str) -> None:
        """Start a visitor with a number of another site."""
        there = self._county.site_of_number(number)
        minutes = self._county.travel.between(self._here, there.site) or 0
        Traveller(
            number, there=there, minutes=minutes, rhythm=self._rhythm, narrator=self._narrator, ended=self._ended
        ).start()


class Traveller(threading.Thread):
    """One visitor on the way to another site, until the call there. ``minutes`` is the real travel time."""

    def __init__(
        self,
        number: str,
        *,
        there: SiteSetup,
        minutes: float,
        rhythm: Rhythm,
        narrator: Narrator,
        ended: threading.Event,
    ) -> None:
        super().__init__(name=f"traveller {number}", daemon=True)
        self._number = number
        self._there = there.catalogue.name
        self._minutes = minutes
        self._kiosk = HubClient(there.hub_address(SIMULATED_KIOSK))
        self._monitor = HubClient(there.hub_address(MONITOR))
        self._rhythm = rhythm
        self._narrator = narrator
        self._ended = ended

    def run(self) -> None:
        """Travel, check in, wait for the call; report each."""
        self._narrator.sets_out(self._number, to=self._there, minutes=self._minutes)
        if self._ended.wait(self._rhythm.travelling_s(self._minutes)):
            return
        ticket = self._check_in()
        if ticket is None:
            return
        self._narrator.checks_in(self._number, at=self._there, people_ahead=ticket.people_ahead)
        called = self._until_called(ticket)
        if called is not None:
            self._narrator.called_there(self._number, at=self._there, label=called.window_label or "")

    def _check_in(self) -> TicketAnswer | None:
        """Check in by the number; retry until the other hub accepts it or the demo ends."""
        command = CheckInByCode(request_id=new_request_id(SIMULATED_KIOSK), code=self._number)
        while not self._ended.is_set():
            try:
                return self._kiosk.check_in(command)
            except HubError as error:
                self._narrator.not_checked_in(self._number, error)
                self._ended.wait(POLL_S)
        return None

    def _until_called(self, ticket: TicketAnswer) -> TicketAnswer | None:
        while ticket.called_at is None:
            if self._ended.wait(POLL_S):
                return None
            try:
                ticket = self._monitor.ticket(ticket.id)
            except HubError:
                continue  # polled again; the demo itself reports a hub that has ended
        return ticket
