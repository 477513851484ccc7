"""Offers of other sites at the kiosk, and the referral of each visitor who accepts.

The referral protocol is that of ``server.domain``; messages between the sites arrive without delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import tanh

from protocol.vocabulary import Language, ReferralId, ServiceId, SiteId, Text, TicketId
from server.domain.county import plan
from server.domain.county.travel import Travel
from server.domain.forecast.forecast import Quantiles
from server.domain.forecast.wait_times import WaitFigures
from server.domain.referrals import best_offer, offers, reconcile, referral_destination, referral_origin
from server.simulation.engine.event_queue import EventQueue
from server.simulation.engine.simulated_forecasts import SimulatedForecasts
from server.simulation.engine.simulated_hall import SimulatedHall
from server.simulation.engine.visitor_records import SimulatedReferral, VisitorRecord
from server.simulation.scenario.scenario import Divert, Scenario
from server.simulation.scenario.scenario_halls import PRIORITY, service_id, site_id

NOWHERE = plan.SiteLocation(name=Text(zh="", en=""), address=Text(zh="", en=""), directions=Text(zh="", en=""))
EXPIRY_CHECK_MIN = 1.0
"""Interval at which a hub checks for places that have expired, minutes."""


class SimulatedReferrals:
    """The offers and referrals between all halls of the county."""

    def __init__(
        self,
        scenario: Scenario,
        halls: Mapping[str, SimulatedHall],
        forecasts: SimulatedForecasts,
        events: EventQueue,
        *,
        rule: best_offer.OfferRule,
    ) -> None:
        self._divert = scenario.divert
        self._halls = {site_id(name): hall for name, hall in halls.items()}
        self._forecasts = forecasts
        self._events = events
        self._rule = rule
        self._travel = Travel({(site_id(a), site_id(b)): m for (a, b), m in scenario.travel.items()})

    def refer(self, record: VisitorRecord, here: Quantiles) -> bool:
        """Offer the visitor the best other site, if one is worth it; return whether the visitor goes there."""
        offer = self._best_offer(record, here)
        if offer is None or self._divert is None or not _accepts(record, offer, self._divert):
            return False
        origin, target = self._home(record), self._halls[offer.where.site]
        if not _hold_place(record, offer, origin, target):
            return False
        record.referral = SimulatedReferral(here_min=here.p50_min, there_min=here.p50_min - offer.saving_min)
        target.expect(record)
        self._schedule_arrival(record, target, offer.where.site)
        return True

    def _best_offer(self, record: VisitorRecord, here: Quantiles) -> best_offer.BestOffer | None:
        home, service = self._home(record), service_id(record.visitor.service)
        candidates = self._candidates(record, here, service)
        if not candidates:
            return None
        states = {name: self._state(name, service) for name in candidates}
        own = site_id(home.scenario_hall.id)
        states[own] = plan.SiteState(place=NOWHERE, hall=home.hall, last_contact=home.moment, clock=home.moment)
        return best_offer.best_offer(
            here,
            plan.plan_for(own, states, self._travel, at=home.moment),
            service=service,
            priority=record.visitor.priority,
            plan_age_s=0.0,
            rule=self._rule,
        )

    def _candidates(self, record: VisitorRecord, here: Quantiles, service: ServiceId) -> list[SiteId]:
        """Return the sites that would be offered if nobody waited there; only these need a forecast."""
        rule, own = self._rule, site_id(self._home(record).scenario_hall.id)
        least = rule.priority_min_saving_min if record.visitor.priority else rule.min_saving_min
        return [
            name
            for name, hall in self._halls.items()
            if service in hall.hall.site.services
            and name != own
            and (way := self._travel.between(own, name)) is not None
            and here.p50_min - way >= least
        ]

    def _state(self, name: SiteId, service: ServiceId) -> plan.SiteState:
        hall = self._halls[name]
        return plan.SiteState(
            place=NOWHERE,
            hall=hall.hall,
            last_contact=hall.moment,
            clock=hall.moment,
            forecasted=self._forecasts.county_forecast(hall, service),
        )

    def _home(self, record: VisitorRecord) -> SimulatedHall:
        return self._halls[site_id(record.visitor.site)]

    def _schedule_arrival(self, record: VisitorRecord, target: SimulatedHall, site: SiteId) -> None:
        """Schedule the arrival, or the expiry of the place of a visitor who never arrives."""
        mean = self._travel.between(site_id(record.visitor.site), site) or 0.0
        if record.visitor.lost:
            kept = referral_destination.kept_min(target.hall, travel_min=mean)
            self._events.schedule_after(kept + EXPIRY_CHECK_MIN, partial(_expire_places, target))
        else:
            self._events.schedule_after(mean * record.visitor.travel_factor, partial(_check_in, record, target))


def _accepts(record: VisitorRecord, offer: best_offer.BestOffer, divert: Divert) -> bool:
    """Whether the visitor accepts: logistic in the saving that the offer promises."""
    saving = (offer.here.p50_min or 0.0) - (offer.there.p50_min or 0.0)
    steps = (saving - divert.half_saving_min) / divert.saving_scale_min
    probability = divert.max_accept * (1 + tanh(steps / 2)) / 2  # the logistic curve; exp() would overflow
    factor = divert.priority_accept_factor if record.visitor.priority else 1.0
    return saving >= divert.min_offer_saving_min and record.visitor.willing < probability * factor


def _hold_place(
    record: VisitorRecord, offer: best_offer.BestOffer, origin: SimulatedHall, target: SimulatedHall
) -> bool:
    """Run the referral protocol between the two sites; return whether the visitor has a place there."""
    name, service = record.visitor.name, service_id(record.visitor.service)
    ticket = TicketId(name)
    at = origin.moment
    priority = PRIORITY if record.visitor.priority else None
    origin.record(
        [offers.offer_made(offer, offer=name, service=service, language=Language.ZH, priority=priority, ticket=None)]
    )
    accepted = referral_origin.accept_offer(
        origin.hall, offer=name, referral=ReferralId(name), print_device=None, at=at
    )
    origin.record([accepted])
    for hall in (target, origin, target):
        halls = {site_id(h.scenario_hall.id): h.hall for h in (origin, target)}
        states = reconcile.referral_states(halls, site_id(hall.scenario_hall.id))
        facts = reconcile.reconcile(
            hall.hall, states, at=at, new_ticket=lambda: ticket, waits={service: WaitFigures(None, offer.there)}
        )
        hall.record(facts)
    return ticket in target.hall.tickets


def _check_in(record: VisitorRecord, target: SimulatedHall) -> None:
    target.record(referral_destination.check_in(target.hall, code=record.visitor.name))
    target.wake_idle_clerk(service_id(record.visitor.service))


def _expire_places(target: SimulatedHall) -> None:
    target.record(referral_destination.expire_places(target.hall, at=target.moment))
