"""Commands about other sites: make an offer, accept it, check a referred visitor in."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel
from typing_extensions import override

from protocol import journal as j
from protocol.answers import OfferAnswer, TicketAnswer
from protocol.requests import AcceptOffer, CheckInByCode, CheckInTicket, RequestOffer
from protocol.vocabulary import ReferralId, ServiceId, TicketId
from server.domain.desk import issuance
from server.domain.forecast.forecast import Forecast, Quantiles
from server.domain.model.hall import Hall
from server.domain.model.refusals import OfferGone
from server.domain.referrals import offers, referral_destination, referral_origin
from server.domain.referrals.best_offer import BestOffer, best_offer
from server.hub.commands.county_plan import CountyPlan
from server.hub.commands.ticket_commands import TicketCommand, answer_ticket
from server.hub.commands.typed_command import Command, Decision


class AcceptedOffer(BaseModel):
    """The remembered answer of an accepted offer: a pointer to the referral, whose outcome the visitor waits for."""

    referral: ReferralId


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer(Command[OfferAnswer]):
    """Offer the best other site before a ticket is issued; the answer has none when no site is worth the walk."""

    request: RequestOffer
    offer: str
    """Id of the new offer, a secret."""
    here: Quantiles | None
    """Forecast wait of this visitor here; None while it is unknown."""
    plan: CountyPlan | None
    """Newest plan of the county; None while no place can be reserved elsewhere."""

    @property
    @override
    def name(self) -> str:
        return "offer"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[OfferAnswer]:
        """Raises UnknownService, UnknownPriority, ServiceNotServed."""
        service, priority = self.request.service, self.request.priority
        issuance.requested_service(hall, service=service, priority=priority)
        best = best_by_plan(hall, self.plan, self.here, service=service, priority=priority, at=at)
        if best is None:
            return Decision([], self._answer)
        made = offers.offer_made(
            best, offer=self.offer, service=service, language=self.request.language, priority=priority, ticket=None
        )
        return Decision([made], self._answer)

    def _answer(self, hall: Hall) -> OfferAnswer:
        made = hall.offers.get(self.offer)
        return OfferAnswer(offer=None if made is None else offers.offer_view(made.fact))

    @override
    def parse(self, answer: str) -> OfferAnswer:
        return OfferAnswer.model_validate_json(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Command[AcceptedOffer]):
    """Accept an offer: request a place at the offered site."""

    request: AcceptOffer
    referral: ReferralId
    """Id of the new referral, a secret."""
    prints: bool
    """Whether the actor prints the referral's paper."""

    @property
    @override
    def name(self) -> str:
        return "accept"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[AcceptedOffer]:
        """Raises OfferGone, also for another kiosk's offer; UnknownTicket, WrongState."""
        if self.prints and not offers.is_made_for(hall, self.request.offer, actor=self.actor):
            raise OfferGone
        requested = referral_origin.accept_offer(
            hall,
            offer=self.request.offer,
            referral=self.referral,
            print_device=self.actor if self.prints else None,
            at=at,
            language=self.request.language,
        )
        return Decision([requested], lambda _: AcceptedOffer(referral=self.referral))

    @override
    def parse(self, answer: str) -> AcceptedOffer:
        return AcceptedOffer.model_validate_json(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(TicketCommand):
    """Check in a referred visitor by the code on the paper or by the number."""

    request: CheckInByCode
    forecast: Forecast
    """The newest forecast."""

    @property
    def name(self) -> str:
        """See ``Command``; ``arrive`` because stored fingerprints contain it."""
        return "arrive"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:  # noqa: ARG002 - a Command
        """Raises UnknownTicket, NotReferred, NoReturnLeft, PlaceUnconfirmed."""
        ticket = referral_destination.ticket_for_code(hall, self.request.code).id
        return Decision(
            referral_destination.check_in(hall, code=self.request.code), answer_ticket(ticket, forecast=self.forecast)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInByClerk(TicketCommand):
    """Check in a referred visitor whose paper a clerk has checked."""

    request: CheckInTicket
    ticket: TicketId

    @property
    @override
    def name(self) -> str:
        return f"check in {self.ticket}"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
        """Raises UnknownTicket, NotReferred, NoReturnLeft."""
        facts = referral_destination.check_in_by_clerk(hall, ticket=self.ticket, at=at)
        return Decision(facts, answer_ticket(self.ticket))


def best_by_plan(
    hall: Hall,
    plan: CountyPlan | None,
    here: Quantiles | None,
    *,
    service: ServiceId,
    priority: str | None,
    at: j.Moment,
) -> BestOffer | None:
    """Return the best other site by the county's plan; None without a plan, a forecast or a site worth the walk."""
    if plan is None or here is None:
        return None
    age_s = plan.age_s(at)
    return best_offer(
        here,
        plan.sites,
        service=service,
        priority=priority is not None,
        plan_age_s=age_s,
        referred=offers.referred_since(hall, service=service, since_s=age_s, at=at),
    )
