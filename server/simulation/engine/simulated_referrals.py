"""Offers of other sites at the kiosk, and the referral of whoever accepts: the letters between the sites are those of
``server.domain``, without any delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import tanh

from protocol.vocabulary import Language, Text
from server.domain.county import plan
from server.domain.county.travel import Travel
from server.domain.forecast.forecast import Quantiles
from server.domain.referrals import best_offer, offers, reconcile, referral_destination, referral_origin
from server.simulation.engine.event_queue import EventQueue
from server.simulation.engine.simulated_forecasts import SimulatedForecasts
from server.simulation.engine.simulated_hall import SimulatedHall
from server.simulation.engine.visitor_records import SimulatedReferral, VisitorRecord
from server.simulation.scenario.scenario import Divert, Scenario
from server.simulation.scenario.scenario_halls import PRIORITY, identifier

NOWHERE = plan.SiteLocation(name=Text(zh="", en=""), address=Text(zh="", en=""), directions=Text(zh="", en=""))
LOOKS_MIN = 1.0
"""A hub looks so often whether a place has been kept long enough."""


class SimulatedReferrals:
    """All halls of the county, for the offers between them."""

    def __init__(
        self,
        scenario: Scenario,
        halls: Mapping[str, SimulatedHall],
        foresight: SimulatedForecasts,
        agenda: EventQueue,
        *,
        rule: best_offer.OfferRule,
    ) -> None:
        self._divert = scenario.divert
        self._halls = {identifier(name): hall for name, hall in halls.items()}
        self._foresight = foresight
        self._agenda = agenda
        self._rule = rule
        self._travel = Travel({(identifier(a), identifier(b)): m for (a, b), m in scenario.travel.items()})

    def sends(self, story: VisitorRecord, here: Quantiles) -> bool:
        """Offer the visitor the best other site, if one is worth it; return whether the visitor goes there."""
        offer = self._best(story, here)
        if offer is None or self._divert is None or not _accepts(story, offer, self._divert):
            return False
        origin, target = self._home(story), self._halls[offer.where.site]
        if not _referred(story, offer, origin, target):
            return False
        story.sending = SimulatedReferral(here_min=here.p50_min, there_min=here.p50_min - offer.saving_min)
        target.expect(story)
        self._walk(story, target, offer.where.site)
        return True

    def _best(self, story: VisitorRecord, here: Quantiles) -> best_offer.BestOffer | None:
        home, service = self._home(story), identifier(story.visitor.service)
        near = self._worth_a_look(story, here, service)
        if not near:
            return None
        pictures = {name: self._picture(name, service) for name in near}
        own = identifier(home.place.id)
        pictures[own] = plan.SiteState(place=NOWHERE, hall=home.hall, last_contact=home.moment, clock=home.moment)
        return best_offer.best_offer(
            here,
            plan.plan_for(own, pictures, self._travel, at=home.moment),
            service=service,
            priority=story.visitor.priority,
            told_ago_s=0.0,
            rule=self._rule,
        )

    def _worth_a_look(self, story: VisitorRecord, here: Quantiles, service: str) -> list[str]:
        """Return the sites that would be offered if nobody waited there."""
        rule, own = self._rule, identifier(self._home(story).place.id)
        least = rule.priority_min_saving_min if story.visitor.priority else rule.min_saving_min
        return [
            name
            for name, hall in self._halls.items()
            if service in hall.hall.site.services
            and name != own
            and (way := self._travel.between(own, name)) is not None
            and here.p50_min - way >= least
        ]

    def _picture(self, name: str, service: str) -> plan.SiteState:
        hall = self._halls[name]
        return plan.SiteState(
            place=NOWHERE,
            hall=hall.hall,
            last_contact=hall.moment,
            clock=hall.moment,
            forecasted=self._foresight.lately(hall, service),
        )

    def _home(self, story: VisitorRecord) -> SimulatedHall:
        return self._halls[identifier(story.visitor.site)]

    def _walk(self, story: VisitorRecord, target: SimulatedHall, site: str) -> None:
        """Let the visitor arrive, or be waited for in vain."""
        mean = self._travel.between(identifier(story.visitor.site), site) or 0.0
        if story.visitor.lost:
            kept = referral_destination.kept_min(target.hall, travel_min=mean)
            self._agenda.after(kept + LOOKS_MIN, partial(_let_go, target))
        else:
            self._agenda.after(mean * story.visitor.travel_factor, partial(_arrive, story, target))


def _accepts(story: VisitorRecord, offer: best_offer.BestOffer, divert: Divert) -> bool:
    """Whether the visitor goes, by what the told waits would save."""
    saving = (offer.here.p50_min or 0.0) - (offer.there.p50_min or 0.0)
    steps = (saving - divert.half_saving_min) / divert.saving_scale_min
    follows = divert.max_accept * (1 + tanh(steps / 2)) / 2  # the logistic curve, which overflows for no saving
    factor = divert.priority_accept_factor if story.visitor.priority else 1.0
    return saving >= divert.min_offer_saving_min and story.visitor.willing < follows * factor


def _referred(story: VisitorRecord, offer: best_offer.BestOffer, origin: SimulatedHall, target: SimulatedHall) -> bool:
    """Let the two sites agree; return whether the visitor has a place there."""
    name, service = story.visitor.name, identifier(story.visitor.service)
    at = origin.moment
    priority = PRIORITY if story.visitor.priority else None
    origin.do(
        [offers.offer_made(offer, offer=name, service=service, language=Language.ZH, priority=priority, ticket=None)]
    )
    origin.do([referral_origin.accept_offer(origin.hall, offer=name, referral=name, print_device=None, at=at)])
    for hall in (target, origin, target):
        halls = {identifier(h.place.id): h.hall for h in (origin, target)}
        told = reconcile.referral_states(halls, identifier(hall.place.id))
        hall.do(reconcile.reconcile(hall.hall, told, at=at, new_ticket=lambda: name, promises={service: offer.there}))
    return name in target.hall.tickets


def _arrive(story: VisitorRecord, target: SimulatedHall) -> None:
    target.do(referral_destination.check_in(target.hall, code=story.visitor.name))
    target.rouse(identifier(story.visitor.service))


def _let_go(target: SimulatedHall) -> None:
    target.do(referral_destination.expire_places(target.hall, at=target.moment))
