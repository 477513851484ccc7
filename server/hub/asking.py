"""What may be asked of a hub, by a device or on a page: every way in carries out the same commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from protocol import journal as j
from protocol import messages as m
from server.domain import calling, issuing, noticing, placing, referral_views, views, waiting
from server.domain.errors import UnknownTicket
from server.domain.hall import Hall
from server.domain.tickets import Ticket
from server.hub.commands import Reply, new_secret
from server.hub.running import RunningHub
from server.web.served_site import Key

JUST_NOW_S = 5.0
"""The newest forecast may not know a ticket that is younger."""

Decide = Callable[[Hall, j.Moment], calling.Facts]

_PRESSED: Mapping[Key, Callable[[Hall, str, j.Moment], calling.Facts]] = MappingProxyType(
    {
        Key.CALL_NEXT: lambda hall, window, at: calling.call_next(hall, window=window, at=at),
        Key.RECALL: lambda hall, window, _: calling.recall(hall, window=window),
        Key.START: lambda hall, window, _: calling.start(hall, window=window),
        Key.FINISH: lambda hall, window, _: calling.finish(hall, window=window),
        Key.NO_SHOW: lambda hall, window, _: calling.no_show(hall, window=window),
    }
)


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who asks a hub. ``actor`` is written into the journal: a device's id or a person's role."""

    hub: RunningHub
    actor: str

    async def press(self, key: Key, window: str, command: m.Request) -> Reply:
        """Press a key that needs nothing more than its window."""
        return await self._at_window(window, key, command, lambda hall, at: _PRESSED[key](hall, window, at))

    async def call_number(self, number: str, window: str, command: m.Request) -> Reply:
        """Call one certain number: waiting, or missed and come back."""
        decide = lambda hall, at: calling.call_number(hall, window=window, number=number, at=at)
        return await self._at_window(window, f"call {number}", command, decide)

    async def transfer(self, window: str, command: m.TransferTicket) -> Reply:
        """Send the visitor at a window on to another service of the site."""
        decide = lambda hall, _: calling.transfer(hall, window=window, service=command.service)
        return await self._at_window(window, "transfer", command, decide)

    async def set_window(self, state: m.WindowState, window: str, command: m.Request) -> Reply:
        """Open, pause or close a window."""
        rule = lambda hall, _: calling.set_window(hall, window=window, state=state)
        view = lambda hall: views.window(hall, window)
        return await self.hub.commands.carry_out(f"{state} {window}", command, rule, view, actor=self.actor)

    async def take_number(self, command: m.IssueTicket, *, prints: bool) -> Reply:
        """Issue a ticket; ``prints`` when whoever asks is about to put it on paper."""
        ticket = new_secret()
        promise = self._promise(command)

        def rule(hall: Hall, at: j.Moment) -> list[j.AnyFact]:
            issued = issuing.issue(
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

        view = lambda hall: views.ticket(hall, hall.tickets[ticket], promise=promise)
        return await self.hub.commands.carry_out("issue", command, rule, view, actor=self.actor)

    def _promise(self, command: m.IssueTicket) -> m.Promise | None:
        protected = command.priority in {p.id for p in self.hub.hall.offer.catalogue.priorities}
        found = self.hub.forecasts.new(command.service, protected=protected)
        return None if found is None else waiting.promise_of(found)

    async def cancel(self, ticket: str, command: m.CancelTicket) -> Reply:
        """Withdraw a ticket."""
        rule = lambda hall, _: [issuing.cancel(hall, ticket=ticket)]
        return await self.hub.commands.carry_out(
            f"cancel {ticket}", command, rule, ticket_view(ticket), actor=self.actor
        )

    async def come_back(self, ticket: str, command: m.ReturnTicket) -> Reply:
        """Put a visitor who missed the call back into the queue, by the site's rule."""
        rule = lambda hall, _: placing.back(hall, ticket=ticket)
        return await self.hub.commands.carry_out(
            f"return {ticket}", command, rule, ticket_view(ticket), actor=self.actor
        )

    async def set_notice(self, command: m.SetNotice) -> Reply:
        """Put a line at the foot of the hall screens."""
        rule = lambda hall, _: noticing.change(hall, text=m.Text(zh=command.zh, en=command.en))
        view = lambda hall: hall.notice
        return await self.hub.commands.carry_out("notice", command, rule, view, actor=self.actor)

    async def _at_window(self, window: str, action: str, command: m.Request, decide: Decide) -> Reply:
        """Carry out a press that ends in a ticket: the one called, finished, or still at the window."""
        touched: list[str] = []

        def rule(hall: Hall, at: j.Moment) -> calling.Facts:
            facts = decide(hall, at)
            touched[:] = [f.ticket for f in facts if isinstance(f, j.TicketFact)]
            return facts

        def view(hall: Hall) -> m.TicketAnswer:
            return ticket_view(touched[-1])(hall)

        return await self.hub.commands.carry_out(f"{action} {window}", command, rule, view, actor=self.actor)


def ticket_view(ticket: str) -> Callable[[Hall], m.TicketAnswer]:
    """Return the view of a ticket that was living before the command."""

    def view(hall: Hall) -> m.TicketAnswer:
        found = hall.ticket(ticket)
        if found is None:
            raise UnknownTicket("没有这张票", "there is no such ticket")
        return views.ticket(hall, found, promise=None)

    return view


async def found_ticket(hub: RunningHub, ticket: str) -> m.TicketAnswer:
    """Return a ticket as it stands, also one that has ended. Raises UnknownTicket."""
    hall = hub.hall
    known = hall.ticket(ticket)
    if known is None:
        ended = await asyncio.to_thread(hub.lookup.ticket, ticket)
        if ended is None:
            raise UnknownTicket("没有这张票", "there is no such ticket")
        return _with_referral(hall, ended)
    return _with_referral(hall, views.ticket(hall, known, promise=rest_of_wait(hub, known)))


def _with_referral(hall: Hall, ticket: m.TicketAnswer) -> m.TicketAnswer:
    """Return a ticket with where it went, if it was today."""
    if ticket.state is not m.TicketState.REFERRED:
        return ticket
    return ticket.model_copy(update={"referred": referral_views.of_ticket(hall, ticket.id)})


def rest_of_wait(hub: RunningHub, ticket: Ticket) -> m.Promise | None:
    """Return the promise for the rest of a wait; for one that has just begun it is that of its issue."""
    found = hub.forecasts.tickets.get(ticket.id)
    if found is not None:
        return waiting.promise_of(found)
    return ticket.promise if hub.clock.now().since(ticket.queued) < JUST_NOW_S else None
