"""Views of a referral for its paper and its page."""

from __future__ import annotations

from datetime import timedelta

from protocol.answers import ReferralAnswer
from protocol.vocabulary import Promise, TicketId
from server.domain.model.hall import Hall
from server.domain.model.referral_state import GrantedPlace, OutgoingReferral
from server.domain.views import hall_views


def referral_view(hall: Hall, sent: OutgoingReferral, taken: GrantedPlace) -> ReferralAnswer:
    """Return all that is printed on the paper of a place at another site."""
    jobs = hall.prints.get(sent.fact.referral, ())
    return ReferralAnswer(
        referral=sent.fact.referral,
        site=sent.where,
        area=taken.area,
        ticket=taken.ticket,
        number=taken.number,
        service=sent.fact.service,
        language=sent.fact.language,
        issued_at=taken.taken.at,
        people_ahead=taken.people_ahead,
        promise=promise_on_paper(sent, taken.promise),
        kept_until=taken.taken.at + timedelta(minutes=taken.kept_min),
        page=f"/t/{taken.ticket}",
        print_job=hall_views.print_job_view(jobs[-1]) if jobs else None,
    )


def promise_on_paper(sent: OutgoingReferral, newer: Promise | None) -> Promise:
    """Return the range on the paper, from the moment the place was held to the call there: the one accepted.

    ``newer`` is the place's own promise, which knows no travel. Where it ends later than what was accepted, it is
    printed instead, never from below the travel: a worse range is shown before the walk, a better one is a surprise.
    """
    if newer is None or newer.high_min <= sent.promise.high_min:
        return sent.promise
    return Promise(low_min=max(sent.where.travel_min, newer.low_min), high_min=newer.high_min)


def referral_of_ticket(hall: Hall, ticket: TicketId) -> ReferralAnswer | None:
    """Return the taken referral of a ticket of today, if there is one."""
    return next(
        (referral_view(hall, s, s.place) for s in hall.referrals.values() if s.place and s.fact.ticket == ticket),
        None,
    )


def referral_of_place(hall: Hall, there: TicketId) -> ReferralAnswer | None:
    """Return the taken referral whose place is this ticket of another site, if it is of today."""
    return next(
        (referral_view(hall, s, s.place) for s in hall.referrals.values() if s.place and s.place.ticket == there),
        None,
    )
