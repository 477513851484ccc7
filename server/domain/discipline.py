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

from server.domain.hall import Hall
from server.domain.tickets import Seniority, Ticket


@dataclass(frozen=True, slots=True)
class Choice:
    """The ticket to call, the reason, and the older tickets it is called before."""

    ticket: Ticket
    reason: str
    passed: tuple[str, ...]


def choose(hall: Hall, *, services: Iterable[str]) -> Choice | None:
    """Return whom a window for ``services`` calls next, or None when nobody waits for it."""
    candidates = hall.waiting_for(services)
    if not candidates:
        return None
    often = [t for t in candidates if hall.passed.get(t.id, 0) >= hall.offer.catalogue.rules.passed_at_most]
    chosen = min(often, key=_seniority) if often else min(candidates, key=lambda t: rank(hall, t))
    passed = tuple(t.id for t in candidates if t.seniority < chosen.seniority)
    reason = "passed_often" if often and passed else "priority" if passed else "next"
    return Choice(ticket=chosen, reason=reason, passed=passed)


def rank(hall: Hall, ticket: Ticket) -> tuple[int, Seniority]:
    """Return the place of a ticket among others while nobody has been passed too often; lower is called first."""
    return (class_rank(hall, ticket.priority), ticket.seniority)


def class_rank(hall: Hall, priority: str | None) -> int:
    """Return the rank of a priority class; one the site no longer has counts as none."""
    ranks = hall.offer.priority_rank
    return ranks.get(priority, ranks[None])


def _seniority(ticket: Ticket) -> Seniority:
    return ticket.seniority
