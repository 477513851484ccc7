"""How the journal makes a hall: each entry, applied to the hall before it, gives the next one. Nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from protocol import journal as j
from protocol.retained_messages import Call
from protocol.vocabulary import PrintOutcome, TicketState, WindowId
from server.domain.events import apply_referrals, apply_windows
from server.domain.events.queue_transitions import join_queue, move_ticket, without
from server.domain.model import catalogue as c
from server.domain.model.arrival_rate import ArrivalRate, after_arrival
from server.domain.model.hall import (
    CALLS_KEPT,
    Hall,
    HallWindow,
    PrintAttempt,
    SiteIndex,
    class_rank,
    rank,
    ticket_of_job,
)
from server.domain.model.learned import Duration, Learned
from server.domain.model.tickets import Ticket, after

NOTHING = Learned()
"""What a site has learned before its first day."""


@dataclass(frozen=True, slots=True)
class AppliedEntry:
    """One entry with the hall before and after it."""

    before: Hall
    entry: j.Entry
    after: Hall


def apply_facts(
    hall: Hall, facts: Iterable[j.AnyFact], *, moment: j.Moment, actor: str, request_id: str | None
) -> list[AppliedEntry]:
    """Return the facts of one command as numbered journal entries, each applied after the other."""
    made = []
    for fact in facts:
        entry = j.Entry(seq=hall.seq + 1, moment=moment, actor=actor, request_id=request_id, fact=fact)
        step = AppliedEntry(before=hall, entry=entry, after=apply(hall, entry))
        made.append(step)
        hall = step.after
    return made


def empty_hall(catalogue: c.Catalogue, *, learned: Learned = NOTHING) -> Hall:
    """Return a site before its first day."""
    return Hall(site=SiteIndex(catalogue), learned=learned)


def apply(hall: Hall, entry: j.Entry) -> Hall:
    """Return the site after one more entry of its journal."""
    return replace(_APPLY[entry.fact.kind](hall, entry, entry.fact), seq=entry.seq, latest=entry.moment)


def _catalogue(hall: Hall, entry: j.Entry, fact: j.CatalogueChanged) -> Hall:  # noqa: ARG001 - same shape for all facts
    hall = replace(hall, site=SiteIndex(c.Catalogue.model_validate(fact.catalogue)))
    queues = {s: tuple(sorted(q, key=partial(rank, hall))) for s, q in hall.queues.items()}
    windows = {name: _still(hall, window) for name, window in hall.windows.items() if name in hall.site.windows}
    return replace(hall, queues=queues, windows=windows)


def _still(hall: Hall, window: HallWindow) -> HallWindow:
    """Return a window that helps only with services the site still has."""
    return replace(window, helps=tuple(s for s in window.helps if s in hall.site.services))


def _day(hall: Hall, entry: j.Entry, fact: j.DayStarted) -> Hall:
    return Hall(site=hall.site, day=fact.day, began=entry.moment, learned=hall.learned, notice=fact.notice)


def _issued(hall: Hall, entry: j.Entry, fact: j.TicketIssued) -> Hall:
    ticket = Ticket(
        id=fact.ticket,
        number=fact.number,
        service=fact.service,
        language=fact.language,
        priority=fact.priority,
        state=TicketState.WAITING,
        seniority=(entry.seq, entry.seq),
        issued=entry.moment,
        since=entry.moment,
        queued=entry.moment,
        people_ahead=fact.people_ahead,
        promise=fact.promise,
    )
    return replace(
        hall,
        counts={**hall.counts, fact.letter: fact.count},
        tickets={**hall.tickets, ticket.id: ticket},
        numbers={**hall.numbers, ticket.number: ticket.id},
        queues=join_queue(hall, hall.queues, ticket),
        arrival_rates={**hall.arrival_rates, ticket.service: _flow(hall, ticket)},
        prints=hall.prints if fact.print_device is None else {**hall.prints, ticket.id: (_first_print(fact, entry),)},
    )


def _flow(hall: Hall, ticket: Ticket) -> ArrivalRate:
    protected = class_rank(hall, ticket.priority) < class_rank(hall, None)
    return after_arrival(hall.arrival_rates.get(ticket.service), protected=protected, at=ticket.issued)


def _first_print(fact: j.TicketIssued, entry: j.Entry) -> PrintAttempt:
    return PrintAttempt(
        job=f"{fact.ticket}.1",
        ticket=fact.ticket,
        device=fact.print_device or "",
        reprint=False,
        started=entry.moment,
    )


def _called(hall: Hall, entry: j.Entry, fact: j.TicketCalled) -> Hall:
    old = hall.tickets[fact.ticket]
    ticket = replace(
        old, state=after(old.state, "call"), called=entry.moment, started=None, window=fact.window, call_seq=entry.seq
    )
    window = replace(hall.window(fact.window), ticket=ticket.id, last_call=entry.moment)
    passed = without(hall.passed, ticket.id)
    for other in all_passed(hall, fact):
        passed[other.id] = passed.get(other.id, 0) + 1
    hall = move_ticket(hall, old, ticket)
    return replace(
        hall,
        passed=passed,
        windows={**hall.windows, window.id: window},
        calls=_call(hall, entry, ticket, recall=False),
        learned=_kept_promise(hall, entry, fact, old),
    )


def _kept_promise(hall: Hall, entry: j.Entry, fact: j.TicketCalled, old: Ticket) -> Learned:
    """Return what the first call of a ticket teaches of its promise; a call by number is nobody's prediction."""
    told = old.promise if old.call_seq is None and old.from_site is None and fact.reason != "by_number" else None
    return hall.learned if told is None else hall.learned.promised(told, waited_s=entry.moment.since(old.issued))


