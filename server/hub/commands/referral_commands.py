"""What a visitor may ask of a hub about other sites: an offer, a place there, and to be let in who was sent here."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from pydantic import BaseModel

from protocol import journal as j
from protocol.answers import Offer, OfferAnswer, TicketAnswer
from protocol.county import OriginState
from protocol.requests import AcceptOffer, CheckInByCode, CheckInTicket, RequestOffer
from protocol.vocabulary import ReferralId, ServiceId, TicketId, TicketState
from server.domain.desk import issuance
from server.domain.forecast.forecast import Quantiles
from server.domain.model.hall import Hall
from server.domain.model.refusals import Refusal
from server.domain.referrals import offers, referral_destination, referral_origin
from server.domain.referrals.best_offer import BestOffer, best_offer
from server.domain.views import referral_views
from server.http_server.errors import answer_of, status_of
from server.hub.bootstrap import HubServices
from server.hub.commands.ticket_commands import ticket_view
from server.hub.commands.writer import Reply, new_secret

LOOK_AGAIN_S = 0.05


class AcceptedOffer(BaseModel):
    """What is remembered of an accepted offer: its answer is what becomes of the referral."""

    referral: ReferralId


@dataclass(frozen=True, slots=True)
class ReferralCommands:
    """Somebody who asks a hub. ``actor`` is written into the journal."""

    hub: HubServices
    actor: str

    async def offer(self, command: RequestOffer) -> Reply:
        """Show a visitor who is about to take a number the best other site, if one is worth the walk."""
        offer = new_secret()

        def rule(hall: Hall, at: j.Moment) -> list[j.AnyFact]:
            issuance.requested_service(hall, service=command.service, priority=command.priority)
            here = self.hub.forecasts.for_new_ticket(command.service, protected=command.priority is not None)
            best = self._best(hall, here, service=command.service, priority=command.priority, at=at)
            if best is None:
                return []
            return [
                offers.offer_made(
                    best,
                    offer=offer,
                    service=command.service,
                    language=command.language,
                    priority=command.priority,
                    ticket=None,
                )
            ]

        def view(hall: Hall) -> OfferAnswer:
            made = hall.offers.get(offer)
            return OfferAnswer(offer=None if made is None else offers.offer_view(made.fact))

        return await self.hub.commands.carry_out("offer", command, rule, view, actor=self.actor)

    async def offer_while_waiting(self, ticket: TicketId) -> Offer | None:
        """Return the other site that a waiting visitor is shown because the promise slipped, if one is worth it.

        The same for a while; that it was shown is written down once.
        """
        found = self._worth_showing(self.hub.hall, ticket, self.hub.clock.now())
        if isinstance(found, BestOffer):
            await self.hub.commands.note(lambda hall, at: self._show(hall, ticket, at))
            found = self._worth_showing(self.hub.hall, ticket, self.hub.clock.now())
        return offers.offer_view(found) if isinstance(found, j.OfferMade) else None

    async def accept(self, command: AcceptOffer, *, prints: bool) -> Reply:
        """Have a place held at the offered site; answered when it is, or when it will not be.

        ``prints`` when whoever asks is about to put it on paper.
        """
        referral = ReferralId(new_secret())
        device = self.actor if prints else None

        def rule(hall: Hall, at: j.Moment) -> list[j.AnyFact]:
            asked = referral_origin.accept_offer(
                hall, offer=command.offer, referral=referral, print_device=device, at=at, language=command.language
            )
            return [asked]

        begun = await self.hub.commands.carry_out(
            "accept", command, rule, lambda _: AcceptedOffer(referral=referral), actor=self.actor
        )
        if begun.status != 200:
            return begun
        return await self._outcome(AcceptedOffer.model_validate_json(begun.body).referral)

    async def arrive(self, command: CheckInByCode) -> Reply:
        """Check in a visitor whom another site sent here."""
        ticket: list[TicketId] = []

        def rule(hall: Hall, at: j.Moment) -> tuple[j.AnyFact, ...]:  # noqa: ARG001 - a Rule
            ticket[:] = [referral_destination.ticket_for_code(hall, command.code).id]
            return referral_destination.check_in(hall, code=command.code)

        def view(hall: Hall) -> TicketAnswer:
            return ticket_view(ticket[0])(hall)

        return await self.hub.commands.carry_out("arrive", command, rule, view, actor=self.actor)

    async def check_in(self, ticket: TicketId, command: CheckInTicket) -> Reply:
        """Check in a visitor whose paper a clerk has seen."""
        rule = lambda hall, at: referral_destination.check_in_by_clerk(hall, ticket=ticket, at=at)
        return await self.hub.commands.carry_out(
            f"check in {ticket}", command, rule, ticket_view(ticket), actor=self.actor
        )

    def _best(
        self, hall: Hall, here: Quantiles | None, *, service: ServiceId, priority: str | None, at: j.Moment
    ) -> BestOffer | None:
        """Return the best other site; none while the county takes nothing of this one: no place could be held."""
        link = self.hub.county_link
        if link is None or here is None or self.hub.county_away_since is not None:
            return None
        plan = link.plan
        ago_s = plan.ago_s(at)
        return best_offer(
            here,
            plan.sites,
            service=service,
            priority=priority is not None,
            told_ago_s=ago_s,
            sent=offers.referred_since(hall, service=service, since_s=ago_s, at=at),
        )

    def _worth_showing(self, hall: Hall, ticket: TicketId, at: j.Moment) -> j.OfferMade | BestOffer | None:
        """Return what the visitor was shown a moment ago, or what is to be shown now."""
        waiting, rest = hall.tickets.get(ticket), self.hub.forecasts.tickets.get(ticket)
        if waiting is None or waiting.state is not TicketState.WAITING or self.hub.county_away_since is not None:
            return None
        if referral_origin.is_under_way(hall, ticket):
            return None
        if (before := offers.last_offer(hall, ticket, at=at)) is not None:
            with suppress(Refusal):
                return referral_origin.open_offer(hall, before.fact.offer, at=at).fact
        if not offers.promise_slipped(waiting, rest, at=at):
            return None
        return self._best(hall, rest, service=waiting.service, priority=waiting.priority, at=at)

    def _show(self, hall: Hall, ticket: TicketId, at: j.Moment) -> list[j.AnyFact]:
        best = self._worth_showing(hall, ticket, at)
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

    async def _outcome(self, referral: ReferralId) -> Reply:
        """Wait until a referral is taken or given up; the time for an answer is the rule's, not this one's."""
        while True:
            rung = self.hub.change_notifier.next_change
            hall = self.hub.hall
            sent = hall.referrals.get(referral)
            if sent is None or sent.state is OriginState.GIVEN_UP:
                refusal = referral_origin.refusal_for("day_ended" if sent is None else sent.reason)
                return Reply(status_of(refusal), answer_of(refusal).model_dump_json())
            if sent.answer is not None:
                return Reply(200, referral_views.answer(hall, sent, sent.answer).model_dump_json())
            left = referral_origin.ANSWER_S - self.hub.clock.now().since(sent.asked)
            with suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), timeout=max(left, LOOK_AGAIN_S))
            if left <= 0:
                await self.hub.commands.note(lambda hall, at: referral_origin.expire_unanswered(hall, at=at))
