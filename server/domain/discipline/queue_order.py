"""Whom a window calls next, and why.

In this order:

1. Tickets passed as often as ``rules.passed_at_most`` allows; of several the oldest.
2. Tickets that have waited ``rules.longest_wait_min``; of several the one that has waited longest.
3. Protected classes, in the site's order.
4. The most urgent, by the share ``(waited + 1) / limit`` in minutes, with the limit of the service. It orders as the
   generalised cμ rule with a cubic cost does (Van Mieghem 1995, Mandelbaum and Stolyar 2004): a power changes nothing
   where shares alone are compared, so it is not computed. For a secondary service of a window half of the share counts:
   such a visitor is called before those of its own services when twice as near to the limit.

Within a class and service it is always the oldest place, so only the heads are compared. The minutes waited count from
the moment of the place: a transfer keeps it, a return takes that of the place it stands behind, and a visitor referred
from another site brings the minutes waited there as a credit, which counts against other services, never against those
who were here before for the same one. A call by number is a clerk's own decision, inside the same
bound: it counts as passing too, and is refused where it would pass somebody once too often.

A waiting ticket is *passed* when a window that could have called it calls a younger one. No ticket is passed more often
than the bound: a window that takes tickets at the bound calls the oldest of those (rule 1), which passes only tickets
that are older still, and these are below the bound.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from math import inf

from protocol.journal import Moment
from protocol.vocabulary import ServiceId, Text, TicketId, WindowId
from server.domain.model.hall import Hall, class_rank, rank
from server.domain.model.refusals import PassedTooOften
from server.domain.model.tickets import Seniority, Ticket

SECONDARY_WEIGHT = 0.5
"""Weight of the waited share of a limit at a window for which the service is secondary."""
HEAD_START_S = 60.0
"""Time added to every wait, seconds, so that a short limit counts from the first minute."""

ClaimKey = tuple[int, float, float, Seniority]
"""Sort key of claims; the smallest is called first."""


@dataclass(frozen=True)
class WindowServices:
    """The services a window takes, in two tiers: its own, and secondary ones."""

    own: tuple[ServiceId, ...]
    secondary: tuple[ServiceId, ...] = ()

    @cached_property
    def services(self) -> tuple[ServiceId, ...]:
        """Both tiers, its own first."""
        return self.own + self.secondary


@dataclass(frozen=True, slots=True)
class Choice:
    """The ticket to call, the rule that chose it, those it is called before, and a sentence for people."""

    ticket: Ticket
    reason: str
    passed: tuple[TicketId, ...]
    """The oldest of each class and service that is passed; with it, all there who are older than the one called."""
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The oldest ticket of one class and service, as a window sees it."""

    ticket: Ticket
    rank: int
    waited_s: float
    limit_s: float
    own: bool
    spent: Seniority | None
    """The oldest place of this class and service that must not be passed again, if one must not."""


def services_of(hall: Hall, window: WindowId) -> WindowServices:
    """Return the services a window takes now.

    Secondary are those it is skilled for where windows are pooled, and those a manager lets it help with.
    """
    catalogue_window = hall.site.windows[window]
    pooled = catalogue_window.skills if hall.site.catalogue.rules.pooled else ()
    return _in_tiers(catalogue_window.services, pooled, hall.window(window).helps)


@lru_cache(maxsize=1024)  # every command asks it of each window, and the answers hardly ever change
def _in_tiers(
    own: tuple[ServiceId, ...], pooled: tuple[ServiceId, ...], helps: tuple[ServiceId, ...]
) -> WindowServices:
    more = dict.fromkeys((*pooled, *helps))
    return WindowServices(own, tuple(s for s in more if s not in own))


def windows_serving(hall: Hall, service: ServiceId) -> Sequence[WindowId]:
    """Return the windows that take a service, open or not, in the site's order."""
    usual = hall.site.usual_windows.get(service, ())
    helping = {w.id for w in hall.windows.values() if service in w.helps}
    return [w for w in hall.site.windows if w in helping or w in usual] if helping else usual


def choose_ticket(hall: Hall, *, window: WindowId, at: Moment) -> Choice | None:
    """Return whom a window calls next, or None when nobody waits for it."""
    claims = list(_claims(hall, services_of(hall, window), at=at))
    if not claims:
        return None
    longest_s = hall.site.catalogue.rules.longest_wait_min * 60
    chosen = min(claims, key=partial(_key_of, longest_s=longest_s))
    passed = [c for c in claims if c.ticket.seniority < chosen.ticket.seniority]
    reason = _reason(chosen, claims, passed)
    return Choice(chosen.ticket, reason, tuple(c.ticket.id for c in passed), _why(hall, chosen, reason))


def passed_by(hall: Hall, window: WindowId, ticket: Ticket) -> tuple[TicketId, ...]:
    """Return the oldest of each class and service that a window passes when its clerk calls a certain ticket.

    Raises PassedTooOften when one of them must not be passed again.
    """
    heads = [h for s in services_of(hall, window).services for h in class_heads(hall, s)]
    passed = [h for h in heads if h.seniority < ticket.seniority and h.id != ticket.id]
    spent = spent_places(hall)
    for head in passed:
        place = spent.get((head.service, class_rank(hall, head.priority)))
        if place is not None and place < ticket.seniority:
            raise PassedTooOften(head.number, times=hall.site.catalogue.rules.passed_at_most)
    return tuple(h.id for h in passed)


