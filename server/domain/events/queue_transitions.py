"""Transitions of a ticket in a hall: into a queue, out of it, and out of the hall when it has ended."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from protocol.retained_messages import Call
from protocol.vocabulary import PrintOutcome, ServiceId, TicketId, TicketState
from server.domain.model.hall import ENDED_KEPT, Hall, rank
from server.domain.model.tickets import ENDED, Ticket

Key = TypeVar("Key")
Value = TypeVar("Value")


def move_ticket(hall: Hall, old: Ticket, new: Ticket) -> Hall:
    """Return the hall with a ticket in its new state, in and out of queues as that demands."""
    hall, queues = _with_calls_over(hall, old, new), hall.queues
    if old.state is TicketState.WAITING:
        queues = {**queues, old.service: _left(queues[old.service], old)}
    if new.state is TicketState.WAITING:
        queues = join_queue(hall, queues, new)
    if new.state in ENDED:
        return _forgotten(hall._replace(queues=queues), new)
    return hall._replace(queues=queues, tickets={**hall.tickets, new.id: new})


def _with_calls_over(hall: Hall, old: Ticket, new: Ticket) -> Hall:
    """Return the hall with a ticket's calls marked as over when it is no longer in the state it was called in.

    A visitor who is only assumed absent may still be on the way, and is called on.
    """
    called = old.state in (TicketState.CALLED, TicketState.SERVING) or old.absence_assumed
    if not called or new.absence_assumed or (new.state is old.state and new.assumed is old.assumed):
        return hall
    calls = tuple(c.model_copy(update={"over": True}) if c.number == old.number else c for c in hall.calls)
    return hall._replace(calls=calls)


def join_queue(
    hall: Hall, queues: Mapping[ServiceId, tuple[Ticket, ...]], ticket: Ticket
) -> Mapping[ServiceId, tuple[Ticket, ...]]:
    """Return the queues with a ticket inserted by seniority into that of its service."""
    queue = queues.get(ticket.service, ())
    place = bisect(queue, rank(hall, ticket), key=partial(rank, hall))
    return {**queues, ticket.service: (*queue[:place], ticket, *queue[place:])}


def _left(queue: tuple[Ticket, ...], ticket: Ticket) -> tuple[Ticket, ...]:
    if queue[0].id == ticket.id:
        return queue[1:]
    return tuple(t for t in queue if t.id != ticket.id)


def _forgotten(hall: Hall, ticket: Ticket) -> Hall:
    """Return the hall without an ended ticket; print jobs stay while one is pending or the end is only assumed."""
    kept = ticket.assumed or any(p.outcome is PrintOutcome.PENDING for p in hall.prints.get(ticket.id, ()))
    return hall._replace(
        tickets=without(hall.tickets, ticket.id),
        numbers=without(hall.numbers, ticket.number),
        passed=without(hall.passed, ticket.id),
        ended=(ticket, *hall.ended[: ENDED_KEPT - 1]),
        prints=hall.prints if kept else without(hall.prints, ticket.id),
    )


def restore_assumed(hall: Hall, ticket: TicketId) -> Hall:
    """Return the hall in which a visitor who was assumed to be served missed the call instead; others stay."""
    found = hall.assumed.get(ticket)
    if found is None:
        return hall
    missed = found._replace(state=TicketState.NO_SHOW, window=None)
    return hall._replace(
        assumed=without(hall.assumed, ticket),
        tickets={**hall.tickets, ticket: missed},
        numbers={**hall.numbers, missed.number: ticket},
        ended=tuple(t for t in hall.ended if t.id != ticket),
    )


def without_calls(hall: Hall, is_gone: Callable[[Call], bool]) -> Hall:
    """Return the hall whose board lists no more calls that are gone: those of a number that is no longer valid."""
    calls = tuple(c for c in hall.calls if not is_gone(c))
    return hall if len(calls) == len(hall.calls) else hall._replace(calls=calls)


def without(mapping: Mapping[Key, Value], key: Key) -> dict[Key, Value]:
    """Return a mapping without one of its keys."""
    rest = dict(mapping)
    rest.pop(key, None)
    return rest
