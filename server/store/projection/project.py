"""Makes the tables from the journal: what one entry writes, given the hall before and after it.

Nothing is read back: the same entries always make the same rows, at the hub, in a rebuild and at the county.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, insert, update

from protocol import journal as j
from protocol.vocabulary import PrintOutcome
from server.domain.events.apply import AppliedEntry, all_passed
from server.domain.model.hall import Hall, ticket_of_job
from server.domain.model.tickets import Ticket
from server.store import tables as t
from server.store.prepared_statements import Runs
from server.store.projection import project_referrals

_NEW_TICKET = insert(t.tickets)
_NEW_CALL = insert(t.calls)
_NEW_DAY = insert(t.days)
_NEW_PRINT = insert(t.prints)


def _change(table: Any, key: str, *columns: str) -> Any:  # noqa: ANN401 - SQLAlchemy's statement types are generic
    """Return an UPDATE of some columns of one row, compiled once."""
    return (
        update(table)
        .where(table.c.site == bindparam("b_site"), table.c[key] == bindparam("b_key"))
        .values({c: bindparam(c) for c in columns})
    )


_TICKET = _change(t.tickets, "id", "state", "service", "window", "returns", "changed_seq")
_TICKET_CALLED = _change(t.tickets, "id", "state", "window", "called_at", "changed_seq")
_TICKET_FIRST_CALLED = _change(
    t.tickets, "id", "state", "window", "called_at", "first_wait_s", "first_call_seq", "changed_seq"
)
_RECALLED = (
    update(t.calls)
    .where(t.calls.c.site == bindparam("b_site"), t.calls.c.seq == bindparam("b_key"))
    .values(recalls=t.calls.c.recalls + 1)
)
_STARTED = _change(t.calls, "seq", "started_at", "walked_s", "assumed")
_ENDED = _change(t.calls, "seq", "ended_at", "ended_seq", "outcome", "served_s")
_PRINT_ENDED = _change(t.prints, "job", "outcome", "reason", "ended_at")


def project(connection: Runs, step: AppliedEntry) -> None:
    """Write what one step of the hall changes."""
    write = _PROJECT.get(step.entry.fact.kind)
    if write is not None:
        write(connection, step.before, step.after, step.entry)


def _site(hall: Hall) -> str:
    return hall.site.catalogue.site


def _day(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:  # noqa: ARG001
    connection.execute(_NEW_DAY, {"site": _site(after), "day": after.day, "first_seq": entry.seq})


def _issued(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:  # noqa: ARG001
    fact: Any = entry.fact
    promise = fact.promise
    connection.execute(
        _NEW_TICKET,
        {
            "site": _site(after),
            "id": fact.ticket,
            "business_day": after.day,
            "number": fact.number,
            "letter": fact.letter,
            "count": fact.count,
            "service": fact.service,
            "language": fact.language.value,
            "priority": fact.priority,
            "state": "waiting",
            "issued_seq": entry.seq,
            "issued_at": entry.moment.at,
            "people_ahead": fact.people_ahead,
            "promise_low_min": promise and promise.low_min,
            "promise_high_min": promise and promise.high_min,
            "promise_p50_min": promise and promise.p50_min,
            "promise_p80_min": promise and promise.p80_min,
            "promise_p90_min": promise and promise.p90_min,
            "first_wait_s": None,
            "first_call_seq": None,
            "called_at": None,
            "window": None,
            "returns": 0,
            "changed_seq": entry.seq,
        },
    )


def _called(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:
    fact: Any = entry.fact
    ticket = before.tickets[fact.ticket]
    waited = entry.moment.since(ticket.queued)
    connection.execute(
        _NEW_CALL,
        {
            "site": _site(after),
            "seq": entry.seq,
            "business_day": after.day,
            "ticket": ticket.id,
            "number": ticket.number,
            "service": ticket.service,
            "window": fact.window,
            "reason": fact.reason,
            "passed": len(all_passed(before, fact)),
            "called_at": entry.moment.at,
            "waited_s": waited,
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
        "b_site": _site(after),
        "b_key": ticket.id,
        "state": "called",
        "window": fact.window,
        "called_at": entry.moment.at,
        "changed_seq": entry.seq,
    }
    if ticket.call_seq is None:
        connection.execute(_TICKET_FIRST_CALLED, {**row, "first_wait_s": waited, "first_call_seq": entry.seq})
    else:
        connection.execute(_TICKET_CALLED, row)


def _recalled(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:
    fact: Any = entry.fact
    connection.execute(_RECALLED, {"b_site": _site(after), "b_key": before.tickets[fact.ticket].call_seq})


def _started(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:
    fact: Any = entry.fact
    ticket = before.tickets[fact.ticket]
    walked = None if fact.assumed or ticket.called is None else entry.moment.since(ticket.called)
    connection.execute(
        _STARTED,
        {
            "b_site": _site(after),
            "b_key": ticket.call_seq,
            "started_at": None if fact.assumed else entry.moment.at,
            "walked_s": walked,
            "assumed": fact.assumed,
        },
    )
    _ticket_row(connection, after, ticket, "serving", entry)


def _ended(outcome: str, state: str) -> Callable[[Runs, Hall, Hall, j.Entry], None]:
    """Return what a fact writes that ends a call: the call's outcome and the ticket's state."""

    def write(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:
        fact: Any = entry.fact
        ticket = before.tickets[fact.ticket]
        if ticket.window is not None and before.window(ticket.window).ticket == ticket.id:
            _end_call(connection, after, ticket, outcome, entry)
        _ticket_row(connection, after, after.tickets.get(ticket.id, ticket), state, entry)

    return write


def _end_call(connection: Runs, after: Hall, ticket: Ticket, outcome: str, entry: j.Entry) -> None:
    measured = ticket.started is not None and ticket.started.boot == entry.moment.boot
    served = entry.moment.since(ticket.started) if measured and ticket.started else None
    connection.execute(
        _ENDED,
        {
            "b_site": _site(after),
            "b_key": ticket.call_seq,
            "ended_at": entry.moment.at,
            "ended_seq": entry.seq,
            "outcome": outcome,
            "served_s": served,
        },
    )


def _returned(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:  # noqa: ARG001
    fact: Any = entry.fact
    _ticket_row(connection, after, after.tickets[fact.ticket], "waiting", entry)


def _print_ended(connection: Runs, before: Hall, after: Hall, entry: j.Entry) -> None:
    """Write a job when it has an outcome; one that was given up may still get a better one."""
    fact: Any = entry.fact
    ended = {"outcome": fact.outcome.value, "reason": fact.reason, "ended_at": entry.moment.at}
    job = next(p for p in before.prints[ticket_of_job(fact.job)] if p.job == fact.job)
    if job.outcome is not PrintOutcome.PENDING:
        connection.execute(_PRINT_ENDED, {"b_site": _site(after), "b_key": job.job, **ended})
        return
    connection.execute(
        _NEW_PRINT,
        {
            "site": _site(after),
            "job": job.job,
            "ticket": job.ticket,
            "device": job.device,
            "reprint": job.reprint,
            "started_at": job.started.at,
            **ended,
        },
    )


def _ticket_row(connection: Runs, after: Hall, ticket: Ticket, state: str, entry: j.Entry) -> None:
    connection.execute(
        _TICKET,
        {
            "b_site": _site(after),
            "b_key": ticket.id,
            "state": state,
            "service": ticket.service,
            "window": ticket.window,
            "returns": ticket.returns,
            "changed_seq": entry.seq,
        },
    )


_PROJECT: Mapping[str, Callable[[Runs, Hall, Hall, j.Entry], None]] = MappingProxyType(
    {
        "day_started": _day,
        "ticket_issued": _issued,
        "ticket_called": _called,
        "ticket_recalled": _recalled,
        "ticket_started": _started,
        "ticket_finished": _ended("finished", "finished"),
        "ticket_no_show": _ended("no_show", "no_show"),
        "ticket_transferred": _ended("transferred", "waiting"),
        "ticket_cancelled": _ended("cancelled", "cancelled"),
        "ticket_returned": _returned,
        "print_ended": _print_ended,
        **project_referrals.PROJECT,
    }
)
