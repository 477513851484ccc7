"""Whom a window calls next, and why.

Protected classes first, in the site's order; within a class the most senior. The bound: no waiting ticket is passed by
more than ``rules.passed_at_most`` later ones. A ticket is *passed* when a window that serves it calls a younger one.
Calls by number are a clerk's own decision: they are written down as such and do not count as passing.

Why the bound holds: a ticket's count grows only when a younger one is chosen over it. Once a ticket has reached the
bound, the choice is the most senior of those that reached it, so none of them is ever passed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from server.domain.hall import Hall, rank
from server.domain.tickets import Seniority, Ticket


@dataclass(frozen=True, slots=True)
class Choice:
    """The ticket to call, the reason, and the older tickets it is called before."""

    ticket: Ticket
    reason: str
    passed: tuple[str, ...]


def choose(hall: Hall, *, services: Iterable[str]) -> Choice | None:
    """Return whom a window for ``services`` calls next, or None when nobody waits for it."""
    services = frozenset(services)
    queues = hall.queues_of(services)
    if not queues:
        return None
    often = _passed_often(hall, services)
    chosen = min(often, key=_seniority) if often else min((q[0] for q in queues), key=partial(rank, hall))
    passed = tuple(t.id for q in queues for t in q if t.seniority < chosen.seniority)
    reason = "passed_often" if often and passed else "priority" if passed else "next"
    return Choice(ticket=chosen, reason=reason, passed=passed)


def _passed_often(hall: Hall, services: frozenset[str]) -> list[Ticket]:
    """Return the tickets waiting for these services that must not be passed again."""
    bound = hall.offer.catalogue.rules.passed_at_most
    if bound == 0:
        return [t for q in hall.queues_of(services) for t in q]
    often = (hall.tickets[t] for t, times in hall.passed.items() if times >= bound)
    return [t for t in often if t.service in services]


def _seniority(ticket: Ticket) -> Seniority:
    return ticket.seniority
