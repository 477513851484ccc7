"""The hub's command service: builds each command from a request and the newest state, and submits it to the writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from protocol import journal as j
from protocol.answers import Offer, OfferAnswer, ReferralAnswer, TicketAnswer
from protocol.county import OriginState
from protocol.requests import AcceptOffer, ConfirmClock, IssueTicket, RequestOffer, SettleDay
from protocol.vocabulary import DeviceKind, ReferralId, TicketId, TicketState
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast, Quantiles
from server.domain.model.hall import Hall
from server.domain.model.refusals import Refusal, UnknownTicket
from server.domain.model.tickets import Ticket
from server.domain.referrals import offers, referral_origin
from server.domain.referrals.best_offer import BestOffer
from server.domain.views import hall_views, referral_views
from server.hub.commands.county_plan import CountyPlan
from server.hub.commands.day_commands import ClockConfirmation, DaySettlement
from server.hub.commands.ownership import is_own
from server.hub.commands.referral_commands import Accept, MakeOffer, best_by_plan
from server.hub.commands.ticket_commands import Issue
from server.hub.commands.typed_command import Answered, AnswerT, Command, new_secret, new_ticket_id
from server.hub.commands.writer import CommandWriter
from server.hub.device import Device
from server.runtime.change_notifier import ChangeNotifier
from server.runtime.clock import Clock
from server.store.queries.ticket_lookup import TicketLookup

POLL_MIN_S = 0.05
"""Shortest wait for a referral's outcome before its time-out is checked again, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubCommands:
    """All commands of a site, and the query for one ticket, for routes and pages alike."""

    writer: CommandWriter
    clock: Clock
    lookup: TicketLookup
    changes: ChangeNotifier
    forecast: Callable[[], Forecast]
    """Returns the newest forecast."""
    plan: Callable[[], CountyPlan | None]
    """Returns the newest plan of the county; None while no place can be reserved at another site."""

    async def run(self, command: Command[AnswerT]) -> Answered[AnswerT]:
        """Run a command that is built from its request alone. Raises Refusal, StoreFault."""
        return await self.writer.run(command)

    async def issue(self, request: IssueTicket, *, actor: str, prints: bool) -> Answered[TicketAnswer]:
        """Issue a ticket with the promise of the newest forecast. Raises Refusal, StoreFault."""
        command = Issue(
            request=request,
            actor=actor,
            ticket=new_ticket_id(),
            prints=prints,
            forecast=self.forecast(),
            hours_apply=self.clock.trusted(),
        )
        return await self.writer.run(command)

    async def settle_day(self, request: SettleDay, *, actor: str) -> None:
        """Answer whether those left over from a business day are gone. Raises DaySettled, StoreFault."""
        trust, numbers = self.clock.trust(), self.writer.numbers
        await self.writer.run(DaySettlement(request=request, actor=actor, trust=trust, numbers=numbers))

    async def confirm_clock(self, request: ConfirmClock, *, actor: str) -> None:
        """Confirm that the clock is right; the business day follows it from then on. Raises OtherTime, StoreFault."""
        await self.writer.run(ClockConfirmation(request=request, actor=actor))
        self.clock.confirm()
        await self.writer.run_rule(lambda _hall, _at: ())

    async def find_offer(self, request: RequestOffer, *, actor: str) -> Answered[OfferAnswer]:
        """Offer the best other site to a visitor before a ticket is issued. Raises Refusal, StoreFault."""
        here = self.forecast().for_new_ticket(request.service, protected=request.priority is not None)
        command = MakeOffer(request=request, actor=actor, offer=new_secret(), here=here, plan=self.plan())
        return await self.writer.run(command)

    async def offer_while_waiting(self, ticket: TicketId) -> Offer | None:
        """Return the offer for a waiting visitor whose promise slipped; None when no site is worth the walk.

        An offer is journalled once and stays the same until it is refreshed (``OFFER_REFRESH_S``). Raises StoreFault.
        """
        found = self._worth_showing(self.writer.hall, self.clock.now(), ticket=ticket)
        if isinstance(found, BestOffer):
            await self.writer.run_rule(partial(self._journal_offer, ticket=ticket))
            found = self._worth_showing(self.writer.hall, self.clock.now(), ticket=ticket)
        return offers.offer_view(found) if isinstance(found, j.OfferMade) else None

    async def accept_offer(self, request: AcceptOffer, *, actor: str, prints: bool) -> ReferralAnswer:
        """Request a place at the offered site, and return the referral once the place is reserved.

        Raises StoreFault, and Refusal also when the other site refuses or does not answer in time: the visitor's
        ticket here is unchanged then.
        """
        command = Accept(request=request, actor=actor, referral=ReferralId(new_secret()), prints=prints)
        accepted = await self.writer.run(command)
        return await self._wait_for_referral(accepted.answer.referral)

    async def ticket(self, ticket: TicketId, *, device: Device | None = None) -> TicketAnswer:
        """Return the current state of a ticket, ended ones included; a ``device`` is shown its own alone.

        Raises UnknownTicket, StoreFault.
        """
        hall = self.writer.hall
        known = hall.ticket(ticket)
        shown = await asyncio.to_thread(self.lookup.ticket, ticket) if known is None else self._view(hall, known)
        if shown is None or not await self._may_read(hall, ticket, device):
            raise UnknownTicket.never_issued()
        return _with_referral(hall, shown)

    async def _may_read(self, hall: Hall, ticket: TicketId, device: Device | None) -> bool:
        if device is None or is_own(hall, ticket, device=device):
            return True
        if device.kind is not DeviceKind.KIOSK:
            return False
        return await asyncio.to_thread(self.lookup.printed_by, ticket) == device.id

    def _view(self, hall: Hall, ticket: Ticket) -> TicketAnswer:
        return hall_views.ticket_view(hall, ticket, wait=wait_times.figures_of_ticket(hall, self.forecast(), ticket))

    def _worth_showing(self, hall: Hall, at: j.Moment, *, ticket: TicketId) -> j.OfferMade | BestOffer | None:
        """Return the recent offer of this visitor as journalled, or else a new one that is not journalled yet."""
        plan, waiting, rest = self.plan(), hall.tickets.get(ticket), self.forecast().tickets.get(ticket)
        if plan is None or waiting is None or waiting.state is not TicketState.WAITING:
            return None
        if referral_origin.is_under_way(hall, ticket):
            return None
        if (before := offers.last_offer(hall, ticket, at=at)) is not None:
            with suppress(Refusal):
                return referral_origin.open_offer(hall, before.fact.offer, at=at).fact
        if not offers.promise_slipped(waiting, rest, at=at):
            return None
        return _best_for(waiting, hall, plan, rest, at=at)

    def _journal_offer(self, hall: Hall, at: j.Moment, *, ticket: TicketId) -> list[j.AnyFact]:
        best = self._worth_showing(hall, at, ticket=ticket)
        if not isinstance(best, BestOffer):
            return []
        waiting = hall.tickets[ticket]
        return [
            offers.offer_made(
                best,
                offer=new_secret(),
                service=waiting.service,
                language=waiting.language,
                priority=waiting.priority,
                ticket=ticket,
            )
        ]

    async def _wait_for_referral(self, referral: ReferralId) -> ReferralAnswer:
        """Wait until a referral is taken or given up; the time limit is ``referral_origin.ANSWER_TIMEOUT_S``."""
        while True:
            change = self.changes.next_change
            hall = self.writer.hall
            known = hall.referrals.get(referral)
            if known is None or known.state is OriginState.GIVEN_UP:
                raise referral_origin.refusal_for("day_ended" if known is None else known.reason)
            if known.place is not None:
                return referral_views.referral_view(hall, known, known.place)
            left_s = referral_origin.ANSWER_TIMEOUT_S - self.clock.now().since(known.requested)
            with suppress(TimeoutError):
                await asyncio.wait_for(change.wait(), timeout=max(left_s, POLL_MIN_S))
            if left_s <= 0:
                await self.writer.run_rule(lambda hall, at: referral_origin.expire_unanswered(hall, at=at))


def _best_for(
    waiting: Ticket, hall: Hall, plan: CountyPlan, rest: Quantiles | None, *, at: j.Moment
) -> BestOffer | None:
    return best_by_plan(hall, plan, rest, service=waiting.service, priority=waiting.priority, at=at)


def _with_referral(hall: Hall, ticket: TicketAnswer) -> TicketAnswer:
    """Return a referred ticket with its referral, if that is of today."""
    if ticket.state is not TicketState.REFERRED:
        return ticket
    return ticket.model_copy(update={"referred": referral_views.referral_of_ticket(hall, ticket.id)})