def all_passed(hall: Hall, fact: j.TicketCalled) -> list[Ticket]:
    """Return everybody a call passed: in the classes and services it names, all who are older than the one called."""
    called = hall.tickets[fact.ticket].seniority
    named = {(t.service, class_rank(hall, t.priority)) for t in (hall.tickets[p] for p in fact.passed)}
    waiting = (t for service in {s for s, _ in named} for t in hall.queues[service])
    return [t for t in waiting if t.seniority < called and (t.service, class_rank(hall, t.priority)) in named]


def _recalled(hall: Hall, entry: j.Entry, fact: j.TicketRecalled) -> Hall:
    return replace(hall, calls=_call(hall, entry, hall.tickets[fact.ticket], recall=True))


def _started(hall: Hall, entry: j.Entry, fact: j.TicketStarted) -> Hall:
    old = hall.tickets[fact.ticket]
    started = None if fact.assumed else entry.moment
    return move_ticket(hall, old, replace(old, state=after(old.state, "start"), started=started))


def _finished(hall: Hall, entry: j.Entry, fact: j.TicketFinished) -> Hall:
    old = hall.tickets[fact.ticket]
    learned = hall.learned.called(came=True)
    if hall.day is not None and old.started is not None and old.started.boot == entry.moment.boot:
        served = Duration(entry.seq, hall.day, fact.window, entry.moment.since(old.started))
        learned = learned.served(old.service, served)
    hall = _freed(hall, fact.window)
    return replace(move_ticket(hall, old, replace(old, state=after(old.state, "finish"))), learned=learned)


def _no_show(hall: Hall, entry: j.Entry, fact: j.TicketNoShow) -> Hall:  # noqa: ARG001 - same shape for all facts
    old = hall.tickets[fact.ticket]
    hall = replace(_freed(hall, fact.window), learned=hall.learned.called(came=False))
    return move_ticket(hall, old, replace(old, state=after(old.state, "no_show"), window=None))


