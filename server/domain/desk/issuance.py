"""Rules for issuing and cancelling a ticket, for returning it to the queue, and for printing it."""

from __future__ import annotations

from datetime import datetime

from protocol import journal as j
from protocol.vocabulary import Language, PrintOutcome, Promise, ReferralId, ServiceId, TicketId
from server.domain.desk import numbering
from server.domain.discipline.queue_order import windows_serving
from server.domain.forecast import wait_times
from server.domain.model import catalogue as c
from server.domain.model import opening_hours
from server.domain.model.hall import Hall, PrintAttempt, class_rank, ticket_of_job
from server.domain.model.refusals import (
    HallClosed,
    NoReturnLeft,
    PlaceUnconfirmed,
    PrintEndedAlready,
    ReprintUsed,
    ServiceNotServed,
    UnknownPrint,
    UnknownPriority,
    UnknownService,
    UnknownTicket,
)
from server.domain.model.tickets import Ticket, state_after


def issue(
    hall: Hall,
    *,
    service: ServiceId,
    language: Language,
    priority: str | None,
    ticket: TicketId,
    print_device: str | None,
    promise: Promise | None,
    people_ahead: int | None = None,
    now: datetime | None,
    offer: str | None = None,
) -> j.TicketIssued:
    """Issue the next number of a service. ``ticket`` is a fresh secret; ``now`` None skips the opening hours.

    Where ``people_ahead`` is unknown a count of the queues is kept. ``offer`` is the other site that the visitor turned
    down.

    Raises UnknownService, UnknownPriority, HallClosed, ServiceNotServed.
    """
    catalogue_service = requested_service(hall, service=service, priority=priority)
    if now is not None and not opening_hours.is_open(hall.site.catalogue, now):
        hours = opening_hours.opening_hours_text(hall.site.catalogue)
        raise HallClosed(hours)
    if not windows_serving(hall, service):
        raise ServiceNotServed.by_any_window(catalogue_service.name)
    count = hall.counts.get(catalogue_service.letter, 0) + 1
    return j.TicketIssued(
        ticket=ticket,
        number=numbering.ticket_number(catalogue_service.letter, count),
        letter=catalogue_service.letter,
        count=count,
        service=service,
        language=language,
        priority=priority,
        people_ahead=(
            wait_times.count_ahead(hall, service=service, priority=priority) if people_ahead is None else people_ahead
        ),
        promise=promise,
        print_device=print_device,
        offer=offer if offer in hall.offers else None,
    )


def requested_service(hall: Hall, *, service: ServiceId, priority: str | None) -> c.Service:
    """Return the service a visitor requests. Raises UnknownService, UnknownPriority."""
    catalogue_service = hall.site.services.get(service)
    if catalogue_service is None:
        raise UnknownService(service)
    if priority is not None and priority not in hall.site.priority_rank:
        raise UnknownPriority(priority)
    return catalogue_service


def cancel(hall: Hall, *, ticket: TicketId) -> j.TicketCancelled:
    """Cancel a ticket. Raises UnknownTicket, WrongState, PlaceUnconfirmed."""
    found = require_open_ticket(hall, ticket)
    state_after(found.state, "cancel")
    require_confirmed(found)
    return j.TicketCancelled(ticket=ticket, reason="asked")


def return_to_queue(hall: Hall, *, ticket: TicketId) -> j.TicketReturned:
    """Put a visitor who missed the call back, behind ``rules.return_behind`` others of the service.

    One whose absence, or whose visit, was only assumed gets the old place back, and this is none of the returns that
    ``rules.returns`` allows. Other classes keep their precedence: of the first in the queue, only those of the same
    class say where to stand.

    Raises UnknownTicket, WrongState, NoReturnLeft.
    """
    assumed = hall.assumed.get(ticket)
    if assumed is not None and not windows_serving(hall, assumed.service):
        raise UnknownTicket.ended()  # as the waiting tickets of a service that the site gave up
    old = assumed or require_open_ticket(hall, ticket)
    if old.assumed:
        return j.TicketReturned(ticket=ticket, behind=None)
    state_after(old.state, "return")
    rules = hall.site.catalogue.rules
    if old.returns >= rules.returns:
        raise NoReturnLeft(old.number, returns=old.returns)
    first = hall.queues.get(old.service, ())[: rules.return_behind]
    own = class_rank(hall, old.priority)
    ahead = [t for t in first if class_rank(hall, t.priority) == own]
    return j.TicketReturned(ticket=ticket, behind=ahead[-1].id if ahead else None)


