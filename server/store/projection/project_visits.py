"""Projection of the facts of a visit: the ticket's row, and a row for each call."""

from __future__ import annotations

from typing import assert_never

from protocol import journal as j
from protocol.vocabulary import TicketId
from server.domain.events.apply import AppliedEntry
from server.domain.events.apply_visits import all_passed
from server.domain.events.queue_transitions import restore_assumed
from server.domain.model.tickets import Ticket
from server.store import tables as t
from server.store.projection.row_statements import StatementRunner, insert_row, update_row
from server.store.projection.ticket_rows import new_ticket_row, site_of

_NEW_TICKET = insert_row(t.tickets)
_NEW_CALL = insert_row(t.calls)
_TICKET = update_row(t.tickets, "state", "service", "window", "returns", "changed_seq")
_TICKET_CALLED = update_row(t.tickets, "state", "window", "called_at", "changed_seq")
_TICKET_FIRST_CALLED = update_row(
    t.tickets, "state", "window", "called_at", "first_wait_s", "first_call_seq", "changed_seq"
)
_CALL_RECALLED = update_row(t.calls, added=("recalls",))
_CALL_STARTED = update_row(t.calls, "started_at", "walked_s", "assumed")
_CALL_ENDED = update_row(t.calls, "ended_at", "ended_seq", "outcome", "served_s", "assumed")
_CALL_MISSED = update_row(t.calls, "outcome")


def project_visit_fact(connection: StatementRunner, step: AppliedEntry, fact: j.VisitFact) -> None:
    """Write the rows that one fact of a visit changes."""
    match fact.kind:
        case "ticket_issued":
            _insert_ticket(connection, step, fact)
        case "ticket_called":
            _insert_call(connection, step, fact)
        case "ticket_started":
            _start_call(connection, step, fact)
        case "ticket_finished":
            _end_call(connection, step, fact.ticket, outcome="finished", state="finished")
        case "ticket_recalled":
            called = step.before.tickets[fact.ticket]
            connection.execute(_CALL_RECALLED, {"b_site": site_of(step), "b_key": called.call_seq, "recalls": 1})
        case "ticket_no_show":
            _end_call(connection, step, fact.ticket, outcome="no_show", state="no_show", assumed=fact.assumed)
        case "ticket_returned":
            _correct_assumed(connection, step, fact.ticket)
            _update_ticket(connection, step, step.after.tickets[fact.ticket], state="waiting")
        case "ticket_transferred":
            _end_call(connection, step, fact.ticket, outcome="transferred", state="waiting")
        case "ticket_cancelled":
            _end_call(connection, step, fact.ticket, outcome="cancelled", state="cancelled")
        case _:
            assert_never(fact)


def _insert_ticket(connection: StatementRunner, step: AppliedEntry, fact: j.TicketIssued) -> None:
    promise = fact.promise
    connection.execute(
        _NEW_TICKET,
        {
            **new_ticket_row(step, fact, state="waiting"),
            "promise_p50_min": promise and promise.p50_min,
            "promise_p80_min": promise and promise.p80_min,
            "promise_p90_min": promise and promise.p90_min,
            "first_wait_s": None,
            "first_call_seq": None,
            "called_at": None,
            "window": None,
        },
    )


def _insert_call(connection: StatementRunner, step: AppliedEntry, fact: j.TicketCalled) -> None:
    _correct_assumed(connection, step, fact.ticket)
    before = restore_assumed(step.before, fact.ticket)
    ticket = before.tickets[fact.ticket]
    waited_s = step.entry.moment.since(ticket.queued)
    connection.execute(
        _NEW_CALL,
        {
            "site": site_of(step),
            "seq": step.entry.seq,
            "business_day": step.after.day,
            "ticket": ticket.id,
            "number": ticket.number,
            "service": ticket.service,
            "window": fact.window,
            "reason": fact.reason,
            "passed": len(all_passed(before, fact)),
            "called_at": step.entry.moment.at,
            "waited_s": waited_s,
            "recalls": 0,
            "started_at": None,
            "walked_s": None,
            "ended_at": None,
            "ended_seq": None,
            "outcome": None,
            "assumed": False,
            "served_s": None,
        },
    )
    row = {
        "b_site": site_of(step),
        "b_key": ticket.id,
        "state": "called",
        "window": fact.window,
        "called_at": step.entry.moment.at,
        "changed_seq": step.entry.seq,
    }
    if ticket.call_seq is None:
        connection.execute(_TICKET_FIRST_CALLED, {**row, "first_wait_s": waited_s, "first_call_seq": step.entry.seq})
    else:
        connection.execute(_TICKET_CALLED, row)


def _start_call(connection: StatementRunner, step: AppliedEntry, fact: j.TicketStarted) -> None:
    ticket, moment = step.before.tickets[fact.ticket], step.entry.moment
    connection.execute(
        _CALL_STARTED,
        {
            "b_site": site_of(step),
            "b_key": ticket.call_seq,
            "started_at": None if fact.assumed else moment.at,
            "walked_s": None if fact.assumed or ticket.called is None else moment.since(ticket.called),
            "assumed": fact.assumed,
        },
    )
    _update_ticket(connection, step, ticket, state="serving")


def _correct_assumed(connection: StatementRunner, step: AppliedEntry, name: TicketId) -> None:
    """Write that a visit that was only assumed did not take place: its visitor waits or is called again."""
    assumed = step.before.assumed.get(name)
    if assumed is not None:
        row = {"b_site": site_of(step), "b_key": assumed.call_seq, "outcome": "not_served"}
        connection.execute(_CALL_MISSED, row)


def _end_call(
    connection: StatementRunner, step: AppliedEntry, name: TicketId, *, outcome: str, state: str, assumed: bool = False
) -> None:
    """Write how a call ended, if the ticket was at a window or it was assumed, and the ticket's new state."""
    ticket = step.before.tickets[name]
    at_window = ticket.window is not None and step.before.window(ticket.window).ticket == ticket.id
    if at_window or ticket.absence_assumed:
        connection.execute(
            _CALL_ENDED,
            {
                "b_site": site_of(step),
                "b_key": ticket.call_seq,
                "ended_at": step.entry.moment.at,
                "ended_seq": step.entry.seq,
                "outcome": outcome,
                "served_s": _served_s(ticket, step.entry.moment),
                "assumed": assumed or (at_window and ticket.assumed),
            },
        )
    _update_ticket(connection, step, step.after.tickets.get(ticket.id, ticket), state=state)


def _served_s(ticket: Ticket, ended: j.Moment) -> float | None:
    """Return the measured serving time; None for an assumed start, or one before a restart of the machine."""
    if ticket.started is None or ticket.started.boot != ended.boot:
        return None
    return ended.since(ticket.started)


def _update_ticket(connection: StatementRunner, step: AppliedEntry, ticket: Ticket, *, state: str) -> None:
    connection.execute(
        _TICKET,
        {
            "b_site": site_of(step),
            "b_key": ticket.id,
            "state": state,
            "service": ticket.service,
            "window": ticket.window,
            "returns": ticket.returns,
            "changed_seq": step.entry.seq,
        },
    )