def _returned(hall: Hall, entry: j.Entry, fact: j.TicketReturned) -> Hall:
    old = hall.tickets[fact.ticket]
    places = [old] if fact.behind is None else [old, hall.tickets[fact.behind]]
    later = max(places, key=lambda t: t.seniority[0])
    ticket = replace(
        old,
        state=after(old.state, "return"),
        seniority=(later.seniority[0], entry.seq),
        since=later.since,
        queued=entry.moment,
        called=None,
        returns=old.returns + 1,
    )
    return move_ticket(hall, old, ticket)


def _transferred(hall: Hall, entry: j.Entry, fact: j.TicketTransferred) -> Hall:
    old = hall.tickets[fact.ticket]
    ticket = replace(
        old,
        state=after(old.state, "transfer"),
        service=fact.service,
        queued=entry.moment,
        called=None,
        started=None,
        window=None,
    )
    return move_ticket(_freed(hall, fact.window), old, ticket)


def _cancelled(hall: Hall, entry: j.Entry, fact: j.TicketCancelled) -> Hall:  # noqa: ARG001 - same shape for all facts
    old = hall.tickets[fact.ticket]
    if old.window is not None and hall.window(old.window).ticket == old.id:
        hall = _freed(hall, old.window)
    return move_ticket(hall, old, replace(old, state=after(old.state, "cancel")))


def _notice(hall: Hall, entry: j.Entry, fact: j.NoticeChanged) -> Hall:  # noqa: ARG001 - same shape for all facts
    return replace(hall, notice=fact.text)


def _print_started(hall: Hall, entry: j.Entry, fact: j.PrintStarted) -> Hall:
    job = PrintAttempt(job=fact.job, ticket=fact.ticket, device=fact.device, reprint=True, started=entry.moment)
    return replace(hall, prints={**hall.prints, fact.ticket: (*hall.prints.get(fact.ticket, ()), job)})


def _print_ended(hall: Hall, entry: j.Entry, fact: j.PrintEnded) -> Hall:  # noqa: ARG001 - same shape for all facts
    ticket = ticket_of_job(fact.job)
    jobs = tuple(
        replace(p, outcome=fact.outcome, reason=fact.reason) if p.job == fact.job else p for p in hall.prints[ticket]
    )
    known = ticket in hall.tickets or ticket in hall.referrals
    if not known and all(p.outcome is not PrintOutcome.PENDING for p in jobs):
        return replace(hall, prints=without(hall.prints, ticket))
    return replace(hall, prints={**hall.prints, ticket: jobs})


_APPLY: Mapping[str, Callable[[Hall, j.Entry, Any], Hall]] = MappingProxyType(
    {
        "catalogue_changed": _catalogue,
        "day_started": _day,
        "ticket_issued": _issued,
        "ticket_called": _called,
        "ticket_recalled": _recalled,
        "ticket_started": _started,
        "ticket_finished": _finished,
        "ticket_no_show": _no_show,
        "ticket_returned": _returned,
        "ticket_transferred": _transferred,
        "ticket_cancelled": _cancelled,
        "notice_changed": _notice,
        "print_started": _print_started,
        "print_ended": _print_ended,
        **apply_referrals.APPLY,
        **apply_windows.APPLY,
    }
)


def _freed(hall: Hall, window: WindowId) -> Hall:
    """Return the hall with nobody at this window."""
    return replace(hall, windows={**hall.windows, window: replace(hall.window(window), ticket=None)})


def _call(hall: Hall, entry: j.Entry, ticket: Ticket, *, recall: bool) -> tuple[Call, ...]:
    described = hall.site.windows[ticket.window or WindowId("")]
    call = Call(
        number=ticket.number,
        window=described.id,
        window_label=described.label,
        area=hall.site.areas[described.area].name,
        call_seq=entry.seq,
        called_at=entry.moment.at,
        recall=recall,
        language=ticket.language,
    )
    return (call, *hall.calls[: CALLS_KEPT - 1])
