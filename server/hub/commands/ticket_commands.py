"""What may be asked of a hub, by a device or on a page: every way in carries out the same commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from protocol import journal as j
from protocol.answers import TicketAnswer
from protocol.requests import CancelTicket, IssueTicket, Request, ReturnToQueue, SetNotice, TransferTicket
from protocol.vocabulary import Promise, Text, TicketId, TicketState, WindowId, WindowState
from server.domain.desk import calls, issuance, notices
from server.domain.forecast import wait_times
from server.domain.model.hall import Hall
from server.domain.model.refusals import UnknownTicket
from server.domain.model.tickets import Ticket
from server.domain.referrals import referral_destination
from server.domain.views import hall_views, referral_views
from server.hub.bootstrap import HubServices
from server.hub.commands.writer import Reply, new_ticket_id
from server.web.site_service import ClerkCommand

JUST_NOW_S = 5.0
"""The newest forecast may not know a ticket that is younger."""

Decide = Callable[[Hall, j.Moment], calls.Facts]

_PRESSED: Mapping[ClerkCommand, Callable[[Hall, WindowId, j.Moment], calls.Facts]] = MappingProxyType(
    {
        ClerkCommand.CALL_NEXT: lambda hall, window, at: calls.call_next(hall, window=window, at=at),
        ClerkCommand.RECALL: lambda hall, window, _: calls.recall(hall, window=window),
        ClerkCommand.START: lambda hall, window, _: calls.start(hall, window=window),
        ClerkCommand.FINISH: lambda hall, window, _: calls.finish(hall, window=window),
        ClerkCommand.NO_SHOW: lambda hall, window, _: calls.no_show(hall, window=window),
    }
)


@dataclass(frozen=True, slots=True)
class TicketCommands:
    """Somebody who asks a hub. ``actor`` is written into the journal: a device's id or a person's role."""

    hub: HubServices
    actor: str

    async def press(self, key: ClerkCommand, window: WindowId, command: Request) -> Reply:
        """Press a key that needs nothing more than its window."""
        return await self._at_window(window, key, command, lambda hall, at: _PRESSED[key](hall, window, at))

    async def call_number(self, number: str, window: WindowId, command: Request) -> Reply:
        """Call one certain number: waiting, or missed and come back."""
        decide = lambda hall, at: calls.call_number(hall, window=window, number=number, at=at)
        return await self._at_window(window, f"call {number}", command, decide)

    async def transfer(self, window: WindowId, command: TransferTicket) -> Reply:
        """Send the visitor at a window on to another service of the site."""
        decide = lambda hall, _: calls.transfer(hall, window=window, service=command.service)
        return await self._at_window(window, "transfer", command, decide)

    async def set_window(self, state: WindowState, window: WindowId, command: Request) -> Reply:
        """Open, pause or close a window."""
        rule = lambda hall, _: calls.set_window(hall, window=window, state=state)
        view = lambda hall: hall_views.window(hall, window)
        return await self.hub.commands.carry_out(f"{state} {window}", command, rule, view, actor=self.actor)

    async def take_number(self, command: IssueTicket, *, prints: bool) -> Reply:
        """Issue a ticket; ``prints`` when whoever asks is about to put it on paper."""
        ticket = new_ticket_id()
        promise = self._promise(command)

        def rule(hall: Hall, at: j.Moment) -> list[j.AnyFact]:
            issued = issuance.issue(
                hall,
                service=command.service,
                language=command.language,
                priority=command.priority,
                ticket=ticket,
                print_device=self.actor if prints else None,
                promise=promise,
                now=at.at if self.hub.clock.trusted() else None,
                offer=command.offer,
            )
            return [issued]

        view = lambda hall: hall_views.ticket(hall, hall.tickets[ticket], promise=promise)
        return await self.hub.commands.carry_out("issue", command, rule, view, actor=self.actor)

    def _promise(self, command: IssueTicket) -> Promise | None:
        protected = command.priority in {p.id for p in self.hub.hall.site.catalogue.priorities}
        found = self.hub.forecasts.for_new_ticket(command.service, protected=protected)
        return None if found is None else wait_times.promise_for(found)

    async def cancel(self, ticket: TicketId, command: CancelTicket) -> Reply:
        """Withdraw a ticket."""
        rule = lambda hall, _: [issuance.cancel(hall, ticket=ticket)]
        return await self.hub.commands.carry_out(
            f"cancel {ticket}", command, rule, ticket_view(ticket), actor=self.actor
        )

    async def come_back(self, ticket: TicketId, command: ReturnToQueue) -> Reply:
        """Put a visitor who missed the call back into the queue, by the site's rule."""
        rule = lambda hall, _: referral_destination.return_to_queue(hall, ticket=ticket)
        return await self.hub.commands.carry_out(
            f"return {ticket}", command, rule, ticket_view(ticket), actor=self.actor
        )

    async def set_notice(self, command: SetNotice) -> Reply:
        """Put a line at the foot of the hall screens."""
        rule = lambda hall, _: notices.change_notice(hall, text=Text(zh=command.zh, en=command.en))
        view = lambda hall: hall.notice
        return await self.hub.commands.carry_out("notice", command, rule, view, actor=self.actor)

    async def _at_window(self, window: WindowId, action: str, command: Request, decide: Decide) -> Reply:
        """Carry out a press that ends in a ticket: the one called, finished, or still at the window."""
        touched: list[TicketId] = []

        def rule(hall: Hall, at: j.Moment) -> calls.Facts:
            facts = decide(hall, at)
            touched[:] = [f.ticket for f in facts if isinstance(f, j.TicketFact)]
            return facts

        def view(hall: Hall) -> TicketAnswer:
            return ticket_view(touched[-1])(hall)

        return await self.hub.commands.carry_out(f"{action} {window}", command, rule, view, actor=self.actor)


def ticket_view(ticket: TicketId) -> Callable[[Hall], TicketAnswer]:
    """Return the view of a ticket that was living before the command."""

    def view(hall: Hall) -> TicketAnswer:
        found = hall.ticket(ticket)
        if found is None:
            raise UnknownTicket.never_issued()
        return hall_views.ticket(hall, found, promise=None)

    return view


async def found_ticket(hub: HubServices, ticket: TicketId) -> TicketAnswer:
    """Return a ticket as it stands, also one that has ended. Raises UnknownTicket."""
    hall = hub.hall
    known = hall.ticket(ticket)
    if known is None:
        ended = await asyncio.to_thread(hub.lookup.ticket, ticket)
        if ended is None:
            raise UnknownTicket.never_issued()
        return _with_referral(hall, ended)
    return _with_referral(hall, hall_views.ticket(hall, known, promise=rest_of_wait(hub, known)))


def _with_referral(hall: Hall, ticket: TicketAnswer) -> TicketAnswer:
    """Return a ticket with where it went, if it was today."""
    if ticket.state is not TicketState.REFERRED:
        return ticket
    return ticket.model_copy(update={"referred": referral_views.of_ticket(hall, ticket.id)})


def rest_of_wait(hub: HubServices, ticket: Ticket) -> Promise | None:
    """Return the promise for the rest of a wait; for one that has just begun it is that of its issue."""
    found = hub.forecasts.tickets.get(ticket.id)
    if found is not None:
        return wait_times.promise_for(found)
    return ticket.promise if hub.clock.now().since(ticket.queued) < JUST_NOW_S else None