def reprint(hall: Hall, *, ticket: TicketId | ReferralId, device: str) -> j.PrintStarted:
    """Start the one reprint of a ticket's paper, or of a referral's: ``ticket`` is then the referral.

    Raises UnknownTicket, ReprintUsed.
    """
    number = _number_on_paper(hall, ticket)
    jobs = hall.prints.get(ticket, ())
    if any(p.reprint for p in jobs):
        raise ReprintUsed(number)
    return j.PrintStarted(job=f"{ticket}.{len(jobs) + 1}", ticket=ticket, device=device)


def _number_on_paper(hall: Hall, paper: TicketId | ReferralId) -> str:
    """Return what the paper shows largest. Raises UnknownTicket."""
    referral = hall.referrals.get(ReferralId(paper))
    if referral is None or referral.place is None:
        return require_open_ticket(hall, TicketId(paper)).number
    return referral.place.number


def end_print(hall: Hall, *, job: str, outcome: PrintOutcome, reason: str) -> tuple[j.PrintEnded, ...]:
    """Record the outcome of a print job; the same outcome twice is one fact. Raises UnknownPrint, PrintEndedAlready.

    A kiosk that reports late replaces ``unknown`` by its own outcome.
    """
    known = print_job(hall, job)
    if known.outcome is outcome:
        return ()
    if known.outcome not in (PrintOutcome.PENDING, PrintOutcome.UNKNOWN):
        raise PrintEndedAlready(known.outcome)
    return (j.PrintEnded(job=job, outcome=outcome, reason=reason),)


EXPIRED_PRINTS_MAX = 100
"""Maximum number of print jobs expired in one transaction, so that no command waits for thousands."""


def expire_prints(hall: Hall, *, at: j.Moment, after_s: float) -> list[j.PrintEnded]:
    """Give up print jobs whose kiosk has not reported for ``after_s``, the oldest first."""
    forgotten = [give_up_print(p) for p in pending_prints(hall) if at.since(p.started) > after_s]
    return forgotten[:EXPIRED_PRINTS_MAX]


def pending_prints(hall: Hall) -> list[PrintAttempt]:
    """Return the print jobs no kiosk has reported on."""
    return [p for jobs in hall.prints.values() for p in jobs if p.outcome is PrintOutcome.PENDING]


def give_up_print(job: PrintAttempt) -> j.PrintEnded:
    """Return the fact that ends a print job with an unknown outcome."""
    return j.PrintEnded(job=job.job, outcome=PrintOutcome.UNKNOWN, reason="the kiosk did not report")


def print_job(hall: Hall, job: str) -> PrintAttempt:
    """Return a print job of today. Raises UnknownPrint."""
    for known in hall.prints.get(ticket_of_job(job), ()):
        if known.job == job:
            return known
    raise UnknownPrint


def require_open_ticket(hall: Hall, ticket: TicketId) -> Ticket:
    """Return a ticket that has not ended. Raises UnknownTicket."""
    found = hall.tickets.get(ticket)
    if found is None:
        raise UnknownTicket.ended()
    return found


def require_confirmed(ticket: Ticket) -> None:
    """Raise PlaceUnconfirmed for a place that is only held: this hall may neither call nor cancel it."""
    if not ticket.confirmed:
        raise PlaceUnconfirmed.on_the_way(ticket.number)
