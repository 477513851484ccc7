"""The fold of the facts of a visit: a ticket from its issue to its end."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from protocol import journal as j
from protocol.retained_messages import Call
from protocol.vocabulary import TicketState, WindowId
from server.domain.events.new_tickets import add_ticket, issued_ticket
from server.domain.events.queue_transitions import join_queue, move_ticket, restore_assumed, without, without_calls
from server.domain.model.arrival_rate import ArrivalRate, after_arrival
from server.domain.model.hall import CALLS_KEPT, Hall, PrintAttempt, class_rank
from server.domain.model.learned import Duration, Learned
from server.domain.model.tickets import Ticket, state_after


def apply_visit_fact(hall: Hall, entry: j.Entry, fact: j.VisitFact) -> Hall:  # noqa: PLR0911 - one case for each kind
    """Return the hall after one fact of a visit."""
    match fact.kind:
        case "ticket_issued":
            return _issue_ticket(hall, entry, fact)
        case "ticket_called":
            return _call_ticket(hall, entry, fact)
        case "ticket_started":
            return _start_visit(hall, entry, fact)
        case "ticket_finished":
            return _finish_visit(hall, entry, fact)
        case "ticket_recalled":
            return _recall_ticket(hall, entry, fact)
        case "ticket_no_show":
            return _mark_no_show(hall, fact)
        case "ticket_returned":
            return _return_to_queue(hall, entry, fact)
        case "ticket_transferred":
            return _transfer_ticket(hall, entry, fact)
        case "ticket_cancelled":
            return _cancel_ticket(hall, fact)
        case _:
            assert_never(fact)


def _issue_ticket(hall: Hall, entry: j.Entry, fact: j.TicketIssued) -> Hall:
    ticket = issued_ticket(fact, entry)
    return add_ticket(hall, fact, ticket)._replace(
        queues=join_queue(hall, hall.queues, ticket),
        arrival_rates={**hall.arrival_rates, ticket.service: _arrival_rate(hall, ticket)},
        prints=hall.prints if fact.print_device is None else {**hall.prints, ticket.id: (_first_print(fact, entry),)},
    )


def _arrival_rate(hall: Hall, ticket: Ticket) -> ArrivalRate:
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


def _call_ticket(hall: Hall, entry: j.Entry, fact: j.TicketCalled) -> Hall:
    hall = restore_assumed(hall, fact.ticket)
    old = hall.tickets[fact.ticket]
    ticket = old._replace(
        state=state_after(old.state, "call"),
        called=entry.moment,
        summoned=entry.moment,
        announced=None,
        started=None,
        assumed=False,
        window=fact.window,
        call_seq=entry.seq,
    )
    window = replace(hall.window(fact.window), ticket=ticket.id, last_call=entry.moment)
    passed = without(hall.passed, ticket.id)
    for other in all_passed(hall, fact):
        passed[other.id] = passed.get(other.id, 0) + 1
    hall = move_ticket(hall, old, ticket)
    return hall._replace(
        passed=passed,
        windows={**hall.windows, window.id: window},
        calls=_with_call(hall, entry, ticket, recall=False),
        learned=_learn_from_promise(hall, entry, fact, old),
    )


def _learn_from_promise(hall: Hall, entry: j.Entry, fact: j.TicketCalled, old: Ticket) -> Learned:
    """Return what the first call of a ticket teaches about its promise; a call by number was not predicted."""
    promise = old.promise if old.call_seq is None and old.from_site is None and fact.reason != "by_number" else None
    return hall.learned if promise is None else hall.learned.promised(promise, waited_s=entry.moment.since(old.issued))


def all_passed(hall: Hall, fact: j.TicketCalled) -> list[Ticket]:
    """Return everybody a call passed: in the classes and services it names, all who are older than the one called."""
    called = hall.tickets[fact.ticket].seniority
    named = {(t.service, class_rank(hall, t.priority)) for t in (hall.tickets[p] for p in fact.passed)}
    waiting = (t for service in {s for s, _ in named} for t in hall.queues[service])
    return [t for t in waiting if t.seniority < called and (t.service, class_rank(hall, t.priority)) in named]


def _recall_ticket(hall: Hall, entry: j.Entry, fact: j.TicketRecalled) -> Hall:
    """Return the hall with a recall on the board; while the call itself is not announced, both are one summons."""
    ticket = hall.tickets[fact.ticket]
    if ticket.announced is not None:
        ticket = ticket._replace(summoned=entry.moment, announced=None)
    calls = _with_call(hall, entry, ticket, recall=True)
    return hall._replace(calls=calls, tickets={**hall.tickets, ticket.id: ticket})


def _start_visit(hall: Hall, entry: j.Entry, fact: j.TicketStarted) -> Hall:
    old = hall.tickets[fact.ticket]
    started = None if fact.assumed else entry.moment
    after = old._replace(state=state_after(old.state, "start"), started=started, assumed=fact.assumed)
    return move_ticket(hall, old, after)


def _finish_visit(hall: Hall, entry: j.Entry, fact: j.TicketFinished) -> Hall:
    """Return the hall after a visit; one that is only assumed can be restored all day."""
    old = hall.tickets[fact.ticket]
    learned = hall.learned.called(came=True)
    if old.absence_assumed:
        after = old._replace(state=TicketState.FINISHED, assumed=False)
    else:
        after = old._replace(state=state_after(old.state, "finish"))
        hall = _free_window(hall, fact.window)
    if hall.day is not None and old.started is not None and old.started.boot == entry.moment.boot:
        served = Duration(entry.seq, hall.day, fact.window, entry.moment.since(old.started))
        learned = learned.served(old.service, served)
    assumed = {**hall.assumed, after.id: after} if after.assumed else hall.assumed
    return move_ticket(hall, old, after)._replace(assumed=assumed, learned=learned)


def _mark_no_show(hall: Hall, fact: j.TicketNoShow) -> Hall:
    old = hall.tickets[fact.ticket]
    if old.absence_assumed:
        after = old._replace(assumed=False)
    else:
        after = old._replace(state=state_after(old.state, "no_show"), window=None, assumed=fact.assumed)
        hall = _free_window(hall, fact.window)
    if fact.assumed:
        window = replace(hall.window(fact.window), in_doubt=old.id)
        return move_ticket(hall._replace(windows={**hall.windows, window.id: window}), old, after)
    return move_ticket(hall._replace(learned=hall.learned.called(came=False)), old, after)


def _return_to_queue(hall: Hall, entry: j.Entry, fact: j.TicketReturned) -> Hall:
    hall = restore_assumed(hall, fact.ticket)
    old = hall.tickets[fact.ticket]
    places = [old] if fact.behind is None else [old, hall.tickets[fact.behind]]
    later = max(places, key=lambda t: t.seniority[0])
    ticket = old._replace(
        state=state_after(old.state, "return"),
        seniority=old.seniority if old.assumed else (later.seniority[0], entry.seq),
        since=later.since,
        queued=entry.moment,
        called=None,
        assumed=False,
        returns=old.returns + (not old.assumed),
    )
    return move_ticket(hall, old, ticket)


def _transfer_ticket(hall: Hall, entry: j.Entry, fact: j.TicketTransferred) -> Hall:
    old = hall.tickets[fact.ticket]
    ticket = old._replace(
        state=state_after(old.state, "transfer"),
        service=fact.service,
        queued=entry.moment,
        called=None,
        started=None,
        window=None,
        assumed=False,
    )
    return move_ticket(_free_window(hall, fact.window), old, ticket)


def _cancel_ticket(hall: Hall, fact: j.TicketCancelled) -> Hall:
    old = hall.tickets[fact.ticket]
    if old.window is not None and hall.window(old.window).ticket == old.id:
        hall = _free_window(hall, old.window)
    hall = move_ticket(hall, old, old._replace(state=state_after(old.state, "cancel"), assumed=False))
    return without_calls(hall, lambda call: call.number == old.number)


def _free_window(hall: Hall, window: WindowId) -> Hall:
    """Return the hall with no ticket at this window."""
    return hall._replace(windows={**hall.windows, window: replace(hall.window(window), ticket=None)})


def _with_call(hall: Hall, entry: j.Entry, ticket: Ticket, *, recall: bool) -> tuple[Call, ...]:
    catalogue_window = hall.site.windows[ticket.window or WindowId("")]
    call = Call(
        number=ticket.number,
        window=catalogue_window.id,
        window_label=catalogue_window.label,
        area=hall.site.areas[catalogue_window.area].name,
        call_seq=entry.seq,
        called_at=entry.moment.at,
        recall=recall,
        language=ticket.language,
    )
    return (call, *hall.calls[: CALLS_KEPT - 1])