def claim_key(
    rank: int, waited_s: float, pace: float, place: Seniority, spent: Seniority | None, longest_s: float
) -> ClaimKey:
    """Return the sort key of a claim; ``pace`` is that of its service at this window."""
    if spent is not None:
        return (0, spent[0], spent[1], place)
    if waited_s >= longest_s:
        return (1, -waited_s, 0.0, place)
    return (2, rank, -(waited_s + HEAD_START_S) * pace, place)


def pace(*, limit_s: float, own: bool) -> float:
    """Return how fast a wait for a service becomes urgent: shares of its limit per second."""
    return (1.0 if own else SECONDARY_WEIGHT) / limit_s


def class_heads(hall: Hall, service: ServiceId) -> Iterator[Ticket]:
    """Yield the oldest waiting ticket of each class of a service, first class first."""
    queue = hall.queues.get(service, ())
    place = 0
    while place < len(queue):
        head = queue[place]
        yield head
        last = (class_rank(hall, head.priority), (sys.maxsize, 0))
        place = bisect_right(queue, last, lo=place, key=partial(rank, hall))


def spent_places(hall: Hall) -> dict[tuple[ServiceId, int], Seniority]:
    """Return, by service and class, the oldest place that must not be passed again."""
    bound = hall.site.catalogue.rules.passed_at_most
    if bound == 0:
        heads = (h for s in hall.queues for h in class_heads(hall, s))
        return {(h.service, class_rank(hall, h.priority)): h.seniority for h in heads}
    spent: dict[tuple[ServiceId, int], Seniority] = {}
    for ticket in (hall.tickets[t] for t, times in hall.passed.items() if times >= bound):
        line = (ticket.service, class_rank(hall, ticket.priority))
        spent[line] = min(ticket.seniority, spent.get(line, ticket.seniority))
    return spent


def _claims(hall: Hall, taken: WindowServices, *, at: Moment) -> Iterator[Claim]:
    spent = spent_places(hall)
    for service in taken.services:
        for head in class_heads(hall, service):
            of_class = class_rank(hall, head.priority)
            yield Claim(
                ticket=head,
                rank=of_class,
                waited_s=at.since(head.since) + head.credit_s,
                limit_s=hall.site.services[service].limit_min * 60,
                own=service in taken.own,
                spent=spent.get((service, of_class)),
            )


def _key_of(claim: Claim, *, longest_s: float) -> ClaimKey:
    return claim_key(
        rank=claim.rank,
        waited_s=claim.waited_s,
        pace=pace(limit_s=claim.limit_s, own=claim.own),
        place=claim.ticket.seniority,
        spent=claim.spent,
        longest_s=longest_s,
    )


def _reason(chosen: Claim, claims: list[Claim], passed: list[Claim]) -> str:
    """Return the rule without which another would have been called."""
    unbound = [replace(c, spent=None) for c in claims]
    if min(unbound, key=partial(_key_of, longest_s=inf)).ticket is not chosen.ticket:
        return "longest_wait" if chosen.spent is None else "passed_often"
    if not passed:
        return "next"
    peers = [c for c in passed if c.rank == chosen.rank]
    if not peers:
        return "priority"
    share = pace(limit_s=chosen.limit_s, own=True) * (chosen.waited_s + HEAD_START_S)
    nearer = all(pace(limit_s=c.limit_s, own=True) * (c.waited_s + HEAD_START_S) <= share for c in peers)
    return "urgent" if nearer or not chosen.own else "own_service"


def _why(hall: Hall, chosen: Claim, reason: str) -> Text:
    """Return the choice in one sentence."""
    number, waited, limit = chosen.ticket.number, int(chosen.waited_s / 60), round(chosen.limit_s / 60)
    rules = hall.site.catalogue.rules
    match reason:
        case "next":
            return Text(
                zh=f"{number} 在本窗口可叫的号码中排得最早", en=f"{number} has the oldest place this window may call"
            )
        case "passed_often":
            return Text(
                zh=f"{number} 所在队列已被越过 {rules.passed_at_most} 次，不能再被越过",
                en=f"{number} goes first: its queue was passed {rules.passed_at_most} times and may not be again",
            )
        case "longest_wait":
            return Text(
                zh=f"{number} 已等候 {waited} 分钟，超过最长等候 {rules.longest_wait_min:g} 分钟",
                en=f"{number} has waited {waited} min, longer than anybody should ({rules.longest_wait_min:g} min)",
            )
        case "priority":
            known = {p.id: p.name for p in hall.site.catalogue.priorities}
            named = known.get(chosen.ticket.priority or "", Text(zh="优先", en="priority"))
            return Text(zh=f"{number} 是优先号：{named.zh}", en=f"{number} has priority: {named.en}")
        case "own_service":
            return Text(
                zh=f"{number} 办理本窗口自己的事项，先于兼办的事项",
                en=f"{number} is for a service of this window's own, which goes before its secondary services",
            )
        case _:
            return Text(
                zh=f"{number} 已等候 {waited} 分钟，离 {limit} 分钟的等候上限最近",
                en=f"{number} has waited {waited} min, the nearest to the limit of its service ({limit} min)",
            )
